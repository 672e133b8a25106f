//! Scripts as users of MLIP-2 and MLIP-3 have them, run by `mlp`: they come to their end, what they search for is there, and what
//! their potentials compute is what motep computes with them.

use std::fs;
use std::path::Path;
use std::process::Command;

use mtprs_core::format::{load_potential, save_potential};
use mtprs_core::geometry::Configuration;
use mtprs_testing::{cfg_text, read_cfg, scratch, workspace};
use mtprs_tests::process::output;
use mtprs_tests::{learning, motep, python};

/// Largest deviation from motep: eV, eV/Å.
const TOLERANCE: f64 = 1e-9;

/// A folder with what the scripts begin with.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = scratch(&format!("mlp_scripts/{name}"));
    let example = workspace().join("examples/mgv2o5");
    let mut frames: Vec<Configuration> = read_cfg(&example.join("validation.cfg"));
    for one in &mut frames {
        // Scripts of MLIP know numbers only.
        one.features.clear();
    }
    let every = |first: usize, count: usize| cfg_text(&frames[first..first + count]);
    for (file, text) in [("train.cfg", every(0, 6)), ("pool.cfg", every(8, 4)), ("test.cfg", every(14, 2))] {
        fs::write(folder.join(file), text).unwrap();
    }
    let structures = workspace().join("trainer/tests/structure_files");
    for (from, to) in
        [("cases/vasp46-order/OUTCAR_static", "OUTCAR_static"), ("cases/nelm-vasp5/OUTCAR", "OUTCAR_short")]
    {
        fs::copy(structures.join(from), folder.join(to)).unwrap();
    }
    for link in ["mlp", "mlip3"] {
        let link = folder.join("bin").join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(learning::program(), link).unwrap();
    }
    let mut init = Command::new(learning::program());
    init.current_dir(&folder)
        .args("init --level 6 --species 3 --cutoff 5 --min-dist 1.2 -o start.mtp".split(' '));
    assert!(output(&mut init).status.success());
    folder
}

fn run(script: &Path) {
    let name = script.file_stem().unwrap().to_str().unwrap();
    let folder = folder(name);
    let own = std::env::var("PATH").unwrap();
    let programs = python::interpreter().parent().unwrap().to_owned();
    let mut command = Command::new("sh");
    command.current_dir(&folder).args(["-eux"]).arg(script);
    command.env("PATH", format!("{}:{}:{own}", folder.join("bin").display(), programs.display()));
    let output = output(&mut command);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}\n{}", String::from_utf8_lossy(&output.stdout));

    // motep does not know what stands behind a potential of MLIP-3.
    let potential = load_potential(&folder.join("current.mtp")).unwrap();
    save_potential(&potential, &folder.join("bare.mtp")).unwrap();
    let results = read_cfg(&folder.join("result.cfg"));
    let asked = read_cfg(&folder.join("test.cfg"));
    assert_eq!(results.len(), asked.len(), "{name}");
    let expected = motep::evaluate("cext", &folder.join("motep"), &[(&potential, &asked)]).remove(0);
    for (result, expected) in results.iter().zip(expected) {
        assert!((result.energy.unwrap() - expected.energy).abs() < TOLERANCE, "{name}");
        let forces = result.forces.as_ref().unwrap().as_flattened();
        for (force, expected) in forces.iter().zip(expected.forces.as_flattened()) {
            assert!((force - expected).abs() < TOLERANCE, "{name}: {force} for {expected}");
        }
    }
}

#[test]
fn scripts_come_to_their_end_and_compute_what_motep_computes() {
    let scripts = workspace().join("tests/tests/commands/mlp_scripts");
    let mut files: Vec<_> = fs::read_dir(scripts).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 10);
    files.iter().for_each(|script| run(script));
}
