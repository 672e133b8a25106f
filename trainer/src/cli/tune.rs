//! `mtprs tune`: a search for the best potential at every cost.

use std::path::PathBuf;

use clap::Args;

use super::{RunArguments, TuneOptions, WriteArguments};

/// Options of `mtprs tune`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs tune train.cfg --species Mg,V,O
  mtprs tune train.cfg --species Mg,V,O --levels 8,12,16 --cutoffs 5,6,7 --valid-cfgs test.cfg -o tune
  mtprs tune train.cfg --species Li --force-weights 0.01,0.1 --folds 5 --by energy --report-json tune.json
  mtprs tune train.cfg --species Li --folds 5 --group run
  mtprs tune train.cfg --species Li --levels 8,10,12,14,16 --halving 100 --max-iter 800
  mtprs tune train.cfg --species Li --levels 8,12 --tables 16-210,22-4321,24-4321
  mtprs tune train.cfg --species Mg,V,O --levels 8,12,16,20 -o tune --resume

Every combination of the lists is a trial, with each level of --levels and each moment table of --tables: a fit from random radial functions, its errors on the validation set, and \
its time per atom on one thread, without neighbor lists. Cheap trials come first. The folder of the search holds \
tune.html (error against cost with the Pareto front: the potentials for which no other is both cheaper and better), \
tune.json and, for each trial, the potential, report and checkpoint. A search that was stopped or killed continues \
with --resume, which repeats nothing; the lists and --max-iter may then be longer, but everything else must be \
unchanged. Trials that are no longer in the lists stay in the table. With --folds, errors are taken over all folds \
together, and the potential is fitted to all configurations. --group FEATURE keeps configurations with the same value of \
a feature on one side, and tells the worst of these groups.

A moment table is named as in mtprs init --table: 22-4321 has level 22 with ranks 4, 3, 2 and 1. Tables with low ranks \
have more basis functions than the level that takes as long, and often smaller errors; mtprs tables compares their times.

With --halving, the half that continues is chosen by successive Pareto fronts, so that cheap trials are compared with \
cheap ones.

Options can be given in a TOML file (--job) under the same names, those of mtprs train in its table [train]; \
--print-job writes one.")]
pub struct TuneArguments {
    /// Configurations with reference values: files of any format, or folders of VASP runs.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// File with options; the command line takes precedence.
    #[arg(long, value_name = "JOB.toml")]
    pub job: Option<PathBuf>,

    /// Print the job with all defaults and exit.
    #[arg(long)]
    pub print_job: bool,

    /// Resume the search in the output folder.
    #[arg(long)]
    pub resume: bool,

    /// Also write the results as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub report_json: Option<PathBuf>,

    /// Print all columns of the table, wider than 100 characters: also the errors of the training set and the loss.
    #[arg(long, conflicts_with = "quiet")]
    pub wide: bool,

    /// What to try.
    #[command(flatten)]
    pub options: TuneOptions,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
