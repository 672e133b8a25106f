//! Selection states of the small potential, as bytes in all three formats, and what a reader says of damaged ones.

use std::fs;
use std::path::PathBuf;

use mtprs_core::Error;
use mtprs_core::format::{parse_potential, parse_state, write_almtp, write_als, write_state};
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, SelectionState};
use mtprs_testing::active_set;
use mtprs_testing::random::Random;
use mtprs_testing::small_potential::SMALL_POTENTIAL;
use mtprs_testing::workspace;

/// Parameters of the small potential: 12 radial, 2 species, 2 moment coefficients.
pub(super) const SIZE: usize = 16;

pub(super) fn potential() -> Potential {
    parse_potential(SMALL_POTENTIAL.as_bytes(), "small.mtp").unwrap()
}

pub(super) fn folder() -> PathBuf {
    let folder = workspace().join("target/tests/selection_states");
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(super) fn configurations(count: usize) -> Vec<Configuration> {
    let mut random = Random::new(5);
    let cell = Cell::new(&[[4.2, 0.0, 0.0], [0.3, 4.4, 0.0], [0.0, 0.2, 4.6]]).unwrap();
    let make = |_| {
        let corner = |k: usize| [k % 2, k / 2 % 2, k / 4].map(|x| 2.1 * x as f64 + random.symmetric(0.3));
        let positions = (0..6).map(corner).collect();
        let mut configuration = Configuration::new(cell.clone(), vec![0, 1, 0, 1, 1, 0], positions).unwrap();
        configuration.set_feature("from", "a test");
        configuration
    };
    (0..count).map(make).collect()
}

/// A state of the small potential that holds the configurations of its rows.
pub(super) fn state(mode: GradeMode) -> SelectionState {
    let mut state = active_set::of_configurations(&potential(), mode, configurations(12), 20);
    state.training_set = "train.cfg".to_owned();
    state
}

pub(super) fn als(state: &SelectionState) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_als(state, &mut bytes).unwrap();
    bytes
}

pub(super) fn own(state: &SelectionState) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_state(state, &mut bytes).unwrap();
    bytes
}

/// A state as MLIP-3 writes it.
pub(super) fn almtp(state: &SelectionState) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_almtp(state, &mut bytes).unwrap();
    bytes
}

/// Replaces the first occurrence of a text that must be there.
pub(super) fn replaced(bytes: &[u8], old: &str, new: &str) -> Vec<u8> {
    let at = position(bytes, old.as_bytes());
    [&bytes[..at], new.as_bytes(), &bytes[at + old.len()..]].concat()
}

pub(super) fn position(bytes: &[u8], part: &[u8]) -> usize {
    bytes
        .windows(part.len())
        .position(|window| window == part)
        .unwrap_or_else(|| panic!("{part:?} is not there"))
}

pub(super) fn with_doubles(bytes: &[u8], at: usize, doubles: &[f64]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for (k, double) in doubles.iter().enumerate() {
        bytes[at + 8 * k..at + 8 * k + 8].copy_from_slice(&double.to_le_bytes());
    }
    bytes
}

pub(super) fn refused(bytes: &[u8], file: &str) -> String {
    let error: Error = parse_state(bytes, file).expect_err(file);
    format!("{:?}: {error}", error.kind())
}
