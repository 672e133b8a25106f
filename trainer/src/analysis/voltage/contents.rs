//! What the configurations of a state are made of.

use std::collections::BTreeMap;

use mtprs_core::{Error, ErrorKind, Result};

use super::label;
use super::state::{State, atoms, prefix};
use crate::analysis::number;

/// Atoms of a state, ions and host apart.
pub(super) struct Contents {
    pub(super) ions: u64,
    host: BTreeMap<usize, u64>,
}

impl Contents {
    pub(super) fn new(state: &State, ion: &str, names: &[String]) -> Self {
        let mut host = state.counts();
        let ions = number(ion, names).and_then(|species| host.remove(&species)).unwrap_or(0);
        Self { ions, host }
    }

    /// How often the other host is in this one, if both have one formula; what they are of.
    pub(super) fn ratio(&self, other: &Self, [own, others]: [&State; 2], names: &[String]) -> Result<f64> {
        if self.host.is_empty() || other.host.is_empty() {
            return Err(Error::new(ErrorKind::InvalidConfiguration, "there is no host beside the ions"));
        }
        let [(units, formula), (of_others, expected)] = [self, other].map(|one| one.formula(names));
        if formula == expected {
            return Ok(units as f64 / of_others as f64);
        }
        let [own, others] = [own, others].map(|state| atoms(&state.counts(), names));
        let message = format!(
            "the hosts differ: without the ions, {others} (charged) and {own} (discharged) should be multiples of one formula"
        );
        Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(
            "are the ions those of --ion, and are the species of both numbered alike? A dump or data file of the host alone \
             may number them anew: name its elements with mtprs convert --input-species",
        ))
    }

    /// How many formulas of the host there are, and what the formula is.
    pub(super) fn formula(&self, names: &[String]) -> (u64, String) {
        let units = self.host.values().copied().fold(0, common_divisor).max(1);
        let part = |(species, count): (&usize, &u64)| {
            let count = count / units;
            let separator = if names.is_empty() { " " } else { "" };
            match count {
                1 if !names.is_empty() => label(Some(*species), names),
                count => format!("{}{count}{separator}", prefix(*species, names)),
            }
        };
        let formula: String = self.host.iter().map(part).collect();
        (units, formula.trim_end().to_owned())
    }
}

/// How the ions can be named.
pub fn which_ion(names: &[String]) -> String {
    match names {
        [] => {
            "species have numbers only: name them, --species Mg,V,O, or give the number of the ions, --ion 0"
                .into()
        }
        names => format!("the species are {}", names.join(" ")),
    }
}

/// By the algorithm of Euclid.
fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
