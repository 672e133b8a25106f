//! Selection states of all three formats: what is written is read back bit for bit, and gives the same grades.

use std::fs;

use mtprs_core::format::{load_state, parse_potential, parse_state, save_state, write_almtp};
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, RowSource, SelectionState};
use mtprs_testing::active_set::THRESHOLD;
use mtprs_testing::rows::check_rows_and_equations;
use mtprs_testing::wellformed;

use crate::small_states::{
    self, SIZE, almtp, als, configurations, folder, own, position, potential, refused, state, with_doubles,
};

#[test]
fn every_format_is_read_back_bit_for_bit() {
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = state(mode);
        assert!(state.unsupported() > 0 && state.unsupported() < SIZE, "{}", state.unsupported());
        let again = parse_state(&own(&state), "a.mtps").unwrap();
        assert_eq!(
            (again.mode, &again.active_set, &again.sources),
            (mode, &state.active_set, &state.sources)
        );
        assert_eq!((&again.identity, again.training_set.as_str()), (&state.identity, "train.cfg"));
        assert_eq!(own(&again), own(&state));

        let of_mlip2 = parse_state(&als(&state), "a.als").unwrap();
        assert_eq!((of_mlip2.mode, &of_mlip2.active_set), (mode, &state.active_set));
        assert_eq!(of_mlip2.potential, Some(potential()));
        assert_eq!(als(&of_mlip2), als(&state));
        for (a, b) in state.sources.iter().zip(&of_mlip2.sources) {
            let configuration = |state: &SelectionState, source: &RowSource| match source {
                RowSource::Unsupported => None,
                RowSource::Configuration { index, .. } => Some(state.configurations[index].clone()),
            };
            assert_eq!(configuration(&state, a), configuration(&of_mlip2, b));
        }
        let whole = almtp(&state);
        let of_mlip3 = parse_state(&whole, "a.almtp").unwrap();
        assert_eq!((of_mlip3.mode, &of_mlip3.active_set), (mode, &state.active_set));
        assert_eq!((of_mlip3.unsupported(), &of_mlip3.potential), (state.unsupported(), &Some(potential())));
        assert_eq!(parse_potential(&whole, "a.almtp").unwrap(), potential());
        let mut again = Vec::new();
        write_almtp(&of_mlip3, &mut again).unwrap();
        assert_eq!(again, whole);
        // Accurate to the arithmetic: the state was built with the same potential, read from its text. The training set has
        // twelve configurations of six atoms.
        let size = if mode == GradeMode::Neighborhood { 6 } else { 1 };
        let firsts: Vec<usize> = check_rows_and_equations(&of_mlip3, 1e-12).into_values().collect();
        assert!(firsts.iter().all(|first| first % size == 0 && *first < 12 * size), "{firsts:?}");
        assert!(firsts.is_sorted_by(|a, b| a < b), "{firsts:?}");
        let equations = of_mlip3.equations.clone();
        let state = SelectionState { equations, ..state };
        for name in ["a.mtps", "a.als", "a.almtp"] {
            let path = folder().join(format!("{mode}-{name}"));
            save_state(&state, &path).unwrap();
            assert_eq!(load_state(&path).unwrap().active_set, state.active_set);
        }
    }
}

/// States that earlier versions wrote stay readable. With `MTPRS_BLESS=1` the files are written anew.
#[test]
fn the_states_of_this_repository_are_one_state_in_three_formats() {
    let state = state(GradeMode::Neighborhood);
    let files = [("state.mtps", own(&state)), ("state.als", als(&state)), ("state.almtp", almtp(&state))];
    let read = files.map(|(name, bytes)| {
        let path = wellformed(name);
        if std::env::var_os("MTPRS_BLESS").is_some() {
            fs::write(&path, bytes).unwrap();
        }
        let read = load_state(&path).unwrap();
        assert_eq!((read.mode, read.unsupported()), (state.mode, state.unsupported()), "{name}");
        let mut grader = Grader::new(&potential(), read.clone()).unwrap();
        let of_training_set =
            configurations(12).into_iter().map(|one| grader.grade(&one).unwrap().configuration);
        let largest = of_training_set.fold(0.0, f64::max);
        assert!((1.0 - 1e-6..=THRESHOLD).contains(&largest), "{name}: {largest}");
        read.active_set
    });
    assert!(read[1..].iter().all(|active_set| *active_set == read[0]));
}

#[test]
fn grades_do_not_depend_on_the_format() {
    for mode in [GradeMode::Configuration, GradeMode::Neighborhood] {
        let state = state(mode);
        let states = [own(&state), als(&state), almtp(&state)];
        let grades = states.map(|bytes| {
            let mut grader = Grader::new(&potential(), parse_state(&bytes, "a").unwrap()).unwrap();
            configurations(15)
                .iter()
                .map(|configuration| grader.grade(configuration).unwrap())
                .collect::<Vec<_>>()
        });
        assert_eq!(grades[0], grades[1]);
        assert_eq!(grades[0], grades[2]);
        assert!(grades[0][..12].iter().all(|grades| grades.configuration <= THRESHOLD));
    }
}

#[test]
fn states_of_another_potential_or_mode_are_noticed() {
    let state = state(GradeMode::Neighborhood);
    let mut parts = potential().into_parts();
    parts.scaling = 0.11;
    let other = Potential::new(parts).unwrap();
    let hint = "\n  hint: build the state anew after training: mtprs state build POT.mtp TRAIN.cfg STATE";
    let message = state.check_potential(&other).unwrap_err().to_string();
    assert_eq!(message, format!("the state belongs to another potential: small has other scaling{hint}"));
    let own = parse_state(&own(&state), "a.mtps").unwrap();
    own.check_potential(&potential()).unwrap();
    let message = own.check_potential(&other).unwrap_err().to_string();
    assert!(message.starts_with("the state belongs to another potential: small has checksum "), "{message}");

    // Rows of configurations under the weights of single atoms.
    let whole = als(&small_states::state(GradeMode::Configuration));
    let weights = position(&whole, b"\n^") + 2;
    let turned = with_doubles(&whole, weights, &[1.0, 0.0, 0.0, 0.0]);
    let message = refused(&turned, "a.als");
    assert!(
        message.contains(
            "of the active set is not one of neighborhood mode: its entries for species_coeffs are 0.5 0.5"
        ),
        "{message}"
    );
}

#[test]
fn a_state_that_cannot_be_written_leaves_what_was_there() {
    let mut state = state(GradeMode::Configuration);
    let path = folder().join("kept.als");
    fs::write(&path, "precious").unwrap();
    state.configurations.clear();
    let message = save_state(&state, &path).unwrap_err().to_string();
    assert!(message.contains("the state does not hold configuration"), "{message}");
    state.potential = None;
    let message = save_state(&state, &path).unwrap_err().to_string();
    assert!(message.contains("the state does not hold the potential"), "{message}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}
