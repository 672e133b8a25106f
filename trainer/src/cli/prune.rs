//! `mtprs prune`: from a trained potential to ever cheaper ones.

use std::path::PathBuf;

use clap::Args;

use super::ranges::{at_least, positive};
use super::{RunArguments, TrainingOptions, WriteArguments};
use crate::pruning::folder::MOST_POINTS;

/// Options of `mtprs prune`.
#[derive(Args, Debug)]
#[command(
    mut_arg("max_iter", |steps| steps.default_value("40").help("Steps of each refit")),
    mut_arg("init_params", |argument| argument.hide(true)),
    mut_arg("update_mindist", |argument| argument.hide(true)),
    mut_arg("folds", |argument| argument.hide(true)),
    mut_arg("starts", |argument| argument.hide(true)),
    mut_arg("skip_preinit", |argument| argument.hide(true)),
    mut_arg("patience", |argument| argument.hide(true)),
    mut_arg("checkpoint_interval", |argument| argument.hide(true)),
    after_help = "Examples:
  mtprs prune pot.mtp train.cfg --valid-cfgs test.cfg
  mtprs prune pot.mtp train.cfg --valid-fraction 0.1 --points 6 --until 0.5 -o half
  mtprs prune pot.mtp train.cfg --min-cutoff 6 --max-iter 100 --report-json prune.json
  mtprs prune pot.mtp train.cfg --valid-cfgs test.cfg --resume

Each point of the path costs a fixed share less than the one before it. Two ways are fitted again to the training set, and \
the one with the smaller loss becomes the point: without those basis functions and Chebyshev polynomials that save most \
time for the least rise of the loss, and with a shorter cutoff. Give the weights that the potential was trained with. The \
validation set decides nothing; it shows what the points are worth.

The folder holds the potentials 00.mtp (as given), 01.mtp and so on, each an ordinary file that every program for MTPs \
reads; prune.html (error against time) and prune.json. A path that was stopped or killed continues with --resume, which \
repeats no point.

Times are measured on one thread of this processor without neighbor lists. To compare moves, times are counted, so that \
the same data give the same path on every machine."
)]
pub struct PruneArguments {
    /// The trained potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values that it was trained on: files of any format, or folders of VASP runs.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// Folder of the path.
    #[arg(long, short = 'o', value_name = "FOLDER", default_value = "prune")]
    pub output: PathBuf,

    /// Number of cheaper potentials.
    #[arg(long, value_name = "COUNT", default_value_t = 10, value_parser = points)]
    pub points: usize,

    /// Cost of the last one as a share of that of the potential.
    #[arg(long, value_name = "SHARE", default_value_t = 0.3, value_parser = until)]
    pub until: f64,

    /// Shortest cutoff to try, Å; that of the potential to keep it [default: about half of that of the potential].
    #[arg(long, value_name = "Å", value_parser = positive)]
    pub min_cutoff: Option<f64>,

    /// Resume the path in the folder.
    #[arg(long)]
    pub resume: bool,

    /// Also write the results as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub report_json: Option<PathBuf>,

    /// How to fit.
    #[command(flatten)]
    pub training: TrainingOptions,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

fn points(text: &str) -> Result<usize, String> {
    let count = at_least(1_usize)(text)?;
    match count {
        ..=MOST_POINTS => Ok(count),
        _ => Err(format!("expected a number from 1 to {MOST_POINTS}")),
    }
}

fn until(text: &str) -> Result<f64, String> {
    let share = positive(text)?;
    if share < 1.0 { Ok(share) } else { Err("expected a number between 0 and 1".to_owned()) }
}
