//! Energies, forces and virials against MLIP-2, to the digits that it printed.

use mtprs_core::evaluate::{Efs, Evaluator, InstructionSet, reference};
use mtprs_core::format::load_potential;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_testing::read_cfg;
use mtprs_tests::shared;

/// Largest difference that the digits of MLIP-2's files allow: half a unit of the last one, and a little for its own
/// rounding.
struct Digits {
    energy: f64,
    force: f64,
    virial: f64,
}

/// Files with 6 decimals in forces, 12 in energies, 5 in virials.
const SHORT: Digits = Digits { energy: 1.0e-9, force: 0.51e-6, virial: 0.51e-5 };

/// Files with 17 digits: absolute differences at values of 700 eV, 10 eV/Å, 300 eV; 1e-10 relative would be 7e-8 eV.
const LONG: Digits = Digits { energy: 1e-10, force: 1e-11, virial: 1e-10 };

fn largest_force_difference(a: &[[f64; 3]], b: &[[f64; 3]]) -> f64 {
    a.iter().flatten().zip(b.iter().flatten()).map(|(x, y)| (x - y).abs()).fold(0.0, f64::max)
}

fn check(name: &str, efs: &Efs, expected: &Configuration, digits: &Digits) {
    let energy = (efs.energy - expected.energy.unwrap()).abs();
    assert!(energy <= digits.energy, "{name}: energy differs by {energy:e} eV");
    let force = largest_force_difference(&efs.forces, expected.forces.as_ref().unwrap());
    assert!(force <= digits.force, "{name}: forces differ by {force:e} eV/Å");
    let Some(virial) = expected.virial else { return };
    let pairs = efs.virial.to_cfg_order().into_iter().zip(virial.to_cfg_order());
    let virial = pairs.map(|(x, y)| (x - y).abs()).fold(0.0, f64::max);
    assert!(virial <= digits.virial, "{name}: virials differ by {virial:e} eV");
}

/// Every evaluator there is: plain loops, and the compiled one on every instruction set of this machine.
fn check_file(potential: &str, outputs: &str, digits: &Digits) -> usize {
    let data = shared().join("data");
    let potential: Potential = load_potential(&data.join(potential)).unwrap();
    let expected = read_cfg(&data.join(outputs));
    for set in InstructionSet::ALL.into_iter().filter(|set| set.is_available()) {
        let mut evaluator = Evaluator::builder(&potential).instruction_set(set).build().unwrap();
        for (index, configuration) in expected.iter().enumerate() {
            let name = format!("{outputs}, configuration {index}, {}", set.name());
            check(&name, &evaluator.evaluate(configuration).unwrap(), configuration, digits);
        }
    }
    for (index, configuration) in expected.iter().enumerate().step_by(5) {
        let efs = reference::evaluate(&potential, configuration).unwrap();
        check(&format!("{outputs}, configuration {index}, plain loops"), &efs, configuration, digits);
    }
    expected.len()
}

#[test]
fn levels_2_to_20_of_copper_crystals() {
    let mut count = 0;
    for level in (2..=20).step_by(2) {
        let outputs = format!("motep/cubic_{level:02}_mlip2_out_every40.cfg");
        count += check_file(&format!("motep/cubic_{level:02}.mtp"), &outputs, &SHORT);
    }
    for level in (2..=10).step_by(2) {
        for family in ["noncubic", "multi"] {
            let outputs = format!("motep/{family}_{level:02}_mlip2_out_every40.cfg");
            count += check_file(&format!("motep/{family}_{level:02}.mtp"), &outputs, &SHORT);
        }
    }
    assert!(count >= 400, "only {count} configurations");
}

#[test]
fn molecules() {
    let mut count = 0;
    for (molecule, levels) in [
        ("14214", &[2, 6, 8, 10][..]),
        ("23208", &[6, 10]),
        ("291", &[2, 6, 8, 10]),
        ("762", &[2, 4, 6, 8, 10]),
    ] {
        for level in levels {
            let folder = format!("motep/molecules/{molecule}/{level:02}");
            count += check_file(&format!("{folder}/pot.mtp"), &format!("{folder}/out.cfg"), &SHORT);
        }
    }
    assert!(count >= 300, "only {count} configurations");
}

#[test]
fn lithium_level_16() {
    assert_eq!(check_file("mlearn/Li.mtp", "mlearn/reference/Li_test_efs_mlip2.cfg", &LONG), 29);
}

#[test]
fn magnesium_vanadium_oxide_level_16_with_17_digits() {
    assert_eq!(check_file("mgvo/pot.mtp", "mgvo/dft_train_every11_efs_mlip2.cfg", &LONG), 24);
}
