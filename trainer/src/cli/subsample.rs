//! `mtprs subsample`: fewer configurations.

use std::path::PathBuf;

use clap::Args;

use super::ranges::at_least;
use super::{BuildArguments, ReadingArguments, RunArguments, WriteArguments};

/// Options of `mtprs subsample`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("how").required(true).args(["every", "count", "maxvol"]), after_help = "Examples:
  mtprs subsample run.cfg frames.cfg --every 50 --offset 1000
  mtprs subsample run1.cfg run2.cfg frames.cfg --count 200 --seed 3
  mtprs subsample run.cfg frames.cfg --maxvol 40 --potential pot.mtp

--every takes the first configuration after the offset and then every N-th one; --count takes this many at random; \
--maxvol takes those that span the largest volume of parameter derivatives of a potential, trained or not, that is, \
the most diverse ones for this potential. The first two keep the order; --maxvol writes the configurations in the \
order of their contribution, so the beginning of its output is a smaller selection of the same kind. In configuration \
mode there are at most as many as parameters; if there are fewer than requested, a warning says so.

Several inputs count as one. They are .cfg or any other format of mtprs convert, compressed or not, and the feature \
elements then names the species; --maxvol numbers them as the potential does. Configurations are written with \
everything that was read. Inputs are read once with --every, twice with --count and several times with --maxvol, \
always with bounded memory.")]
pub struct SubsampleArguments {
    /// Input files, in this order; - for standard input with --every.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", required = true)]
    pub output: PathBuf,

    /// Take every N-th configuration.
    #[arg(long, value_name = "N", value_parser = at_least(1_u64))]
    pub every: Option<u64>,

    /// Skip this many configurations at the start.
    #[arg(long, value_name = "COUNT", default_value_t = 0, requires = "every")]
    pub offset: u64,

    /// Take this many configurations at random.
    #[arg(long, value_name = "N", value_parser = at_least(1_usize))]
    pub count: Option<usize>,

    /// Seed of the random choice.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "count")]
    pub seed: u64,

    /// Take at most this many configurations of largest volume.
    #[arg(long, value_name = "N", requires = "potential", value_parser = at_least(1_usize))]
    pub maxvol: Option<usize>,

    /// The potential whose parameters span the volume.
    #[arg(long, value_name = "POT.mtp", requires = "maxvol")]
    pub potential: Option<PathBuf>,

    /// How inputs are read.
    #[command(flatten)]
    pub reading: ReadingArguments,

    /// How to build active sets.
    #[command(flatten)]
    pub build: BuildArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
