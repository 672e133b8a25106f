//! Random potentials of any template level with forces of the order of 1 eV/Å in a dense random structure.

use std::sync::OnceLock;

use mtprs_core::potential::{
    MomentBasis, Parameters, Potential, PotentialParts, RadialBasis, RadialBasisKind, template,
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

/// A trained random potential with cutoff [`CUTOFF`].
pub fn potential(level: usize, species_count: usize, seed: u64) -> Potential {
    potential_with_cutoff(level, species_count, CUTOFF, seed)
}

/// A trained random potential of an even template level; cutoff in Å.
pub fn potential_with_cutoff(level: usize, species_count: usize, cutoff: f64, seed: u64) -> Potential {
    let mut random = Random::new(seed);
    let moment_basis = moment_basis(level).clone();
    let functions = template::radial_functions(level);
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

/// The template of a level, made once per program: that of level 28 takes seconds.
fn moment_basis(level: usize) -> &'static MomentBasis {
    static BASES: [OnceLock<MomentBasis>; 15] = [const { OnceLock::new() }; 15];
    assert!(level.is_multiple_of(2), "expected an even level, got {level}");
    BASES[level / 2].get_or_init(|| template::moment_basis(level).expect("levels 2 to 28 have templates"))
}
