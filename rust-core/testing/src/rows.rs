//! Rows, the derivatives of energies by the parameters: those of a configuration, and those of a selection state found
//! again among them.

use std::collections::BTreeMap;

use mtprs_core::evaluate::{GradientEvaluator, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::{GradeMode, RowSource, SelectionState};

/// ∂V_i/∂θ of each atom.
///
/// # Panics
/// If the configuration cannot be evaluated.
pub fn site_rows(gradients: &mut GradientEvaluator, configuration: &Configuration) -> Vec<Vec<f64>> {
    let atoms = gradients.neighborhoods(configuration).expect("the configuration is valid");
    let mut rows = Vec::new();
    gradients
        .site_gradients(&atoms, Wanted::default(), |_, row| rows.push(row.to_vec()))
        .expect("the configuration can be evaluated");
    rows
}

/// The rows of one mode: (1/N) ∂E/∂θ, or those of [`site_rows`].
///
/// # Panics
/// As [`site_rows`].
pub fn rows_of(
    gradients: &mut GradientEvaluator,
    mode: GradeMode,
    configuration: &Configuration,
) -> Vec<Vec<f64>> {
    let rows = site_rows(gradients, configuration);
    if mode == GradeMode::Neighborhood {
        return rows;
    }
    let share = 1.0 / rows.len() as f64;
    let mut sum = vec![0.0; rows[0].len()];
    rows.iter().for_each(|row| sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += share * value));
    vec![sum]
}

/// For each row its configuration and, in neighborhood mode, the atom whose derivatives it is, with the largest deviation
/// relative to the largest entry of the row; `None` for rows from nowhere.
///
/// # Panics
/// If the state lacks its potential or a configuration.
pub fn sources_of_rows(state: &SelectionState) -> Vec<Option<(usize, usize, f64)>> {
    let potential = state.potential.as_ref().expect("the state holds its potential");
    let mut gradients = GradientEvaluator::new(potential).expect("the potential is trained");
    let find = |(k, source): (usize, &RowSource)| {
        let RowSource::Configuration { index, .. } = *source else { return None };
        let rows = rows_of(&mut gradients, state.mode, &state.configurations[&index]);
        let row = state.active_set.row(k);
        let largest = row.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
        let deviation = |other: &Vec<f64>| {
            other.iter().zip(row).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs())) / largest
        };
        let candidates = rows.iter().map(deviation).enumerate();
        let (atom, deviation) = candidates.min_by(|a, b| a.1.total_cmp(&b.1)).expect("it has atoms");
        Some((index, atom, deviation))
    };
    state.sources.iter().enumerate().map(find).collect()
}

/// Checks that every row is made of the derivatives that it is said to be made of, to a deviation, and that within a
/// configuration equations differ as the atoms do; returns the first equation of each configuration.
///
/// # Panics
/// If that is not so.
pub fn check_rows_and_equations(state: &SelectionState, tolerance: f64) -> BTreeMap<usize, usize> {
    let mut firsts = BTreeMap::new();
    for (row, found) in sources_of_rows(state).into_iter().enumerate() {
        let Some((index, atom, deviation)) = found else {
            assert!(!state.equations.contains_key(&row), "row {row} comes from nowhere");
            continue;
        };
        assert!(
            deviation <= tolerance,
            "row {row}, configuration {index}, atom {atom}: off by {deviation:e}"
        );
        let first = state.equations[&row].checked_sub(atom).expect("equations count atoms from zero");
        assert_eq!(
            *firsts.entry(index).or_insert(first),
            first,
            "row {row}, configuration {index}, atom {atom}"
        );
    }
    firsts
}
