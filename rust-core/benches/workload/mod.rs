//! What the benchmarks evaluate: a perturbed cubic lattice of three species with about 125 neighbors within 7 Å, like
//! amorphous MgV2O5, and random potentials of any level.

use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::species::Species;
use mtprs_testing::transform::filled;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Cutoff of the potentials, Å.
pub(crate) const CUTOFF: f64 = 7.0;
const SPACING: f64 = 2.257;

/// Atoms of a lattice with this many along each edge.
pub(crate) fn lattice(counts: [usize; 3]) -> Configuration {
    let mut random = ChaCha8Rng::seed_from_u64(20);
    let mut positions = Vec::new();
    for index in 0..counts.iter().product() {
        let [x, y, z] = [index / (counts[1] * counts[2]), index / counts[2] % counts[1], index % counts[2]];
        positions.push([x, y, z].map(|k| k as f64 * SPACING + random.random_range(-0.2..0.2)));
    }
    let species = positions.iter().map(|_| random.random_range(0..3)).collect();
    let edges: [[f64; 3]; 3] = std::array::from_fn(|k| {
        std::array::from_fn(|l| if k == l { counts[k] as f64 * SPACING } else { 0.0 })
    });
    Configuration::new(Cell::new(&edges).expect("a box"), species, positions)
        .expect("as many species as positions")
}

/// A random potential with the moment table of a rule.
pub(crate) fn potential(rule: &BasisRule) -> Potential {
    let species = Species::named(&["Mg", "V", "O"]).expect("elements");
    let untrained = Potential::untrained_of(rule, species, [1.4, CUTOFF], 8).expect("the rule is sound");
    let mut random = ChaCha8Rng::seed_from_u64(rule.level() as u64);
    filled(&untrained, || random.random_range(-0.01..0.01))
}
