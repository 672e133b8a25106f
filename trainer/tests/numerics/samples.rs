//! Numbers, potentials and configurations that are made up and the same in every run, shared by the programs of tests.

use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::{Parameters, Potential};
use mtprs_core::species::Species;

/// Numbers between -1 and 1 (a linear congruential generator).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    }
}

/// A potential of a level with coefficients that mean nothing but are all different; cutoff 4 Å.
pub(crate) fn trained(level: usize, species: Species) -> Potential {
    let untrained = Potential::untrained(level, species, 1.4, 4.0, 4).unwrap();
    let layout = untrained.parameter_layout();
    let mut numbers = Numbers(1);
    let flat: Vec<f64> = (0..layout.len()).map(|_| 0.1 * numbers.next()).collect();
    let mut parts = untrained.into_parts();
    parts.parameters = Parameters::from_flat(&layout, &flat).unwrap();
    Potential::new(parts).unwrap()
}

/// Mg and O.
pub(crate) fn oxide() -> Species {
    Species::named(&["Mg", "O"]).unwrap()
}

/// Atoms of two species in turns, moved from the places of a lattice by up to `amplitude` in each direction.
pub(crate) fn atoms_in(
    vectors: [[f64; 3]; 3],
    atoms: usize,
    amplitude: f64,
    numbers: &mut Numbers,
) -> Configuration {
    let species = (0..atoms).map(|atom| (atom % 2) as u32).collect();
    let positions = (0..atoms)
        .map(|atom| [atom % 2, atom / 2 % 2, atom / 4].map(|k| 2.1 * k as f64 + amplitude * numbers.next()))
        .collect();
    Configuration::new(Cell::new(&vectors).unwrap(), species, positions).unwrap()
}
