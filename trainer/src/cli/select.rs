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

The selected candidates and the training set together span the largest volume of parameter derivatives: no candidate \
extrapolates with respect to the active set of both. If a training set is given rather than a selection state, this is \
verified with the state that mtprs state build makes of the training set followed by the selected candidates. The \
candidates are written in the order of their contribution, each with the features MV_grade (with respect to the active \
set before the selection), selection_order, selection_grade (with respect to the active set that includes the \
candidates before it), selection_gain (in log10 |det A|), selection_source and selection_reason. Everything else in \
the files is kept as it is. Candidates are read several times, so there may be any number of them; the result does not \
depend on the number of threads.")]
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

    /// Output file, - for standard output.
    #[arg(value_name = "SELECTED.cfg", required = true)]
    pub output: PathBuf,

    /// Largest extrapolation grade that a candidate may have after the selection.
    #[arg(long, value_name = "NUMBER", default_value_t = 1.1, value_parser = from_one)]
    pub select_threshold: f64,

    /// Maximum number of configurations to select, 0 for no limit.
    #[arg(long, value_name = "COUNT", default_value = "0", value_parser = limit, visible_alias = "limit")]
    pub selection_limit: usize,

    /// Shortest distance between two atoms, Å; candidates with shorter ones are discarded [default: half of the potential's
    /// min_dist].
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative)]
    pub min_distance: Option<f64>,

    /// Write the selection state of the training set and the selected configurations: .als for MLIP-2, .almtp for MLIP-3,
    /// otherwise .mtps.
    #[arg(long, value_name = "FILE", value_parser = file())]
    pub als_filename: Option<PathBuf>,

    /// Write the configurations from which the active set of the training set and the selected ones was chosen.
    #[arg(long, value_name = "FILE.cfg", requires = "als_filename")]
    pub selected_filename: Option<PathBuf>,

    /// Write the summary and the list of selected configurations as JSON; - for standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to build active sets.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
