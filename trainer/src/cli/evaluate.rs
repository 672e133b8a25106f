//! `mtprs evaluate`: energies, forces, virials.

use std::path::PathBuf;

use clap::Args;

use super::{PrecisionName, WorkArguments};

/// Options of `mtprs evaluate`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs evaluate pot.mtp in.cfg out.cfg
  mtprs evaluate pot.mtp in.cfg out.cfg --site-energies --threads 8
  mtprs evaluate pot.mtp - < in.cfg > out.cfg

Energy, forces and PlusStress of the input are replaced; ids, features and other columns are kept. Configurations are \
written in the order of the input, which may be of any size. The output file appears only once it is complete.")]
pub struct EvaluateArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations to evaluate: a file of any format, a folder of VASP runs, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Also write the energy of every atom (column site_en).
    #[arg(long)]
    pub site_energies: bool,

    /// Precision of the work per neighbor; sums over atoms always use double precision.
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionName,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
