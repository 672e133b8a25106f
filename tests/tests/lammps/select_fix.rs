//! The fix that saves frames and stops runs: it comes with the keywords of the pair style, acts once on every evaluation of a
//! run, before other fixes, and goes with the pair style.

use std::path::Path;

use mtprs_core::selection::GradeMode;
use mtprs_testing::structure::Structure;
use mtprs_testing::{read_cfg, synthetic};
use mtprs_tests::lammps::{Finished, Job, atoms, feature_number};

/// A pair style that saves whatever it grades.
const SAVES: &str = "pair_style mtp/rs state state.mtps select 1e-9 save saved.cfg\n";

const MAP: &str = "pair_coeff * * crystal.mtp Mg V O\n";

fn job(name: &str, structure: &Structure) -> Job {
    let job = Job::new(&format!("select-fix-{name}"));
    job.crystal(structure).state("state.mtps", GradeMode::Neighborhood)
}

/// Steps of the frames in a file, in their order.
fn steps_in(path: &Path) -> Vec<u64> {
    read_cfg(path).iter().map(|frame| feature_number(frame, "step") as u64).collect()
}

fn steps(finished: &Finished) -> Vec<u64> {
    steps_in(&finished.folder.join("saved.cfg"))
}

/// How many such fixes each `info fixes` of a script has found.
fn counts(finished: &Finished) -> Vec<usize> {
    let answers = finished.output.split("Fix information:").skip(1);
    answers.map(|answer| answer.matches("MTPRS/SELECT").count()).collect()
}

/// Also where the other fix stands before the pair style, and in a line search, where fix halt looks right after the forces.
#[test]
fn acts_before_a_fix_that_stops_the_run() {
    let structure = synthetic::crystal(110);
    for (name, command) in [("run", "run 5"), ("minimize", "minimize 0 1e-9 5 50")] {
        let job = job(name, &structure).ranks(2);
        let finished = job.run_bare(&format!(
            "{}\n{}variable always equal 1.0
             fix nve all nve
             fix halt all halt 1 v_always > 0.5 error hard
             {SAVES}{MAP}{command}",
            job.plugin_load(),
            atoms(&structure, "crystal")
        ));
        assert!(
            finished.output.contains("Fix halt condition for fix-id halt met on step 1"),
            "{}",
            finished.output
        );
        assert_eq!(steps(&finished), [0, 1], "{name}");
    }
}

/// `rerun` has fixes begin anew with every snapshot; what the log file says is of all of them.
#[test]
fn saves_every_snapshot_of_a_rerun_once() {
    let structure = synthetic::crystal(111);
    let finished = job("rerun", &structure).ranks(2).run(&format!(
        "{}pair_style mtp/rs\n{MAP}fix nve all nve
         dump all all custom 1 all.dump id type x y z
         run 4
         undump all
         {SAVES}rerun all.dump dump x y z",
        atoms(&structure, "crystal")
    ));
    assert_eq!(steps(&finished), [0, 1, 2, 3, 4]);
    assert!(finished.output.contains(", 5 frames saved in saved.cfg"), "{}", finished.output);
}

/// Fixes are called at every level of rRESPA, the pair style at one.
#[test]
fn saves_every_step_of_respa_once() {
    let structure = synthetic::crystal(112);
    let finished = job("respa", &structure).run(&format!(
        "{}{SAVES}{MAP}fix nve all nve\nrun_style respa 2 2 pair 2\nrun 3",
        atoms(&structure, "crystal")
    ));
    assert_eq!(steps(&finished), [0, 1, 2, 3]);
}

#[test]
fn is_there_with_the_potential() {
    let structure = synthetic::crystal(113);
    let style = |settings: &str| format!("pair_style mtp/rs {settings}\nrun 0\ninfo fixes\n");
    let finished = job("keywords", &structure).run(&format!(
        "{}{SAVES}info fixes\n{MAP}info fixes\nrun 0
         unfix MTPRS_SELECT_0\ninfo fixes\nrun 0\ninfo fixes
         {}{}{}
         pair_style hybrid/overlay mtp/rs state state.mtps break 1e9 mtp/rs state state.mtps select 1e9 save saved.cfg
         pair_coeff * * mtp/rs 1 crystal.mtp Mg V O
         pair_coeff * * mtp/rs 2 crystal.mtp Mg V O
         run 0\ninfo fixes
         pair_style none\ninfo fixes",
        atoms(&structure, "crystal"),
        style("state state.mtps"),
        style("state state.mtps break 1e9"),
        style(""),
    ));
    assert_eq!(counts(&finished), [0, 1, 0, 1, 1, 1, 1, 2, 0]);
    // the fix that was taken away knew that the frame of step 0 was saved, the next one does not
    assert_eq!(steps(&finished), [0, 0]);
}

/// The second stage of a nudged elastic band makes no list of fixes either, although the minimizer has added one of its own.
#[test]
fn acts_in_both_stages_of_a_nudged_elastic_band() {
    let structure = synthetic::crystal(116);
    let [x, y, z] = structure.positions[0];
    let job = job("neb", &structure)
        .file("final", format!("1\n1 {} {y} {z}\n", x + 0.1))
        .ranks(2)
        .arguments(&["-partition", "2x1", "-screen", "screen"]);
    job.run(&format!(
        "variable replica uloop 2
         {}{}{MAP}
         fix spring all neb 1.0
         min_style quickmin
         neb 0.0 1e-9 4 4 2 final final",
        atoms(&structure, "crystal").replace("clear\n", ""),
        SAVES.replace("saved.cfg", "saved.${replica}"),
    ));
    for replica in [1, 2] {
        let steps = steps_in(&job.folder().join(format!("saved.{replica}")));
        assert_eq!(steps, [0, 1, 2, 3, 4, 5, 6, 7, 8], "replica {replica}");
    }
}

/// `pre no` makes no list of fixes: what pair_style asks for in between holds all the same.
#[test]
fn keeps_up_with_settings_between_runs_without_setup() {
    let structure = synthetic::crystal(115);
    let finished = job("pre-no", &structure).run(&format!(
        "{}{SAVES}{MAP}fix nve all nve\nrun 1
         pair_style mtp/rs state state.mtps\nrun 1 pre no
         {SAVES}run 1 pre no\n{MAP}run 1 pre no",
        atoms(&structure, "crystal")
    ));
    assert_eq!(steps(&finished), [0, 1, 3, 4]);
    // and where nothing was asked for in the first run
    let finished = job("pre-no-first", &structure).run(&format!(
        "{}pair_style mtp/rs\n{MAP}fix nve all nve\nrun 1\n{SAVES}{MAP}run 1 pre no",
        atoms(&structure, "crystal")
    ));
    assert_eq!(steps(&finished), [2]);
}

#[test]
fn goes_with_the_plugin() {
    let structure = synthetic::crystal(114);
    let job = job("plugin", &structure);
    let finished = job.run(&format!(
        "{}{SAVES}{MAP}fix nve all nve\nrun 1
         plugin unload pair mtp/rs
         plugin unload pair mlip
         info fixes
         {}
         {SAVES}{MAP}run 1\ninfo fixes
         clear
         {}{SAVES}info fixes\n{MAP}info fixes\nrun 0",
        atoms(&structure, "crystal"),
        job.plugin_load(),
        atoms(&structure, "crystal"),
    ));
    assert_eq!(counts(&finished), [0, 1, 0, 1]);
    assert_eq!(steps(&finished), [0, 1, 1, 2, 0]);
}
