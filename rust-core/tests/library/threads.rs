//! Threads change sums in the last digits and nothing else: numbers, bits from run to run, errors.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use std::panic::{AssertUnwindSafe, catch_unwind};

use mtprs_core::ErrorKind;
use mtprs_core::evaluate::{
    Center, ConfigurationNeighborhoods, Evaluator, Neighbor, Neighborhoods, Tally, Wanted,
};
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set;
use mtprs_testing::compare::{assert_identical, relative_deviation};
use mtprs_testing::random::Random;
use mtprs_testing::sample::{Arrangement, Recipe, potential};
use mtprs_testing::structure::Structure;
use mtprs_testing::synthetic;

/// Measured: at most 7e-16 (the virial), site energies the same bits.
const LAST_DIGITS: f64 = 1e-13;

const ALL: Wanted = Wanted {
    site_energies: true,
    atom_virials: true,
    centroid_virials: true,
    grades: true,
    energy_gradient: true,
};

fn threaded(potential: &Potential, threads: usize) -> Evaluator {
    let state = active_set::state(potential, GradeMode::Neighborhood, 6);
    Evaluator::builder(potential).threads(threads).selection(&state).build().unwrap()
}

/// Every number of a tally by its kind.
fn kinds(tally: &Tally) -> [(&'static str, &[f64]); 8] {
    [
        ("energy", std::slice::from_ref(&tally.energy)),
        ("site energies", &tally.site_energies),
        ("forces", tally.forces.as_flattened()),
        ("virial", &tally.virial),
        ("atom virials", tally.atom_virials.as_flattened()),
        ("centroid virials", tally.centroid_virials.as_flattened()),
        ("grades", &tally.grades),
        ("gradient of the energy", &tally.energy_gradient),
    ]
}

fn assert_same_bits(what: &str, got: &Tally, expected: &Tally) {
    for ((kind, got), (_, expected)) in kinds(got).into_iter().zip(kinds(expected)) {
        if !expected.is_empty() {
            assert_identical(&format!("{what}: {kind}"), got, expected);
        }
    }
}

#[test]
fn energies_forces_and_virials_are_those_of_one_thread_to_the_last_digits() {
    let mut worst = [("", 0.0_f64); 8];
    for (level, atoms) in [(8, 333), (16, 200), (20, 41)] {
        let potential = potential(level, 3, 7);
        let recipe = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species: 3 };
        let configuration = recipe.make(17);
        let atoms = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
        let mut one = threaded(&potential, 1);
        let expected = one.tally(&atoms, ALL).unwrap();
        for threads in [1, 2, 3, 5] {
            let mut evaluator = threaded(&potential, threads);
            let got = evaluator.tally(&atoms, ALL).unwrap();
            for ((got, expected), worst) in kinds(got).into_iter().zip(kinds(expected)).zip(&mut worst) {
                let what = format!("level {level}, {threads} threads: {}", got.0);
                let deviation = relative_deviation(&what, got.1, expected.1);
                assert!(deviation <= LAST_DIGITS, "{what}: {deviation:e}");
                *worst = (got.0, worst.1.max(deviation));
            }
        }
    }
    println!("{worst:?}");
    // Sums in another order cannot all give the same bits; if they do, nothing was divided.
    assert!(worst.iter().any(|(_, deviation)| *deviation > 0.0), "{worst:?}");
}

#[test]
fn the_same_number_of_threads_gives_the_same_bits() {
    let potential = potential(12, 2, 8);
    let make =
        |atoms, seed| Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms, species: 2 }.make(seed);
    let (large, small) = (make(150, 1), make(30, 2));
    let large = ConfigurationNeighborhoods::of_potential(&large, &potential).unwrap();
    let small = ConfigurationNeighborhoods::of_potential(&small, &potential).unwrap();
    for threads in [1, 2, 3, 5] {
        let mut evaluator = threaded(&potential, threads);
        let first = evaluator.tally(&large, ALL).unwrap().clone();
        for _ in 0..20 {
            assert_same_bits(&format!("{threads} threads"), evaluator.tally(&large, ALL).unwrap(), &first);
        }
        // Neither other atoms nor other wishes in between leave a trace.
        evaluator.tally(&small, Wanted::default()).unwrap();
        assert_same_bits(&format!("{threads} threads"), evaluator.tally(&large, ALL).unwrap(), &first);
        // Without grades, sums are taken in another order.
        let forces = evaluator.tally(&large, Wanted::default()).unwrap();
        let got = forces.forces.as_flattened();
        let deviation = relative_deviation("forces", got, first.forces.as_flattened());
        assert!(deviation <= LAST_DIGITS, "forces without grades: {deviation:e}");
        assert!(forces.site_energies.is_empty() && forces.atom_virials.is_empty());
    }
}

#[test]
fn fewer_atoms_than_threads() {
    let potential = synthetic::three_species(5.0);
    for atoms in [0, 1, 2, 7, 8, 9, 17] {
        let mut random = Random::new(5);
        let structure = Structure::random(&mut random, [9.0, 9.0, 9.0], [0.0; 3], atoms.max(1), 3, 1.8);
        let configuration = structure.plain_configuration();
        let list = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
        let some = Picked { list: &list, centers: (0..atoms).collect(), panics: None };
        let mut one = threaded(&potential, 1);
        let expected = one.tally(&some, ALL).unwrap();
        for threads in [2, 16] {
            let mut evaluator = threaded(&potential, threads);
            let got = evaluator.tally(&some, ALL).unwrap();
            for ((kind, got), (_, expected)) in kinds(got).into_iter().zip(kinds(expected)) {
                assert_eq!(got.len(), expected.len());
                for (got, expected) in got.iter().zip(expected) {
                    assert!((got - expected).abs() <= 1e-12, "{kind}, {atoms} atoms on {threads} threads");
                }
            }
        }
    }
}

/// Some central atoms of a list in any order, as the list of somebody else may have them. Every seventh does not take
/// part, and the neighbors of one may panic.
struct Picked<'a> {
    list: &'a ConfigurationNeighborhoods<'a>,
    centers: Vec<usize>,
    panics: Option<usize>,
}

impl Neighborhoods for Picked<'_> {
    fn atom_count(&self) -> usize {
        self.list.atom_count()
    }

    fn center_count(&self) -> usize {
        self.centers.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        self.list.center(*self.centers.get(k)?).filter(|_| self.centers[k] % 7 != 3)
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.list.neighbor_bound(self.centers[k])
    }

    fn visit_neighbors(&self, k: usize, visit: impl FnMut(Neighbor)) {
        if self.panics == Some(self.centers[k]) {
            std::panic::resume_unwind(Box::new(format!("atom {}", self.centers[k])));
        }
        self.list.visit_neighbors(self.centers[k], visit);
    }
}

#[test]
fn atoms_that_take_no_part_and_lists_in_any_order() {
    let potential = synthetic::three_species(5.0);
    let configuration = synthetic::crystal(71).plain_configuration();
    let list = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
    let centers = (0..64).map(|k| k * 37 % 64).filter(|k| k % 5 != 0).collect();
    let atoms = Picked { list: &list, centers, panics: None };
    let mut one = threaded(&potential, 1);
    let expected = one.tally(&atoms, ALL).unwrap();
    for threads in [2, 3, 5] {
        let mut evaluator = threaded(&potential, threads);
        for ((kind, got), (_, expected)) in
            kinds(evaluator.tally(&atoms, ALL).unwrap()).into_iter().zip(kinds(expected))
        {
            assert!(relative_deviation(kind, got, expected) <= LAST_DIGITS, "{kind}, {threads} threads");
        }
    }
}

#[test]
fn the_error_is_that_of_the_first_atom_and_the_threads_live_on() {
    let potential = synthetic::three_species(5.0);
    let sound = synthetic::crystal(72);
    let mut broken = sound.clone();
    // in the second, third and last quarter of the atoms
    broken.positions[25] = broken.positions[20];
    broken.positions[45] = broken.positions[40];
    broken.positions[63] = broken.positions[60];
    let (sound, broken) = (sound.plain_configuration(), broken.plain_configuration());
    let sound = ConfigurationNeighborhoods::of_potential(&sound, &potential).unwrap();
    let broken = ConfigurationNeighborhoods::of_potential(&broken, &potential).unwrap();
    for threads in [1, 2, 3, 5, 8] {
        let mut evaluator = threaded(&potential, threads);
        let expected = evaluator.tally(&sound, ALL).unwrap().clone();
        for _ in 0..5 {
            let error = evaluator.tally(&broken, ALL).unwrap_err();
            assert_eq!((error.kind(), error.atom()), (ErrorKind::InvalidConfiguration, Some(20)));
            assert_eq!(error.message(), "atom 21 and atom 26 are at the same place");
            assert_same_bits("after an error", evaluator.tally(&sound, ALL).unwrap(), &expected);
        }
    }
}

#[test]
fn a_panic_on_any_thread_comes_out_of_the_call_and_the_threads_live_on() {
    let potential = synthetic::three_species(5.0);
    let configuration = synthetic::crystal(73).plain_configuration();
    let list = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
    let mut evaluator = threaded(&potential, 4);
    let mut atoms = Picked { list: &list, centers: (0..64).collect(), panics: None };
    let expected = evaluator.tally(&atoms, ALL).unwrap().clone();
    for atom in [0, 20, 40, 63] {
        atoms.panics = Some(atom);
        let payload =
            catch_unwind(AssertUnwindSafe(|| evaluator.tally(&atoms, ALL).map(|_| ()))).unwrap_err();
        assert_eq!(payload.downcast_ref::<String>(), Some(&format!("atom {atom}")));
        atoms.panics = None;
        assert_same_bits("after a panic", evaluator.tally(&atoms, ALL).unwrap(), &expected);
    }
}

#[test]
fn the_closest_pair_is_that_of_all_threads() {
    let potential = synthetic::three_species(5.0);
    let mut structure = synthetic::crystal(74);
    structure.positions[50] = structure.positions[47].map(|x| x + 0.5);
    structure.positions[12] = structure.positions[10].map(|x| x + 0.6);
    let configuration = structure.plain_configuration();
    let atoms = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
    let sound = synthetic::crystal(74).plain_configuration();
    let sound = ConfigurationNeighborhoods::of_potential(&sound, &potential).unwrap();
    for threads in [1, 2, 5] {
        let mut evaluator = threaded(&potential, threads);
        evaluator.tally(&atoms, Wanted::default()).unwrap();
        let pair = evaluator.closest_pair().expect("pairs at 0.87 and 1.04 Å");
        // Which of the two is the central atom is a matter of rounding.
        let pair_of_atoms = (pair.center.min(pair.neighbor), pair.center.max(pair.neighbor));
        assert_eq!(pair_of_atoms, (47, 50), "{threads} threads: {pair:?}");
        evaluator.tally(&sound, Wanted::default()).unwrap();
        assert_eq!(evaluator.closest_pair(), None);
    }
}

#[test]
fn memory_is_that_of_all_threads() {
    let potential = synthetic::three_species(5.0);
    let configuration = synthetic::crystal(75).plain_configuration();
    let atoms = ConfigurationNeighborhoods::of_potential(&configuration, &potential).unwrap();
    let memory = |threads| {
        let mut evaluator = threaded(&potential, threads);
        evaluator.tally(&atoms, Wanted::default()).unwrap();
        evaluator.memory()
    };
    let (one, four) = (memory(1), memory(4));
    assert!(four > 3 * one && four < 5 * one, "{one} bytes on one thread, {four} on four");
}

#[test]
fn a_number_of_threads_that_cannot_be() {
    let potential = synthetic::three_species(5.0);
    for threads in [0, 1025, usize::MAX] {
        let error = Evaluator::builder(&potential).threads(threads).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Argument);
        assert_eq!(error.message(), format!("threads is {threads}, expected 1 to 1024"));
    }
}
