//! `mtprs init`: an untrained potential.

use std::path::PathBuf;

use clap::Args;

use super::WriteArguments;

/// Options of `mtprs init`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs init --level 16 --species Mg,V,O --cutoff 7 -o pot.mtp
  mtprs init --level 8 --species 2 --cutoff 5 --min-dist 1.9 --radial-basis-size 10 -o pot.mtp

The level bounds the complexity of the basis functions: 8 is coarse and fast, 16 usual, 24 fine and slow.")]
pub struct InitArguments {
    /// Level of the potential: even, 2 to 28.
    #[arg(long, value_name = "LEVEL")]
    pub level: usize,

    /// Element symbols in the order of the type numbers, or how many species there are.
    #[arg(long, value_name = "Mg,V,O|COUNT")]
    pub species: String,

    /// Distance beyond which atoms do not interact, Å.
    #[arg(long, value_name = "Å", visible_alias = "max-dist")]
    pub cutoff: f64,

    /// Shortest distance that the potential is meant for, Å: its radial functions begin there.
    #[arg(long, value_name = "Å", default_value_t = 1.4)]
    pub min_dist: f64,

    /// Number of Chebyshev polynomials per radial function.
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub radial_basis_size: usize,

    /// Add the screened repulsion of nuclei (ZBL) to the potential, switched off between two distances, Å, as by pair_style zbl
    /// of LAMMPS. MLIP does not read such files.
    #[arg(long, value_name = "INNER,OUTER", value_delimiter = ',', num_args = 2)]
    pub zbl: Option<Vec<f64>>,

    /// Name of the potential, kept in the file.
    #[arg(long)]
    pub name: Option<String>,

    /// File to write.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,
}
