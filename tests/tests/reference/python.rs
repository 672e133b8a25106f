//! The calculator for ASE on every trained potential of the reference data: beside the calculator of motep, and its
//! grades beside those that MLIP-2 printed.
#![allow(clippy::print_stdout)] // the measured deviations are worth seeing

use std::fs;
use std::path::{Path, PathBuf};

use mtprs_testing::files_below;
use mtprs_tests::{python, shared};

/// Measured: 1.1e-11 of the largest force. What the project promises is 1e-9.
const TOLERANCE: &str = "1e-10";

/// Half a unit of the last of the six decimals that MLIP-2 prints, and a little for its own rounding.
const DIGITS: f64 = 0.51e-6;

/// Each trained potential with the configurations that it was evaluated on.
fn potentials() -> Vec<[PathBuf; 2]> {
    let data = shared().join("data");
    let mut pairs: Vec<[PathBuf; 2]> = files_below(&data.join("motep"), "mtp")
        .into_iter()
        .filter(|path| !path.ends_with("initial.mtp"))
        .map(|path| {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("file names are UTF-8");
            let outputs = match stem {
                "pot" => "out.cfg".to_owned(),
                level => format!("{level}_mlip2_out_every40.cfg"),
            };
            [path.clone(), path.with_file_name(outputs)]
        })
        .collect();
    for element in ["Li", "Ni", "Si"] {
        let file = |suffix: &str| data.join(format!("mlearn/{element}{suffix}"));
        pairs.push([file(".mtp"), file("_test.cfg")]);
    }
    let mgvo = |file: &str| data.join("mgvo").join(file);
    pairs.push([mgvo("pot.mtp"), mgvo("dft_train_every11_efs_mlip2.cfg")]);
    pairs
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn the_calculator_of_motep_agrees_on_every_potential() {
    let pairs = potentials();
    assert!(pairs.len() >= 35, "only {} potentials", pairs.len());
    let mut arguments = vec![TOLERANCE.to_owned()];
    arguments.extend(pairs.iter().flatten().map(|path| text(path)));
    print!(
        "{} potentials: {}",
        pairs.len(),
        python::output_with_package("tests/python/ase_motep.py", &arguments)
    );
}

#[test]
fn grades_are_those_that_mlip_2_prints() {
    let lithium = shared().join("data/mlearn");
    for mode in ["configuration", "neighborhood"] {
        let files = ["Li.mtp", "Li_test.cfg", &format!("reference/Li_train_{mode}.als")];
        let mut arguments = vec!["2".to_owned()];
        arguments.extend(files.map(|file| text(&lithium.join(file))));
        let output = python::output_with_package("tests/python/package_numbers.py", &arguments);
        let printed = fs::read_to_string(lithium.join(format!("reference/Li_test_grades_{mode}_mlip2.txt")));
        let printed = printed.expect("it is there");
        assert_eq!(output.lines().count(), printed.lines().count());
        for (line, expected) in output.lines().zip(printed.lines()) {
            let expected: f64 = expected.trim().parse().expect("a number");
            let numbers: Vec<f64> = line.split(' ').map(|word| word.parse().expect("a number")).collect();
            // energy, an energy and three forces for each atom, six components, the grade, those of the atoms
            let graded = usize::from(mode == "neighborhood");
            let atoms = (numbers.len() - 8) / (4 + graded);
            let grade = numbers[7 + 4 * atoms];
            assert!((grade - expected).abs() <= DIGITS, "{mode}: {grade} instead of {expected}");
        }
    }
}
