//! Seeded random potentials and configurations: the same on every machine, different for every seed.

mod configurations;
mod potentials;

pub use configurations::{Arrangement, Recipe};
pub use potentials::{CUTOFF, MIN_DIST, potential, potential_with_cutoff};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Random numbers of a seed; ChaCha's stream does not change between versions.
pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}
