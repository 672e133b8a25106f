//! Extrapolation grades: the batched kernel against rows times the inverse, and what grades must satisfy.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::ErrorKind;
use mtprs_core::evaluate::{Evaluator, GradeEvaluator, GradientEvaluator, InstructionSet, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::agreement::largest;
use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe, potential};
use mtprs_testing::synthetic;

/// Template levels with numbers of species and of atoms (more and fewer than sixteen of a species).
const CASES: [(usize, usize, usize); 6] =
    [(2, 1, 3), (6, 2, 37), (8, 4, 21), (12, 3, 25), (16, 2, 19), (20, 1, 18)];

fn random_inverse(size: usize, random: &mut Random) -> Vec<f64> {
    (0..size * size).map(|_| random.symmetric(1.0)).collect()
}

/// max_k |(b A⁻¹)_k| with the inverse by columns.
fn grade_of_row(row: &[f64], inverse: &[f64]) -> f64 {
    let columns = inverse.chunks_exact(row.len());
    let products = columns.map(|column| column.iter().zip(row).map(|(a, b)| a * b).sum::<f64>());
    products.fold(0.0, |largest, product| largest.max(product.abs()))
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

/// Maxima pass over what is not a number: one column of A⁻¹ whose products overflow must be seen beside sound ones before and
/// behind it, for every atom and on every instruction set.
#[test]
fn grades_that_are_not_finite_are_errors_that_name_the_atom() {
    let potential = potential(8, 2, 3);
    let configuration = configuration(21, 2);
    let size = potential.parameter_layout().len();
    let sound = random_inverse(size, &mut Random::new(5));
    for column in [0, 3, 8, size / 2, size - 1] {
        // ∂V_i/∂s is one for one of the species, so that this entry of the column reaches each atom of it: too large for
        // its square, for the sum with another one, and as a difference of two infinities.
        let species = potential.parameter_layout().species_coeffs();
        for (first, second) in
            [(1e200, 0.0), (f64::INFINITY, 0.0), (0.0, f64::NAN), (f64::INFINITY, f64::NEG_INFINITY)]
        {
            let mut inverse = sound.clone();
            inverse[column * size + species.start] = first;
            inverse[column * size + species.start + 1] = second;
            for gradients in gradients(&potential) {
                let neighborhoods = gradients.neighborhoods(&configuration).unwrap();
                let mut evaluator = GradeEvaluator::with_gradients(gradients, &inverse).unwrap();
                let error = evaluator.neighborhood_grades(&neighborhoods, Wanted::default()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NotFinite);
                let atom = error.atom().expect("an atom is named");
                let expected = format!("the extrapolation grade of atom {} is not finite", atom + 1);
                assert_eq!(error.message(), expected);
                let hit = if second == 0.0 { [true, false] } else { [first != 0.0, true] };
                assert!(hit[configuration.species[atom] as usize], "{first} {second}: {atom}");
            }
        }
    }
}

#[test]
fn a_grader_fails_where_grades_are_not_finite() {
    let potential = synthetic::three_species(5.0);
    let configuration = synthetic::crystal(86).plain_configuration();
    for (mode, whose) in [(GradeMode::Configuration, "a row"), (GradeMode::Neighborhood, "atom 1")] {
        let mut grader = Grader::new(&potential, active_set::of_infinite_grades(&potential, mode)).unwrap();
        let error = grader.grade(&configuration).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFinite);
        assert_eq!(error.message(), format!("the extrapolation grade of {whose} is not finite"));
    }
}

#[test]
fn a_matrix_of_another_size_is_refused() {
    let error = GradeEvaluator::new(&potential(8, 2, 1), &[0.0; 9]).unwrap_err();
    assert!(error.to_string().contains("expected an active set of"), "{error}");
}
