//! Labels for `mtprs learn`: every fault that they can have, batches that come back in part, folders for VASP, calculators of
//! ASE.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use mtprs_tests::learning::Bench;
use mtprs_tests::python;
use serde_json::Value;

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

/// What is said of them; the second attempt at the eleventh is good.
const REASONS: [(u64, &str); 11] = [
    (1, "exit code 3: no license"),
    (2, "ended after the time limit of 6 s"),
    (3, "expected BEGIN_CFG, got Segmentation"),
    (4, "it has 7 atoms, expected 8"),
    (5, "atom 3 has moved by 0.100 Å"),
    (6, "it has atoms of other species"),
    (7, "nan"),
    (8, "the force on atom 3 is 100000.0 eV/Å"),
    (9, "it has no energy"),
    (10, "it is not converged"),
    (12, "energies are far from what the composition suggests"),
];

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
            "kind = \"command\"\ncommand = \"{{job}}/faulty.sh {{input}} {{output}}\"\ntime-limit = 6.0\nmax-force = 10000.0\nparallel = 4\n{more}"
        )
    };
    // A run that does not stop meets more frames than one that does, atoms that are pushed together among them.
    let grades = "unbroken-cycles = 2\n[grades]\nbreak = 1e9\n[selection]\nmin-distance = 1.3\n";
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
    assert!(bench.end(1, "learn loop.toml --retry").contains("no frame of the current cycle was rejected"));
    let reasons: BTreeMap<u64, String> = bench
        .events("loop", "rejected")
        .iter()
        .filter(|event| event["cycle"] == 1)
        .map(|event| {
            (event["frame"].as_u64().expect("a number"), event["reason"].as_str().expect("a text").to_owned())
        })
        .collect();
    for (frame, reason) in REASONS {
        let got =
            reasons.get(&frame).unwrap_or_else(|| panic!("frame {frame} was not rejected: {reasons:?}"));
        assert!(got.contains(reason), "frame {frame}: {got}, expected {reason}");
        let failures = since_retry(&bench.journal("loop"));
        let of_frame = failures.iter().filter(|event| event["cycle"] == 1 && event["frame"] == frame);
        assert_eq!(of_frame.count(), 2, "frame {frame} is tried twice");
    }
    assert!(!reasons.contains_key(&11) && reasons.len() == REASONS.len(), "{reasons:?}");
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
    assert!(said.contains("labels in loop/cycles/001/labels"), "{said}");
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
    assert!(said.contains("the electrons did not converge") && said.contains("out of memory"), "{said}");
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
    bench.assert_same_as_teacher(1e-6);
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
    assert!(bench.text("spawned.log").contains("waiting for"));
    assert!(!bench.events("loop", "labeled").is_empty());
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
