//! `mtprs init` as the program needs it.

use mtprs_core::potential::Zbl;
use mtprs_core::species::Species;

use super::{Files, usage_error};
use crate::cli::InitArguments;
use crate::endpoint::Output;

/// Settings of a new potential; the core checks them against each other.
#[derive(Debug)]
pub struct InitJob {
    /// Level of the potential.
    pub level: usize,
    /// Species, with or without names.
    pub species: Species,
    /// Shortest distance, Å.
    pub min_dist: f64,
    /// Cutoff, Å.
    pub cutoff: f64,
    /// Number of Chebyshev polynomials.
    pub radial_basis_size: usize,
    /// The repulsion of nuclei, if the potential is to have it.
    pub zbl: Option<Zbl>,
    /// Name, if the user chose one.
    pub name: Option<String>,
    /// Where the potential goes.
    pub output: Output,
}

impl InitJob {
    pub(super) fn files(&self) -> Files {
        Files::default().makes([&self.output])
    }
}

pub(super) fn init(arguments: InitArguments) -> Result<InitJob, clap::Error> {
    let InitArguments { level, species, cutoff, min_dist, radial_basis_size, zbl, name, output, write } =
        arguments;
    let zbl = zbl.map(|range| Zbl::new(range[0], range[1])).transpose();
    let zbl = zbl.map_err(|error| usage_error("init", format!("--zbl: {}", error.message())))?;
    let species =
        parse_species(&species).map_err(|message| usage_error("init", format!("--species: {message}")))?;
    if level % 2 == 1 {
        // The basis of an odd level is that of the even one below: better said than silently done.
        return Err(usage_error("init", format!("--level: expected an even number, got {level}")));
    }
    if name.as_deref().is_some_and(|name| name.chars().any(char::is_control)) {
        return Err(usage_error("init", "--name: expected one line of text"));
    }
    let output = Output::new(output, write.force);
    Ok(InitJob { level, species, min_dist, cutoff, radial_basis_size, zbl, name, output })
}

pub(super) fn parse_species(text: &str) -> Result<Species, mtprs_core::Error> {
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
