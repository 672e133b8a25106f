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

An AMOUNT is a number of configurations (100), a share (80% or 0.8) or rest. Shares refer to all configurations and \
are rounded so that they add up; configurations that go to no part are left out and counted in the summary. --folds K \
writes the files PREFIX1-train.cfg and PREFIX1-validation.cfg to PREFIXK-train.cfg and PREFIXK-validation.cfg; each \
configuration is in exactly one validation set.

The result depends only on the seed and the inputs. --stratify gives every part its share of each composition, or of \
each value of a feature, to within one configuration or group. Configurations keep their order and everything that was \
read with them.

Successive frames of an MD run are nearly the same: a test set that contains neighbors of the fitted frames says \
little about a potential. So where configurations look like consecutive frames, blocks of them stay together, several \
times as long as atoms remember where they were. Configurations look consecutive if they have the same atoms in the \
same order, cells that differ by less than a tenth, and atoms that move by less than 1 Å (root mean square) and keep \
their direction; atoms of independent samples move back toward their sites. --group FEATURE keeps configurations with \
the same value of a feature together, even if the parts then miss their shares; --group blocks:COUNT keeps this many \
consecutive configurations of a file together; --group none keeps nothing together.

Inputs are .cfg or any other format of mtprs convert, compressed or not, or folders of VASP runs; the feature elements \
then names the species. Inputs are read twice, with one configuration in memory at a time.")]
pub struct SplitArguments {
    /// Files to split; several are treated as one.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file and the amount that goes into it.
    #[arg(long, value_name = "FILE=AMOUNT", required_unless_present = "folds")]
    pub into: Vec<String>,

    /// Number of folds for cross-validation.
    #[arg(long, value_name = "K", conflicts_with = "into", requires = "prefix", value_parser = clap::value_parser!(u64).range(2..=1000))]
    pub folds: Option<u64>,

    /// Prefix of the file names of the folds.
    #[arg(long, value_name = "PREFIX", requires = "folds")]
    pub prefix: Option<String>,

    /// Distribute each composition, or each value of this feature, evenly over the parts.
    #[arg(long, value_name = "composition|FEATURE")]
    pub stratify: Option<String>,

    /// What to keep together: consecutive frames where the configurations look like it (auto), nothing, blocks of this many
    /// configurations of a file, or configurations with the same value of a feature.
    #[arg(long, value_name = "auto|none|blocks:COUNT|FEATURE", default_value = "auto")]
    pub group: Grouping,

    /// Seed that decides which configuration goes where.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}
