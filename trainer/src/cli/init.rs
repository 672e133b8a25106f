//! `mtprs init`: an untrained potential.

use std::path::PathBuf;

use clap::Args;
use mtprs_core::potential::Zbl;
use mtprs_core::potential::template::RECOMMENDED;
use mtprs_core::species::Species;

use super::{TableArguments, WriteArguments};
use crate::endpoint::Output;

/// Options of `mtprs init`.
#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("functions").required(true).args(["level", "table"]), after_help = after_help())]
pub struct InitArguments {
    /// Level of the potential: even, 2 to 28; with the options under Moment table, any from 2 to 60.
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<usize>,

    /// Element symbols in the order of the type numbers, or the number of species.
    #[arg(long, value_name = "Mg,V,O|COUNT", value_parser = parse_species)]
    pub species: Species,

    /// Distance beyond which atoms do not interact, Å.
    #[arg(long, value_name = "Å", visible_alias = "max-dist")]
    pub cutoff: f64,

    /// Shortest distance that the potential is meant for, Å; its radial functions start there.
    #[arg(long, value_name = "Å", default_value_t = 1.4)]
    pub min_dist: f64,

    /// Number of Chebyshev polynomials per radial function.
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub radial_basis_size: usize,

    /// Add the screened repulsion of nuclei (ZBL) to the potential, switched off between two distances, Å, as in LAMMPS's
    /// pair_style zbl. MLIP cannot read such files.
    #[arg(long, value_name = "INNER,OUTER", allow_hyphen_values = true, value_parser = zbl)]
    pub zbl: Option<Zbl>,

    /// Name of the potential, kept in the file.
    #[arg(long, value_parser = line)]
    pub name: Option<String>,

    /// Which basis functions the potential has.
    #[command(flatten)]
    pub table: TableArguments,

    /// Output file.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,
}

/// Examples, and the recommended tables.
fn after_help() -> String {
    let tables: String = RECOMMENDED
        .iter()
        .map(|table| format!("  {:6}  {:12}  {}\n", table.name, table.table, table.purpose))
        .collect();
    format!(
        "Examples:
  mtprs init --level 16 --species Mg,V,O --cutoff 7 -o pot.mtp
  mtprs init --level 8 --species 2 --cutoff 5 --min-dist 1.9 --radial-basis-size 10 -o pot.mtp
  mtprs init --level 16 --species Mg,O --cutoff 5 --zbl 0.9,1.6 -o pot.mtp
  mtprs init --table small --species Mg,V,O --cutoff 7 -o pot.mtp
  mtprs init --level 10 --ranks 3,2,1 --mu-weight 1 --species Li --cutoff 5 -o pot.mtp

The level sets the complexity of the basis functions: 8 is coarse and fast, 16 is common, 24 is accurate and slow. It \
counts 2 + 4μ + ν for each tensor M[μ,ν]; a basis function is a product of up to four tensors, and its level the sum of \
theirs. High ranks ν cost the most time, (ν + 1)² sums over all neighbors for each radial function, and products the \
least. So a higher level with low ranks often has a smaller error at the same cost. Recommended tables, from a search on \
several materials:

{tables}
Compare their times with mtprs tables, and fits with mtprs errors or mtprs tune. Files with any table are ordinary .mtp \
files."
    )
}

impl InitArguments {
    /// Where the potential goes.
    pub fn output(&self) -> Output {
        self.write.output(&self.output)
    }
}

fn line(text: &str) -> Result<String, String> {
    match text.chars().any(char::is_control) {
        true => Err("expected one line of text".to_owned()),
        false => Ok(text.to_owned()),
    }
}

fn zbl(text: &str) -> Result<Zbl, String> {
    let range = text.split_once(',').map(|(inner, outer)| [inner, outer].map(|word| word.trim().parse()));
    match range {
        Some([Ok(inner), Ok(outer)]) => Zbl::new(inner, outer).map_err(|error| error.message().to_owned()),
        _ => Err("expected two distances, as in 0.9,1.6".to_owned()),
    }
}

/// Reads element symbols, or how many species there are.
pub fn parse_species(text: &str) -> Result<Species, mtprs_core::Error> {
    match text.trim().parse::<usize>() {
        Ok(count) => Ok(Species::unnamed(count)),
        Err(_) => {
            let names: Vec<&str> = text.split([',', ' ']).filter(|name| !name.is_empty()).collect();
            Species::named(&names)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn species_are_names_or_a_count() {
        assert_eq!(parse_species("Mg,V,O").unwrap(), Species::named(&["Mg", "V", "O"]).unwrap());
        assert_eq!(parse_species("Mg, V O").unwrap(), Species::named(&["Mg", "V", "O"]).unwrap());
        assert_eq!(parse_species("3").unwrap(), Species::unnamed(3));
        let message = parse_species("Mg,Vo").unwrap_err().to_string();
        assert_eq!(message, "Vo is not the symbol of a chemical element");
    }
}
