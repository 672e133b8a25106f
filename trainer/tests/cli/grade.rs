//! `mtprs grade` and `mtprs state`: grades in both modes, states in both formats, what goes wrong.

use std::fs;

use mtprs_core::format::{load_potential, load_state, parse_potential, save_potential, save_state};
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::active_set::of_infinite_grades;
use mtprs_testing::small_potential::SMALL_POTENTIAL;
use serde_json::Value;

use crate::fixture::{Bench, configurations, grades, largest};

/// A folder with `train.cfg` (40 configurations) and `in.cfg` (the next 20).
fn bench(name: &str) -> Bench {
    let bench = Bench::new(name);
    let all = configurations(60);
    bench.write_configurations("train.cfg", &all[..40]);
    bench.write_configurations("in.cfg", &all[40..]);
    bench
}

#[test]
fn the_training_set_is_within_its_own_active_set_and_others_are_graded() {
    let bench = bench("grade_modes");
    for mode in ["configuration", "neighborhood"] {
        let (code, stdout, stderr) =
            bench.run(&format!("state build pot.mtp train.cfg state.mtps --mode {mode} --force"));
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert!(stderr.contains(&format!("active set ({mode} mode): ")), "{stderr}");
        assert!(stderr.contains("supported"), "{stderr}");
        bench.succeed("grade pot.mtp state.mtps train.cfg own.cfg -q --force");
        let own = grades(&bench, "own.cfg");
        assert_eq!(own.len(), 40);
        let most = largest(&own);
        assert!(most <= 1.0 + 1e-6, "{mode}: {most}");
        assert!(most >= 1.0 - 1e-6, "{mode}: no row of the set is in the training set? {most}");

        bench.succeed("grade pot.mtp state.mtps in.cfg out.cfg -q --force");
        let graded = bench.read_configurations("out.cfg");
        for ((configuration, grade), given) in
            graded.iter().zip(grades(&bench, "out.cfg")).zip(bench.read_configurations("in.cfg"))
        {
            let atoms = configuration.neighborhood_grades.as_ref();
            assert_eq!(atoms.is_some(), mode == "neighborhood");
            if let Some(atoms) = atoms {
                assert_eq!(largest(atoms), grade);
            }
            assert_eq!(configuration.feature("index"), given.feature("index"));
            assert_eq!(configuration.positions, given.positions);
        }
    }
}

#[test]
fn a_training_set_in_place_of_a_state_gives_the_same_grades_and_both_formats_hold_them() {
    let bench = bench("grade_sources");
    let grade = "grade pot.mtp train.cfg in.cfg a.cfg --al-mode nbh --als-filename kept.als";
    bench.tell(grade, &["grades of 20 configurations: "]);
    bench.succeed("state build pot.mtp train.cfg state.mtps --mode neighborhood -q");
    bench.succeed("grade pot.mtp state.mtps in.cfg b.cfg -q");
    bench.succeed("grade pot.mtp kept.als in.cfg c.cfg -q");
    bench.succeed(
        "calc-grade pot.mtp train.cfg in.cfg d.cfg --nbh-weight=1 --energy-weight=0 --init-threshold=1e-5 -q",
    );
    for file in ["b.cfg", "c.cfg", "d.cfg"] {
        assert_eq!(bench.text(file), bench.text("a.cfg"), "{file}");
    }
    let (own, of_mlip2) = (bench.path("state.mtps"), bench.path("kept.als"));
    let [own, of_mlip2] = [own, of_mlip2].map(|path| load_state(&path).unwrap());
    assert_eq!(own.mode, GradeMode::Neighborhood);
    assert_eq!(own.active_set, of_mlip2.active_set);
    assert_eq!((own.training_set.as_str(), of_mlip2.training_set.as_str()), ("train.cfg", ""));
}

#[test]
fn a_state_is_the_same_for_any_number_of_threads() {
    let bench = bench("grade_threads");
    for mode in ["configuration", "neighborhood"] {
        for threads in [1, 2, 3] {
            bench.succeed(&format!(
                "state build pot.mtp train.cfg {threads}.mtps --mode {mode} -q -j {threads} --force"
            ));
        }
        let bytes = |file: &str| fs::read(bench.path(file)).unwrap();
        assert_eq!(bytes("1.mtps"), bytes("2.mtps"));
        assert_eq!(bytes("1.mtps"), bytes("3.mtps"));
    }
}

#[test]
fn directions_without_support_are_named() {
    let bench = bench("grade_unsupported");
    let mut only_magnesium = configurations(30);
    only_magnesium.iter_mut().for_each(|configuration| configuration.species.fill(0));
    bench.write_configurations("train.cfg", &only_magnesium);
    bench.succeed("state build pot.mtp train.cfg state.mtps -q");
    let report: Value =
        serde_json::from_str(&bench.succeed("state show state.mtps --potential pot.mtp --json")).unwrap();
    let layout = load_potential(&bench.path("pot.mtp")).unwrap().parameter_layout();
    let per_pair = layout.radial_coeffs().len() / 4;
    let directions = report["unsupported"].as_array().unwrap();
    for parameters in ["radial_coeffs of Mg-O", "radial_coeffs of O-Mg", "radial_coeffs of O-O"] {
        let expected = serde_json::json!({"kind": "absent", "count": per_pair, "parameters": parameters});
        assert!(directions.contains(&expected), "{expected} is missing: {directions:?}");
    }
    let expected = serde_json::json!({"kind": "absent", "count": 1, "parameters": "species_coeffs of O"});
    assert!(directions.contains(&expected), "{directions:?}");
    // For any atoms f_0 and f_1 scale against the moment coefficients, and f_1 + κ f_0 in place of f_1, which level 6
    // uses in the basis function M[1;0] alone, adds a multiple of another, M[0;0].
    let dependent: u64 = directions
        .iter()
        .filter(|direction| direction["kind"] == "dependent")
        .map(|direction| direction["count"].as_u64().unwrap())
        .sum();
    assert_eq!(dependent, 3, "{directions:?}");
    let text = bench.succeed("state show state.mtps --potential pot.mtp");
    assert!(
        text.contains("unsupported, absent from the training set: atoms that have them get large grades:\n"),
        "{text}"
    );
    let text = bench.succeed("state show state.mtps");
    assert!(text.contains("unsupported (--potential shows which)"), "{text}");

    // What has oxygen in it is far out, and the summary says so.
    bench.tell("grade pot.mtp state.mtps in.cfg out.cfg", &["20 above 10;"]);
}

#[test]
fn what_cannot_be_graded_is_refused() {
    let bench = bench("grade_refused");
    bench.succeed("state build pot.mtp train.cfg whole.mtps -q");
    let mut parts = load_potential(&bench.path("pot.mtp")).unwrap().into_parts();
    parts.parameters.moment_coeffs.as_mut().unwrap()[1] += 0.25;
    save_potential(&Potential::new(parts).unwrap(), &bench.path("other.mtp")).unwrap();
    let whole = fs::read(bench.path("whole.mtps")).unwrap();
    fs::write(bench.path("cut.mtps"), &whole[..whole.len() - 100]).unwrap();
    bench.write_configurations("none.cfg", &[]);
    bench.play("grade");
}

#[test]
fn a_start_too_small_for_the_rows_is_enlarged_and_said_so() {
    let bench = bench("grade_start");
    let mut parts = load_potential(&bench.path("pot.mtp")).unwrap().into_parts();
    parts.scaling *= 1e3;
    save_potential(&Potential::new(parts).unwrap(), &bench.path("large.mtp")).unwrap();
    let said = " times the unit matrix: 1e-5 would lose too many digits\n";
    bench.tell("state build large.mtp train.cfg state.mtps --mode neighborhood", &[said]);
    bench.succeed("grade large.mtp state.mtps train.cfg own.cfg -q");
    let largest = largest(&grades(&bench, "own.cfg"));
    assert!(largest <= 1.0 + 1e-3, "{largest}");
}

/// The small potential with coefficients so large and so small that energies and forces are sound while the square of a
/// vector, which no energy has, is infinite.
fn overflowing() -> Potential {
    let mut parts = parse_potential(SMALL_POTENTIAL.as_bytes(), "small.mtp").unwrap().into_parts();
    parts.scaling = 1e160;
    parts.parameters.moment_coeffs = Some(vec![1e-160, 0.0]);
    Potential::new(parts).unwrap()
}

/// A grade that is not finite is neither above a threshold nor below: whatever would compare it fails, and leaves no file.
#[test]
fn grades_that_are_not_finite_are_errors_at_every_door() {
    let bench = bench("grade_not_finite");
    save_potential(&overflowing(), &bench.path("overflowing.mtp")).unwrap();
    bench.succeed("evaluate overflowing.mtp in.cfg evaluated.cfg -q");
    for mode in ["configuration", "neighborhood"] {
        for command in [
            "state build overflowing.mtp train.cfg made.mtps",
            "select overflowing.mtp train.cfg in.cfg made.cfg --min-distance 0",
            "grade overflowing.mtp train.cfg in.cfg made.cfg",
        ] {
            let option = if command.starts_with("grade") { "--al-mode" } else { "--mode" };
            let message = bench.fail(1, &format!("{command} {option} {mode} -q"));
            assert!(message.contains("is not finite"), "{command}, {mode}: {message}");
            assert!(bench.files().iter().all(|file| !file.starts_with("made")), "{:?}", bench.files());
        }
    }

    // By a state whose rows are next to nothing: sound rows have infinite grades.
    let potential = load_potential(&bench.path("pot.mtp")).unwrap();
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        save_state(&of_infinite_grades(&potential, mode), &bench.path("tiny.mtps")).unwrap();
        let message = bench.fail(1, "grade pot.mtp tiny.mtps in.cfg made.cfg -q");
        let whose = if mode == GradeMode::Configuration { "a row" } else { "atom " };
        assert!(message.contains(&format!("the extrapolation grade of {whose}")), "{message}");
        assert!(message.contains("in.cfg:") && message.contains("configuration "), "{message}");
        assert!(!bench.path("made.cfg").exists());
    }

    // Grades that stand in a file: left out by name.
    let mut stored = configurations(3);
    for (configuration, grade) in stored.iter_mut().zip(["nan", "inf", "2"]) {
        configuration.set_feature("MV_grade", grade);
    }
    bench.write_configurations("stored.cfg", &stored);
    bench.succeed("filter stored.cfg kept.cfg --min-grade 1 --rejected left.cfg");
    let left = bench.text("left.cfg");
    assert_eq!(left.matches("its grade is not a finite number").count(), 2, "{left}");
    assert_eq!(grades(&bench, "kept.cfg"), [2.0]);
}
