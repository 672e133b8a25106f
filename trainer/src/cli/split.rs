//! `mtprs split`: training, validation and test sets, and folds.

use std::path::PathBuf;

use clap::Args;

use super::PassArguments;
use crate::dataset::Grouping;

/// Options of `mtprs split`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs split all.cfg --into train.cfg=80% --into validation.cfg=10% --into test.cfg=10%
  mtprs split run1.cfg run2.cfg --into test.cfg=100 --into train.cfg=rest --stratify composition --seed 7
  mtprs split all.cfg --folds 5 --prefix fold- --stratify phase --group run
  mtprs split run*/OUTCAR.gz --into train.cfg=90% --into test.cfg=rest --species Mg,V,O

An AMOUNT is a number of configurations (100), a share (80% or 0.8) or rest. Shares are of all configurations and are \
rounded so that they add up; what no part takes is left out and said. With --folds K the files PREFIX1-train.cfg and \
PREFIX1-validation.cfg to PREFIXK-validation.cfg are written: each configuration is in one validation set.

Which configuration goes where depends on the seed and the inputs only. --stratify gives every part its share of each \
composition, or of each value of a feature, up to one configuration or group. Configurations stay in their order and are \
written with everything that was read.

Frames that follow each other in a run are nearly the same: a part that has the neighbors of what was fitted says little \
about a potential. So where configurations look like consecutive frames, blocks of them stay together, several times as long \
as atoms remember where they were. They look like it if they have the same atoms in the same order, cells that differ by less \
than a tenth and atoms that move by less than 1 Å (root mean square) and go on in their direction: independent samples go back \
to where they belong. --group FEATURE keeps what has the same value of a feature together, whatever the parts then get; \
--group blocks:COUNT this many consecutive configurations of a file; --group none nothing.

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

    /// What stays together: consecutive frames where configurations look like it (auto), nothing, blocks of this many of a file,
    /// or those with the same value of a feature.
    #[arg(long, value_name = "auto|none|blocks:COUNT|FEATURE", default_value = "auto")]
    pub group: Grouping,

    /// Decides which configuration goes where.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}
