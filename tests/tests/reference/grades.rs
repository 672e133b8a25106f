//! Extrapolation grades and selection states of lithium against MLIP-2, in both modes.
#![allow(clippy::print_stdout)] // grades side by side are worth seeing

use std::fs;
use std::path::PathBuf;

use mtprs::active_set::{Built, Kind, Settings, build, describe, log_determinant_of};
use mtprs::pipeline::{RunSettings, Supply};
use mtprs::processes::Interrupt;
use mtprs_core::format::{load_potential, load_state, parse_state, write_almtp, write_als, write_state};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::{Grader, Grades};
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_testing::read_cfg;
use mtprs_testing::rows::{check_rows_and_equations, sources_of_rows};
use mtprs_tests::shared;

/// Half a unit of the last of the six decimals that MLIP-2 prints, and a little for its own rounding.
const DIGITS: f64 = 0.51e-6;

fn lithium(file: &str) -> PathBuf {
    shared().join("data/mlearn").join(file)
}

fn potential() -> Potential {
    load_potential(&lithium("Li.mtp")).unwrap()
}

fn configurations(file: &str) -> Vec<Configuration> {
    read_cfg(&lithium(file))
}

fn printed(file: &str) -> Vec<f64> {
    let text = fs::read_to_string(lithium(file)).unwrap();
    text.lines().map(|line| line.trim().parse().unwrap()).collect()
}

fn grades(state: &str, configurations: &[Configuration]) -> Vec<Grades> {
    let state = load_state(&lithium(state)).unwrap();
    let mut grader = Grader::new(&potential(), state).unwrap();
    configurations.iter().map(|configuration| grader.grade(configuration).unwrap()).collect()
}

fn check(state: &str, configurations: &[Configuration], expected: &str) {
    let expected = printed(expected);
    assert_eq!(expected.len(), configurations.len());
    for (index, (grades, expected)) in grades(state, configurations).iter().zip(expected).enumerate() {
        let difference = (grades.configuration - expected).abs();
        let got = grades.configuration;
        assert!(difference <= DIGITS, "{state}, configuration {index}: {got} instead of {expected}");
    }
}

#[test]
fn grades_by_states_of_mlip_2_are_those_that_it_prints() {
    let test = configurations("Li_test.cfg");
    assert_eq!(test.len(), 29);
    check("reference/Li_train_configuration.als", &test, "reference/Li_test_grades_configuration_mlip2.txt");
    check("reference/Li_train_neighborhood.als", &test, "reference/Li_test_grades_neighborhood_mlip2.txt");
    let odd: Vec<_> = configurations("Li_train.cfg").into_iter().skip(1).step_by(2).collect();
    assert_eq!(odd.len(), 120);
    check("reference/Li_half_a.als", &odd, "reference/Li_half_b_grades_mlip2.txt");
}

#[test]
fn the_grade_of_a_configuration_is_the_largest_of_its_atoms() {
    let test = configurations("Li_test.cfg");
    for (configuration, grades) in test.iter().zip(grades("reference/Li_train_neighborhood.als", &test)) {
        let atoms = grades.atoms.unwrap();
        assert_eq!(atoms.len(), configuration.len());
        assert_eq!(atoms.iter().copied().fold(0.0, f64::max), grades.configuration);
    }
    assert!(
        grades("reference/Li_train_configuration.als", &test).iter().all(|grades| grades.atoms.is_none())
    );
}

#[test]
fn states_of_mlip_2_are_written_again_byte_for_byte_and_survive_our_format() {
    for (name, mode, unsupported) in [
        ("Li_train_configuration", GradeMode::Configuration, 11),
        ("Li_train_neighborhood", GradeMode::Neighborhood, 11),
        ("Li_half_a", GradeMode::Configuration, 15),
    ] {
        let bytes = fs::read(lithium(&format!("reference/{name}.als"))).unwrap();
        let state = parse_state(&bytes, name).unwrap();
        assert_eq!((state.mode, state.unsupported()), (mode, unsupported), "{name}");
        state.check_potential(&potential()).unwrap();
        let mut written = Vec::new();
        write_als(&state, &mut written).unwrap();
        let differs = written.iter().zip(&bytes).position(|(a, b)| a != b);
        assert_eq!((written.len(), differs), (bytes.len(), None), "{name}");

        let mut own = Vec::new();
        write_state(&state, &mut own).unwrap();
        let again = parse_state(&own, "own.mtps").unwrap();
        assert_eq!(again.active_set, state.active_set);
        assert_eq!((again.mode, again.sources, again.identity), (state.mode, state.sources, state.identity));
    }
}

fn built(mode: GradeMode) -> Built {
    let input = Supply::from(lithium("Li_train.cfg"));
    let run = RunSettings { threads: 2, quiet: true };
    build(&potential(), &[input], Settings::new(mode), run, Interrupt::default()).unwrap()
}

#[test]
fn our_active_sets_are_no_smaller_than_those_of_mlip_2_and_span_the_training_set() {
    let training_set = configurations("Li_train.cfg");
    for (mode, rows) in [(GradeMode::Configuration, 241), (GradeMode::Neighborhood, 11_576)] {
        let built = built(mode);
        assert_eq!((built.configurations, built.rows), (241, rows));
        let theirs = load_state(&lithium(&format!("reference/Li_train_{mode}.als"))).unwrap().active_set;
        let theirs = log_determinant_of(theirs.size(), theirs.rows());
        let ours = built.volume.log_determinant();
        assert!(ours >= theirs, "{mode}: ln |det| {ours} of ours, {theirs} of MLIP-2's");

        let state = built.state(&potential(), "Li_train.cfg").unwrap();
        let mut grader = Grader::new(&potential(), state).unwrap();
        let grades =
            training_set.iter().map(|configuration| grader.grade(configuration).unwrap().configuration);
        let largest = grades.fold(0.0, f64::max);
        assert!(largest <= 1.0 + 1e-6, "{mode}: {largest}");
        assert!(
            (largest - built.largest_grade).abs() <= 1e-7,
            "{mode}: {largest}, not {}",
            built.largest_grade
        );
    }
}

#[test]
fn what_is_unsupported_in_lithium_is_so_for_any_atoms() {
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = built(mode).state(&potential(), "Li_train.cfg").unwrap();
        let potential = potential();
        let directions = describe(&state, &potential.parameter_layout(), Some(&potential)).unwrap();
        let count: usize = directions.iter().map(|direction| direction.count).sum();
        assert_eq!(count, 11, "{mode}");
        assert!(directions.iter().all(|direction| direction.kind == Kind::Dependent), "{directions:?}");
    }
}

/// Grades of the test set by MLIP-2, by its states and by ours; `--nocapture` shows them. Both sets are of nearly the same
/// volume, but of other rows: ours are 0.66 to 1.45 times those of MLIP-2.
#[test]
fn grades_by_our_states_stand_beside_those_of_mlip_2() {
    let test = configurations("Li_test.cfg");
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let printed = printed(&format!("reference/Li_test_grades_{mode}_mlip2.txt"));
        let by_theirs = grades(&format!("reference/Li_train_{mode}.als"), &test);
        let own = built(mode).state(&potential(), "Li_train.cfg").unwrap();
        let mut grader = Grader::new(&potential(), own).unwrap();
        println!("{mode} mode\nconfiguration  MLIP-2 prints  by its state  by our state");
        for (index, (configuration, (printed, theirs))) in
            test.iter().zip(printed.iter().zip(&by_theirs)).enumerate()
        {
            let ours = grader.grade(configuration).unwrap().configuration;
            println!("{index:>13}  {printed:>13.6}  {:>12.6}  {ours:>12.6}", theirs.configuration);
            let ratio = ours / printed;
            assert!((0.5..2.0).contains(&ratio), "{mode} mode, configuration {index}: {ratio}");
        }
    }
}

/// A state that MLIP-3 itself has written, with the potential: copper, 27 parameters.
#[test]
fn a_state_of_mlip_3_holds_what_its_configurations_give_and_is_written_again() {
    let path = shared().join("data/mlip3/pot.almtp");
    let bytes = fs::read(&path).unwrap();
    let state = parse_state(&bytes, "pot.almtp").unwrap();
    assert_eq!(
        (state.mode, state.active_set.size(), state.configurations.len()),
        (GradeMode::Neighborhood, 26, 6)
    );
    assert_eq!(state.unsupported(), 3);
    let potential = load_potential(&path).unwrap();
    assert_eq!(state.potential, Some(potential.clone()));
    // Measured: 3.6e-15. The file grew over several selections, and each of them counted anew: equations of different
    // configurations may be the same.
    check_rows_and_equations(&state, 1e-12);
    let deviations = sources_of_rows(&state).into_iter().flatten().map(|(_, _, deviation)| deviation);
    println!("largest deviation of a row: {:.1e}", deviations.fold(0.0, f64::max));
    for row in 0..26 {
        let entries: Vec<f64> =
            state.active_set.row(row).iter().copied().filter(|value| *value != 0.0).collect();
        let is_unit = entries == [1e-6];
        assert_eq!(is_unit, !state.equations.contains_key(&row), "row {row}: {entries:?}");
    }

    let mut written = Vec::new();
    write_almtp(&state, &mut written).unwrap();
    // Blanks at the ends of lines, carriage returns among them, are no part of a value.
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes.split(|&byte| byte == b'\n').map(|line| line.trim_ascii_end().to_vec()).collect()
    };
    let text = |bytes: &[u8]| lines(bytes).concat();
    assert_eq!(text(&written), text(&bytes));

    let mut grader = Grader::new(&potential, state.clone()).unwrap();
    let held = state.configurations.values().map(|one| grader.grade(one).unwrap().configuration);
    let largest = held.fold(0.0, f64::max);
    println!("largest grade of the configurations that it holds: {largest}");
    assert!((1.0 - 1e-6..=1.01).contains(&largest), "{largest}");
    let mut of_mtps = Vec::new();
    write_state(&state, &mut of_mtps).unwrap();
    let mut of_als = Vec::new();
    write_als(&state, &mut of_als).unwrap();
    let training_set = read_cfg(&shared().join("data/mlip3/train.cfg"));
    for other in [of_mtps, of_als] {
        let mut other = Grader::new(&potential, parse_state(&other, "other").unwrap()).unwrap();
        for configuration in &training_set {
            assert_eq!(other.grade(configuration).unwrap(), grader.grade(configuration).unwrap());
        }
    }
}
