//! Potentials with some of their basis functions against those in which the coefficients of the others are zero.

use mtprs_core::evaluate::{Efs, GradientEvaluator, Precision, neighbor_sums, reference};
use mtprs_core::format::{parse_potential, write_potential};
use mtprs_core::potential::Potential;
use mtprs_testing::random::Random;
use mtprs_testing::rows::site_rows;
use mtprs_testing::sample::{OTHER_TABLES, Table, potential};
use mtprs_testing::transform::with_parameters;

use crate::evaluators::{configurations, evaluators};

const TOLERANCE: f64 = 1e-12;

/// Which basis functions stay: about this share, at least one.
fn some(functions: usize, share: f64, random: &mut Random) -> Vec<bool> {
    let mut kept: Vec<bool> = (0..functions).map(|_| random.unit() < share).collect();
    kept[random.below(functions)] = true;
    kept
}

/// The potential in which the coefficients of the others are zero.
fn zeroed(potential: &Potential, kept: &[bool]) -> Potential {
    let mut flat = potential.parameters().to_flat().unwrap();
    for (value, kept) in flat[potential.parameter_layout().moment_coeffs()].iter_mut().zip(kept) {
        *value *= f64::from(u8::from(*kept));
    }
    with_parameters(potential, &flat)
}

/// Energies, forces and virials of one potential. A few functions alone may vanish in a crystal, so that nothing there is to
/// compare with but eV and Å.
fn assert_equal(found: &Efs, expected: &Efs, what: &str) {
    let numbers = |efs: &Efs| {
        let virial = efs.virial.to_cfg_order();
        efs.site_energies.iter().chain(efs.forces.as_flattened()).copied().chain(virial).collect::<Vec<_>>()
    };
    let (found, expected) = (numbers(found), numbers(expected));
    assert_eq!(found.len(), expected.len());
    for (value, wanted) in found.iter().zip(&expected) {
        assert!((value - wanted).abs() <= TOLERANCE * (1.0 + wanted.abs()), "{what}: {value} for {wanted}");
    }
}

fn check(table: impl Table, species: usize, seed: u64) {
    let whole = potential(table, species, seed);
    let functions = whole.moment_basis().scalar_moments().len();
    let mut random = Random::new(seed);
    for share in [0.02, 0.3, 0.8] {
        let kept = some(functions, share, &mut random);
        let part = whole.with_basis_functions(&kept).unwrap();
        assert_eq!(part.moment_basis().scalar_moments().len(), kept.iter().filter(|kept| **kept).count());
        let mut text = Vec::new();
        write_potential(&part, &mut text).unwrap();
        assert_eq!(parse_potential(&text, "part.mtp").unwrap(), part, "{table}");
        let zeroed = zeroed(&whole, &kept);
        for configuration in configurations(9, species, seed) {
            let expected: Efs = reference::evaluate(&zeroed, &configuration).unwrap();
            let plain = reference::evaluate(&part, &configuration).unwrap();
            assert_equal(&plain, &expected, &format!("{table}, plain loops"));
            for mut evaluator in evaluators(&part, Precision::Double) {
                let found = evaluator.evaluate(&configuration).unwrap();
                assert_equal(&found, &expected, &format!("{table}, {}", evaluator.instruction_set().name()));
            }
        }
        check_rows(&part, &zeroed, &kept, species, seed);
    }
}

/// Derivatives by the coefficients of the basis functions that stay: the functions themselves.
fn check_rows(part: &Potential, zeroed: &Potential, kept: &[bool], species: usize, seed: u64) {
    let (few, all) = (part.parameter_layout().moment_coeffs(), zeroed.parameter_layout().moment_coeffs());
    let [mut of_part, mut of_zeroed] =
        [part, zeroed].map(|potential| GradientEvaluator::new(potential).unwrap());
    for configuration in configurations(5, species, seed).iter().take(4) {
        for (found, expected) in
            site_rows(&mut of_part, configuration).iter().zip(site_rows(&mut of_zeroed, configuration))
        {
            let expected = expected[all.clone()].iter().zip(kept).filter(|(_, kept)| **kept);
            for (value, (wanted, _)) in found[few.clone()].iter().zip(expected) {
                assert!((value - wanted).abs() <= TOLERANCE * (1.0 + wanted.abs()), "{value} for {wanted}");
            }
        }
    }
}

#[test]
fn some_basis_functions_alone_are_what_remains_when_the_others_have_no_weight() {
    for (number, table) in OTHER_TABLES.into_iter().enumerate() {
        check(table, 1 + number % 3, 3 + number as u64);
    }
    for level in [2, 8, 12, 16, 18, 20] {
        check(level, 2, level as u64);
    }
}

#[test]
fn sums_over_neighbors_are_those_of_the_nearest_list_with_kernels() {
    // Levels 8 and 16; of 6 3 2 0 there is no list, so that it takes that of level 16.
    assert_eq!(neighbor_sums(&[2, 0]), (10, true));
    assert_eq!(neighbor_sums(&[6, 4, 2, 0]), (84, true));
    assert_eq!(neighbor_sums(&[6, 3, 2, 0]), (84, true));
    // What is far from every list is left as it is.
    assert_eq!(neighbor_sums(&[0, 0, 9]), (102, false));
}
