//! The demo of `examples/mgv2o5`, shortened: its input runs in LAMMPS, and its picture is drawn.

use std::process::Command;

use mtprs_testing::{files_below, workspace};
use mtprs_tests::lammps::Job;
use mtprs_tests::python;

#[test]
fn the_demo_runs_and_draws_its_picture() {
    let example = workspace().join("examples/mgv2o5");
    let read =
        |name: &str| std::fs::read(example.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut job = Job::new("demo").ranks(2);
    for file in ["in.demo", "mgvo.mtp", "amorphous_96.data"] {
        job = job.file(file, read(file));
    }
    let plugin = job.plugin_load().replace("plugin load ", "");
    let variables =
        ["-var", "plugin", &plugin, "-var", "equil", "20", "-var", "steps", "40", "-var", "every", "10"];
    let finished = job.arguments(&variables).run_bare("include in.demo");
    finished.assert_success();

    let energies = finished.thermo("PotEng");
    assert!(energies.len() >= 7, "{energies:?}");
    // the glass at 300 K has -11.31 eV/atom (structure.txt beside the example); heating stays within a tenth
    assert!(energies.iter().all(|energy| (-11.4..-11.1).contains(&(energy / 768.0))), "{energies:?}");
    assert!(finished.output.contains(" microseconds per atom and step on 2 ranks"), "{}", finished.output);
    assert_eq!(finished.dump("demo.dump").len(), 5);

    let status = Command::new(python::interpreter())
        .arg(example.join("analyse.py"))
        .args(["--run", ".", "--out", "demo.png"])
        .current_dir(&finished.folder)
        .status()
        .expect("Python starts");
    assert!(status.success(), "analyse.py failed: {status}");
    let pictures = files_below(&finished.folder, "png");
    assert_eq!(pictures.len(), 1, "{pictures:?}");
    assert!(std::fs::read(&pictures[0]).is_ok_and(|bytes| bytes.starts_with(b"\x89PNG")), "not a picture");
}
