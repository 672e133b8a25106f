//! The file of saved frames: what is in it before and after a run, and who else can read it.

use std::fs;

use mtprs_core::format::{CfgReader, write_state};
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::GradeMode;
use mtprs_tests::active_set;
use mtprs_tests::compare::assert_identical;
use mtprs_tests::lammps::{Finished, Job, atoms};
use mtprs_tests::python;
use mtprs_tests::structure::Structure;
use mtprs_tests::synthetic;

const MAP: &str = "pair_coeff * * crystal.mtp Mg V O\n";

fn job(name: &str, structure: &Structure) -> Job {
    let potential = synthetic::three_species(5.0);
    let mut state = Vec::new();
    write_state(&active_set::state(&potential, GradeMode::Neighborhood, 5), &mut state)
        .expect("a state can be written");
    Job::new(&format!("frames-{name}"))
        .structure("crystal.lmp", structure)
        .potential("crystal.mtp", &potential)
        .file("state.mtps", state)
}

fn saved(finished: &Finished) -> Vec<Configuration> {
    let path = finished.folder.join("saved.cfg");
    let frames = CfgReader::open(&path).expect("there are saved frames");
    frames.map(|frame| frame.expect("a saved frame can be read")).collect()
}

fn grade(frame: &Configuration) -> f64 {
    let (_, grade) = frame.features.iter().find(|(key, _)| key == "MV_grade").expect("a frame has a grade");
    grade.parse().expect("a grade is a number")
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
    let frames = saved(&finished);
    assert_eq!(output.lines().count(), frames.len());
    for (line, frame) in output.lines().zip(&frames) {
        let got: Vec<f64> = line.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let mut expected = vec![grade(frame)];
        expected.extend(frame.positions.as_flattened());
        expected.extend(frame.cell.vectors().iter().flatten());
        assert_identical("frame in motep", &got, &expected);
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
    assert_eq!(saved(&first).len(), 1, "the second run begins with the frame that ended the first");
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
        assert_eq!(saved(&finished).len(), frames, "{name}");
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
