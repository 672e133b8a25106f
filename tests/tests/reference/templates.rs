//! Our templates against the tables of published potentials: the same basis functions with the same factors, in
//! another order. The values on one random neighborhood give the order, and the others must agree in it.

use std::collections::BTreeSet;

use mtprs_core::format::load_potential;
use mtprs_core::potential::{MomentBasis, template};
use mtprs_testing::files_below;
use mtprs_tests::shared;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Relative; the largest difference measured is 1.4e-15, and different functions differ by more than 1e-7.
const TOLERANCE: f64 = 1e-12;

/// Basis functions for six random unit vectors with random values of each f_μ; the same for the same seed.
fn random_values(basis: &MomentBasis, seed: u64) -> Vec<f64> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut moments = vec![0.0; basis.moments_count()];
    for _ in 0..6 {
        let vector: [f64; 3] = std::array::from_fn(|_| random.random_range(-1.0..1.0));
        let length = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        let radial: [f64; 8] = std::array::from_fn(|_| random.random_range(0.5..1.5));
        for (moment, value) in basis.basic().iter().zip(&mut moments) {
            let powers =
                vector.iter().zip(moment.powers).map(|(x, power)| (x / length).powi(i32::from(power)));
            *value += radial[usize::from(moment.mu)] * powers.product::<f64>();
        }
    }
    for product in basis.products() {
        moments[product.target as usize] +=
            f64::from(product.factor) * moments[product.left as usize] * moments[product.right as usize];
    }
    basis.scalar_moments().iter().map(|&moment| moments[moment as usize]).collect()
}

fn ascending_order(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&first, &second| values[first].total_cmp(&values[second]));
    order
}

#[test]
fn published_potentials_have_the_basis_functions_of_our_templates() {
    let mut levels = BTreeSet::new();
    for file in files_below(&shared().join("data"), "mtp") {
        let potential = load_potential(&file).unwrap();
        let published = potential.moment_basis();
        let level = published.level().unwrap();
        levels.insert(level);
        let ours = template::moment_basis(level).unwrap();
        assert_eq!(ours.basic(), published.basic(), "{}", file.display());
        assert_eq!(ours.scalar_moments().len(), published.scalar_moments().len(), "{}", file.display());
        let orders =
            [ascending_order(&random_values(&ours, 1)), ascending_order(&random_values(published, 1))];
        for seed in 1..=3 {
            let [ours, theirs] = [random_values(&ours, seed), random_values(published, seed)];
            for (&our_place, &their_place) in orders[0].iter().zip(&orders[1]) {
                let (value, expected) = (ours[our_place], theirs[their_place]);
                let error = (value - expected).abs() / expected.abs();
                assert!(error < TOLERANCE, "{}: {value} instead of {expected}", file.display());
            }
        }
    }
    assert_eq!(Vec::from_iter(levels), [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 24]);
}
