//! `mtprs learn` with real LAMMPS and a teacher potential in the place of the electronic structure: its end, kills at any
//! moment, signals.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use mtprs_testing::random::Random;
use mtprs_tests::learning::Bench;
use mtprs_tests::process;
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
    assert!(bench.end(1, "learn loop.toml --resume").contains("there is no loop to resume"));
    assert!(bench.end(1, "learn loop.toml --status").contains("there is no loop yet"));
    let said = bench.end(0, "learn loop.toml");
    assert!(said.contains("all runs completed in cycle"), "{said}");

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

    bench.assert_same_as_teacher(1e-8);

    let status = bench.end(0, "learn loop.toml --status");
    assert!(status.contains("all runs completed in cycle") && status.contains("completed"), "{status}");
    let status = bench.status("loop");
    assert_eq!((&status["next"]["step"], status["converged"].is_u64()), (&"nothing".into(), true));
    let cycles = status["cycles"].as_array().expect("a list");
    let sum = cycles.iter().map(|cycle| cycle["frames"]["labeled"].as_u64().unwrap_or(0)).sum::<u64>();
    assert_eq!((cycles.len(), sum), (bench.events("loop", "trained").len(), labeled as u64));
    assert!(cycles.iter().all(|cycle| cycle["largest_grade"].is_f64()
        && cycle["runs"].as_array().is_some_and(|runs| runs.len() == 2)));
    let page = bench.text("loop/report.html");
    assert!(page.matches("<svg class=\"plot\"").count() >= 5, "time, grade, configurations, errors");
    // A finished loop does nothing more; another one is not begun in its folder.
    let before = bench.text("loop/journal.jsonl");
    bench.end(0, "learn loop.toml");
    assert_eq!(bench.text("loop/journal.jsonl"), before);
    // Runs that have to last longer go on in the same cycle, until they do.
    let longer = bench.text("loop.toml").replace("time = 0.4", "time = 0.6");
    bench.write("loop.toml", longer.as_bytes());
    bench.end(0, "learn loop.toml");
    let runs = bench.events("loop", "run");
    let last: Vec<&Value> = runs.iter().rev().take(2).collect();
    assert!(last.iter().all(|run| run["unbroken"] == true && run["time"] == 0.6), "{last:?}");
    bench.write("start.cfg", bench.text("loop/training.cfg").as_bytes());
    assert!(
        bench
            .end(1, "learn loop.toml")
            .contains("started with another potential or other training or validation sets")
    );
}

#[test]
fn all_cycles_validate_with_what_the_loop_began_with() {
    let bench = Bench::with_teacher("validation");
    bench.job("loop", "", TEACHER);
    let job = bench.text("loop.toml");
    bench.write(
        "loop.toml",
        job.replace("[training]\n", "[training]\nvalid-cfgs = [\"valid.xyz\"]\n").as_bytes(),
    );
    bench.end(0, "convert start.cfg valid.xyz");
    bench.end(0, "learn loop.toml");
    assert_eq!(bench.frames("loop/start/validation.cfg").len(), 8);
    let trained = bench.events("loop", "trained");
    assert!(trained.iter().all(|event| event["validation"]["force"].is_f64()), "{trained:?}");
    // The same configurations from another file are the same set; others are not.
    bench.end(0, "learn loop.toml");
    bench.end(0, "convert loop/training.cfg valid.xyz --force");
    let said = bench.end(1, "learn loop.toml");
    assert!(said.contains("started with another potential or other training or validation sets"), "{said}");
}

#[test]
fn a_potential_without_names_takes_those_of_its_training_set_into_all_parts_of_the_loop() {
    let bench = Bench::with_teacher("nameless");
    let text = bench.text("new.mtp");
    assert!(text.contains("potential_tag = Mg O\n"), "{text}");
    bench.write("new.mtp", text.replace("potential_tag = Mg O\n", "potential_tag =\n").as_bytes());
    // A structure whose elements come in the other order.
    bench.end(0, "convert crystal.data POSCAR --species O,Mg");
    bench.job("loop", "", TEACHER);
    bench.write("loop.toml", bench.text("loop.toml").replace("crystal.data", "POSCAR").as_bytes());
    let said = bench.end(0, "learn loop.toml");
    assert!(said.contains("the species of the trained potential get their names: Mg O"), "{said}");
    let data = bench.text("loop/cycles/001/runs/cold/structure.data");
    let masses: Vec<&str> = data.lines().skip_while(|line| *line != "Masses").skip(2).take(2).collect();
    assert!(masses[0].starts_with("1 24.3") && masses[1].starts_with("2 15.999"), "{masses:?}");
    assert!(bench.text("loop/cycles/001/runs/cold/in.lammps").contains("variable elements index \"Mg O\""));
    assert!(!bench.text("loop/cycles/001/runs/cold/log.lammps").contains("masses contradict elements"));
    bench.assert_same_as_teacher(1e-8);
    // A data file whose types are in the other order stays as it is, and pair_coeff is told.
    bench.end(0, "convert POSCAR swapped.data --species O,Mg --force");
    assert!(bench.text("swapped.data").contains("1 15.999"), "{}", bench.text("swapped.data"));
    bench.job("data", "", TEACHER);
    bench.write("data.toml", bench.text("data.toml").replace("crystal.data", "swapped.data").as_bytes());
    bench.end(0, "learn data.toml");
    assert!(bench.text("data/cycles/001/runs/cold/in.lammps").contains("variable elements index \"O Mg\""));
    assert!(!bench.text("data/cycles/001/runs/cold/log.lammps").contains("masses contradict elements"));
    bench.write(
        "alien.data",
        bench.text("swapped.data").replace("1 15.999", "1 26.982").replace("# O", "").as_bytes(),
    );
    bench.job("alien", "", TEACHER);
    bench.write("alien.toml", bench.text("alien.toml").replace("crystal.data", "alien.data").as_bytes());
    let said = bench.end(1, "learn alien.toml");
    assert!(said.contains("type 1 is Al by its mass 26.982"), "{said}");
    // Nobody names the species: names of a structure mean nothing, and are not passed over.
    let nameless = bench.text("start.cfg").replace(" Feature   elements\tMg O\n", "");
    assert_ne!(nameless, bench.text("start.cfg"));
    bench.write("start.cfg", nameless.as_bytes());
    bench.job("numbers", "", TEACHER);
    bench.write("numbers.toml", bench.text("numbers.toml").replace("crystal.data", "POSCAR").as_bytes());
    let said = bench.end(1, "learn numbers.toml");
    assert!(
        said.contains(
            "POSCAR: the file names its elements, O Mg, but the 2 species of the potential have no names"
        ),
        "{said}"
    );
}

/// Kills the program at random moments until it comes to its end; by turns alone, so that what it started goes on, and with
/// all that it started. The kills come within twice the time that a whole loop takes here, shared out among them, and at the
/// latest when two more events stand in the journal, so that they meet the loop in all of its stages on any machine.
fn killed(name: &str, most: usize, least: usize) {
    let bench = Bench::with_teacher(name);
    // The teacher takes its time, so that kills meet it.
    let slow = "kind = \"command\"\ncommand = \"sleep 0.2; {job}/label.sh {input} {output}\"\nparallel = 2\n";
    for folder in ["whole", "pieces"] {
        bench.job(folder, "", slow);
    }
    let begun = Instant::now();
    bench.end(0, "learn whole.toml -j 1");
    let longest = 2 * begun.elapsed().as_millis() as u64 / most as u64;
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
        let (known, wait) = (journal(&bench).len(), 5 + random.below(longest as usize) as u64);
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(wait) && journal(&bench).len() < known + 2 {
            thread::sleep(Duration::from_millis(2));
            if child.try_wait().expect("it can be waited for").is_some() {
                break;
            }
        }
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
        stages.extend(journal(&bench).pop());
    }
    assert!(kills >= least, "only {kills} kills, each at most {longest} ms after a start");
    assert!(stages.len() >= 3, "all kills came in the same stage: {stages:?}");
    let (whole, pieces) = (results(&bench, "whole"), results(&bench, "pieces"));
    assert!(whole.keys().eq(pieces.keys()), "{:?} {:?}", whole.keys(), pieces.keys());
    for (file, bytes) in &whole {
        assert!(*bytes == pieces[file], "{file} is not the same");
    }
    // Nothing is left of what was being written.
    for folder in ["pieces", "pieces/start", "pieces/cycles/001", "pieces/cycles/001/labels"] {
        let names = fs::read_dir(bench.path(folder)).expect("a folder of the loop").flatten();
        let hidden: Vec<_> = names
            .map(|entry| entry.file_name())
            .filter(|name| name.to_string_lossy().starts_with('.'))
            .collect();
        assert!(hidden.is_empty(), "{folder}: {hidden:?}");
    }
    // What the teacher had done was not asked for again.
    assert!(labeled_by_teacher(&bench) <= labeled, "{} labels, {labeled} wanted", labeled_by_teacher(&bench));
}

/// Names of the events up to now. A last line may be cut off.
fn journal(bench: &Bench) -> Vec<String> {
    let journal = fs::read_to_string(bench.path("pieces/journal.jsonl")).unwrap_or_default();
    let events = journal.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    events.map(|event| event["event"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
#[ignore = "long: run by make test-long"]
fn a_loop_that_is_killed_again_and_again_ends_as_if_it_had_not_been() {
    killed("killed", 12, 6);
}

/// The same with fifty kills.
#[test]
#[ignore = "takes minutes"]
fn a_loop_survives_fifty_kills() {
    killed("killed-often", 50, 50);
}

/// An hour of fitting is not spent on runs that cannot begin; once the file is there, the loop goes on.
#[test]
fn files_of_the_runs_are_looked_at_before_the_first_fit() {
    let bench = Bench::with_teacher("runs-without-files");
    bench.job("loop", "", TEACHER);
    let job = bench.text("loop.toml");
    for (file, other, hint) in [
        (bench.plugin(), "no/mtprsplugin.so", "leave it out if LAMMPS has mtp/rs built in"),
        ("in.md".to_owned(), "no.md", ""),
        ("crystal.data".to_owned(), "no.data", ""),
    ] {
        bench.write("loop.toml", job.replace(&file, other).as_bytes());
        let said = bench.end(1, "learn loop.toml");
        assert!(said.contains(&format!("{other}: ")) && said.contains(hint), "{said}");
        assert!(
            bench.events("loop", "trained").is_empty() && !bench.path("loop/cycles/001").exists(),
            "{said}"
        );
    }
    bench.write("loop.toml", job.as_bytes());
    assert!(bench.end(0, "learn loop.toml").contains("all runs completed in cycle"));
}

#[test]
fn lammps_and_the_labels_are_tried_before_the_first_fit() {
    let bench = Bench::with_teacher("trial");
    bench.job("loop", "trial = true", TEACHER);
    let (job, script) = (bench.text("loop.toml"), bench.text("in.md"));
    let untouched = || bench.events("loop", "trained").is_empty();
    // every fault is told with what to do, and the same command goes on when it is mended
    bench.write("in.md", script.replace("pair_style mtp/rs", "pair_style mtp/sr").as_bytes());
    let said = bench.end(1, "learn loop.toml");
    assert!(said.contains("trial before the first fit: LAMMPS failed") && said.contains("mtp/sr"), "{said}");
    assert!(said.contains("nothing has been fitted yet") && untouched(), "{said}");
    bench.write("in.md", script.replace("run ${steps}", "run 0").as_bytes());
    let said = bench.end(1, "learn loop.toml");
    assert!(
        said.contains("the input script needs a run of ${steps} steps; nothing has been fitted"),
        "{said}"
    );
    bench.write("in.md", script.as_bytes());
    bench.write("loop.toml", job.replace("label.sh", "no-label.sh").as_bytes());
    let said = bench.end(1, "learn loop.toml");
    assert!(
        said.contains("trial: 2 runs of 100 LAMMPS steps in ") && said.contains("exit code 127"),
        "{said}"
    );
    assert!(untouched() && bench.path("loop/trial/labels/call-0001-1").exists());
    bench.write("loop.toml", job.as_bytes());
    let said = bench.end(0, "learn loop.toml");
    assert!(
        said.contains("trial: one label in ") && said.contains(", agrees with the training set to within "),
        "{said}"
    );
    assert!(said.contains("all runs completed in cycle") && !bench.path("loop/trial").exists());
    assert_eq!(bench.text("loop/start/trial.txt").lines().count(), 2);
    assert!(!bench.end(0, "learn loop.toml").contains("trial"));
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
    assert!(bench.end(0, "learn loop.toml --status").contains("still to label"));
    let status = bench.status("loop");
    assert_eq!(
        (&status["next"]["step"], &status["next"]["frames"][0]["frame"]),
        (&"labels".into(), &1.into())
    );
    let family = process::family(child.id());
    assert!(family.len() >= 3, "the program, a shell, the command: {family:?}");
    process::signal("TERM", &[child.id()]);
    let status = child.wait().expect("it can be waited for");
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(status.signal(), Some(15));
    assert!(
        bench.text("spawned.log").contains("interrupted: everything is kept in loop"),
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
