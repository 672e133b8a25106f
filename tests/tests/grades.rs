//! Extrapolation grades: the batched kernel against rows times the inverse, and what grades must satisfy.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::evaluate::{
    Evaluator, GradeEvaluator, GradientEvaluator, InstructionSet, Wanted, grade_of_row,
};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_tests::agreement::largest;
use mtprs_tests::random::Random;
use mtprs_tests::sample::{Arrangement, Recipe, potential};

/// Template levels with numbers of species and of atoms (more and fewer than sixteen of a species).
const CASES: [(usize, usize, usize); 6] =
    [(2, 1, 3), (6, 2, 37), (8, 4, 21), (12, 3, 25), (16, 2, 19), (20, 1, 18)];

fn random_inverse(size: usize, random: &mut Random) -> Vec<f64> {
    (0..size * size).map(|_| random.symmetric(1.0)).collect()
}

fn configuration(atoms: usize, species: usize) -> Configuration {
    Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species }.make(atoms as u64)
}

fn gradients(potential: &Potential) -> Vec<GradientEvaluator> {
    let sets = InstructionSet::ALL.into_iter().filter(|set| set.is_available());
    sets.map(|set| GradientEvaluator::with_instruction_set(potential, set).unwrap()).collect()
}

#[test]
fn grades_of_neighborhoods_are_rows_times_the_inverse() {
    let mut worst = 0.0_f64;
    for (level, species, atoms) in CASES {
        let potential = potential(level, species, level as u64);
        let inverse = random_inverse(potential.parameter_layout().len(), &mut Random::new(level as u64));
        let configuration = configuration(atoms, species);
        let plain = Evaluator::new(&potential).unwrap().evaluate(&configuration).unwrap();
        for mut gradients in gradients(&potential) {
            let mut expected = vec![0.0; atoms];
            let neighborhoods = gradients.neighborhoods(&configuration).unwrap();
            let visit = |center: mtprs_core::evaluate::Center, row: &[f64]| {
                expected[center.atom] = grade_of_row(row, &inverse);
            };
            gradients.site_gradients(&neighborhoods, Wanted::default(), visit).unwrap();
            let mut evaluator = GradeEvaluator::with_gradients(gradients, &inverse).unwrap();
            for _ in 0..2 {
                let (tally, grades) =
                    evaluator.neighborhood_grades(&neighborhoods, Wanted::default()).unwrap();
                assert!(
                    (tally.energy - plain.energy).abs()
                        <= 1e-12 * largest(plain.site_energies.iter()) * atoms as f64
                );
                assert_eq!(grades.len(), atoms);
                for (grade, expected) in grades.iter().zip(&expected) {
                    worst = worst.max((grade / expected - 1.0).abs());
                }
            }
            assert!(
                worst <= 1e-11,
                "level {level}, {}: {worst:e}",
                evaluator.gradients().instruction_set().name()
            );
        }
    }
    println!("largest deviation {worst:.1e}");
}

#[test]
fn a_matrix_of_another_size_is_refused() {
    let error = GradeEvaluator::new(&potential(8, 2, 1), &[0.0; 9]).unwrap_err();
    assert!(error.to_string().contains("expected an active set of"), "{error}");
}
