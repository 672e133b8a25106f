//! Which configurations a cure may change: guesses to begin with, by fits that do not know the labels in question.

use super::super::shares;
use super::super::statistics::spread;
use super::cures::Cure;
use super::fit::Fit;
use super::problem::{Case, Labels, Problem};
use super::trial::better;
use super::understanding::{FITS, State};
use super::units_of_forces::{ForceSides, force_sides, telling, unit_in_use};
use crate::statistics::composition::robust_species_energies;
use crate::statistics::median;

/// Least spread of energies that a fit without them leaves, eV per atom.
const LEAST_SPREAD: f64 = 0.03;
/// Smallest factor between units that shows.
const SHOWS: f64 = 3.0;

/// Fits that do not know some of the labels.
pub(super) struct References {
    without_energies: Option<Fit>,
    without_virials: Option<Fit>,
    pub(super) forces: ForceSides,
    suspects: Vec<(Cure, Vec<bool>)>,
    /// What the best shift of energies would change.
    pub(super) shifted: Option<Vec<bool>>,
}

impl References {
    pub(super) fn new(
        problem: &Problem<'_>,
        state: &State,
        species: usize,
        suspects: &[(Cure, Vec<bool>)],
    ) -> Self {
        let labels: Vec<Labels> =
            state.labels.iter().map(|labels| Labels { virial: None, ..*labels }).collect();
        let without_virials =
            problem.fit(&labels, &state.fit.coefficients, Some(&state.fit), FITS).map(|mut fit| {
                fit.spreads[1] = state.fit.spreads[1];
                fit
            });
        let forces = problem.directions(&state.labels).map(|directions| {
            let scales = telling(problem, &state.labels, &directions);
            // The unit in use is that of the fit.
            let used = unit_in_use(problem, state, &directions);
            used.map(|middle| force_sides(&scales, middle)).unwrap_or_default()
        });
        Self {
            without_energies: blind(problem, state, species),
            without_virials,
            forces: forces.unwrap_or_default(),
            suspects: suspects.to_vec(),
            shifted: None,
        }
    }
}

/// Energies per atom less what a fit makes of them that knows none, with energies of the species put in.
fn blind(problem: &Problem<'_>, state: &State, species: usize) -> Option<Fit> {
    let labels: Vec<Labels> = state.labels.iter().map(|labels| Labels { energy: None, ..*labels }).collect();
    let mut fit = problem.fit(&labels, &state.fit.coefficients, Some(&state.fit), FITS)?;
    let functions = fit.coefficients.len() - species;
    fit.coefficients[functions..].fill(0.0);
    let points: Vec<(Vec<f64>, f64)> = problem
        .cases
        .iter()
        .zip(&state.labels)
        .filter_map(|(case, labels)| {
            let rest = (labels.energy? - case.energy(&fit.coefficients, labels.renaming)) / case.atoms;
            Some((shares(case.record, species), rest))
        })
        .collect();
    let points: Vec<(&[f64], f64)> = points.iter().map(|(shares, rest)| (shares.as_slice(), *rest)).collect();
    let energies = robust_species_energies(&points, species);
    fit.coefficients[functions..].copy_from_slice(&energies);
    let rests: Vec<f64> = energy_rests(problem, &state.labels, &fit).into_iter().flatten().collect();
    fit.spreads[0] = spread(&rests, 0.0).max(LEAST_SPREAD);
    Some(fit)
}

/// What is left of the energies.
pub(super) fn energy_rests(problem: &Problem<'_>, labels: &[Labels], fit: &Fit) -> Vec<Option<f64>> {
    let rest = |(k, (case, labels)): (usize, (&Case<'_>, &Labels))| fit.rest(k, case, labels).energy;
    problem.cases.iter().zip(labels).enumerate().map(rest).collect()
}

/// Sets of configurations to begin with.
pub(super) fn beginnings(
    problem: &Problem<'_>,
    state: &State,
    references: &References,
    cure: Cure,
) -> Vec<(Cure, Vec<bool>)> {
    let count = problem.cases.len();
    let mut all: Vec<(Cure, Vec<bool>)> = Vec::new();
    let known = references.forces.iter().chain(&references.suspects).filter(|(known, _)| *known == cure);
    all.extend(known.cloned());
    let mut fits = vec![&state.fit];
    if cure.is_of_energies() {
        fits.extend(&references.without_energies);
    } else if matches!(cure, Cure::Virial(..) | Cure::VirialSign) {
        fits.extend(&references.without_virials);
    }
    for fit in fits {
        if cure.is_shift() {
            let rests = energy_rests(problem, &state.labels, fit);
            let sides = match cure {
                Cure::SpeciesShift(..) => references.shifted.iter().cloned().collect(),
                _ => splits(&rests, fit.spreads[0]),
            };
            for side in sides {
                let of = |inside: bool| {
                    let own = (0..count).filter(|&k| {
                        side[k] == inside && cure.apply(&problem.cases[k], &state.labels[k]).is_some()
                    });
                    median(&own.filter_map(|k| rests[k]).collect::<Vec<_>>())
                };
                let mut shift = of(true) - of(false);
                if let Cure::SpeciesShift(species, _) = cure {
                    let share = |k: usize| {
                        f64::from(problem.cases[k].record.composition.get(species).copied().unwrap_or(0))
                            / problem.cases[k].atoms
                    };
                    let shares: Vec<f64> =
                        (0..count).filter(|&k| side[k]).map(share).filter(|s| *s > 0.0).collect();
                    shift /= median(&shares).max(0.05);
                }
                all.push((cure.shifted(shift), side));
            }
        } else {
            let is_better = |k: usize| {
                let (case, labels) = (&problem.cases[k], &state.labels[k]);
                better(fit, (k, case, labels), cure, 1.0).is_some()
            };
            all.push((cure, (0..count).map(is_better).collect()));
        }
    }
    if let Cure::Energy(_, _) | Cure::PerAtom | Cure::EnergySign = cure {
        all.extend(by_size(problem, state, cure).map(|side| (cure, side)));
    }
    all
}

/// Splits of what is left of energies: in two about their means, and what is far below or above.
fn splits(rests: &[Option<f64>], spread: f64) -> Vec<Vec<bool>> {
    let mut sorted: Vec<f64> = rests.iter().flatten().copied().collect();
    sorted.sort_by(f64::total_cmp);
    let total: f64 = sorted.iter().sum();
    let count = sorted.len();
    let mut best = (0.0, 0);
    let mut below = 0.0;
    for at in 1..count {
        below += sorted[at - 1];
        let (low, high) = (below / at as f64, (total - below) / (count - at) as f64);
        let between = at as f64 * (count - at) as f64 * (high - low).powi(2);
        if between > best.0 {
            best = (between, at);
        }
    }
    let mut found = Vec::new();
    if best.1 > 0 {
        let limit = sorted[best.1];
        let upper: Vec<bool> = rests.iter().map(|rest| rest.is_some_and(|rest| rest >= limit)).collect();
        let few = if 2 * (count - best.1) <= count { upper } else { upper.iter().map(|x| !x).collect() };
        found.push(few);
    }
    for sign in [1.0, -1.0] {
        found.push(rests.iter().map(|rest| rest.is_some_and(|rest| rest * sign > 3.0 * spread)).collect());
    }
    found
}

/// Energies beyond the widest gap of their sizes, on the side where the cure brings them to the others.
fn by_size(problem: &Problem<'_>, state: &State, cure: Cure) -> Option<Vec<bool>> {
    let value = |k: usize| Some(state.labels[k].energy? / problem.cases[k].atoms);
    let values: Vec<Option<f64>> = (0..problem.cases.len()).map(value).collect();
    if cure == Cure::EnergySign {
        let positive = values.iter().flatten().filter(|value| **value > 0.0).count();
        return (positive > 0)
            .then(|| values.iter().map(|value| value.is_some_and(|value| value > 0.0)).collect());
    }
    let mut sizes: Vec<f64> = values.iter().flatten().map(|value| value.abs().max(1e-6).ln()).collect();
    sizes.sort_by(f64::total_cmp);
    let gap = |k: usize| sizes[k] - sizes[k - 1];
    let at = (1..sizes.len()).max_by(|&a, &b| gap(a).total_cmp(&gap(b)))?;
    if gap(at) < SHOWS.ln() {
        return None;
    }
    let limit = 0.5 * (sizes[at] + sizes[at - 1]);
    let is_up = matches!(cure, Cure::PerAtom) || matches!(cure, Cure::Energy(_, factor) if factor > 1.0);
    Some(
        values
            .iter()
            .map(|value| value.is_some_and(|value| (value.abs().max(1e-6).ln() < limit) == is_up))
            .collect(),
    )
}
