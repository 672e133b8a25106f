//! Pair terms of V_i beside the moments: ½ Σ_j φ(r_ij; z_i, z_j), with numbers that training leaves as they are.
//!
//! Each kind of term is a file of this folder, which owns its key in `.mtp` files, its checks and its function; all else but the
//! reader of these files matches on [`PairTerm`]. Rows of derivatives by the parameters do not see them.

mod zbl;

use std::fmt;

pub use zbl::Zbl;
use zbl::ZblFunction;

use super::Fault;
use crate::species::{Species, atomic_number};

/// A pair term.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum PairTerm {
    /// `zbl`: the screened repulsion of the nuclei.
    Zbl(Zbl),
}

impl PairTerm {
    /// Distance from which on the term is zero, Å.
    pub fn cutoff(&self) -> f64 {
        match self {
            Self::Zbl(zbl) => zbl.outer(),
        }
    }

    /// Its key in `.mtp` files.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::Zbl(_) => zbl::KEY,
        }
    }

    /// Holds the term against the potential that it is part of.
    pub(super) fn check(&self, cutoff: f64, species: &Species) -> Result<(), Fault> {
        if self.cutoff() > cutoff {
            let message = format!(
                "expected {} to end no farther than the cutoff of the potential ({cutoff} Å), got {} Å",
                self.key(),
                self.cutoff()
            );
            return Err(Fault::new(self.key(), message));
        }
        match self {
            Self::Zbl(_) if species.names().is_none() => {
                let message = format!(
                    "{} depends on the elements, which potential_tag does not name (expected {} symbols, as in Mg O)",
                    self.key(),
                    species.count()
                );
                Err(Fault::new(self.key(), message))
            }
            Self::Zbl(_) => Ok(()),
        }
    }

    /// φ of a pair of species of a potential that was checked.
    pub(crate) fn function(&self, species: &Species, pair: [usize; 2]) -> PairFunction {
        match self {
            Self::Zbl(zbl) => {
                let names = species.names().unwrap_or_default();
                let number = |z: usize| names.get(z).and_then(|name| atomic_number(name)).unwrap_or(0);
                PairFunction::Zbl(zbl.function(pair.map(number)))
            }
        }
    }
}

impl fmt::Display for PairTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zbl(zbl) => write!(f, "{} {{{}, {}}}", self.key(), zbl.inner(), zbl.outer()),
        }
    }
}

/// φ of one pair of species.
#[derive(Clone, Copy, Debug)]
pub(crate) enum PairFunction {
    Zbl(ZblFunction),
}

impl PairFunction {
    /// φ(r), eV, and its derivative, eV/Å.
    pub(crate) fn evaluate(&self, r: f64) -> (f64, f64) {
        match self {
            Self::Zbl(function) => function.evaluate(r),
        }
    }
}
