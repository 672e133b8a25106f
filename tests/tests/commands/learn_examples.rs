//! The examples of `mtprs learn`, shortened: MgO from GFN1-xTB, and the commands for SLURM.

use std::fs;

use mtprs_core::geometry::Configuration;
use mtprs_testing::workspace;
use mtprs_tests::learning::Bench;
use mtprs_tests::python;
use serde_json::Value;

/// The example for SLURM, with an srun that starts its program at once.
#[test]
fn the_commands_for_slurm_run() {
    let bench = Bench::with_teacher("slurm");
    bench.write_vasp_files();
    let example = workspace().join("examples/learn/slurm");
    let read = |name: &str| fs::read_to_string(example.join(name)).expect("the example has it");
    fs::copy(example.join("label.sh"), bench.path("label.sh")).expect("the example has it");
    bench.srun();
    let job = read("job.toml")
        .replace("\"16.mtp\"", "\"new.mtp\"")
        .replace("cell.data", "crystal.data")
        .replace("time = 100.0", "time = 0.4")
        .replace(
            "input = \"in.md\"",
            &format!("input = \"in.md\"\nplugin = \"{}\"\ntimestep = 0.002", bench.plugin()),
        )
        .replace("max-iter = 1000", "max-iter = 60\nstarts = 2");
    bench.write("loop.toml", job.replace("\"learn\"", "\"loop\"").as_bytes());
    let path = format!("{}:{}", bench.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    let output = bench.command("learn loop.toml").env("PATH", path).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("run 1200K stopped at"), "{said}");
    bench.assert_same_as_teacher(1e-6);
    assert!(bench.text("srun.log").contains("--exact --ntasks=16 --time=04:00:00 vasp_std"));
}

/// Runs an example of `mtprs learn` in three short cycles, and returns how many of its frames were labeled.
fn run_shortened(bench: &Bench, example: &str, files: &[&str]) -> usize {
    let example = workspace().join(example);
    for file in files {
        fs::copy(example.join(file), bench.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    fs::copy(workspace().join("examples/learn/in.md"), bench.path("in.md")).expect("the script for all runs");
    let job = fs::read_to_string(example.join("job.toml")).expect("the example has a job");
    let python = format!("\"{}\"", python::interpreter().display());
    // Paths are relative to the folder of the example.
    let up = if example.ends_with("learn") { "../.." } else { "../../.." };
    let job = ["learn", "learn-mgvo"]
        .iter()
        .fold(job, |job, name| job.replace(&format!("\"{up}/build/{name}\""), "\"loop\""));
    let job = job
        .replace(&format!("{{job}}/{up}/.venv/bin/lmp"), &bench.lmp())
        .replace(&format!("{up}/build/plugin/mtprsplugin.so"), &bench.plugin())
        .replace(&format!("\"{up}/.venv/bin/python\""), &python)
        .replace("\"../in.md\"", "\"in.md\"")
        .replace("max-cycles = 20", "max-cycles = 3")
        .replace("max-cycles = 40", "max-cycles = 3")
        .replace("limit = 10", "limit = 4")
        .replace("time = 10.0", "time = 1.0")
        .replace("time = 5.0", "time = 1.0");
    bench.write("job.toml", job.as_bytes());
    bench.end(4, "learn job.toml");
    bench.end(0, "learn job.toml --status");
    let labeled = bench.events("loop", "labeled").len();
    assert!(bench.events("loop", "rejected").is_empty());
    let frames = bench.frames("loop/training.cfg");
    assert_eq!(frames.len(), 10 + labeled);
    // Cells that the dynamics have brought have energies, forces and virials of the same kind as those of the beginning.
    let per_atom = |frame: &Configuration| frame.energy.expect("a label") / frame.len() as f64;
    for frame in &frames[10..] {
        assert!(frame.feature("run").is_some() && frame.forces.is_some() && frame.virial.is_some());
        assert!((per_atom(frame) - per_atom(&frames[0])).abs() < 1.0, "{}", per_atom(frame));
    }
    labeled
}

#[test]
#[ignore = "long: run by make test-long"]
fn cells_of_mgv2o6_are_learned_from_gfn1_xtb() {
    let bench = Bench::new("xtb-mgvo");
    let files = ["start.cfg", "test.cfg", "8.mtp", "cold.xyz", "hot.xyz"];
    // Of each broken run the first frame and the one that broke it extrapolate.
    assert!(run_shortened(&bench, "examples/learn/mgvo", &files) >= 3);
    let status: Value = serde_json::from_str(&bench.end(0, "learn job.toml --status --json")).expect("JSON");
    assert_eq!(status["next"]["step"], "more-cycles");
}

/// The example, shortened: three short cycles of one run, on one core.
#[test]
#[ignore = "long: run by make test-long"]
fn cells_of_mgo_are_learned_from_gfn1_xtb() {
    let bench = Bench::new("xtb");
    let files = ["start.cfg", "test.cfg", "8.mtp", "MgO.data", "MgO_hot.data"];
    assert!(run_shortened(&bench, "examples/learn", &files) >= 4);
    // Errors on dynamics of GFN1-xTB itself, before and after.
    let force = |event: &Value| event["validation"]["force"].as_f64().expect("an error");
    let trained = bench.events("loop", "trained");
    let (first, last) = (force(&trained[0]), force(&trained[trained.len() - 1]));
    assert!(last < 0.9 * first, "force error {first} before, {last} after");
    let command = format!("errors loop/cycles/{:03}/pot.mtp test.cfg --json errors.json -q", trained.len());
    bench.end(0, &command);
    let errors: Value = serde_json::from_str(&bench.text("errors.json")).expect("JSON");
    let independent = errors["errors"]["force_component"]["rms"].as_f64().expect("a figure");
    assert!((independent - last).abs() < 1e-9, "{independent} {last}");
}
