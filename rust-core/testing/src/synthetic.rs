//! Potentials made for tests: a bound pair interaction plus seeded random many-body terms.
//!
//! The first radial function is repulsive at short distance and attractive beyond, so that crystals hold together and
//! can be minimized; the other terms are scaled to forces of the same order in a reference crystal. Nothing physical.

use std::collections::HashMap;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::potential::{MomentBasis, Parameters, Potential};
use mtprs_core::species::Species;

use crate::agreement::largest;
use crate::random::Random;
use crate::structure::Structure;

/// R_min of the synthetic potentials, Å.
pub const MIN_DIST: f64 = 1.5;

/// Edge of the rock-salt cell that the potentials are scaled on, Å; near their equilibrium.
pub const ROCK_SALT_EDGE: f64 = 4.6;

/// Forces of the many-body terms relative to those of the pair term.
const MANY_BODY_SHARE: f64 = 0.15;

/// A trained potential of a template level with named species, different for every seed. `cutoff` in Å.
pub fn potential(seed: u64, level: usize, names: &[&str], cutoff: f64) -> Potential {
    let mut random = Random::new(seed);
    let species = Species::named(names).expect("the tests name elements");
    let untrained =
        Potential::untrained(level, species, MIN_DIST, cutoff, 6).expect("the level has a template");
    let layout = untrained.parameter_layout();

    let mut radial = vec![0.0; layout.radial_coeffs().len()];
    let count = names.len();
    for (central, neighbor) in (0..count).flat_map(|i| (0..count).map(move |j| (i, j))) {
        let strength = 0.05 * (1.0 + random.symmetric(0.2));
        for mu in 0..untrained.radial_basis().functions_count() {
            let block = &mut radial[layout.radial_function(central, neighbor, mu)];
            for (beta, coefficient) in block.iter_mut().enumerate() {
                *coefficient = random.symmetric(0.02) / (1.0 + beta as f64);
            }
            if mu == 0 {
                // (R_cut − r)² (1 − x) (−0.6 − x) with x from −1 at R_min to 1 at R_cut
                block[0] -= 0.1 * strength;
                block[1] -= 0.4 * strength;
                block[2] += 0.5 * strength;
            }
        }
    }
    let species_coeffs: Vec<f64> = (0..count).map(|_| -3.0 + random.symmetric(1.0)).collect();

    let basis = untrained.moment_basis();
    let pair_term = pair_term(basis);
    let degrees = degrees(basis);
    let many_body: Vec<f64> = basis
        .scalar_moments()
        .iter()
        .map(|&moment| {
            let weight = 0.2_f64.powi(degrees[moment as usize]);
            if moment == pair_term { 0.0 } else { random.symmetric(weight) }
        })
        .collect();
    let pair: Vec<f64> =
        basis.scalar_moments().iter().map(|&moment| if moment == pair_term { 1.0 } else { 0.0 }).collect();

    let with = |moment_coeffs: Vec<f64>| {
        let parameters = Parameters {
            radial_coeffs: Some(radial.clone()),
            species_coeffs: Some(species_coeffs.clone()),
            moment_coeffs: Some(moment_coeffs),
        };
        let mut parts = untrained.clone().into_parts();
        parts.name = format!("test{seed}");
        parts.parameters = parameters;
        Potential::new(parts).expect("the parameters fit the template")
    };
    let share =
        MANY_BODY_SHARE * largest_force(&with(pair.clone())) / largest_force(&with(many_body.clone()));
    with(pair.iter().zip(many_body).map(|(pair, many)| pair + share * many).collect())
}

/// The potential of most tests: species Mg V O, level 8.
pub fn three_species(cutoff: f64) -> Potential {
    potential(11, 8, &["Mg", "V", "O"], cutoff)
}

/// The same potential without names of its species.
pub fn nameless(potential: Potential) -> Potential {
    let mut parts = potential.into_parts();
    parts.species = Species::unnamed(parts.species.count());
    parts.tag = String::new();
    Potential::new(parts).expect("names do not matter")
}

/// The structure of most tests: 64 atoms of three types in a perturbed crystal.
pub fn crystal(seed: u64) -> Structure {
    Structure::rock_salt([2, 2, 2], ROCK_SALT_EDGE, 3).perturbed(&mut Random::new(seed), 0.2)
}

/// The moment M[0; 0,0,0] = Σ_j f_0: the sum over pairs.
fn pair_term(basis: &MomentBasis) -> u32 {
    let is_pair_term = |index: &usize| basis.basic()[*index].mu == 0 && basis.basic()[*index].rank() == 0;
    (0..basis.basic().len()).find(is_pair_term).expect("every template has the pair term") as u32
}

/// Number of basic moments that each moment is a product of.
fn degrees(basis: &MomentBasis) -> Vec<i32> {
    let mut degrees: HashMap<u32, i32> = (0..basis.basic().len() as u32).map(|basic| (basic, 1)).collect();
    for product in basis.products() {
        degrees.insert(product.target, degrees[&product.left] + degrees[&product.right]);
    }
    (0..basis.moments_count() as u32).map(|moment| degrees.get(&moment).copied().unwrap_or(1)).collect()
}

fn largest_force(potential: &Potential) -> f64 {
    let count = potential.species().count();
    let crystal = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, count).perturbed(&mut Random::new(1), 0.2);
    let mut evaluator = Evaluator::new(potential).expect("the potential is trained");
    let efs = evaluator.evaluate(&crystal.plain_configuration()).expect("the crystal can be evaluated");
    largest(efs.forces.as_flattened().iter())
}
