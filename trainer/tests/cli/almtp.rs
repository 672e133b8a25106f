//! Files of MLIP-3: a potential with its selection state, taken wherever a potential or a state is.

use mtprs_core::format::{load_potential, load_state};
use mtprs_core::selection::GradeMode;

use crate::fixture::{grades, largest};
use crate::train;

#[test]
fn a_file_stands_for_its_potential_and_for_its_state() {
    let bench = train::bench("almtp_both");
    for mode in ["configuration", "neighborhood"] {
        for file in ["state.mtps", "state.als", "both.almtp"] {
            bench.succeed(&format!("state build pot.mtp train.cfg {file} --mode {mode} -q --force"));
        }
        let graded = |potential: &str, state: &str| {
            bench.succeed(&format!("grade {potential} {state} valid.cfg - -q"))
        };
        let expected = graded("pot.mtp", "state.mtps");
        for (potential, state) in [
            ("pot.mtp", "state.als"),
            ("pot.mtp", "both.almtp"),
            ("both.almtp", "both.almtp"),
            ("both.almtp", "state.mtps"),
        ] {
            assert_eq!(graded(potential, state), expected, "{mode}: {potential} {state}");
        }
        bench.succeed(&format!(
            "select pot.mtp train.cfg valid.cfg out.cfg --mode {mode} --als-filename kept.almtp -q --force"
        ));
        bench.succeed("grade kept.almtp kept.almtp out.cfg own.cfg -q --force");
        assert!(largest(&grades(&bench, "own.cfg")) <= 1.0 + 1e-6);
    }
    for arguments in [
        "evaluate POT valid.cfg -q",
        "errors POT valid.cfg -q",
        "subsample valid.cfg - --maxvol 2 --potential POT -q",
    ] {
        let by =
            |potential: &str| bench.succeed(&arguments.replace("POT", potential)).replace(potential, "POT");
        assert_eq!(by("both.almtp"), by("pot.mtp"), "{arguments}");
    }
    assert!(bench.succeed("info both.almtp").contains("trained"));
    assert!(bench.succeed("state show both.almtp").contains("neighborhood"));
}

#[test]
fn a_training_writes_the_state_of_what_it_has_fitted_and_leaves_an_old_one_behind() {
    let bench = train::bench("almtp_train");
    let options = "--max-iter 3 --starts 1";
    let train = format!("train new.mtp train.cfg --valid-fraction 0.3 -o first.almtp {options}");
    bench.tell(&train, &["first.almtp: with the active set of neighborhood mode\n"]);
    let state = load_state(&bench.path("first.almtp")).unwrap();
    assert_eq!(state.mode, GradeMode::Neighborhood);
    assert_eq!(state.potential, Some(load_potential(&bench.path("first.almtp")).unwrap()));
    // All that was fitted is in the known region, and equations count its atoms alone.
    let count: usize = bench.read_configurations("train.cfg").iter().map(|one| one.len()).sum();
    assert!(state.equations.values().all(|&equation| equation < count));

    bench.succeed("state build first.almtp train.cfg second.almtp --mode configuration -q");
    bench.succeed(&format!("train second.almtp train.cfg -o third.almtp {options} -q"));
    assert_eq!(load_state(&bench.path("third.almtp")).unwrap().mode, GradeMode::Configuration);
    bench.succeed("grade third.almtp third.almtp train.cfg own.cfg -q");
    assert!(largest(&grades(&bench, "own.cfg")) <= 1.0 + 1e-6);

    let note = "note: the selection state of third.almtp is not written to fourth.mtp: it belongs to the previous potential\n";
    bench.tell(&format!("train third.almtp train.cfg -o fourth.mtp {options}"), &[note]);
    assert!(!bench.text("fourth.mtp").contains("#MVS"));
}
