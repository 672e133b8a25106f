//! Atoms in space: cells, configurations and the search for neighbors.
//!
//! A cell has zero to three periodic vectors; atoms may lie anywhere, also outside it. LAMMPS brings neighbor lists
//! of its own, everything else uses [`NeighborList`], or goes over atoms in [`Bins`].

mod bins;
mod cell;
mod configuration;
mod neighbors;
mod virial;

pub use bins::{Axis, Bins};
pub use cell::{Cell, cross, dot, duals, norm};
pub use configuration::{Configuration, ExtraColumn};
pub use neighbors::NeighborList;
pub use virial::{AtomVirial, Virial};

/// A position, displacement or force: Cartesian x, y, z.
pub type Vector3 = [f64; 3];
