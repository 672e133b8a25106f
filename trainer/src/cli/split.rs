//! `mtprs split`: training, validation and test sets, and folds.

use std::path::PathBuf;

use clap::Args;

use super::{ReadingArguments, WriteArguments};

/// Options of `mtprs split`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs split all.cfg --into train.cfg=80% --into validation.cfg=10% --into test.cfg=10%
  mtprs split run1.cfg run2.cfg --into test.cfg=100 --into train.cfg=rest --stratify composition --seed 7
  mtprs split all.cfg --folds 5 --prefix fold- --stratify group
  mtprs split run*/OUTCAR.gz --into train.cfg=90% --into test.cfg=rest --species Mg,V,O

An AMOUNT is a number of configurations (100), a share (80% or 0.8) or rest. Shares are of all configurations and are \
rounded so that they add up; what no part takes is left out and said. With --folds K the files PREFIX1-train.cfg and \
PREFIX1-validation.cfg to PREFIXK-validation.cfg are written: each configuration is in one validation set.

Which configuration goes where depends on the seed and its place in the inputs only. --stratify gives every part its share \
of each composition, or of each value of a feature, up to one configuration. Configurations stay in their order and are \
written with everything that was read. Frames that follow each other in a run are nearly the same: a set from another run \
tells more about a potential than a random part of the same one.

Inputs are .cfg or any other format of mtprs convert, compressed or not, or folders of runs of VASP; the feature elements \
then names the species. They are read twice, one configuration in memory at a time.")]
pub struct SplitArguments {
    /// Files to split, as if they were one.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// File to write and how much goes there.
    #[arg(long, value_name = "FILE=AMOUNT", required_unless_present = "folds")]
    pub into: Vec<String>,

    /// Number of folds for cross-validation.
    #[arg(long, value_name = "K", conflicts_with = "into", requires = "prefix", value_parser = clap::value_parser!(u64).range(2..=1000))]
    pub folds: Option<u64>,

    /// Beginning of the names of the files of folds.
    #[arg(long, value_name = "PREFIX", requires = "folds")]
    pub prefix: Option<String>,

    /// Divide each composition, or each value of this feature, alike.
    #[arg(long, value_name = "composition|FEATURE")]
    pub stratify: Option<String>,

    /// Decides which configuration goes where.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// How inputs are read.
    #[command(flatten)]
    pub reading: ReadingArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// Show neither progress nor summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}
