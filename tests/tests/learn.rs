//! `mtprs learn` with real LAMMPS: a teacher potential in the place of the electronic structure, kills at any moment, every
//! fault that labels can have, folders for VASP, a calculator of ASE; and GFN1-xTB itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use mtprs_core::geometry::Configuration;
use mtprs_tests::learning::Bench;
use mtprs_tests::process;
use mtprs_tests::random::Random;
use mtprs_tests::{python, workspace};
use serde_json::Value;

/// A call for each frame.
const TEACHER: &str = "kind = \"command\"\ncommand = \"{job}/label.sh {input} {output}\"\n";

/// What must be the same however a loop came about.
fn results(bench: &Bench, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files: Vec<String> = ["training.cfg", "pot.mtp", "pot.mtps"].map(str::to_owned).to_vec();
    let cycles = bench.events(folder, "trained").len();
    for cycle in 1..=cycles {
        files.push(format!("cycles/{cycle:03}/pot.mtp"));
    }
    for cycle in 1..cycles {
        files.push(format!("cycles/{cycle:03}/labeled.cfg"));
        files.push(format!("cycles/{cycle:03}/selected.cfg"));
    }
    let read = |file: &String| fs::read(bench.path(&format!("{folder}/{file}"))).expect("a file of the loop");
    files.iter().map(|file| (file.clone(), read(file))).collect()
}

fn labeled_by_teacher(bench: &Bench) -> usize {
    bench.text("labeled.log").lines().count()
}

#[test]
fn a_loop_ends_when_all_runs_last_and_says_what_it_did() {
    let bench = Bench::with_teacher("whole");
    bench.job("loop", "unbroken-cycles = 2", TEACHER);
    assert!(bench.end(1, "learn loop.toml --resume").contains("there is no loop to go on with"));
    assert!(bench.end(1, "learn loop.toml --status").contains("there is no loop yet"));
    let said = bench.end(0, "learn loop.toml");
    assert!(said.contains("all runs lasted in cycle"), "{said}");

    let labeled = bench.events("loop", "labeled").len();
    let frames = bench.frames("loop/training.cfg");
    assert!(labeled >= 3, "{said}");
    assert_eq!((frames.len(), labeled_by_teacher(&bench)), (8 + labeled, labeled));
    let runs = bench.events("loop", "run");
    assert!(runs.iter().any(|run| run["unbroken"] == false), "{runs:?}");
    let last: Vec<&Value> = runs.iter().rev().take(4).collect();
    assert!(last.iter().all(|run| run["unbroken"] == true && run["time"] == 0.4), "{last:?}");
    for frame in &frames[8..] {
        let source = [frame.feature("cycle"), frame.feature("run"), frame.feature("step")];
        assert!(source.iter().all(Option::is_some), "{source:?}");
    }

    // Every label is that of the teacher for these very atoms.
    bench.end(0, "errors teacher.mtp loop/training.cfg --json errors.json -q");
    let errors: Value = serde_json::from_str(&bench.text("errors.json")).expect("JSON");
    for quantity in ["energy", "force_component", "virial_component"] {
        let largest = errors["errors"][quantity]["max_absolute"].as_f64().expect("a figure");
        assert!(largest < 1e-8, "{quantity}: {largest}");
    }

    let status = bench.end(0, "learn loop.toml --status");
    assert!(status.contains("all runs lasted in cycle") && status.contains("lasted"), "{status}");
    let page = bench.text("loop/report.html");
    assert!(page.matches("<svg class=\"plot\"").count() >= 5, "time, grade, configurations, errors");
    // A finished loop does nothing more; another one is not begun in its folder.
    let before = bench.text("loop/journal.jsonl");
    bench.end(0, "learn loop.toml");
    assert_eq!(bench.text("loop/journal.jsonl"), before);
    bench.write("start.cfg", bench.text("loop/training.cfg").as_bytes());
    assert!(bench.end(1, "learn loop.toml").contains("begun with another potential or other training sets"));
}

/// Kills the program at random moments until it comes to its end; by turns alone, so that what it started goes on, and with
/// all that it started.
fn killed(name: &str, most: usize, least: usize, longest: u64) {
    let bench = Bench::with_teacher(name);
    // The teacher takes its time, so that kills meet it.
    let slow = "kind = \"command\"\ncommand = \"sleep 0.2; {job}/label.sh {input} {output}\"\nparallel = 2\n";
    for folder in ["whole", "pieces"] {
        bench.job(folder, "", slow);
    }
    bench.end(0, "learn whole.toml -j 1");
    let labeled = labeled_by_teacher(&bench);
    fs::remove_file(bench.path("labeled.log")).expect("the teacher was asked");

    let mut random = Random::new(77);
    let (mut kills, mut stages) = (0, BTreeSet::new());
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(900), "it does not come to its end");
        let mut child = bench.spawn(&format!("learn pieces.toml -j {}", 1 + kills % 2));
        if kills >= most {
            let status = child.wait().expect("it can be waited for");
            assert!(status.success(), "{}", bench.text("spawned.log"));
            break;
        }
        thread::sleep(Duration::from_millis(5 + random.below(longest as usize) as u64));
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            assert!(status.success(), "{}", bench.text("spawned.log"));
            break;
        }
        if kills % 2 == 0 {
            child.kill().expect("it runs");
        } else {
            process::kill_tree(child.id());
        }
        child.wait().expect("it can be waited for");
        kills += 1;
        // A last line may be cut off.
        let journal = fs::read_to_string(bench.path("pieces/journal.jsonl")).unwrap_or_default();
        let last = journal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()).next_back();
        stages.extend(last.map(|event| event["event"].as_str().unwrap_or_default().to_owned()));
    }
    assert!(kills >= least, "only {kills} kills");
    assert!(stages.len() >= 3, "all kills came in the same stage: {stages:?}");
    let (whole, pieces) = (results(&bench, "whole"), results(&bench, "pieces"));
    assert!(whole.keys().eq(pieces.keys()), "{:?} {:?}", whole.keys(), pieces.keys());
    for (file, bytes) in &whole {
        assert!(*bytes == pieces[file], "{file} is not the same");
    }
    // What the teacher had done was not asked for again.
    assert!(labeled_by_teacher(&bench) <= labeled, "{} labels, {labeled} wanted", labeled_by_teacher(&bench));
}

#[test]
fn a_loop_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    killed("killed", 12, 6, 700);
}

/// The same with fifty kills.
#[test]
#[ignore = "takes minutes"]
fn a_loop_survives_fifty_kills() {
    killed("killed-often", 50, 50, 350);
}

#[test]
fn one_process_at_a_time_and_a_signal_ends_it_with_what_it_started() {
    let bench = Bench::with_teacher("signals");
    bench.job("loop", "", "kind = \"command\"\ncommand = \"sleep 100\"\n");
    let mut child = bench.spawn("learn loop.toml");
    let begun = Instant::now();
    while !bench.path("loop/cycles/001/labels/call-0001-1/call.process").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", bench.text("spawned.log"));
        thread::sleep(Duration::from_millis(20));
    }
    assert!(bench.end(1, "learn loop.toml").contains("another process is learning in this folder"));
    assert!(bench.end(0, "learn loop.toml --status").contains("without a label"));
    let family = process::family(child.id());
    assert!(family.len() >= 3, "the program, a shell, the command: {family:?}");
    process::signal("TERM", &[child.id()]);
    let status = child.wait().expect("it can be waited for");
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(status.signal(), Some(15));
    assert!(
        bench.text("spawned.log").contains("interrupted: all is kept in loop"),
        "{}",
        bench.text("spawned.log")
    );
    for process in &family[1..] {
        let stat = fs::read_to_string(format!("/proc/{process}/stat"));
        assert!(stat.map_or(true, |stat| stat.contains(") Z")), "process {process} is still there");
    }
    // With a program that labels, the loop goes on.
    bench.job("loop", "", TEACHER);
    bench.end(0, "learn loop.toml --resume");
    assert!(bench.events("loop", "failed").is_empty());
}

/// A fault for each frame of the first cycle, by its number. The first attempts fail, whatever is wrong; the others find
/// what is written down here.
const FAULTY: &str = r#"
here=$(dirname "$0")
frame=$(sed -n 's/.*Feature *frame[ \t]*//p' "$1")
cycle=$(sed -n 's/.*Feature *cycle[ \t]*//p' "$1")
"$here/label.sh" "$1" good.cfg || exit 1
[ "$cycle" = 1 ] || { mv good.cfg "$2"; exit 0; }
case $frame in
1) echo "no license" >&2; exit 3 ;;
2) sleep 100 ;;
3) echo "Segmentation fault" > "$2" ;;
4) sed -e 's/^ *8$/ 7/' -e '/^ *8 /d' good.cfg > "$2" ;;
5) awk '/AtomData/ { rows = 1 } rows && $1 == "3" { $3 += 0.1 } { print }' good.cfg > "$2" ;;
6) awk '/AtomData/ { rows = 1 } rows && $1 == "3" { $2 = 1 - $2 } { print }' good.cfg > "$2" ;;
7) awk '/Energy/ { print; getline; print "nan"; next } { print }' good.cfg > "$2" ;;
8) awk '/AtomData/ { rows = 1 } rows && $1 == "3" { $6 = 1e5 } { print }' good.cfg > "$2" ;;
9) sed '/Energy/,+1d' good.cfg > "$2" ;;
10) sed 's/^END_CFG/ Feature converged no\nEND_CFG/' good.cfg > "$2" ;;
11) [ -e "$here/second" ] && mv good.cfg "$2"; touch "$here/second" ;;
12) awk '/Energy/ { print; getline; print $1 + 1000; next } { print }' good.cfg > "$2" ;;
*) mv good.cfg "$2" ;;
esac
"#;

/// The failed attempts after the loop was told to try again.
fn since_retry(journal: &[Value]) -> Vec<Value> {
    let start = journal.iter().position(|event| event["event"] == "retried").expect("it was told");
    journal[start..].iter().filter(|event| event["event"] == "failed").cloned().collect()
}

#[test]
fn every_fault_of_a_label_is_retried_and_set_aside_with_its_reason() {
    let bench = Bench::with_teacher("faults");
    bench.script("faulty.sh", FAULTY);
    let labels = |more: &str| {
        format!(
            "kind = \"command\"\ncommand = \"{{job}}/faulty.sh {{input}} {{output}}\"\ntime-limit = 2.0\nparallel = 4\n{more}"
        )
    };
    // A run that does not stop meets more frames than one that does.
    let grades = "unbroken-cycles = 2\n[grades]\nbreak = 1e9\n[selection]\nmin-distance = 0.5\n";
    // As soon as more fail than are allowed, the loop stops.
    bench.job("loop", grades, &labels("most-failures = 0.1"));
    let said = bench.end(1, "learn loop.toml");
    assert!(said.contains("more than most-failures allows"), "{said}");
    // With on-failure = "stop" it stops at once, and tries again when it is started again.
    bench.job("strict", grades, &labels("on-failure = \"stop\"\nretries = 0"));
    for attempts in 1..=2 {
        let said = bench.end(1, "learn strict.toml");
        assert!(said.contains(" of cycle 1 has no label: "), "{said}");
        assert!(bench.events("strict", "failed").len() >= attempts);
        assert!(bench.events("strict", "rejected").is_empty());
    }

    // With more allowed it goes on, and what was set aside can be tried again.
    let _unless_it_stopped_before = fs::remove_file(bench.path("second"));
    bench.job("loop", grades, &labels("most-failures = 0.9"));
    bench.end(0, "learn loop.toml --retry");
    assert_eq!(bench.events("loop", "retried").len(), 1);
    assert!(
        bench.end(1, "learn loop.toml --retry").contains("no frame of the present cycle has been set aside")
    );
    let reasons: BTreeMap<u64, String> = bench
        .events("loop", "rejected")
        .iter()
        .filter(|event| event["cycle"] == 1)
        .map(|event| {
            (event["frame"].as_u64().expect("a number"), event["reason"].as_str().expect("a text").to_owned())
        })
        .collect();
    let expected = [
        (1, "exit code 3: no license"),
        (2, "ended after the time limit of 2 s"),
        (3, "expected BEGIN_CFG, got Segmentation"),
        (4, "it has 7 atoms, expected 8"),
        (5, "atom 3 has moved by 0.100 Å"),
        (6, "it has atoms of other species"),
        (7, "nan"),
        (8, "the force on atom 3 is 100000.0 eV/Å"),
        (9, "it has no energy"),
        (10, "it has not converged"),
        (12, "energies are far from what the composition suggests"),
    ];
    for (frame, reason) in expected {
        let got =
            reasons.get(&frame).unwrap_or_else(|| panic!("frame {frame} was not set aside: {reasons:?}"));
        assert!(got.contains(reason), "frame {frame}: {got}, expected {reason}");
        let failures = since_retry(&bench.journal("loop"));
        let of_frame = failures.iter().filter(|event| event["cycle"] == 1 && event["frame"] == frame);
        assert_eq!(of_frame.count(), 2, "frame {frame} is tried twice");
    }
    // The second attempt at this one was good.
    assert!(!reasons.contains_key(&11) && reasons.len() == expected.len(), "{reasons:?}");
    let mut rejected = bench.frames("loop/rejected.cfg");
    rejected.retain(|frame| frame.feature("cycle") == Some("1"));
    assert_eq!(rejected.len(), reasons.len());
    assert!(rejected.iter().all(|frame| frame.feature("rejected").is_some()));
    assert!(bench.text("loop/rejected.txt").contains("it has 7 atoms, expected 8"));
    let labeled = bench.events("loop", "labeled").len();
    assert_eq!(bench.frames("loop/training.cfg").len(), 8 + labeled);
}

#[test]
fn what_a_batch_has_done_counts_and_the_rest_is_asked_for_again() {
    let bench = Bench::with_teacher("batch");
    // Half of the frames come back, in reverse order, before the program fails.
    bench.script(
        "half.sh",
        "\"$(dirname \"$0\")/label.sh\" \"$1\" all.cfg || exit 1\n\
         awk 'BEGIN { RS = \"END_CFG\\n\"; ORS = RS } /BEGIN/ { frames[++count] = $0 } \
         END { for (k = int((count + 1) / 2); k > 0; k--) print frames[k]; exit count > 1 }' all.cfg > \"$2\"\n",
    );
    let labels =
        "kind = \"command\"\ncommand = \"{job}/half.sh {input} {output}\"\nbatch-size = 0\nretries = 9\n";
    bench.job("loop", "", labels);
    bench.end(0, "learn loop.toml");
    let (failed, labeled) = (bench.events("loop", "failed"), bench.events("loop", "labeled"));
    assert!(!failed.is_empty() && failed.iter().all(|event| event["reason"] == "exit code 1"), "{failed:?}");
    assert!(bench.events("loop", "rejected").is_empty());
    bench.end(0, "errors teacher.mtp loop/training.cfg --json errors.json -q");
    let errors: Value = serde_json::from_str(&bench.text("errors.json")).expect("JSON");
    assert_eq!(errors["configurations"], 8 + labeled.len());
    assert!(errors["errors"]["force_component"]["max_absolute"].as_f64().expect("a figure") < 1e-8);
}

const VASP: &str = "kind = \"directory\"\ntemplates = [\"INCAR\", \"KPOINTS\"]\nmost-failures = 0.9\n\
                    potcar = { Mg = \"POTCAR.Mg\", O = \"POTCAR.O\" }\n";

#[test]
fn folders_for_vasp_are_made_and_their_results_taken() {
    let bench = Bench::with_teacher("vasp");
    bench.write_vasp_files();
    bench.job("loop", "", VASP);
    let said = bench.end(3, "learn loop.toml");
    assert!(said.contains("labels are awaited in loop/cycles/001/labels"), "{said}");
    let folders = bench.open_folders("loop");
    assert!(folders.len() >= 3, "{folders:?}");
    let text =
        |folder: usize, file: &str| fs::read_to_string(folders[folder].join(file)).expect("it is there");
    assert_eq!(text(0, "POTCAR"), "potential of Mg\npotential of O\n");
    assert_eq!((text(1, "INCAR"), text(1, "KPOINTS")), ("NELM = 60\n".into(), "Gamma\n".into()));

    // One is still being computed, one has not converged, one cannot be computed.
    fs::write(folders[1].join("INCAR"), "NELM = 1\n").expect("the folder can be written to");
    folders[..2].iter().for_each(|folder| bench.vasp(folder));
    let whole = text(0, "OUTCAR");
    fs::write(folders[0].join("OUTCAR"), &whole[..whole.len() / 2]).expect("the folder can be written to");
    fs::write(folders[2].join("FAILED"), "out of memory\n").expect("the folder can be written to");
    let said = bench.end(3, "learn loop.toml");
    assert!(said.contains("the electrons have not converged") && said.contains("out of memory"), "{said}");
    assert!(folders[1].join("OUTCAR.failed-1").exists() && !folders[1].join("OUTCAR").exists());
    assert_eq!(bench.events("loop", "rejected").len(), 2);
    assert!(bench.events("loop", "labeled").is_empty());
    fs::write(folders[0].join("OUTCAR"), &whole).expect("the folder can be written to");

    // What has not converged is computed once more.
    fs::write(folders[1].join("INCAR"), "NELM = 60\n").expect("the folder can be written to");
    bench.vasp(&folders[1]);
    bench.end(3, "learn loop.toml --retry");
    assert_eq!(bench.events("loop", "labeled").len(), 2);
    fs::write(folders[2].join("FAILED"), "again\n").expect("the folder can be written to");
    let mut code = 3;
    for _ in 0..20 {
        bench.open_folders("loop").iter().for_each(|folder| bench.vasp(folder));
        code = bench.run("learn loop.toml").code;
        if code != 3 {
            break;
        }
    }
    assert_eq!(code, 0, "{}", bench.text("output"));
    assert_same_as_teacher(&bench, 1e-6);
}

/// Labels in the training set are those of the teacher, but for the digits that a format has.
fn assert_same_as_teacher(bench: &Bench, tolerance: f64) {
    bench.end(0, "errors teacher.mtp loop/training.cfg --json errors.json -q");
    let errors: Value = serde_json::from_str(&bench.text("errors.json")).expect("JSON");
    let labeled = bench.events("loop", "labeled").len();
    assert!(labeled > 0);
    assert_eq!(errors["configurations"], 8 + labeled);
    for quantity in ["energy", "force_component", "virial_component"] {
        let largest = errors["errors"][quantity]["max_absolute"].as_f64().expect("a figure");
        assert!(largest < tolerance, "{quantity}: {largest}");
    }
}

#[test]
fn the_program_can_wait_for_folders() {
    let bench = Bench::with_teacher("vasp-wait");
    bench.write_vasp_files();
    bench.job("loop", "max-cycles = 2", &format!("{VASP}wait = true\npoll = 0.1\n"));
    let mut child = bench.spawn("learn loop.toml");
    let begun = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "{}", bench.text("spawned.log"));
        bench.open_folders("loop").iter().for_each(|folder| bench.vasp(folder));
        thread::sleep(Duration::from_millis(50));
    };
    assert!([Some(0), Some(4)].contains(&status.code()), "{}", bench.text("spawned.log"));
    assert!(bench.text("spawned.log").contains("labels are awaited"));
    assert!(!bench.events("loop", "labeled").is_empty());
}

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
    assert!(said.contains("run 1200K broke"), "{said}");
    assert_same_as_teacher(&bench, 1e-6);
    assert!(bench.text("srun.log").contains("--exact --ntasks=16 --time=04:00:00 vasp_std"));
}

/// A calculator that fails once in a while.
const CALCULATOR: &str = "
from ase.calculators.lj import LennardJones

class Moody(LennardJones):
    calls = 0

    def calculate(self, *arguments, **keywords):
        Moody.calls += 1
        if Moody.calls == 2:
            raise RuntimeError('not \"today\"')
        super().calculate(*arguments, **keywords)
";

#[test]
fn calculators_of_ase_label_frames_and_their_exceptions_are_reasons() {
    let bench = Bench::with_teacher("ase");
    bench.write("moody.py", CALCULATOR.as_bytes());
    let labels = |calculator: &str, more: &str| {
        format!(
            "kind = \"python\"\npython = \"{}\"\ncalculator = \"{calculator}\"\n{more}\n\
             arguments = {{ sigma = 2.0, epsilon = 0.1, rc = 4.0 }}\n",
            python::interpreter().display()
        )
    };
    bench.job("loop", "max-cycles = 1", &labels("ase.calculators.lj:LennardJoens", "retries = 0"));
    let said = bench.end(1, "learn loop.toml");
    assert!(said.contains("AttributeError"), "{said}");
    // The module is found beside the job.
    bench.job("loop", "max-cycles = 1", &labels("moody.Moody", ""));
    let said = bench.end(4, "learn loop.toml --retry");
    assert!(said.contains("RuntimeError: not today"), "{said}");
    assert!(!bench.events("loop", "rejected").is_empty(), "the first attempt had no calculator");
    let labeled = &bench.frames("loop/training.cfg")[8..];
    assert!(labeled.len() >= 3 && labeled.iter().all(|frame| frame.virial.is_some()));

    // The same potential in a few lines: 4 ε ((σ/r)^12 − (σ/r)^6), shifted to zero at the cutoff.
    for frame in labeled {
        let list = mtprs_core::geometry::NeighborList::new(frame, 4.0).expect("a frame of a run");
        let pair = |square: f64| 0.4 * ((4.0 / square).powi(6) - (4.0 / square).powi(3));
        let mut energy = 0.0;
        for atom in 0..list.len() {
            for vector in list.neighbors(atom).1 {
                energy += 0.5 * (pair(vector.iter().map(|x| x * x).sum()) - pair(16.0));
            }
        }
        let got = frame.energy.expect("a label");
        assert!((got - energy).abs() < 1e-9 * energy.abs(), "{got} {energy}");
    }
}

/// The example, shortened: three short cycles of one run, on one core.
#[test]
fn cells_of_mgo_are_learned_from_gfn1_xtb() {
    let bench = Bench::new("xtb");
    let example = workspace().join("examples/learn");
    for file in ["start.cfg", "test.cfg", "8.mtp", "in.md", "MgO.data", "MgO_hot.data"] {
        fs::copy(example.join(file), bench.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let job = fs::read_to_string(example.join("job.toml")).expect("the example has a job");
    let job = job
        .replace("\"../../build/learn\"", "\"loop\"")
        .replace("{job}/../../.venv/bin/lmp", &bench.lmp())
        .replace("../../build/plugin/mtprsplugin.so", &bench.plugin())
        .replace("\"../../.venv/bin/python\"", &format!("\"{}\"", python::interpreter().display()))
        .replace("max-cycles = 20", "max-cycles = 2")
        .replace("limit = 6", "limit = 4")
        .replace("time = 10.0", "time = 1.0")
        .replace("max-iter = 300", "max-iter = 100");
    bench.write("job.toml", job.as_bytes());
    bench.end(4, "learn job.toml");
    bench.end(0, "learn job.toml --status");
    let labeled = bench.events("loop", "labeled").len();
    assert!(labeled >= 4 && bench.events("loop", "rejected").is_empty());
    let frames = bench.frames("loop/training.cfg");
    assert_eq!(frames.len(), 10 + labeled);
    // Cells that the dynamics have brought have energies, forces and virials of the same kind as those of the beginning.
    let per_atom = |frame: &Configuration| frame.energy.expect("a label") / frame.len() as f64;
    for frame in &frames[10..] {
        assert!(frame.feature("run").is_some() && frame.forces.is_some() && frame.virial.is_some());
        assert!((per_atom(frame) - per_atom(&frames[0])).abs() < 1.0, "{}", per_atom(frame));
    }
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
