//! Atoms to measure with where there is no structure.

use mtprs_core::Result;
use mtprs_core::geometry::{Cell, Configuration};

use super::SimulationBox;
use crate::random::Sequence;

/// Atoms along each edge of the cell.
const EDGE: usize = 9;
/// Displacements of the atoms from the lattice, in distances of neighbors.
const DISORDER: f64 = 0.3;

/// A cubic lattice with displacements, of this many atoms per Å³; its species alternate at random, in equal parts.
pub fn disordered_lattice(density: f64, species_count: usize) -> Result<(Configuration, SimulationBox)> {
    let distance = density.powf(-1.0 / 3.0);
    let mut random = Sequence::new(1);
    let (mut positions, mut species) = (Vec::new(), Vec::new());
    for number in 0..EDGE * EDGE * EDGE {
        let place = [number / (EDGE * EDGE), number / EDGE % EDGE, number % EDGE];
        positions.push(place.map(|k| (k as f64 + DISORDER * random.symmetric()) * distance));
        species.push(u32::try_from(random.below(species_count)).unwrap_or_default());
    }
    let simulation_box = SimulationBox::cube(species.len() as f64 / density);
    let configuration = Configuration::new(Cell::new(&simulation_box.vectors)?, species, positions)?;
    Ok((configuration, simulation_box))
}
