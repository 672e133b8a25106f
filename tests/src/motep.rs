//! Evaluation by motep (Forslund, Ikeda and others), an independent implementation.

use std::fs;
use std::path::Path;

use mtprs_core::evaluate::Efs;
use mtprs_core::format::save_potential;
use mtprs_core::geometry::{Configuration, Virial};
use mtprs_core::potential::Potential;

use crate::python::output_of;
use mtprs_testing::cfg_text;

/// Evaluates the configurations of each potential with an engine of motep (`cext`, `numba`, `numpy`). Potentials and
/// configurations travel as files in `folder`. The results have no per-atom virials.
///
/// # Panics
/// If anything fails.
pub fn evaluate(engine: &str, folder: &Path, work: &[(&Potential, &[Configuration])]) -> Vec<Vec<Efs>> {
    let output = output_of("motep_efs.py", &arguments(engine, folder, work));
    let mut lines = output.lines();
    let mut next = |configuration: &Configuration| {
        let line = lines.next().expect("a line for every configuration");
        parse(line, configuration.len())
    };
    let results =
        work.iter().map(|(_, configurations)| configurations.iter().map(&mut next).collect()).collect();
    assert_eq!(lines.next(), None, "more lines than configurations");
    results
}

/// Derivatives by each parameter, in the order of our flat vector, of energy, forces (atom by atom) and virial (xx yy zz
/// yz xz xy), for each configuration of each potential. Otherwise as [`evaluate`].
///
/// # Panics
/// If anything fails.
pub fn jacobians(
    engine: &str,
    folder: &Path,
    work: &[(&Potential, &[Configuration])],
) -> Vec<Vec<Vec<Vec<f64>>>> {
    let output = output_of("motep_jacobians.py", &arguments(engine, folder, work));
    let mut lines = output.lines();
    let mut jacobian = |potential: &Potential| {
        let rows = 0..potential.parameter_layout().len();
        rows.map(|_| numbers(lines.next().expect("a line for every parameter"))).collect()
    };
    let results = work
        .iter()
        .map(|(potential, configurations)| configurations.iter().map(|_| jacobian(potential)).collect())
        .collect();
    assert_eq!(lines.next(), None, "more lines than parameters");
    results
}

/// Writes potentials and configurations; returns the arguments of the scripts.
fn arguments(engine: &str, folder: &Path, work: &[(&Potential, &[Configuration])]) -> Vec<String> {
    fs::create_dir_all(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut arguments = vec![engine.to_owned()];
    for (number, (potential, configurations)) in work.iter().enumerate() {
        let mtp = folder.join(format!("{number}.mtp"));
        let cfg = folder.join(format!("{number}.cfg"));
        save_potential(potential, &mtp).unwrap();
        fs::write(&cfg, cfg_text(*configurations)).unwrap();
        arguments.extend([mtp, cfg].map(|path| path.to_str().expect("paths are UTF-8").to_owned()));
    }
    arguments
}

fn numbers(line: &str) -> Vec<f64> {
    let number = |word: &str| word.parse::<f64>().unwrap_or_else(|_| panic!("not a number: {word}"));
    line.split_whitespace().map(number).collect()
}

/// Site energies, forces and the virial of one line.
fn parse(line: &str, atoms: usize) -> Efs {
    let numbers = numbers(line);
    assert_eq!(numbers.len(), 4 * atoms + 6);
    let (site_energies, rest) = numbers.split_at(atoms);
    let (forces, virial) = rest.split_at(3 * atoms);
    Efs {
        energy: site_energies.iter().sum(),
        site_energies: site_energies.to_vec(),
        forces: forces.as_chunks::<3>().0.to_vec(),
        virial: Virial::from_cfg_order(virial.try_into().expect("six numbers are left")),
        atom_virials: Vec::new(),
    }
}
