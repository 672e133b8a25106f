//! What the configurations of a state are made of.

use std::collections::BTreeMap;

use mtprs_core::{Error, ErrorKind, Result};

use super::label;
use super::state::{State, atoms, prefix};
use crate::analysis::number;
use crate::statistics::greatest_common_divisor;

/// What a state is made of, ions and host apart.
pub(super) struct Contents {
    /// All of it in words.
    pub(super) atoms: String,
    pub(super) ions: usize,
    /// The host, nothing where there are ions alone.
    pub(super) formula: String,
    /// How many of the formula there are.
    pub(super) units: usize,
}

impl Contents {
    pub(super) fn new(state: &State, ion: &str, names: &[String]) -> Self {
        let mut host = state.counts();
        let atoms = atoms(&host, names);
        let ions = number(ion, names).and_then(|species| host.remove(&species)).unwrap_or(0);
        let units = host.values().copied().fold(0, greatest_common_divisor).max(1);
        Self { atoms, ions, formula: formula(&host, units, names), units }
    }

    /// How often the other host is in this one, that of the discharged state, if both have one formula.
    pub(super) fn ratio(&self, other: &Self) -> Result<f64> {
        if self.formula.is_empty() || other.formula.is_empty() {
            return Err(Error::new(ErrorKind::InvalidConfiguration, "there is no host besides the ions"));
        }
        if self.formula == other.formula {
            return Ok(self.units as f64 / other.units as f64);
        }
        let message = format!(
            "the hosts differ: without the ions, {} (charged) and {} (discharged) should be multiples of one formula",
            other.atoms, self.atoms
        );
        Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(
            "is --ion right, and do both number their species alike? A dump or data file of the host alone may number \
             them differently: name its elements with mtprs convert --input-species",
        ))
    }
}

/// The formula of a host that has this many units of it.
fn formula(host: &BTreeMap<usize, usize>, units: usize, names: &[String]) -> String {
    let part = |(species, count): (&usize, &usize)| match (names, count / units) {
        ([], count) => format!("{}{count} ", prefix(*species, names)),
        (_, 1) => label(Some(*species), names),
        (_, count) => format!("{}{count}", prefix(*species, names)),
    };
    host.iter().map(part).collect::<String>().trim_end().to_owned()
}

/// How the ions can be named.
pub fn which_ion(names: &[String]) -> String {
    match names {
        [] => {
            "species have only numbers: name them, --species Mg,V,O, or give the number of the ions, --ion 0"
                .into()
        }
        names => format!("the species are {}", names.join(" ")),
    }
}
