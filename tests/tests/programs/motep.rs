//! Energies, forces, virials and their derivatives by the parameters against motep 0.2.0, an independent program, on random
//! potentials and random cells: triclinic, thinner than the cutoff, sparse, periodic in zero to three directions, with atoms
//! outside.
//!
//! motep reads the files that we write. It warns of distances below R_min, but evaluates them like everyone else.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use mtprs_core::evaluate::{Evaluator, LossEvaluator};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_testing::agreement::{Deviation, deviation};
use mtprs_testing::linear_loss::LinearLoss;
use mtprs_testing::random::Random;
use mtprs_testing::rows::site_rows;
use mtprs_testing::sample::{Arrangement, OTHER_TABLES, Recipe, Table, potential};
use mtprs_testing::scratch;
use mtprs_tests::motep;

/// Measured: 4e-12, in sparse cells with coordinates of hundreds of Å. What the project promises is 1e-9.
const TOLERANCE: f64 = 1e-10;

fn configurations(species: usize, most_atoms: usize, seed: u64) -> Vec<Configuration> {
    let mut made = Vec::new();
    for arrangement in Arrangement::ALL {
        for periodic in 0..=3 {
            let number = made.len();
            let atoms = [3, 6, 9, 1][number % 4].min(most_atoms);
            let recipe = Recipe { arrangement, periodic, atoms, species };
            made.push(recipe.make(100 * seed + number as u64));
        }
    }
    made
}

/// Compares on cases of (moment table, number of species, most atoms in a cell).
fn compare(engine: &str, cases: &[(&str, usize, usize)]) {
    let samples: Vec<(Potential, Vec<Configuration>)> = cases
        .iter()
        .map(|&(table, species, most_atoms)| {
            let seed = table.seed() + species as u64;
            (potential(table, species, seed), configurations(species, most_atoms, seed))
        })
        .collect();
    let work: Vec<(&Potential, &[Configuration])> =
        samples.iter().map(|(potential, configurations)| (potential, &configurations[..])).collect();
    let folder = scratch(&format!("motep_{engine}"));
    let results = motep::evaluate(engine, &folder, &work);
    for (((potential, configurations), results), (table, species, _)) in
        samples.iter().zip(results).zip(cases)
    {
        let mut evaluator = Evaluator::new(potential).unwrap();
        let mut worst = Deviation::default();
        for (number, (configuration, expected)) in configurations.iter().zip(results).enumerate() {
            let ours = evaluator.evaluate(configuration).unwrap();
            let deviation = Deviation::without_atom_virials(&ours, &expected);
            assert!(
                deviation.largest() <= TOLERANCE,
                "table {table}, {species} species, configuration {number}, {engine}: {deviation}"
            );
            worst = worst.max(deviation);
        }
        println!("table {table}, {species} species, {engine}: {worst}");
        assert!(worst.largest() > 0.0, "no two programs round alike: what was compared?");
    }
}

#[test]
fn compiled_engine() {
    let levels: Vec<(String, usize)> =
        (2..=16).step_by(2).map(|level| (level.to_string(), level / 2 % 4)).collect();
    let cases = levels.iter().flat_map(|(level, k)| [(level.as_str(), 1 + k, 9), (level.as_str(), 4 - k, 9)]);
    let few_atoms = [("18", 1, 6), ("20", 2, 6), ("22", 3, 4), ("24", 4, 4), ("22-4321", 2, 6)];
    let others = OTHER_TABLES.into_iter().enumerate().map(|(k, table)| (table, 1 + k % 3, 6));
    compare("cext", &cases.chain(few_atoms).chain(others).collect::<Vec<_>>());
}

/// motep's plain engine shares nothing with its compiled one but the reader and the neighbor lists.
#[test]
fn plain_engine() {
    compare("numpy", &[("2", 4, 9), ("6", 3, 9), ("8", 2, 9), ("10", 1, 6), ("10-321-w1.1", 2, 6)]);
}

#[test]
fn gradients_equal_the_jacobians_of_motep() {
    let cases = [(2, 1, 6), (8, 3, 8), (12, 2, 6), (16, 3, 5), (18, 1, 4)];
    let samples: Vec<(Potential, Vec<Configuration>)> = cases
        .iter()
        .map(|&(level, species, atoms)| {
            let periodic = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species };
            (potential(level, species, level as u64), vec![periodic.make(1), periodic.make(2)])
        })
        .collect();
    let work: Vec<(&Potential, &[Configuration])> =
        samples.iter().map(|(potential, configurations)| (potential, &configurations[..])).collect();
    let folder = scratch("motep_jacobians");
    let mut worst = 0.0_f64;
    for ((potential, configurations), jacobians) in
        samples.iter().zip(motep::jacobians("numpy", &folder, &work))
    {
        let mut evaluator = LossEvaluator::new(potential).unwrap();
        for (configuration, jacobian) in configurations.iter().zip(jacobians) {
            let loss = LinearLoss::random(configuration.len(), &mut Random::new(4));
            let weights: Vec<f64> = std::iter::once(loss.energy)
                .chain(loss.forces.as_flattened().iter().copied())
                .chain(loss.virial.to_cfg_order())
                .collect();
            let gradient = loss.gradient(&mut evaluator, configuration);
            let rows = site_rows(evaluator.gradients(), configuration);
            let (mut of_energy, mut of_loss) = (Vec::new(), Vec::new());
            for (parameter, derivatives) in jacobian.iter().enumerate() {
                assert_eq!(derivatives.len(), weights.len());
                of_energy.push((rows.iter().map(|row| row[parameter]).sum::<f64>(), derivatives[0]));
                of_loss
                    .push((gradient[parameter], derivatives.iter().zip(&weights).map(|(a, b)| a * b).sum()));
            }
            for pairs in [of_energy, of_loss] {
                let deviation = deviation(&pairs);
                assert!(deviation <= 1e-11, "{}: {deviation:e}", potential.name());
                worst = worst.max(deviation);
            }
        }
    }
    println!("largest deviation from motep {worst:.1e}");
}
