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
  mtprs tune train.cfg --species Li --levels 8,10,12,14,16 --halving 100 --max-iter 800
  mtprs tune train.cfg --species Mg,V,O --levels 8,12,16,20 -o tune --resume

Every combination of the lists is a trial: a fit from random radial functions, its errors on the validation set and its \
time per atom on one thread, neighbor lists excluded. Cheap trials come first. The folder of the search holds tune.html \
(error against cost with the Pareto front: the potentials than which no other is both cheaper and better), tune.json and, \
for each trial, its potential, report and checkpoint. A search that was stopped or killed goes on with --resume, which \
repeats nothing; the lists and --max-iter may be longer then, the rest must be the same. Trials that are not asked for \
any more stay in the table. With --folds the errors are those of all parts together, and the potential is fitted to \
all.

With --halving the half that goes on is chosen front by front, so that cheap trials are compared with cheap ones.

Options can stand in a TOML file (--job) under the same names, those of train in its table [train]; --print-job writes \
one.")]
pub struct TuneArguments {
    /// Configurations with reference values: files of any format, folders of runs of VASP.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// File with options; what stands on the command line comes first.
    #[arg(long, value_name = "JOB.toml")]
    pub job: Option<PathBuf>,

    /// Print the job with all defaults and stop.
    #[arg(long)]
    pub print_job: bool,

    /// Go on with the search in the folder.
    #[arg(long)]
    pub resume: bool,

    /// Also write the results as JSON to this file, - for standard output in place of the table.
    #[arg(long, value_name = "FILE")]
    pub report_json: Option<PathBuf>,

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
