//! `mtprs learn` with a script in the place of LAMMPS: from every line of its journal a loop goes on to the same bits, and its
//! status foretells what it does. With LAMMPS itself: `tests/tests/commands/learn.rs`.

use std::fs;

use mtprs_core::format::save_potential;
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use serde_json::Value;

use crate::fixture::{Bench, configurations};

const JOB: &str = r#"
potential = "new.mtp"
training-sets = ["train.cfg"]
folder = "loop"
[lammps]
command = "sh {job}/lmp.sh {job} {input}"
input = "in.md"
[[runs]]
name = "cold"
structure = "start.cfg"
time = 0.1
[[runs]]
name = "hot"
structure = "start.cfg"
time = 0.1
[selection]
threshold = 1.0
limit = 3
[labels]
kind = "command"
command = "sh {job}/label.sh {job} {input} {output}"
max-force = 1e6
[training]
max-iter = 5
starts = 1
accept-outliers = true
"#;

/// Saves frames; the hot run of the first cycle breaks.
const LAMMPS: &str = r#"
cycle=$(sed -n 's/^variable cycle index //p' in.lammps)
run=$(sed -n 's/^variable run index //p' in.lammps)
cp "$1/$run.cfg" saved.cfg
echo "pair style mtp/rs: largest extrapolation grade 12 at step 7, 3 frames saved in saved.cfg"
if [ "$cycle $run" = "1 hot" ]; then
    echo "ERROR: pair style mtp/rs, step 7: the extrapolation grade 12 has reached the break threshold 10"
    exit 1
fi
echo "Loop time of 1 on 1 procs for $(sed -n 's/^variable steps index //p' in.lammps) steps with 4 atoms"
"#;

/// Asks a teacher; the second frame of the first cycle has no label.
const LABEL: &str = r#"
if grep -q 'cycle[[:blank:]]*1$' "$2" && grep -q 'frame[[:blank:]]*2$' "$2"; then
    echo "no license"
    exit 3
fi
exec "$MTPRS" evaluate -q "$1/pot.mtp" "$2" "$3"
"#;

/// A loop that can be begun.
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let species = Species::named(&["Mg", "O"]).unwrap();
    save_potential(&Potential::untrained(2, species, 1.4, 4.0, 3).unwrap(), &bench.path("new.mtp")).unwrap();
    let mut all = configurations(24);
    all.iter_mut().for_each(|one| one.set_feature("elements", "Mg O"));
    bench.write_configurations("start.cfg", &all[2..3]);
    bench.write_configurations("plain.cfg", &all[..12]);
    bench.succeed("evaluate -q pot.mtp plain.cfg train.cfg");
    for frame in &mut all[12..] {
        frame.positions.iter_mut().flatten().for_each(|x| *x *= 0.8);
    }
    bench.write_configurations("cold.cfg", &all[12..18]);
    bench.write_configurations("hot.cfg", &all[18..]);
    for (file, text) in [("loop.toml", JOB), ("in.md", "run\n"), ("lmp.sh", LAMMPS), ("label.sh", LABEL)] {
        fs::write(bench.path(file), text).unwrap();
    }
    bench
}

/// Runs the loop to its end.
fn learn(bench: &Bench) {
    let mut command = bench.command("learn loop.toml -q -j 1");
    let output = command.env("MTPRS", env!("CARGO_BIN_EXE_mtprs")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The events of the journal without times that were measured.
fn events(bench: &Bench) -> Vec<Value> {
    let event = |line: &str| {
        let mut event: Value = serde_json::from_str(line).unwrap();
        event.as_object_mut().unwrap().remove("seconds");
        event
    };
    bench.text("loop/journal.jsonl").lines().map(event).collect()
}

/// The step of the status before an event.
fn step_before(event: Option<&Value>) -> &'static str {
    match event.and_then(|event| event["event"].as_str()) {
        Some("trained") => "training",
        Some("state") => "state",
        Some("run") => "runs",
        Some("selected") => "selection",
        Some("failed" | "labeled" | "rejected") => "labels",
        Some("closed") => "closing",
        Some("converged") | None => "nothing",
        other => panic!("{other:?}"),
    }
}

/// Leaves what was there when this part of the journal had been written; a label that comes next is there, but not its line.
fn go_back(bench: &Bench, lines: &[&str], whole: &[Value], count: usize) {
    // The next line was cut off.
    let torn = lines.get(count).map_or("", |line| &line[..line.len() / 2]);
    fs::write(bench.path("loop/journal.jsonl"), lines[..count].concat() + torn).unwrap();
    if whole[..count].iter().all(|event| event["event"] != "closed") {
        fs::copy(bench.path("loop/start/training.cfg"), bench.path("loop/training.cfg")).unwrap();
    }
    for event in whole.iter().skip(count + 1).filter(|event| event["event"] == "labeled") {
        let file = format!(
            "loop/cycles/{:03}/labels/{:04}.cfg",
            event["cycle"].as_u64().unwrap(),
            event["frame"].as_u64().unwrap()
        );
        fs::remove_file(bench.path(&file)).unwrap();
    }
}

#[test]
fn a_loop_goes_on_from_every_line_of_its_journal_to_the_same_bits() {
    let bench = bench("learn_lines");
    learn(&bench);
    let (journal, whole) = (bench.text("loop/journal.jsonl"), events(&bench));
    let count = |kind: &str| whole.iter().filter(|event| event["event"] == kind).count();
    assert_eq!(["run", "failed", "rejected", "closed", "converged"].map(count), [4, 2, 1, 1, 1], "{journal}");
    let files =
        ["training.cfg", "pot.mtp", "pot.mtps", "rejected.cfg", "rejected.txt", "cycles/001/labeled.cfg"];
    let read = || files.map(|file| fs::read(bench.path(&format!("loop/{file}"))).unwrap());
    let results = read();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    for count in 1..=lines.len() {
        go_back(&bench, &lines, &whole, count);
        let status: Value = serde_json::from_str(&bench.succeed("learn loop.toml --status --json")).unwrap();
        assert_eq!(status["next"]["step"], step_before(whole.get(count)), "{count}: {status}");
        learn(&bench);
        assert_eq!(events(&bench), whole, "{count}");
        assert!(read() == results, "{count}: other files");
    }
}
