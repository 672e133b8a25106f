//! Any bytes are a selection state that survives a round trip through the formats that can hold it, or an error.
#![no_main]

use libfuzzer_sys::fuzz_target;
use mtprs_core::format::{parse_state, write_almtp, write_als, write_state};
use mtprs_core::selection::SelectionState;

fuzz_target!(|bytes: &[u8]| {
    match parse_state(bytes, "input") {
        Ok(state) => {
            let mut own = Vec::new();
            write_state(&state, &mut own).expect("what was read can be written");
            assert_same(&parse_state(&own, "again").expect("what was written can be read"), &state);
            // Rows that are finite may have grades that are not.
            if let Ok(grade) = state.active_set.grade(state.active_set.row(0)) {
                assert!(grade < 2.0, "a row of the active set is known");
            }

            // not every state holds the potential and the configurations of its rows
            let mut als = Vec::new();
            if write_als(&state, &mut als).is_ok() {
                let again = parse_state(&als, "again.als").expect("what was written can be read");
                assert_eq!(again.potential, state.potential);
                assert_eq!(again.active_set, state.active_set);
            }
            let mut almtp = Vec::new();
            if write_almtp(&state, &mut almtp).is_ok() {
                let again = parse_state(&almtp, "again.almtp").expect("what was written can be read");
                assert_eq!(again.potential, state.potential);
                assert_eq!(again.active_set, state.active_set);
            }
        }
        Err(error) => assert!(error.to_string().starts_with("input")),
    }
});

fn assert_same(again: &SelectionState, state: &SelectionState) {
    assert_eq!(again.mode, state.mode);
    assert_eq!(again.identity, state.identity);
    assert_eq!(again.active_set, state.active_set);
    assert_eq!(again.sources, state.sources);
    assert_eq!(again.training_set, state.training_set);
}
