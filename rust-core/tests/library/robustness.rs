//! Configurations and potentials that cannot be evaluated end in a message that names the atom, never in a panic, in a
//! result that is not finite or in a failed allocation.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use mtprs_core::evaluate::{
    Center, Efs, Evaluator, InstructionSet, Neighbor, Neighborhoods, Precision, Wanted, reference,
};
use mtprs_core::geometry::{Cell, Configuration, Vector3};
use mtprs_core::potential::{Potential, PotentialParts};
use mtprs_core::species::Species;
use mtprs_core::{ErrorKind, Result};
use mtprs_testing::properties;
use mtprs_testing::sample::{Arrangement, CUTOFF, MIN_DIST, Recipe, potential};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn evaluators(potential: &Potential) -> Vec<Evaluator> {
    crate::evaluators::evaluators(potential, Precision::Double)
}

/// Results of plain loops and of every instruction set.
fn results(potential: &Potential, configuration: &Configuration) -> Vec<Result<Efs>> {
    let mut results = vec![reference::evaluate(potential, configuration)];
    results.extend(evaluators(potential).iter_mut().map(|evaluator| evaluator.evaluate(configuration)));
    results
}

/// Every evaluator refuses the configuration with this message about this atom.
fn assert_refused(configuration: &Configuration, kind: ErrorKind, atom: Option<usize>, message: &str) {
    for result in results(&potential(8, 2, 1), configuration) {
        let error = result.expect_err(message);
        assert_eq!((error.kind(), error.atom(), error.to_string().as_str()), (kind, atom, message));
    }
}

fn crystal() -> Configuration {
    Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms: 11, species: 2 }.make(3)
}

#[test]
fn two_atoms_at_the_same_place() {
    let message = "atom 3 and atom 10 are at the same place";
    let mut same = crystal();
    same.positions[9] = same.positions[2];
    assert_refused(&same, ErrorKind::InvalidConfiguration, Some(2), message);
    let vector = same.cell.vectors()[1];
    (0..3).for_each(|k| same.positions[9][k] -= 3.0 * vector[k]);
    assert_refused(&same, ErrorKind::InvalidConfiguration, Some(2), message);
    let pair = Configuration::new(Cell::open(), vec![0, 0], vec![[1.0; 3]; 2]).unwrap();
    let message = "atom 1 and atom 2 are at the same place";
    assert_refused(&pair, ErrorKind::InvalidConfiguration, Some(0), message);
}

#[test]
fn atoms_that_nearly_touch_are_evaluated() {
    let close = Configuration::new(Cell::open(), vec![0, 1], vec![[0.0; 3], [0.0, 0.0, 1e-6]]).unwrap();
    for result in results(&potential(8, 2, 1), &close) {
        assert_finite(&result.unwrap());
    }
}

#[test]
fn positions_that_are_not_finite() {
    for (component, printed) in [(f64::NAN, "NaN"), (f64::INFINITY, "inf"), (f64::NEG_INFINITY, "-inf")] {
        let mut lost = crystal();
        lost.positions[4] = [0.5, component, 1.5];
        let message = format!("the position of atom 5 is not finite: [0.5, {printed}, 1.5]");
        assert_refused(&lost, ErrorKind::InvalidConfiguration, Some(4), &message);
    }
}

/// One atom with its neighbors, as a program with neighbor lists of its own would hand them over.
struct ForeignList(Vec<Vector3>);

impl Neighborhoods for ForeignList {
    fn atom_count(&self) -> usize {
        1 + self.0.len()
    }

    fn center_count(&self) -> usize {
        1
    }

    fn center(&self, _: usize) -> Option<Center> {
        Some(Center { atom: 0, species: 0, scale: 1.0 })
    }

    fn visit_neighbors(&self, _: usize, mut visit: impl FnMut(Neighbor)) {
        for (index, &displacement) in self.0.iter().enumerate() {
            visit(Neighbor { atom: index + 1, species: 1, displacement });
        }
    }
}

#[test]
fn distances_that_are_not_numbers_in_the_lists_of_somebody_else() {
    let sound = ForeignList(vec![[1.5, 1.5, 0.0]]);
    for mut evaluator in evaluators(&potential(8, 2, 1)) {
        let expected = evaluator.tally(&sound, Wanted::default()).unwrap().forces.clone();
        for displacement in [[f64::NAN, 0.0, 0.0], [1.0, 1.0, f64::NAN]] {
            let error =
                evaluator.tally(&ForeignList(vec![[2.0; 3], displacement]), Wanted::default()).unwrap_err();
            let message = "non-finite energy for atom 1 (its position or that of a neighbor is not finite)";
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFinite, message));
            // Nothing of it is left.
            assert_eq!(evaluator.tally(&sound, Wanted::default()).unwrap().forces, expected);
        }
        // Infinitely far away is beyond the cutoff.
        evaluator.tally(&ForeignList(vec![[f64::INFINITY, 0.0, 0.0]]), Wanted::default()).unwrap();
    }
}

#[test]
fn species_that_the_potential_does_not_have() {
    let mut foreign = crystal();
    foreign.species[6] = 2;
    let message = "atom 7 is of species 2, but the potential has 2 (numbered from 0)";
    assert_refused(&foreign, ErrorKind::Species, Some(6), message);
    foreign.species[6] = u32::MAX;
    let message = "atom 7 is of species 4294967295, but the potential has 2 (numbered from 0)";
    assert_refused(&foreign, ErrorKind::Species, Some(6), message);
}

#[test]
fn energies_that_overflow() {
    let sane = potential(8, 2, 1);
    let mut parts: PotentialParts = sane.into_parts();
    parts.scaling = 1e200;
    let huge = Potential::new(parts).unwrap();
    let pair = Configuration::new(Cell::open(), vec![0, 1], vec![[0.0; 3], [0.0, 1.25, 0.0]]).unwrap();
    for result in results(&huge, &pair) {
        let error = result.unwrap_err();
        let message = format!(
            "non-finite energy for atom 1 (nearest neighbor at 1.250 Å; the radial functions begin at \
             min_dist = {MIN_DIST:.2} Å)"
        );
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::NotFinite, message));
    }
}

#[test]
fn potentials_without_coefficients() {
    let untrained = Potential::untrained(8, Species::unnamed(2), 1.5, CUTOFF, 6).unwrap();
    let message = "the potential MTP8 is not trained: it has no radial_coeffs, species_coeffs, moment_coeffs";
    assert_eq!(Evaluator::new(&untrained).unwrap_err().to_string(), message);
    assert_eq!(reference::evaluate(&untrained, &crystal()).unwrap_err().to_string(), message);
    let mut parts = potential(8, 2, 1).into_parts();
    parts.name = "half".to_owned();
    parts.parameters.species_coeffs = None;
    let half = Potential::new(parts).unwrap();
    let error = Evaluator::new(&half).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidPotential);
    assert_eq!(error.to_string(), "the potential half is not trained: it has no species_coeffs");
}

#[test]
fn instruction_sets_that_do_not_exist() {
    for name in ["sse9", "AVX2", " portable", ""] {
        let error = InstructionSet::named(name).unwrap_err();
        let message = format!("MTPRS_KERNEL is {name}, expected portable, avx2 or avx512");
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Argument, message));
    }
    for set in InstructionSet::ALL {
        match InstructionSet::named(set.name()) {
            Ok(found) => assert_eq!((found, true), (set, set.is_available())),
            Err(error) => {
                assert!(!set.is_available());
                let message =
                    format!("MTPRS_KERNEL asks for {}, which this processor does not have", set.name());
                assert_eq!(error.to_string(), message);
            }
        }
    }
}

#[test]
fn cells_too_thin_for_the_cutoff() {
    let vectors = [[0.01, 0.0, 0.0], [0.0, 0.01, 0.0], [0.0, 0.0, 8.0]];
    let thin = Configuration::new(Cell::new(&vectors).unwrap(), vec![0], vec![[0.0; 3]]).unwrap();
    for result in results(&potential(8, 2, 1), &thin) {
        let error = result.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfiguration);
        let message = "the cell is too thin for a cutoff of 5 Å: each atom would see 3.0e6 images";
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn atoms_too_far_away_to_have_a_place_in_the_cell() {
    let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]).unwrap();
    let at =
        |x: f64, z: f64| Configuration::new(cell.clone(), vec![0, 1], vec![[0.0; 3], [x, 0.0, z]]).unwrap();
    for (x, printed) in [(1e300, "1e300"), (-8e12, "-8000000000000.0")] {
        let message = format!(
            "atom 2 at [{printed}, 0.0, 2.0] is more than 1e9 cells away: rounding hides its place in the cell"
        );
        assert_refused(&at(x, 2.0), ErrorKind::InvalidConfiguration, Some(1), &message);
    }
    // Far away in a direction that is not periodic is just far away.
    for result in results(&potential(8, 2, 1), &at(2.0, 1e300)) {
        assert_finite(&result.unwrap());
    }
}

#[test]
fn atoms_too_dense_for_any_memory() {
    // Lists of all pairs would take 10 GB in the cell and 30 GB in the heap.
    let cell = Cell::new(&[[0.2, 0.0, 0.0], [0.0, 0.2, 0.0], [0.0, 0.0, 0.2]]).unwrap();
    for (cell, count) in [(cell, 80_u32), (Cell::open(), 33_000)] {
        let positions = (0..count).map(|atom| [f64::from(atom) * 1e-5, 0.0, 0.0]).collect();
        let dense = Configuration::new(cell, vec![0; count as usize], positions).unwrap();
        let message =
            "atom 1 has more than 10000 neighbors within 5 Å\n  hint: are positions and cell vectors in Å?";
        assert_refused(&dense, ErrorKind::InvalidConfiguration, Some(0), message);
    }
}

fn assert_finite(efs: &Efs) {
    let virials = efs.atom_virials.iter().flat_map(|virial| virial.to_lammps_order());
    let numbers = efs.site_energies.iter().chain(efs.forces.as_flattened()).copied();
    let totals = std::iter::once(efs.energy).chain(efs.virial.to_cfg_order());
    for number in numbers.chain(virials).chain(totals) {
        assert!(number.is_finite(), "{efs:?}");
    }
}

/// Numbers as they stand in sane files, and any others.
fn coordinate() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => -20.0..20.0,
        2 => (-3..3_i32).prop_map(f64::from),
        2 => (-12..12_i32, -1.0..1.0).prop_map(|(exponent, x)| x * 10.0_f64.powi(exponent)),
        1 => any::<f64>(),
    ]
}

fn vector() -> impl Strategy<Value = Vector3> {
    [coordinate(), coordinate(), coordinate()]
}

/// A cell vector: one that is shorter than 0.1 Å makes the search for neighbors long, not more telling.
fn cell_vector() -> impl Strategy<Value = Vector3> {
    vector().prop_map(|v| {
        let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length < 0.1 { v.map(|x| x + 0.2) } else { v }
    })
}

#[test]
fn any_configuration_gives_finite_numbers_or_a_message() {
    let atoms = prop::collection::vec((vector(), 0..4_u32), 0..6);
    let strategy = (prop::collection::vec(cell_vector(), 0..4), atoms);
    let potential = potential(4, 3, 1);
    let (refused, evaluated) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let evaluators = RefCell::new(evaluators(&potential));
    let outcome = TestRunner::new(properties::cases(2000)).run(&strategy, |(vectors, atoms)| {
        let Ok(cell) = Cell::new(&vectors) else { return Ok(()) };
        let (positions, species) = atoms.into_iter().unzip();
        let configuration = Configuration::new(cell, species, positions).unwrap();
        let mut results = vec![reference::evaluate(&potential, &configuration)];
        results.extend(evaluators.borrow_mut().iter_mut().map(|e| e.evaluate(&configuration)));
        for result in results {
            match result {
                Ok(efs) => {
                    assert_finite(&efs);
                    evaluated.fetch_add(1, Relaxed);
                }
                Err(error) => {
                    prop_assert!(!error.to_string().is_empty());
                    refused.fetch_add(1, Relaxed);
                }
            }
        }
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let counts = [refused.into_inner(), evaluated.into_inner()];
    assert!(counts.iter().all(|&count| count > 500), "refused and evaluated: {counts:?}");
}
