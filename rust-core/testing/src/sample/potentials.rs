//! Random potentials of any moment table with forces of the order of 1 eV/Å in a dense random structure.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Arc, LazyLock, Mutex};

use mtprs_core::potential::template::{self, BasisRule};
use mtprs_core::potential::{
    MomentBasis, Parameters, Potential, PotentialParts, RadialBasis, RadialBasisKind,
};
use mtprs_core::species::Species;

use crate::random::Random;

/// R_min of the random potentials, Å. Configurations have some shorter distances, so that extrapolation is tested.
pub const MIN_DIST: f64 = 1.9;

/// Usual cutoff of the random potentials, Å.
pub const CUTOFF: f64 = 5.0;

/// Number of Chebyshev polynomials.
const RADIAL_BASIS_SIZE: usize = 7;

/// Size of the radial coefficients: (R_cut − r)² is about 6 Å² at the nearest neighbors, of which there are about ten,
/// so that moments are of the order of one and products of four of them neither vanish nor rule.
const RADIAL_COEFFICIENT: f64 = 0.03;

/// Tables of other rules than levels: the ranks fall, stay or leave gaps, more and fewer tensors, other weights; kernels are
/// compiled for some of the lists of ranks, some are filled up, and for the last there are none.
pub const OTHER_TABLES: [&str; 13] = [
    "12-21",
    "14-210",
    "16-33-t3",
    "8-2100-w1.1",
    "10-321-w1.1",
    "14-210-t5",
    "14-3210",
    "12-4321-w2.1",
    "12-43210-w2.1",
    "12-44200-w2.1",
    "18-0.2-w2.3",
    "12-7-t2",
    "18-1.0.1.3",
];

/// A moment table in tests: an even level, or a rule such as `22-4321`.
pub trait Table: Copy + Display {
    /// The rule.
    fn rule(self) -> BasisRule;

    /// A number for seeds: the level.
    fn seed(self) -> u64 {
        self.rule().level() as u64
    }
}

impl Table for usize {
    fn rule(self) -> BasisRule {
        BasisRule::of_level(self).and_then(BasisRule::not_odd).expect("even levels have templates")
    }
}

impl Table for &str {
    fn rule(self) -> BasisRule {
        self.parse().unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

/// A trained random potential with cutoff [`CUTOFF`].
pub fn potential(table: impl Table, species_count: usize, seed: u64) -> Potential {
    potential_with_cutoff(table, species_count, CUTOFF, seed)
}

/// A trained random potential of a moment table; cutoff in Å.
pub fn potential_with_cutoff(table: impl Table, species_count: usize, cutoff: f64, seed: u64) -> Potential {
    let mut random = Random::new(seed);
    let rule = table.rule();
    let moment_basis = MomentBasis::clone(&moment_basis(&rule));
    let functions = rule.radial_functions();
    let radial_basis =
        RadialBasis::new(RadialBasisKind::Chebyshev, MIN_DIST, cutoff, RADIAL_BASIS_SIZE, functions).unwrap();
    let mut uniform = |count: usize, amplitude: f64| -> Vec<f64> {
        (0..count).map(|_| amplitude * random.symmetric(1.0)).collect()
    };
    let basis_functions = moment_basis.scalar_moments().len();
    let parameters = Parameters {
        radial_coeffs: Some(uniform(
            species_count * species_count * functions * RADIAL_BASIS_SIZE,
            RADIAL_COEFFICIENT,
        )),
        species_coeffs: Some(uniform(species_count, 3.0)),
        // As many terms as there are, their sum stays of the order of one.
        moment_coeffs: Some(uniform(basis_functions, 3.0 / (basis_functions as f64).sqrt())),
    };
    Potential::new(PotentialParts {
        name: format!("random{seed}"),
        tag: String::new(),
        scaling: random.between(0.7, 1.4),
        species: Species::unnamed(species_count),
        radial_basis,
        moment_basis,
        parameters,
        pair_terms: Vec::new(),
    })
    .expect("the parameters fit the template")
}

/// The moment basis of a rule, made once per program: that of level 28 takes seconds.
fn moment_basis(rule: &BasisRule) -> Arc<MomentBasis> {
    static BASES: LazyLock<Mutex<HashMap<BasisRule, Arc<MomentBasis>>>> = LazyLock::new(Mutex::default);
    if let Some(known) = BASES.lock().unwrap().get(rule) {
        return Arc::clone(known);
    }
    let made = Arc::new(template::moment_basis_of(rule).expect("the rule is sound"));
    Arc::clone(BASES.lock().unwrap().entry(rule.clone()).or_insert(made))
}
