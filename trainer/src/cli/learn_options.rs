//! The job of `mtprs learn`, as its TOML file holds it: all keys, their units and their defaults.
//!
//! Unknown keys are refused. Relative paths are relative to the folder of the job file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use mtprs_core::Result;
use serde::{Deserialize, Serialize};

use super::job_file::{self, JobFile};
use super::{Mode, TrainingOptions};
use crate::learning::OnFailure;

/// Everything that a job can say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LearnOptions {
    /// The initial potential; one without parameters is trained first.
    pub potential: PathBuf,
    /// Initial training set: files of configurations with reference values.
    pub training_sets: Vec<PathBuf>,
    /// Folder with the state of the loop.
    #[serde(default = "default_folder")]
    pub folder: PathBuf,
    /// Decides the seeds of the runs.
    #[serde(default = "one")]
    pub seed: u64,
    /// Maximum number of cycles.
    #[serde(default = "default_cycles")]
    pub max_cycles: u64,
    /// The loop ends when all runs complete in this many consecutive cycles.
    #[serde(default = "one")]
    pub unbroken_cycles: u64,
    /// Whether each LAMMPS run and one label are tried before the first fit.
    #[serde(default = "yes")]
    pub trial: bool,
    /// When frames are saved and runs stop.
    #[serde(default)]
    pub grades: GradeOptions,
    /// Which of the saved frames are labeled.
    #[serde(default)]
    pub selection: SelectionOptions,
    /// How LAMMPS is run.
    pub lammps: LammpsOptions,
    /// The runs of each cycle.
    pub runs: Vec<RunOptions>,
    /// Where labels come from.
    pub labels: LabelOptions,
    /// How to train, under the names of the options of `mtprs train`.
    #[serde(skip_deserializing)]
    pub training: TrainingOptions,
}

/// When frames are saved and runs stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct GradeOptions {
    /// What gets a grade.
    pub mode: Mode,
    /// Grade at or above which a frame is saved.
    pub select: f64,
    /// Grade at or above which a run stops.
    #[serde(rename = "break")]
    pub break_at: f64,
    /// Steps between two evaluations of the grade.
    pub every: u64,
}

/// Which of the saved frames are labeled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SelectionOptions {
    /// Largest grade that a saved frame may keep.
    pub threshold: f64,
    /// Frames at most in each cycle, 0 for any number.
    pub limit: usize,
    /// Shortest distance of two atoms, Å; half of the potential's `min_dist` if missing.
    pub min_distance: Option<f64>,
}

/// How LAMMPS is run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LammpsOptions {
    /// Shell command; `{input}` is the input script.
    #[serde(default = "default_lammps")]
    pub command: String,
    /// The input script for all runs.
    pub input: PathBuf,
    /// The plugin, for the variable of this name.
    pub plugin: Option<PathBuf>,
    /// Time step, ps.
    #[serde(default = "default_timestep")]
    pub timestep: f64,
    /// Seconds after which a run is ended and counts as failed.
    pub time_limit: Option<f64>,
    /// Runs at the same time.
    #[serde(default = "one_at_a_time")]
    pub parallel: usize,
    /// Further variables of the input script.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
}

/// A run of each cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RunOptions {
    /// Its name, unique, for folders.
    pub name: String,
    /// The structure that it starts from: a LAMMPS data file, or any other that `mtprs convert` reads.
    pub structure: PathBuf,
    /// Its length, ps.
    pub time: f64,
    /// Time step, ps, if it differs from that of the other runs.
    pub timestep: Option<f64>,
    /// Variables of the input script.
    #[serde(default)]
    pub variables: BTreeMap<String, Value>,
}

/// A value of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number or a text")]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Real(f64),
    /// A text.
    Text(String),
}

/// Who computes labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LabelKind {
    /// A command that reads a file of frames and writes one with labels.
    Command,
    /// An external process or person, in a folder for each frame.
    Directory,
    /// A calculator of ASE.
    Python,
}

/// Where labels come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LabelOptions {
    /// Who computes them.
    pub kind: LabelKind,
    /// Shell command; `{input}` and `{output}` are the files, `{job}` is the folder of the job file.
    pub command: Option<String>,
    /// Name of the file of frames, which tells its format.
    pub input: Option<String>,
    /// Name of the file with labels.
    pub output: Option<String>,
    /// Frames for each call, 0 for all.
    pub batch_size: Option<usize>,
    /// Calls at the same time.
    pub parallel: Option<usize>,
    /// Seconds after which a call is ended.
    pub time_limit: Option<f64>,
    /// Further attempts after the first.
    pub retries: Option<u64>,
    /// What happens once a frame has failed for the last time.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// Largest fraction of the frames of a cycle that may be rejected.
    #[serde(default = "half")]
    pub most_failures: f64,
    /// Largest force (length) that is accepted, eV/Å.
    #[serde(default = "hundred")]
    pub max_force: f64,
    /// Files that are copied into every folder.
    #[serde(default)]
    pub templates: Vec<PathBuf>,
    /// POTCAR of each element, joined in the order of POSCAR.
    #[serde(default)]
    pub potcar: BTreeMap<String, PathBuf>,
    /// Whether to wait for the labels in the folders.
    pub wait: Option<bool>,
    /// Seconds between two checks for labels.
    pub poll: Option<f64>,
    /// The Python that has ASE and the calculator.
    pub python: Option<PathBuf>,
    /// Import path of the calculator.
    pub calculator: Option<String>,
    /// Keyword arguments of the calculator.
    #[serde(default)]
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

impl LearnOptions {
    /// Reads a job file.
    pub fn load(path: &Path) -> Result<Self> {
        let file = JobFile::read(path)?;
        let mut table = file.table()?;
        // The options of a training are those of the command line, and are read as such.
        let training = match table.remove("training") {
            Some(training) => file.grouped("training", &training)?,
            None => TrainingOptions::default(),
        };
        Ok(Self { training, ..file.values(table)? })
    }

    /// As a job file.
    pub fn to_toml(&self) -> Result<String> {
        job_file::to_toml(self)
    }
}

impl Default for GradeOptions {
    fn default() -> Self {
        Self { mode: Mode::Neighborhood, select: 2.1, break_at: 10.0, every: 1 }
    }
}

impl Default for SelectionOptions {
    fn default() -> Self {
        Self { threshold: 1.1, limit: 0, min_distance: None }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Integer(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

fn default_folder() -> PathBuf {
    "learn".into()
}

fn default_lammps() -> String {
    "lmp -in {input}".into()
}

fn default_timestep() -> f64 {
    0.001
}

fn default_cycles() -> u64 {
    50
}

fn yes() -> bool {
    true
}

fn one() -> u64 {
    1
}

fn one_at_a_time() -> usize {
    1
}

fn half() -> f64 {
    0.5
}

fn hundred() -> f64 {
    100.0
}
