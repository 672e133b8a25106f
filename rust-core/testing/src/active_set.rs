//! Selection states made for tests by row exchanges: one pass over structures of a seed is enough for grades around one.

use std::collections::BTreeMap;

use mtprs_core::evaluate::GradientEvaluator;
use mtprs_core::format::write_state;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::{ActiveSet, GradeMode, PotentialIdentity, RowSource, SelectionState};

use crate::random::Random;
use crate::rows::rows_of;
use crate::structure::Structure;
use crate::synthetic::ROCK_SALT_EDGE;

/// Entries of the rows that nothing is known about; larger than in earnest, so that round-off in directions without
/// any support stays far below what tests look at.
const UNKNOWN: f64 = 1e-3;

/// A row with a grade above this is taken in.
pub const THRESHOLD: f64 = 1.01;

/// Close to the largest number there is.
const LARGE: f64 = 1.5e308;

/// The file of a state.
///
/// # Panics
/// If it cannot be written.
pub fn file(potential: &Potential, mode: GradeMode, seed: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    write_state(&state(potential, mode, seed), &mut bytes).expect("memory can be written to");
    bytes
}

/// A state of a potential for crystals with atoms moved by up to 0.1 Å.
pub fn state(potential: &Potential, mode: GradeMode, seed: u64) -> SelectionState {
    let parameters = potential.parameter_layout().len();
    let structures = if mode == GradeMode::Configuration { 3 * parameters } else { 12 };
    let known = (0..structures).map(|index| structure(potential, seed, index).plain_configuration());
    of_configurations(potential, mode, known.collect(), 1)
}

/// A state of some configurations, which it holds; after enough passes none of them has a grade above [`THRESHOLD`].
///
/// # Panics
/// If one cannot be evaluated.
pub fn of_configurations(
    potential: &Potential,
    mode: GradeMode,
    configurations: Vec<Configuration>,
    passes: usize,
) -> SelectionState {
    let parameters = potential.parameter_layout().len();
    let unit = |scale: f64| {
        let mut matrix = vec![0.0; parameters * parameters];
        matrix.iter_mut().step_by(parameters + 1).for_each(|entry| *entry = scale);
        matrix
    };
    let mut rows = unit(UNKNOWN);
    let mut inverse = unit(1.0 / UNKNOWN);
    let mut sources = vec![RowSource::Unsupported; parameters];
    let mut equations = BTreeMap::new();
    let mut gradients = GradientEvaluator::new(potential).expect("the potential is trained");
    for _ in 0..passes {
        // As MLIP-3 counts atoms.
        let mut atoms = 0;
        for (index, configuration) in configurations.iter().enumerate() {
            let rows_of_configuration = rows_of(&mut gradients, mode, configuration);
            let first_equation = atoms;
            atoms += rows_of_configuration.len();
            for (atom, row) in rows_of_configuration.into_iter().enumerate() {
                let products: Vec<f64> = inverse
                    .chunks_exact(parameters)
                    .map(|column| column.iter().zip(&row).map(|(a, b)| a * b).sum())
                    .collect();
                let larger = |a: &usize, b: &usize| products[*a].abs().total_cmp(&products[*b].abs());
                let k = (0..parameters).max_by(larger).expect("there are parameters");
                if products[k].abs() <= THRESHOLD {
                    continue;
                }
                exchange(&mut inverse, k, &products);
                rows[k * parameters..(k + 1) * parameters].copy_from_slice(&row);
                let atom = (mode == GradeMode::Neighborhood).then_some(atom);
                sources[k] = RowSource::Configuration { index, atom };
                equations.insert(k, first_equation + atom.unwrap_or(0));
            }
        }
    }
    let active_set = ActiveSet::new(parameters, rows, inverse).expect("the exchanges keep the inverse");
    let mut state = SelectionState::new(mode, PotentialIdentity::of(potential), active_set, sources)
        .expect("there is a row for each parameter");
    // what files of MLIP-2 and MLIP-3 hold beside the rows
    state.equations = equations;
    state.potential = Some(potential.clone());
    state.configurations = configurations.into_iter().enumerate().collect();
    state
}

fn structure(potential: &Potential, seed: u64, index: usize) -> Structure {
    let mut random = Random::new(seed.wrapping_mul(1000) + index as u64);
    let species = potential.species().count();
    let mut structure = Structure::rock_salt([1, 1, 1], ROCK_SALT_EDGE, species).perturbed(&mut random, 0.1);
    structure.types.iter_mut().for_each(|kind| *kind = 1 + random.below(species));
    structure
}

/// Columns of the inverse after row `k` was replaced by one whose products with the columns are given.
fn exchange(inverse: &mut [f64], k: usize, products: &[f64]) {
    let size = products.len();
    let column: Vec<f64> =
        inverse[k * size..(k + 1) * size].iter().map(|value| value / products[k]).collect();
    for (j, other) in inverse.chunks_exact_mut(size).enumerate() {
        let factor = products[j];
        for (value, entry) in other.iter_mut().zip(&column) {
            *value = if j == k { *entry } else { *value - factor * entry };
        }
    }
}

/// A state without configurations that is next to nothing: atoms with neighbors have grades that are not finite.
///
/// # Panics
/// Never: the rows are multiples of unit vectors.
pub fn of_infinite_grades(potential: &Potential, mode: GradeMode) -> SelectionState {
    let size = potential.parameter_layout().len();
    let (mut rows, mut inverse) = (vec![0.0; size * size], vec![0.0; size * size]);
    for k in 0..size {
        (rows[k * size + k], inverse[k * size + k]) = (1.0 / LARGE, LARGE);
    }
    let active_set = ActiveSet::new(size, rows, inverse).expect("they are inverse to each other");
    let sources = vec![RowSource::Unsupported; size];
    SelectionState::new(mode, PotentialIdentity::of(potential), active_set, sources)
        .expect("a source for each row")
}
