//! `mtprs select`: what to label next.

use std::path::PathBuf;

use clap::Args;

use super::ranges::{file, from_one, limit, not_negative};
use super::{BuildArguments, WorkArguments};

/// Options of `mtprs select`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs select pot.mtp train.cfg candidates.cfg selected.cfg
  mtprs select pot.mtp train.cfg run1.cfg run2.cfg selected.cfg --selection-limit 50 --mode neighborhood
  mtprs select pot.mtp state.mtps candidates.cfg selected.cfg --json report.json

Selected are those candidates that span, with the training set, the largest volume of parameter derivatives: by the active \
set of both no candidate extrapolates, nor by the state that mtprs state build makes of the training set with the selected \
ones after it, which is tried at the end if the training set is given and not a state. They are written in the order of what they add, each with the \
features MV_grade (by the set before the selection), selection_order, selection_grade (by the set with those before it), \
selection_gain (in log10 |det A|), selection_source and selection_reason. What is in the files beside that is kept as it \
is. Candidates are read several times and may be of any number; the result is the same for any number of threads.")]
pub struct SelectArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The training set of the potential, or its selection state.
    #[arg(value_name = "TRAIN.cfg|STATE")]
    pub state: PathBuf,

    /// Files of candidates.
    #[arg(value_name = "CANDIDATES.cfg", required = true, num_args = 1..)]
    pub candidates: Vec<PathBuf>,

    /// File to write, - for standard output.
    #[arg(value_name = "SELECTED.cfg", required = true)]
    pub output: PathBuf,

    /// Largest grade that a candidate may keep.
    #[arg(long, value_name = "NUMBER", default_value_t = 1.1, value_parser = from_one)]
    pub select_threshold: f64,

    /// Most configurations to select, 0 for any number.
    #[arg(long, value_name = "COUNT", default_value = "0", value_parser = limit, visible_alias = "limit")]
    pub selection_limit: usize,

    /// Shortest distance of two atoms, Å; candidates below are set aside [default: half of the potential's min_dist].
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative)]
    pub min_distance: Option<f64>,

    /// Write the state of training set and selected configurations: .als for MLIP-2, .almtp for MLIP-3, else .mtps.
    #[arg(long, value_name = "FILE", value_parser = file())]
    pub als_filename: Option<PathBuf>,

    /// Write the configurations that the active set of training set and selected ones is from.
    #[arg(long, value_name = "FILE.cfg", requires = "als_filename")]
    pub selected_filename: Option<PathBuf>,

    /// Write the summary and the list of selected configurations as JSON, - for standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to build active sets.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
