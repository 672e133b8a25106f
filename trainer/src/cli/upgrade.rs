//! `mtprs upgrade`: a larger potential with the same energies.

use std::path::PathBuf;

use clap::Args;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::species::Species;

use super::ranges::{at_least, even};
use super::{WriteArguments, parse_species};
use crate::endpoint::Output;

/// Options of `mtprs upgrade`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("larger").required(true).multiple(true).args(["level", "table", "radial_basis_size", "species"]),
    after_help = "Examples:
  mtprs upgrade 12.mtp 16.mtp --level 16
  mtprs upgrade pot.mtp larger.mtp --level 20 --radial-basis-size 10
  mtprs upgrade 12.mtp large.mtp --table 20-4321
  mtprs upgrade mgvo.mtp mgvona.mtp --species Mg,V,O,Na

Energies, forces and stresses do not change: the coefficients of new basis functions and new Chebyshev polynomials are \
zero. Continue the training of the larger potential with mtprs train, which starts from the parameters in the file; \
that is a better start than random ones. Cutoff, min_dist and the repulsion of nuclei are kept. A new species starts \
as the average of the others. A selection state in the file is dropped, because it belongs to the smaller potential.")]
pub struct UpgradeArguments {
    /// The trained potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Output file, - for standard output.
    #[arg(value_name = "LARGER.mtp")]
    pub output: PathBuf,

    /// Higher level: even, 2 to 28.
    #[arg(long, value_name = "LEVEL", value_parser = even)]
    pub level: Option<usize>,

    /// Larger moment table, by the name that mtprs init --table takes. It must have all basis functions of the potential.
    #[arg(long, value_name = "TABLE", conflicts_with = "level")]
    pub table: Option<BasisRule>,

    /// Number of Chebyshev polynomials per radial function.
    #[arg(long, value_name = "COUNT", value_parser = at_least(1_usize))]
    pub radial_basis_size: Option<usize>,

    /// All species in their new order, including those of the potential; or their number, the new ones last. If the
    /// potential does not name its species, the first ones are its own.
    #[arg(long, value_name = "Mg,V,O,Na|COUNT", value_parser = parse_species)]
    pub species: Option<Species>,

    /// Seed of the new radial functions.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// Do not print a summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

impl UpgradeArguments {
    /// Where the potential goes.
    pub fn output(&self) -> Output {
        self.write.output(&self.output)
    }
}
