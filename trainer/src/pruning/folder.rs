//! The folder of a path: a potential for each of its points, and what the points are.
//!
//! `study.json` is written after the potential of each point, in one step, so that whatever kills the program leaves whole
//! points.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};

use crate::endpoint::{load_json, save_json};
use crate::figures::RmseFigures;
use crate::processes::folder_lock::lock;
use crate::training::Identity;
use crate::training::identity::changed;

/// What a path is about, and its points.
pub const STUDY: &str = "study.json";
/// The page.
pub const PAGE: &str = "prune.html";
/// The table as JSON.
pub const JSON: &str = "prune.json";
/// Most cheaper potentials of a path.
pub const MOST_POINTS: usize = 99;
const FORMAT: &str = "mtprs prune 1";

/// What was done to the point before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Nothing: the potential that was given.
    None,
    /// Basis functions and Chebyshev polynomials were removed.
    Functions,
    /// The cutoff was shortened.
    Cutoff,
}

/// A potential of the path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// What was done to the point before.
    pub change: Change,
    /// Time per atom by the counts, µs.
    pub counted_microseconds: f64,
    /// Multiply-adds per atom by the plan.
    pub multiply_adds: f64,
    /// Cutoff, Å.
    pub cutoff: f64,
    /// Mean number of neighbors within it.
    pub neighbors: f64,
    /// Number of Chebyshev polynomials.
    pub radial_basis_size: usize,
    /// Highest rank of each radial function.
    pub ranks: Vec<usize>,
    /// Number of basis functions.
    pub basis_functions: usize,
    /// Number of products.
    pub products: usize,
    /// Number of parameters.
    pub parameters: usize,
    /// The loss that is minimized.
    pub loss: f64,
    /// Errors on the training set.
    pub training: RmseFigures,
    /// Errors on the validation set, if there is one.
    pub validation: Option<RmseFigures>,
    /// Seconds that the point took.
    pub seconds: f64,
}

/// How far a path goes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extent {
    /// Number of points after the first.
    pub count: usize,
    /// Cost of the last point relative to that of the first.
    pub until: f64,
    /// Shortest cutoff, Å.
    pub min_cutoff: f64,
    /// Steps of each refit.
    pub steps: u64,
}

/// What a path is about, and what there is of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    format: String,
    #[serde(flatten)]
    identity: Identity,
    /// How far it goes.
    #[serde(flatten)]
    pub extent: Extent,
    /// The points, from the potential that was given.
    pub points: Vec<Point>,
}

/// Name of the potential of a point.
pub fn potential_of(folder: &Path, point: usize) -> PathBuf {
    folder.join(format!("{point:02}.mtp"))
}

impl Study {
    /// Of a path that has not begun.
    pub fn new(identity: Identity, extent: Extent) -> Self {
        Self { format: FORMAT.into(), identity, extent, points: Vec::new() }
    }

    /// Takes possession of the folder, with the points that an earlier run left if this one goes on with them. With `force`
    /// these are removed.
    pub fn begin(mut self, folder: &Path, resume: bool, force: bool) -> Result<(Self, File)> {
        let name = folder.display().to_string();
        fs::create_dir_all(folder).map_err(|error| Error::io("create the folder", &name, &error))?;
        let lock = lock(folder, "pruning")?;
        let path = folder.join(STUDY);
        if path.exists() && resume {
            let before = load(&path)?;
            self.check(&before, &name)?;
            self.points = before.points;
        } else if path.exists() && !force {
            let error = Error::new(ErrorKind::Io, "there is an earlier path here").in_file(&name);
            return Err(error.hint(BEGUN));
        } else if path.exists() {
            // Potentials go with the list of them; a list that cannot be read has none.
            for point in 0..load(&path).map_or(0, |before| before.points.len()) {
                let _ = fs::remove_file(potential_of(folder, point));
            }
            for name in [PAGE, JSON] {
                let _ = fs::remove_file(folder.join(name));
            }
        }
        self.save(folder)?;
        Ok((self, lock))
    }

    /// Writes it.
    pub fn save(&self, folder: &Path) -> Result<()> {
        save_json(&folder.join(STUDY), self)
    }

    /// Refuses to go on with something else.
    fn check(&self, before: &Self, name: &str) -> Result<()> {
        let entries = |of: &Self| {
            [
                ("format", of.format.clone()),
                ("number of points", of.extent.count.to_string()),
                ("until", of.extent.until.to_string()),
                ("min-cutoff", of.extent.min_cutoff.to_string()),
                ("max-iter", of.extent.steps.to_string()),
            ]
        };
        let change = changed(entries(before), entries(self));
        match change.or_else(|| self.identity.change_from(&before.identity)) {
            None => Ok(()),
            Some(change) => {
                let hint = "choose another folder with -o, or start over with --force and without --resume";
                Err(change.refuse("the path was started with", hint).in_file(name))
            }
        }
    }
}

/// What to do where a path has begun.
pub const BEGUN: &str = "continue with --resume, start over with --force, or choose another folder with -o";

fn load(path: &Path) -> Result<Study> {
    load_json(path, "mtprs prune", "start over with --force and without --resume")
}
