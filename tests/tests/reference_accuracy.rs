//! Errors of published potentials on their authors' data, from nothing but the evaluator and two sums.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{CfgReader, load_potential};
use mtprs_tests::shared;

/// Mean absolute and root mean square of errors.
#[derive(Default)]
struct Errors {
    count: f64,
    absolute: f64,
    square: f64,
}

impl Errors {
    fn add(&mut self, error: f64) {
        self.count += 1.0;
        self.absolute += error.abs();
        self.square += error * error;
    }

    fn mean_and_rms(&self) -> [f64; 2] {
        [self.absolute / self.count, (self.square / self.count).sqrt()]
    }
}

/// Mean and root mean square of the errors of the energy per atom, meV, and of force components, eV/Å.
fn errors(potential: &str, database: &str) -> ([f64; 2], [f64; 2]) {
    let data = shared().join("data/mlearn");
    let mut evaluator = Evaluator::new(&load_potential(&data.join(potential)).unwrap()).unwrap();
    let (mut energies, mut forces) = (Errors::default(), Errors::default());
    for configuration in CfgReader::open(&data.join(database)).unwrap() {
        let configuration = configuration.unwrap();
        let efs = evaluator.evaluate(&configuration).unwrap();
        energies.add(1000.0 * (efs.energy - configuration.energy.unwrap()) / configuration.len() as f64);
        let expected = configuration.forces.unwrap();
        for (force, expected) in efs.forces.as_flattened().iter().zip(expected.as_flattened()) {
            forces.add(force - expected);
        }
    }
    (energies.mean_and_rms(), forces.mean_and_rms())
}

/// To half a unit of the last digit that is printed in the table.
fn assert_printed(what: &str, got: [f64; 2], expected: [f64; 2], half_digit: f64) {
    for (got, expected) in got.into_iter().zip(expected) {
        assert!((got - expected).abs() <= 1.001 * half_digit, "{what}: got {got}, expected {expected}");
    }
}

#[test]
fn errors_of_lithium_and_silicon_are_those_known() {
    let cases = [
        ("Li.mtp", "Li_train.cfg", [0.490, 0.726], [0.0095, 0.0127]),
        ("Li.mtp", "Li_test.cfg", [0.487, 0.660], [0.0101, 0.0132]),
        ("Si.mtp", "Si_train.cfg", [1.881, 3.278], [0.0455, 0.0725]),
        ("Si.mtp", "Si_test.cfg", [2.313, 3.026], [0.0560, 0.0881]),
    ];
    for (potential, database, energy, force) in cases {
        let (energies, forces) = errors(potential, database);
        assert_printed(&format!("{database}, energies in meV/atom"), energies, energy, 0.0005);
        assert_printed(&format!("{database}, forces in eV/Å"), forces, force, 0.000_05);
    }
}
