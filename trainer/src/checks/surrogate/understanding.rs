//! Faults of labels with what mends them, and which of them explain a set best.
//!
//! A cure changes the labels of some configurations. It is tried by turns: fit the surrogate to the labels that the cure
//! leaves, give each configuration the labels that fit better. What it gains is the logarithm of the ratio of likelihoods
//! less what it takes to say which configurations are meant. The best is taken, and the next looked for beside it.

use super::beginnings::References;
use super::cures::{Cure, candidates};
use super::fit::Fit;
use super::problem::{Case, Labels, Problem};
use super::trial::{Attempt, attempt, better, decisive, odds};
use super::units_of_forces::first;

/// Cures that are looked for one after the other.
const MOST_CURES: usize = 4;
/// Gain by which a cure with another free number must be better.
const SIMPLER: f64 = 10.0;
/// Rounds of a fit to other labels.
pub(super) const FITS: usize = 2;

/// A cure and the configurations that it changes.
#[derive(Clone, Debug)]
pub(in super::super) struct Cured {
    pub(in super::super) cure: Cure,
    pub(in super::super) members: Vec<usize>,
    pub(in super::super) gain: f64,
}

/// What was understood of a set.
pub(in super::super) struct Understood {
    pub(in super::super) labels: Vec<Labels>,
    pub(in super::super) fit: Fit,
    pub(in super::super) cured: Vec<Cured>,
}

/// A guess of labels with its fit.
#[derive(Clone)]
pub(super) struct State {
    pub(super) labels: Vec<Labels>,
    pub(super) fit: Fit,
    pub(super) cost: f64,
}

impl State {
    pub(super) fn new(
        problem: &Problem<'_>,
        labels: Vec<Labels>,
        before: &Fit,
        rounds: usize,
    ) -> Option<Self> {
        let fit = problem.fit(&labels, &before.coefficients, Some(before), rounds)?;
        let cost = cost(problem, &labels, &fit);
        Some(Self { labels, fit, cost })
    }
}

pub(super) fn cost(problem: &Problem<'_>, labels: &[Labels], fit: &Fit) -> f64 {
    problem.cases.iter().zip(labels).enumerate().map(|(k, (case, labels))| fit.cost(k, case, labels)).sum()
}

/// Finds the labels that were meant.
pub(in super::super) fn understand(
    problem: &Problem<'_>,
    species: usize,
    suspects: &[(Cure, Vec<bool>)],
) -> Option<Understood> {
    let plain: Vec<Labels> = problem
        .cases
        .iter()
        .map(|case| Labels {
            energy: case.record.energy,
            virial: case.record.virial,
            force: 1.0,
            renaming: 0,
        })
        .collect();
    let mut state = first(problem, plain)?;
    let mut cured: Vec<Cured> = Vec::new();
    for _ in 0..MOST_CURES {
        let mut references = References::new(problem, &state, species, suspects);
        let shift = attempt(problem, &state, &references, Cure::Shift(0.0));
        references.shifted = shift.as_ref().map(|found| found.side.clone());
        let shift = shift.and_then(Attempt::believed);
        let cures =
            candidates(problem, species).into_iter().chain(references.forces.iter().map(|(cure, _)| *cure));
        let found = cures
            .filter(|cure| !cured.iter().any(|known| known.cure == *cure))
            .filter_map(|cure| attempt(problem, &state, &references, cure)?.believed())
            .chain(shift)
            .reduce(|best, next| {
                let margin = margin(best.1.cure, next.1.cure);
                if next.1.gain > best.1.gain + margin { next } else { best }
            });
        let Some((next, best)) = found else { break };
        state = next;
        cured.push(best);
    }
    let State { labels, fit, .. } = state;
    Some(Understood { labels, fit, cured })
}

/// By how much a cure must be better than another: of those that explain the same, the simpler one is taken.
fn margin(best: Cure, next: Cure) -> f64 {
    let freedom = |cure: Cure| match cure {
        Cure::SpeciesShift(..) => 2.0,
        Cure::Shift(_) => 1.0,
        _ => 0.0,
    };
    SIMPLER * (freedom(next) - freedom(best))
}

/// Sorts all configurations by what was understood of a part.
pub(in super::super) fn sort(problem: &Problem<'_>, part: Understood, count: usize) -> Understood {
    let plain = |case: &Case<'_>| Labels {
        energy: case.record.energy,
        virial: case.record.virial,
        force: 1.0,
        renaming: 0,
    };
    let mut labels: Vec<Labels> = problem.cases.iter().map(plain).collect();
    let fit = part.fit.of_all();
    let mut cured = Vec::new();
    for known in part.cured {
        let odds = odds(known.members.len(), count) + decisive(known.cure);
        let mut members = Vec::new();
        for (k, case) in problem.cases.iter().enumerate() {
            if let Some(mended) = better(&fit, (k, case, &labels[k]), known.cure, odds) {
                labels[k] = mended;
                members.push(k);
            }
        }
        cured.push(Cured { members, ..known });
    }
    cured.retain(|cured| !cured.members.is_empty());
    Understood { labels, fit, cured }
}
