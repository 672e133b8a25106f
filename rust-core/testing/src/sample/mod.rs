//! Seeded random potentials and configurations: the same on every machine, different for every seed.

mod configurations;
mod oxides;
mod potentials;

pub use configurations::{Arrangement, Recipe};
pub use oxides::{atoms_in, oxide, trained};
pub use potentials::{CUTOFF, MIN_DIST, OTHER_TABLES, Table, potential, potential_with_cutoff};
