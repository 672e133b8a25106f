//! What the averages of a trajectory say: curves, the first shell, coordination numbers, each with its error.

use serde::Serialize;

use super::blocking::{FEWEST_SAMPLES, too_few};
use super::rdf::RdfSettings;

/// Share of correlated places of a curve that chance does not explain.
const CORRELATED: f64 = 0.2;

/// Radial distribution functions of trajectories.
#[derive(Clone, Debug, Serialize)]
pub struct RdfReport {
    /// Program and version.
    pub program: &'static str,
    /// What was asked for.
    #[serde(flatten)]
    pub settings: RdfSettings,
    /// Middles of the intervals, Å.
    pub r: Vec<f64>,
    /// The trajectories.
    pub trajectories: Vec<TrajectoryReport>,
}

/// Radial distribution functions of a trajectory.
#[derive(Clone, Debug, Serialize)]
pub struct TrajectoryReport {
    /// What it is called.
    pub label: String,
    /// Its files.
    pub files: Vec<String>,
    /// Frames that were taken.
    pub frames: u64,
    /// Frames in each of the blocks that are stored.
    pub frames_per_block: u64,
    /// Atoms of a frame.
    pub atoms: Average,
    /// Volume of a frame, Å³.
    pub volume: Average,
    /// Half of the least distance between opposite faces of any cell, Å: beyond, atoms are seen together with their images.
    pub half_height: Option<f64>,
    /// The pairs.
    pub pairs: Vec<PairReport>,
    /// What a reader should know.
    pub notes: Vec<String>,
}

/// Mean and extremes of a number over frames.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Average {
    pub mean: f64,
    pub least: f64,
    pub largest: f64,
}

/// Neighbors of one species around another.
#[derive(Clone, Debug, Serialize)]
pub struct PairReport {
    /// Species in the center.
    pub center: String,
    /// Species of the neighbors.
    pub neighbor: String,
    /// Frames that have such pairs.
    pub frames: u64,
    /// g(r) by interval.
    pub g: Curve,
    /// Neighbors up to the end of each interval.
    pub n: Curve,
    /// Place of the first maximum of g(r), Å.
    pub peak_position: Option<Estimate>,
    /// g(r) there.
    pub peak_height: Option<Estimate>,
    /// Place of the minimum behind it, Å.
    pub minimum_position: Option<Estimate>,
    /// Neighbors up to there.
    pub coordination_number: Option<Estimate>,
    /// Neighbors up to the distances that were asked for.
    pub within: Vec<Within>,
}

/// Neighbors within a distance.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Within {
    /// The distance, Å.
    pub radius: f64,
    /// Neighbors.
    pub coordination_number: Estimate,
}

/// A number with its error, if that is known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub standard_error: Option<f64>,
    /// Half of the interval that holds the true value in 95 % of cases.
    pub margin_95: Option<f64>,
    /// Blocks that the error is from.
    pub blocks: Option<usize>,
    /// Whether the longest blocks are still correlated, so that the error is too small.
    pub is_correlated: bool,
}

/// A curve with its errors, if they are known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Curve {
    /// The values.
    pub value: Vec<f64>,
    /// Their standard errors.
    pub standard_error: Option<Vec<f64>>,
    /// Halves of the intervals that hold the true values in 95 % of cases.
    pub margin_95: Option<Vec<f64>>,
    /// Share of the values whose longest blocks are still correlated.
    pub correlated: f64,
}

impl PairReport {
    /// What the pair is called.
    pub fn name(&self) -> String {
        format!("{}-{}", self.center, self.neighbor)
    }

    /// Whether chance does not explain the correlation of blocks.
    fn is_correlated(&self) -> bool {
        let numbers = [self.peak_height, self.coordination_number];
        [&self.g, &self.n].into_iter().any(|curve| curve.correlated > CORRELATED)
            || numbers.into_iter().all(|number| number.is_some_and(|number| number.is_correlated))
    }
}

impl TrajectoryReport {
    pub(super) fn notes_on(&self, settings: &RdfSettings) -> Vec<String> {
        let mut notes = Vec::new();
        if self.frames == 1 {
            notes.push("one frame: no errors can be estimated".to_owned());
        } else if self.frames < FEWEST_SAMPLES as u64 {
            notes.push(too_few("frames"));
        }
        if self.atoms.least < self.atoms.largest {
            notes.push(format!(
                "the number of atoms changes from {} to {}: every frame is counted with its own number",
                self.atoms.least, self.atoms.largest
            ));
        }
        if let Some(half) = self.half_height.filter(|half| *half < settings.cutoff) {
            notes.push(format!(
                "beyond {half:.2} Å, half of the cell, atoms are counted together with their periodic images"
            ));
        }
        let correlated = self.pairs.iter().filter(|pair| pair.is_correlated()).map(PairReport::name);
        let correlated: Vec<String> = correlated.collect();
        if !correlated.is_empty() {
            notes.push(format!(
                "{}: even the longest blocks are correlated, so the errors are too small: the run is too short",
                correlated.join(", ")
            ));
        }
        notes
    }
}
