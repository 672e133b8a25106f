//! Small cells of two species in turns, and potentials for them: what commands and training are tried on.

use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;

use crate::random::Numbers;
use crate::transform::filled;

/// A potential of a level with coefficients that mean nothing but are all different; cutoff 4 Å.
///
/// # Panics
/// If the level has no template.
pub fn trained(level: usize, species: Species) -> Potential {
    let untrained = Potential::untrained(level, species, 1.4, 4.0, 4).expect("the level has a template");
    let mut numbers = Numbers(1);
    filled(&untrained, || 0.1 * numbers.next())
}

/// Mg and O.
///
/// # Panics
/// Never: both are elements.
pub fn oxide() -> Species {
    Species::named(&["Mg", "O"]).expect("elements")
}

/// Atoms of two species in turns, moved from the places of a lattice by up to `amplitude` in each direction.
///
/// # Panics
/// If the vectors make no cell.
pub fn atoms_in(
    vectors: [[f64; 3]; 3],
    atoms: usize,
    amplitude: f64,
    numbers: &mut Numbers,
) -> Configuration {
    let species = (0..atoms).map(|atom| (atom % 2) as u32).collect();
    let positions = (0..atoms)
        .map(|atom| [atom % 2, atom / 2 % 2, atom / 4].map(|k| 2.1 * k as f64 + amplitude * numbers.next()))
        .collect();
    let cell = Cell::new(&vectors).expect("the vectors make a cell");
    Configuration::new(cell, species, positions).expect("one species for each atom")
}
