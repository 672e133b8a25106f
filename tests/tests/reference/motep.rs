//! Published potentials for nickel (level 20) and silicon (level 24) against motep on their authors' test sets.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use std::path::Path;

use mtprs_core::evaluate::{Evaluator, reference};
use mtprs_core::format::{CfgReader, load_potential};
use mtprs_core::geometry::Configuration;
use mtprs_testing::agreement::Deviation;
use mtprs_tests::{motep, shared};

/// Measured: 4e-12. What the project promises is 1e-9.
const TOLERANCE: f64 = 1e-10;

#[test]
fn nickel_and_silicon() {
    for (name, level) in [("Ni", 20), ("Si", 24)] {
        let data = shared().join("data/mlearn");
        let potential = load_potential(&data.join(format!("{name}.mtp"))).unwrap();
        assert_eq!(potential.moment_basis().level(), Some(level));
        let all = CfgReader::open(&data.join(format!("{name}_test.cfg"))).unwrap().map(Result::unwrap);
        let five: Vec<Configuration> = all.step_by(5).take(5).collect();
        assert_eq!(five.len(), 5);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("motep_{name}"));
        let results = motep::evaluate("cext", &folder, &[(&potential, &five)]);
        let mut evaluator = Evaluator::new(&potential).unwrap();
        let mut worst = [Deviation::default(); 2];
        for (configuration, expected) in five.iter().zip(&results[0]) {
            let compiled = evaluator.evaluate(configuration).unwrap();
            let plain = reference::evaluate(&potential, configuration).unwrap();
            for (worst, ours) in worst.iter_mut().zip([compiled, plain]) {
                *worst = worst.max(Deviation::without_atom_virials(&ours, expected));
            }
        }
        println!("{name}, compiled: {}\n{name}, plain loops: {}", worst[0], worst[1]);
        assert!(worst.iter().all(|deviation| deviation.largest() < TOLERANCE), "{name}: {worst:?}");
    }
}
