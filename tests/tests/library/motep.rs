//! Energies, forces and virials against motep 0.2.0, an independent program, on random potentials and random cells:
//! triclinic, thinner than the cutoff, sparse, periodic in zero to three directions, with atoms outside.
//!
//! motep reads the files that we write. It warns of distances below R_min, but evaluates them like everyone else.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use std::path::Path;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_tests::agreement::Deviation;
use mtprs_tests::motep;
use mtprs_tests::sample::{Arrangement, Recipe, potential};

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

/// Compares on cases of (level, number of species, most atoms in a cell).
fn compare(engine: &str, cases: &[(usize, usize, usize)]) {
    let samples: Vec<(Potential, Vec<Configuration>)> = cases
        .iter()
        .map(|&(level, species, most_atoms)| {
            let seed = (level + species) as u64;
            (potential(level, species, seed), configurations(species, most_atoms, seed))
        })
        .collect();
    let work: Vec<(&Potential, &[Configuration])> =
        samples.iter().map(|(potential, configurations)| (potential, &configurations[..])).collect();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("motep_{engine}"));
    let results = motep::evaluate(engine, &folder, &work);
    for (((potential, configurations), results), (level, species, _)) in
        samples.iter().zip(results).zip(cases)
    {
        let mut evaluator = Evaluator::new(potential).unwrap();
        let mut worst = Deviation::default();
        for (number, (configuration, expected)) in configurations.iter().zip(results).enumerate() {
            let ours = evaluator.evaluate(configuration).unwrap();
            let deviation = Deviation::without_atom_virials(&ours, &expected);
            assert!(
                deviation.largest() <= TOLERANCE,
                "level {level}, {species} species, configuration {number}, {engine}: {deviation}"
            );
            worst = worst.max(deviation);
        }
        println!("level {level}, {species} species, {engine}: {worst}");
        assert!(worst.largest() > 0.0, "no two programs round alike: what was compared?");
    }
}

#[test]
fn compiled_engine() {
    let few_atoms = [(18, 1, 6), (20, 2, 6), (22, 3, 4), (24, 4, 4)];
    let cases =
        (2..=16).step_by(2).flat_map(|level| [(level, 1 + level / 2 % 4, 9), (level, 4 - level / 2 % 4, 9)]);
    compare("cext", &cases.chain(few_atoms).collect::<Vec<_>>());
}

/// motep's plain engine shares nothing with its compiled one but the reader and the neighbor lists.
#[test]
fn plain_engine() {
    compare("numpy", &[(2, 4, 9), (6, 3, 9), (8, 2, 9), (10, 1, 6)]);
}
