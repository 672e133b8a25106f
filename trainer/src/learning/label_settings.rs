//! What a loop asks of labels: where they come from, how often they are tried for, what is believed.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where labels come from, and what is believed.
#[derive(Clone, Debug)]
pub struct LabelSettings {
    /// Who computes them.
    pub source: LabelSource,
    /// Further attempts after the first.
    pub retries: u64,
    /// What happens once a frame has failed for the last time.
    pub on_failure: OnFailure,
    /// Largest share of the frames of a cycle that may be set aside.
    pub most_failures: f64,
    /// Largest force (length) that is believed, eV/Å.
    pub max_force: f64,
}

/// Who computes labels.
#[derive(Clone, Debug)]
pub enum LabelSource {
    /// A program that is called here.
    Command(CommandLabels),
    /// Somebody else.
    Directory(DirectoryLabels),
}

/// A program that reads a file of frames and writes one with labels.
#[derive(Clone, Debug)]
pub struct CommandLabels {
    /// Shell command with its places.
    pub command: String,
    /// Name of the file of frames.
    pub input: String,
    /// Name of the file with labels.
    pub output: String,
    /// Frames for each call.
    pub batch_size: usize,
    /// Calls at the same time.
    pub parallel: usize,
    /// After which a call is ended.
    pub time_limit: Option<Duration>,
    /// The calculator, if the program is the script of mtprs itself.
    pub calculator: Option<Calculator>,
}

/// A calculator of ASE.
#[derive(Clone, Debug)]
pub struct Calculator {
    /// Import path.
    pub path: String,
    /// Keyword arguments.
    pub arguments: serde_json::Map<String, serde_json::Value>,
}

/// Folders that somebody else works in.
#[derive(Clone, Debug)]
pub struct DirectoryLabels {
    /// Files that are copied into every folder.
    pub templates: Vec<PathBuf>,
    /// POTCAR of each element.
    pub potcar: Vec<(String, PathBuf)>,
    /// How long to wait between two looks; `None` to end when labels are missing.
    pub poll: Option<Duration>,
}

/// What happens once a frame has failed for the last time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// It is set aside, and the loop goes on.
    #[default]
    Continue,
    /// The loop stops.
    Stop,
}
