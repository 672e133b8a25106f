//! The trial of a cure, by turns of fits and of sorting configurations, and whether it is believed.

use std::cmp::Ordering;

use super::super::statistics::{self, spread};
use super::beginnings::{References, beginnings, energy_rests};
use super::cures::Cure;
use super::fit::Fit;
use super::likeness::mixed;
use super::problem::{Case, Labels, Problem};
use super::understanding::{Cured, FITS, State};
use crate::statistics::median;

/// Rounds of fitting and sorting.
const ROUNDS: usize = 8;
/// Gain from which a cure is believed, and gain for each configuration that it changes.
const GAIN: f64 = 12.0;
const GAIN_EACH: f64 = 1.0;
/// Distance of two references of energies in units of the spread within each.
const APART: f64 = 6.0;
/// The same, eV per atom.
const LEAST_SHIFT: f64 = 0.03;
/// Shift beyond what a surrogate may leave between phases, eV per atom.
const BEYOND_PHASES: f64 = 0.6;
/// Share of the smaller group that has structures like those of the other.
const MIXED: f64 = 0.2;
/// Configurations of the smaller group for each one that is between both.
const BETWEEN: usize = 8;
/// Gain that the choice among cures takes.
const CHOICE: f64 = 3.0;
/// Cured configurations that make a rule; those of an exchange of species, what they gain on average, and at least.
pub(super) const REPEATED: usize = 3;
const RENAMED: usize = 5;
const RENAMED_EACH: f64 = 6.0;
/// Share of all configurations from which an exchange of species is believed: a few of a large set look so by chance.
const RENAMED_SHARE: f64 = 0.025;
const DOUBT: f64 = 4.0;
/// Logarithm of the odds from which a configuration is named: small virials hardly tell their sign, and forces of quiet
/// crystals hardly their unit.
const NAMED: f64 = 4.0;
/// Correlation with the model from which the part of virials beside their pressures contradicts another sign.
const CONTRADICTED: f64 = 0.3;

/// What came of a cure.
pub(super) struct Attempt {
    state: State,
    cure: Cure,
    pub(super) side: Vec<bool>,
    /// Those of the side that are named.
    named: Vec<usize>,
    gain: f64,
    is_believed: bool,
}

impl Attempt {
    pub(super) fn believed(self) -> Option<(State, Cured)> {
        let cured = Cured { cure: self.cure, members: self.named, gain: self.gain };
        self.is_believed.then_some((self.state, cured))
    }
}

/// Tries a cure from all beginnings.
pub(super) fn attempt(
    problem: &Problem<'_>,
    state: &State,
    references: &References,
    cure: Cure,
) -> Option<Attempt> {
    let mut sides: Vec<Vec<bool>> = Vec::new();
    beginnings(problem, state, references, cure)
        .into_iter()
        .filter(|(_, side)| {
            let is_new = !sides.contains(side);
            sides.push(side.clone());
            is_new
        })
        .filter_map(|(cure, side)| settle(problem, state, cure, side))
        .max_by(|a, b| {
            (a.is_believed, a.gain).partial_cmp(&(b.is_believed, b.gain)).unwrap_or(Ordering::Equal)
        })
}

/// Least number of configurations that a cure changes.
fn least(cure: Cure) -> usize {
    match cure {
        Cure::Energy(..) | Cure::PerAtom | Cure::EnergySign => 1,
        Cure::Renaming(_) => RENAMED,
        _ => REPEATED,
    }
}

/// Odds from which a configuration with a cure is named.
pub(super) fn decisive(cure: Cure) -> f64 {
    if matches!(cure, Cure::VirialSign | Cure::Forces(..)) { NAMED } else { 0.0 }
}

/// The labels of a configuration that a cure leaves, where they are likelier than those that it has.
pub(super) fn better(
    fit: &Fit,
    (k, case, labels): (usize, &Case<'_>, &Labels),
    cure: Cure,
    odds: f64,
) -> Option<Labels> {
    let mended = cure.apply(case, labels)?;
    let mut plain = fit.cost(k, case, labels);
    // Any virial that is too large fits better once it is next to nothing.
    if matches!(cure, Cure::Virial(_, factor) if case.record.volume.is_some_and(|v| factor * v < 1.0)) {
        plain = plain.min(fit.cost(k, case, &Labels { virial: Some([0.0; 6]), ..*labels }));
    }
    // Sound alloys have configurations that look a little like exchanged.
    let doubt = if matches!(cure, Cure::Renaming(_)) { DOUBT } else { 0.0 };
    (fit.cost(k, case, &mended) + odds + doubt < plain).then_some(mended)
}

/// Logarithm of the odds that a configuration is not one of this many of all.
pub(super) fn odds(members: usize, count: usize) -> f64 {
    let share = (members as f64 + 1.0) / (count as f64 + 2.0);
    ((1.0 - share) / share).ln().max(0.0)
}

fn settle(problem: &Problem<'_>, state: &State, mut cure: Cure, mut side: Vec<bool>) -> Option<Attempt> {
    let count = problem.cases.len();
    let least = least(cure);
    let mended = |cure: Cure, k: usize| cure.apply(&problem.cases[k], &state.labels[k]);
    let all = |cure: Cure, side: &[bool]| -> Vec<Labels> {
        (0..count).map(|k| mended(cure, k).filter(|_| side[k]).unwrap_or(state.labels[k])).collect()
    };
    let members = |side: &[bool]| side.iter().filter(|own| **own).count();
    let is_too_few = |side: &[bool]| members(side) < least || members(side) == count;
    let mut fit = state.fit.clone();
    for _ in 0..ROUNDS {
        if is_too_few(&side) {
            return None;
        }
        let found = State::new(problem, all(cure, &side), &fit, FITS)?;
        fit.clone_from(&found.fit);
        let by = moved(problem, &found, cure, &side);
        cure = cure.shifted(by);
        let odds = odds(members(&side), count);
        let is_better =
            |k: usize| better(&fit, (k, &problem.cases[k], &state.labels[k]), cure, odds).is_some();
        let next: Vec<bool> = (0..count).map(is_better).collect();
        let is_settled = next == side && by.abs() < 0.1 * fit.spreads[0];
        side = next;
        if is_settled {
            break;
        }
    }
    if is_too_few(&side) {
        return None;
    }
    let next = State::new(problem, all(cure, &side), &fit, FITS)?;
    let own: Vec<usize> = (0..count).filter(|&k| side[k]).collect();
    let share = own.len() as f64 / count as f64;
    let entropy = -(share * share.ln() + (1.0 - share) * (1.0 - share).ln());
    let gain = state.cost - next.cost - count as f64 * entropy - CHOICE;
    let each = if matches!(cure, Cure::Renaming(_)) { RENAMED_EACH } else { GAIN_EACH };
    let is_rare = matches!(cure, Cure::Renaming(_)) && share < RENAMED_SHARE;
    let odds = odds(own.len(), count) + decisive(cure);
    let is_named =
        |&k: &usize| better(&next.fit, (k, &problem.cases[k], &state.labels[k]), cure, odds).is_some();
    let named: Vec<usize> = own.iter().copied().filter(|k| decisive(cure) == 0.0 || is_named(k)).collect();
    // Pressures of cells of one volume hang on what the surrogate takes for zero, the rest of a virial does not.
    let is_against = cure == Cure::VirialSign && shear_correlation(problem, &next, &named) < -CONTRADICTED;
    let is_believed = !is_rare
        && !is_against
        && named.len() >= least
        && gain > GAIN.max(each * own.len() as f64)
        && is_apart(cure, &next, &own, problem);
    Some(Attempt { state: next, cure, side, named, gain, is_believed })
}

/// Correlation of what virials have beside their pressures, in labels and model, of some configurations.
fn shear_correlation(problem: &Problem<'_>, state: &State, members: &[usize]) -> f64 {
    statistics::shear_correlation(members.iter().filter_map(|&k| {
        let model = problem.cases[k].virial(&state.fit.coefficients, state.labels[k].renaming);
        Some((state.labels[k].virial?, model))
    }))
}

/// By how much a shift is off.
fn moved(problem: &Problem<'_>, state: &State, cure: Cure, side: &[bool]) -> f64 {
    let rests = energy_rests(problem, &state.labels, &state.fit);
    let middle =
        |of: &dyn Fn(usize) -> Option<f64>| median(&(0..rests.len()).filter_map(of).collect::<Vec<_>>());
    match cure {
        Cure::Shift(_) => {
            middle(&|k| rests[k].filter(|_| side[k])) - middle(&|k| rests[k].filter(|_| !side[k]))
        }
        Cure::SpeciesShift(species, _) => middle(&|k| {
            let count = *problem.cases[k].record.composition.get(species)?;
            Some(rests[k]? * problem.cases[k].atoms / f64::from(count)).filter(|_| side[k] && count > 0)
        }),
        _ => 0.0,
    }
}

/// Whether references of energies are far from each other beside what is left of either, with next to nothing between them.
fn is_apart(cure: Cure, state: &State, members: &[usize], problem: &Problem<'_>) -> bool {
    let shift = |k: usize| match cure {
        Cure::Shift(shift) => Some(shift),
        Cure::SpeciesShift(species, shift) => {
            let count = problem.cases[k].record.composition.get(species).copied().unwrap_or(0);
            Some(shift * f64::from(count) / problem.cases[k].atoms)
        }
        _ => None,
    };
    let shifts: Vec<f64> = members.iter().filter_map(|&k| Some(shift(k)?.abs())).collect();
    if shifts.is_empty() {
        return true;
    }
    let rests = energy_rests(problem, &state.labels, &state.fit);
    let own: Vec<f64> = members.iter().filter_map(|&k| rests[k]).collect();
    let spread = state.fit.spreads[0].max(spread(&own, median(&own)));
    let least = median(&shifts);
    // Where the others would be between both references.
    let is_between = |k: &usize| {
        let Some((rest, shift)) = rests[*k].zip(shift(*k)).filter(|(_, shift)| *shift != 0.0) else {
            return false;
        };
        let at = if members.contains(k) { 1.0 + rest / shift } else { rest / shift };
        (0.3..0.7).contains(&at)
    };
    let between = (0..rests.len()).filter(is_between).count();
    let is_apart = least > LEAST_SHIFT.max(APART * spread);
    let is_empty = BETWEEN * between <= members.len().min(rests.len() - members.len());
    // Phases may look so, too, which no neighbors tell apart.
    let is_explained = || {
        let few: Vec<usize> = if 2 * members.len() <= rests.len() {
            members.to_vec()
        } else {
            (0..rests.len()).filter(|k| !members.contains(k)).collect()
        };
        let mixed = mixed(problem, &few);
        mixed < REPEATED || (mixed as f64) < MIXED * few.len() as f64
    };
    is_apart && is_empty && (least > BEYOND_PHASES || !is_explained())
}
