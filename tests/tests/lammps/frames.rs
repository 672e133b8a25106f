//! The file of saved frames: what is in it before and after a run, and who else can read it.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use mtprs_core::format::CfgReader;
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::GradeMode;
use mtprs_testing::compare::{assert_close, assert_identical};
use mtprs_testing::structure::Structure;
use mtprs_testing::{read_cfg, synthetic};
use mtprs_tests::lammps::{Job, atoms, feature_number};
use mtprs_tests::python;

/// What is asked of grades in LAMMPS; sums are taken in another order.
const SAME_GRADES: f64 = 1e-8;

const MAP: &str = "pair_coeff * * crystal.mtp Mg V O\n";

fn job(name: &str, structure: &Structure) -> Job {
    job_in_mode(name, structure, GradeMode::Neighborhood)
}

fn job_in_mode(name: &str, structure: &Structure, mode: GradeMode) -> Job {
    Job::new(&format!("frames-{name}")).crystal(structure).state("state.mtps", mode)
}

fn grade(frame: &Configuration) -> f64 {
    feature_number(frame, "MV_grade")
}

#[test]
fn saved_frames_are_read_by_motep_and_ase() {
    let structure = synthetic::crystal(90);
    let script = format!(
        "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}fix nve all nve\nrun 2",
        atoms(&structure, "crystal")
    );
    let finished = job("motep", &structure).run(&script);
    let path = finished.folder.join("saved.cfg").display().to_string();
    let arguments = [path, "Mg".into(), "V".into(), "O".into()];
    let output = python::output_of("frames_in_motep.py", &arguments);
    let frames = finished.saved();
    assert_eq!(output.lines().count(), frames.len());
    for (line, frame) in output.lines().zip(&frames) {
        let got: Vec<f64> = line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let mut expected = vec![grade(frame)];
        expected.extend(frame.positions.as_flattened());
        expected.extend(frame.cell.vectors().iter().flatten());
        assert_identical("frame in motep", &got, &expected);
    }
}

/// `mtprs grade` on what LAMMPS saved, in a file of its own: both write the same grades.
#[test]
fn saved_frames_have_the_grades_of_the_command_line() {
    let structure = synthetic::crystal(96);
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        for ranks in [1, 2, 4] {
            let script = format!(
                "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}
                 velocity all create 900.0 4711\nfix nve all nve\nrun 2",
                atoms(&structure, "crystal")
            );
            let what = format!("command-{mode}-{ranks}");
            let finished = job_in_mode(&what, &structure, mode).ranks(ranks).run(&script);
            let files = ["crystal.mtp", "state.mtps", "saved.cfg", "graded.cfg"];
            let files = files.map(|name| finished.folder.join(name).into_os_string());
            let _code =
                mtprs::run(["mtprs", "grade", "-q", "--force"].map(OsString::from).into_iter().chain(files));

            let frames = finished.saved();
            let graded = read_cfg(&finished.folder.join("graded.cfg"));
            assert_eq!((frames.len(), graded.len()), (3, 3), "{what}");
            for (frame, graded) in frames.iter().zip(&graded) {
                assert_close(&what, &[grade(frame)], &[grade(graded)], SAME_GRADES);
                for frame in [frame, graded] {
                    let by_atom = frame.neighborhood_grades.is_some();
                    assert_eq!(by_atom, mode == GradeMode::Neighborhood, "{what}");
                }
                let atoms = [frame, graded].map(|frame| frame.neighborhood_grades.as_deref());
                if let [Some(of_lammps), Some(of_command)] = atoms {
                    assert_close(&what, of_lammps, of_command, SAME_GRADES);
                }
            }
        }
    }
}

#[test]
fn frames_are_appended_whole_or_not_at_all() {
    let structure = synthetic::crystal(88);
    let script = format!(
        "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}run 0\nrun 0",
        atoms(&structure, "crystal")
    );
    let first = job("append", &structure).run(&script);
    assert_eq!(first.saved().len(), 1, "the second run begins with the frame that ended the first");
    let text = first.text("saved.cfg");

    let end = text.find("END_CFG").expect("the frame ends") + "END_CFG".len();
    let half = &text[..text.len() / 2];
    let whole_then_half = format!("{text}{half}");
    for (name, before, frames, cut) in [
        ("whole", text.as_str(), 2, false),
        ("no-line-end", &text[..end], 2, false),
        ("half", half, 1, true),
        ("whole-then-half", &whole_then_half, 2, true),
        ("beginning", "BEGIN", 1, true),
        ("blank", "\n\n", 1, false),
    ] {
        let job = job(&format!("append-{name}"), &structure).file("saved.cfg", before);
        let finished = job.run(&script);
        assert_eq!(finished.saved().len(), frames, "{name}");
        let told = finished.output.contains("the last frame was incomplete and has been cut off");
        assert_eq!(told, cut, "{name}:\n{}", finished.output);
    }

    let notes = format!("{text}what is this\n");
    let job = job("append-foreign", &structure).file("saved.cfg", &notes);
    let output = job.fail(&script);
    assert!(
        output.contains("saved.cfg: frames cannot be appended") && output.contains("what is this"),
        "{output}"
    );
    assert_eq!(fs::read_to_string(job.folder().join("saved.cfg")).expect("it is there"), notes);
}

/// A folder that no one can write to, whoever runs the tests: a file stands where it should be.
#[test]
fn a_path_that_cannot_be_written_ends_all_ranks_before_the_run() {
    let structure = synthetic::crystal(92);
    for ranks in [1, 2, 4] {
        let job = job(&format!("below-a-file-{ranks}"), &structure).ranks(ranks);
        let output = job.fail(&format!(
            "{}pair_style mtp/rs state state.mtps select 1e-9 save state.mtps/saved.cfg\n{MAP}run 5\nprint \"went on\"",
            atoms(&structure, "crystal")
        ));
        assert_one_error(&output, "state.mtps/saved.cfg: cannot open the file: Not a directory");
        assert!(!output.contains("went on") && !output.contains("Step"), "{output}");
    }
}

fn assert_one_error(output: &str, message: &str) {
    let lines: Vec<&str> = output.lines().filter(|line| line.contains("saved.cfg: cannot")).collect();
    assert_eq!(lines.len(), 1, "expected one error \"{message}\" in:\n{output}");
    assert!(lines[0].contains("ERROR") && lines[0].contains(message), "{}", lines[0]);
}

/// Two frames are written before something happens to the file, and two more are due afterwards.
fn interrupted(happens: &str, structure: &Structure) -> String {
    format!(
        "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}fix nve all nve\n
         run 1\n{happens}\nrun 2 pre no\nprint \"went on\"",
        atoms(structure, "crystal")
    )
}

#[test]
fn a_path_lost_during_a_run_ends_all_ranks() {
    let structure = synthetic::crystal(93);
    let script = interrupted("shell mv saved.cfg earlier.cfg\nshell mkdir saved.cfg", &structure);
    for ranks in [1, 2, 4] {
        let job = job(&format!("lost-{ranks}"), &structure).ranks(ranks);
        let output = job.fail(&script);
        assert_one_error(&output, "step 2: saved.cfg: cannot open the file for writing: Is a directory");
        assert!(!output.contains("went on"), "{output}");
        let earlier = whole_frames(&job.folder().join("earlier.cfg"));
        assert_eq!(earlier.len(), 2);
    }
}

/// A file that may not grow is like a disk that is full, for any user: the frame that has no room is cut off again.
#[test]
fn a_disk_that_gets_full_ends_all_ranks_and_leaves_whole_frames() {
    let structure = synthetic::crystal(94);
    for ranks in [1, 2, 4] {
        let job = job(&format!("room-{ranks}"), &structure).ranks(ranks);
        let whole = job.run(&interrupted("", &structure)).text("saved.cfg");
        assert_eq!(whole.matches("END_CFG").count(), 4);
        let frame = whole.find("END_CFG").expect("there is a frame");
        fs::remove_file(job.folder().join("saved.cfg")).expect("there are frames");

        // two frames and a half; the limit is that of rank 0, which alone writes
        let limit = format!("prlimit --pid $(cat process.0) --fsize={}\n", 5 * frame / 2);
        let job = job.file("limit.sh", limit).preparation("echo $$ > process.${PMI_RANK:-0}\ntrap '' XFSZ");
        let output = job.fail(&interrupted("shell sh limit.sh", &structure));
        assert_one_error(&output, "step 2: saved.cfg: cannot write the file: File too large");
        assert!(!output.contains("went on"), "{output}");
        let left = fs::read_to_string(job.folder().join("saved.cfg")).expect("two frames are left");
        assert_eq!(left.matches("END_CFG").count(), 2);
        assert!(left.ends_with("END_CFG\n\n"), "the third frame is cut off: {left}");
        assert!(whole.starts_with(&left), "the frames before are as they were");
    }
}

/// The frames of a file up to the last that is complete. What follows can only be the beginning of one more.
fn whole_frames(path: &Path) -> Vec<Configuration> {
    let text = fs::read_to_string(path).expect("there are saved frames");
    let end = text.rfind("END_CFG").map_or(0, |start| start + "END_CFG".len());
    let (whole, rest) = text.split_at(end);
    let rest = rest.trim();
    assert!(rest.starts_with("BEGIN_CFG") || "BEGIN_CFG".starts_with(rest), "{rest}");
    CfgReader::new(whole.as_bytes(), "whole frames").map(|frame| frame.expect("a frame is whole")).collect()
}

/// Waits for the end of what every rank wrote its process number of.
fn assert_all_ended(folder: &Path, ranks: usize) {
    let start = Instant::now();
    for rank in 0..ranks {
        let process = fs::read_to_string(folder.join(format!("process.{rank}"))).expect("a rank has started");
        let stat = format!("/proc/{}/stat", process.trim());
        // a killed process whose parent is gone may stay as a zombie for a while
        while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z")) {
            assert!(start.elapsed() < Duration::from_secs(120), "rank {rank} is still there");
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Whichever rank is killed, also the one that writes: the others end, the frames before are whole, and the next run goes
/// on behind them.
#[test]
fn a_killed_rank_ends_the_run_and_damages_no_earlier_frame() {
    let structure = synthetic::crystal(95);
    // steps so small that atoms stay where they are, however long it takes until the rank is killed
    let script = |steps: usize| {
        format!(
            "{}pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n{MAP}fix nve all nve
             timestep 1e-9\nthermo 1000000\nrun {steps}",
            atoms(&structure, "crystal")
        )
    };
    for (ranks, victim, frames) in [(2, 1, 5), (4, 3, 5), (2, 0, 3), (2, 0, 6), (2, 0, 9), (4, 0, 7)] {
        let what = format!("killed-{ranks}-{victim}-{frames}");
        let job = job(&what, &structure).ranks(ranks).preparation(&format!(
            "echo $$ > process.$PMI_RANK
             if [ $PMI_RANK = {victim} ]; then (
                 until [ $(cat saved.cfg | grep -c END_CFG) -ge {frames} ]; do kill -0 $$ || exit; sleep 0.01; done
                 kill -KILL $$
             ) > /dev/null 2>&1 & fi"
        ));
        let finished = job.run_bare(&format!("{}\n{}", job.plugin_load(), script(100_000_000)));
        assert_ne!(finished.code, Some(0), "{what}:\n{}", finished.output);
        assert_all_ended(&finished.folder, ranks);

        let check = |whole: &[Configuration]| {
            for (step, frame) in whole.iter().enumerate() {
                assert_eq!(frame.len(), structure.len(), "{what}, step {step}");
                assert!(frame.neighborhood_grades.is_some() && grade(frame) > 0.0, "{what}, step {step}");
            }
        };
        let whole = whole_frames(&finished.folder.join("saved.cfg"));
        assert!(whole.len() >= frames, "{what}: {} frames", whole.len());
        check(&whole);
        let next = job.preparation("").run(&script(1));
        let all = next.saved();
        assert_eq!(all.len(), whole.len() + 2, "{what}");
        assert_eq!(all[..whole.len()], whole, "{what}");
        check(&all);
    }
}
