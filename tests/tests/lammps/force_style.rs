//! The tests of LAMMPS for pair styles (`unittest/force-styles`), made by a runner of our own: the style passes, a wrong number
//! does not, and what the file expects is what motep computes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mtprs_core::format::load_potential;
use mtprs_core::geometry::{Cell, Configuration, Vector3};
use mtprs_testing::{scratch, workspace};
use mtprs_tests::lammps::Lammps;
use mtprs_tests::motep;
use mtprs_tests::process::output;

fn tests() -> PathBuf {
    workspace().join("lammps-plugin/unittest/force-styles/tests")
}

/// Runs a test; whether it passed, and what was printed.
fn run(test: &Path) -> (bool, String) {
    let lammps = Lammps::current();
    let mut command = Command::new(lammps.python());
    command.arg(workspace().join("lammps-plugin/unittest/run_force_style.py")).arg(test);
    command.env("LAMMPS_PLUGIN_PATH", lammps.plugin().parent().unwrap());
    command.env("LD_LIBRARY_PATH", lammps.libraries()).env("OMP_NUM_THREADS", "1");
    let output = output(&mut command);
    let text =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    (output.status.success(), text)
}

/// A block of numbers of a test, in rows.
fn block(text: &str, key: &str) -> Vec<Vec<f64>> {
    let lines = text.lines().skip_while(|line| !line.starts_with(&format!("{key}: "))).skip(1);
    let rows = lines.take_while(|line| line.starts_with(' '));
    rows.map(|line| line.split_whitespace().map(|word| word.parse().unwrap()).collect()).collect()
}

/// The structure of the tests, with the elements Mg, V and O as 0, 1 and 2.
fn configuration() -> Configuration {
    let data = fs::read_to_string(tests().join("data.mtp_rs")).unwrap();
    let rows = data
        .lines()
        .skip_while(|line| !line.starts_with("Atoms"))
        .skip(2)
        .take_while(|line| !line.is_empty());
    let mut atoms: Vec<(usize, u32, Vector3)> = rows
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let kind: usize = words[1].parse().unwrap();
            let at = [2, 3, 4].map(|k| words[k].parse().unwrap());
            (words[0].parse().unwrap(), [0, 0, 1, 1, 1, 2, 2, 2][kind - 1], at)
        })
        .collect();
    atoms.sort_by_key(|(id, ..)| *id);
    let edges: Vec<f64> = data
        .lines()
        .filter(|line| line.ends_with("hi"))
        .map(|line| line.split_whitespace().nth(1).unwrap().parse().unwrap())
        .collect();
    let cell = Cell::new(&[[edges[0], 0.0, 0.0], [0.0, edges[1], 0.0], [0.0, 0.0, edges[2]]]).unwrap();
    let (species, positions) = atoms.into_iter().map(|(_, species, at)| (species, at)).unzip();
    Configuration::new(cell, species, positions).unwrap()
}

#[test]
fn the_style_passes_and_a_wrong_number_does_not() {
    let file = tests().join("manybody-pair-mtp_rs.yaml");
    let (passed, text) = run(&file);
    assert!(passed && text.contains(": 28 of 28 checks passed"), "{text}");

    let folder = scratch("force_style");
    for entry in fs::read_dir(tests()).unwrap().flatten() {
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let right = fs::read_to_string(&file).unwrap();
    let first = right.lines().skip_while(|line| !line.starts_with("run_forces")).nth(1).unwrap();
    let wrong = right.replacen(first, &first.replacen('.', ".9", 1), 1);
    assert_ne!(wrong, right);
    fs::write(folder.join("wrong.yaml"), wrong).unwrap();
    let (passed, text) = run(&folder.join("wrong.yaml"));
    assert!(!passed && text.contains("wrong: FAILED: newton on: run forces: off by "), "{text}");
}

#[test]
fn what_the_test_expects_is_what_motep_computes() {
    let text = fs::read_to_string(tests().join("manybody-pair-mtp_rs.yaml")).unwrap();
    let potential = load_potential(&tests().join("mgvo.mtp")).unwrap();
    let configuration = configuration();
    let work = [(&potential, std::slice::from_ref(&configuration))];
    let efs = motep::evaluate("cext", &scratch("force_style_motep"), &work).remove(0).remove(0);
    let energy = text.lines().find_map(|line| line.strip_prefix("init_vdwl: ")).unwrap();
    let close = |got: f64, expected: f64| {
        assert!((got - expected).abs() < 1e-9 * (1.0 + expected.abs()), "{got} for {expected}");
    };
    close(energy.parse().unwrap(), efs.energy);
    let forces = block(&text, "init_forces");
    assert_eq!(forces.len(), 96);
    for (row, force) in forces.iter().zip(&efs.forces) {
        row[1..].iter().zip(force).for_each(|(got, expected)| close(*got, *expected));
    }
    let stress = &block(&text, "init_stress")[0];
    stress.iter().zip(efs.virial.to_lammps_order()).for_each(|(got, expected)| close(*got, expected));
}
