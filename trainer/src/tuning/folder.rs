//! The folder of a search: what it is about, and what each trial came to.
//!
//! `study.json` tells whether a search may go on; `trials/NAME/result.json` appears when a round of a trial has ended, in
//! one step and after everything else of that round, so that whatever kills the program leaves only whole results.

use std::fs::{self, File};
use std::path::Path;

use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{GroupErrors, TrialSettings};
use crate::dataset::Sets;
use crate::endpoint::{load_json, save_json};
use crate::figures::RmseFigures;
use crate::processes::folder_lock::lock;
use crate::training::Ending;
use crate::training::identity::{Identity, Options, changed};

/// Files of a search in its folder: what it is about, and what has come of it.
pub const STUDY: &str = "study.json";
/// The page.
pub const PAGE: &str = "tune.html";
/// The table as JSON.
pub const JSON: &str = "tune.json";
const RESULT: &str = "result.json";
const FORMAT: &str = "mtprs tune 2";

/// What a search is about; another one is refused its folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    format: String,
    /// Configurations and labels, their sides, and the options of the fits that decide the numbers.
    #[serde(flatten)]
    identity: Identity,
    /// Species of all potentials.
    pub species: String,
    /// Shortest distance of all potentials, Å.
    pub min_dist: f64,
}

/// What came of a trial, round after round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialResult {
    /// Its settings.
    pub settings: TrialSettings,
    /// Number of parameters.
    pub parameters: usize,
    /// Multiply-adds per atom.
    pub multiply_adds: f64,
    /// By ascending steps.
    pub rounds: Vec<Round>,
}

/// A round of a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    /// Steps that were allowed.
    pub steps: u64,
    /// Seconds that this round took; of one that was stopped, the last part.
    pub seconds: f64,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a round ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// With a potential.
    Fitted(Box<Fitted>),
    /// Why there is no potential.
    Failed(String),
}

/// A fit and its errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    /// Steps that were taken.
    pub steps: u64,
    /// Of the fit, or of the fold that would go on with more steps.
    pub ending: Ending,
    /// Errors on the training set.
    pub training: RmseFigures,
    /// Errors on the validation set.
    pub validation: RmseFigures,
    /// Terms of the validation loss (energies, forces, virials) for weights of one.
    pub validation_terms: [f64; 3],
    /// Errors of each group of the validation set, if a feature tells groups apart.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub validation_groups: Vec<GroupErrors>,
}

impl TrialResult {
    /// The round that answers for one with this many steps, if there is one: no step would be taken in it.
    pub fn at(&self, steps: u64) -> Option<&Round> {
        self.rounds.iter().find(|round| round.steps >= steps || round.is_last())
    }
}

impl Round {
    /// The fit, if there is a potential.
    pub fn fitted(&self) -> Option<&Fitted> {
        match &self.outcome {
            Outcome::Fitted(fitted) => Some(fitted),
            Outcome::Failed(_) => None,
        }
    }

    /// In a line.
    pub fn describe(&self) -> String {
        match &self.outcome {
            Outcome::Failed(reason) => format!("failed: {reason}"),
            Outcome::Fitted(fitted) => {
                format!("validation{}; {:.1} s", fitted.validation.describe(), self.seconds)
            }
        }
    }

    /// Whether more steps would change nothing.
    fn is_last(&self) -> bool {
        match &self.outcome {
            Outcome::Fitted(fitted) => fitted.ending != Ending::Steps,
            Outcome::Failed(_) => true,
        }
    }
}

impl Study {
    /// Of sets whose sides are those of the trials; `options` are those of the fits.
    pub fn new(options: Options, sets: &Sets, species: &Species, min_dist: f64) -> Self {
        // All potentials are made from species and lists.
        let identity = Identity::new(String::new(), sets, options);
        Self { format: FORMAT.into(), identity, species: species.describe(), min_dist }
    }

    /// Takes possession of the folder, or goes on in it; no other search can as long as the file is held. What an earlier
    /// search has left goes with `force`, unless this one goes on with it.
    pub fn begin(&self, folder: &Path, resume: bool, force: bool) -> Result<File> {
        let path = folder.join(STUDY);
        let name = folder.display().to_string();
        fs::create_dir_all(folder.join("trials"))
            .map_err(|error| Error::io("create the folder", &name, &error))?;
        let lock = lock(folder, "searching")?;
        if force && !resume {
            remove(folder, &name)?;
        }
        if path.exists() {
            if !resume {
                let error = Error::new(ErrorKind::Io, "there is an earlier search here").in_file(&name);
                return Err(error.hint(
                    "continue with --resume, start over with --force, or choose another folder with -o",
                ));
            }
            self.check(&load(&path)?, &name)?;
        } else {
            save_json(&path, self)?;
        }
        Ok(lock)
    }

    /// Refuses to go on with something else.
    fn check(&self, before: &Self, name: &str) -> Result<()> {
        let entries = |of: &Self| {
            [
                ("format", of.format.clone()),
                ("list of species", of.species.clone()),
                ("min-dist", of.min_dist.to_string()),
            ]
        };
        let change = changed(entries(before), entries(self));
        match change.or_else(|| self.identity.change_from(&before.identity)) {
            None => Ok(()),
            Some(change) => {
                let hint = "choose another folder with -o to start over";
                Err(change.refuse("the search was started with", hint).in_file(name))
            }
        }
    }
}

/// Removes what an earlier search has left: its trials first, so that none of them is ever taken for one of the new search.
fn remove(folder: &Path, name: &str) -> Result<()> {
    let trials = folder.join("trials");
    let removed = fs::remove_dir_all(&trials).and_then(|()| fs::create_dir(&trials));
    removed.map_err(|error| Error::io("remove the trials of the earlier search in", name, &error))?;
    match fs::remove_file(folder.join(STUDY)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io("remove the earlier search in", name, &error))
        }
        _ => Ok(()),
    }
}

/// Reads what has come of a trial so far.
pub fn load_result(folder: &Path) -> Result<Option<TrialResult>> {
    let path = folder.join(RESULT);
    if path.exists() { load(&path).map(Some) } else { Ok(None) }
}

/// Writes what has come of a trial so far.
pub fn save_result(folder: &Path, result: &TrialResult) -> Result<()> {
    save_json(&folder.join(RESULT), result)
}

/// The results of all trials in the folder, those included that are not asked for any more, in the order of their names.
pub fn all_results(folder: &Path) -> Result<Vec<TrialResult>> {
    let trials = folder.join("trials");
    let name = trials.display().to_string();
    let failed = |error: &std::io::Error| Error::io("read the folder", &name, error);
    let entries = fs::read_dir(&trials).map_err(|error| failed(&error))?;
    let mut folders = Vec::new();
    for entry in entries {
        folders.push(entry.map_err(|error| failed(&error))?.path());
    }
    folders.sort();
    folders.iter().filter_map(|folder| load_result(folder).transpose()).collect()
}

fn load<T: DeserializeOwned>(path: &Path) -> Result<T> {
    load_json(path, "mtprs tune", "remove its folder to redo this part of the search")
}
