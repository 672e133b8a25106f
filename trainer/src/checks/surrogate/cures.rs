//! Faults of labels with what mends them, and which of them explain a set best.
//!
//! A cure changes the labels of some configurations. It is tried by turns: fit the surrogate to the labels that the cure
//! leaves, give each configuration the labels that fit better. What it gains is the logarithm of the ratio of likelihoods
//! less what it takes to say which configurations are meant. The best is taken, and the next looked for beside it.

use std::cmp::Ordering;

use super::super::GPA;
use super::super::energies::ENERGY_UNITS;
use super::super::forces::FORCE_UNITS;
use super::fit::{Directions, Fit, QUIET};
use super::likeness::mixed;
use super::problem::{Case, Labels, Problem};
use crate::composition::robust_species_energies;
use crate::median::median;

/// Rounds of fitting and sorting, and rounds of a fit in them.
const ROUNDS: usize = 8;
const FITS: usize = 2;
/// Rounds of the first fit.
const FIRST: usize = 8;
/// Cures that are looked for one after the other.
const MOST_CURES: usize = 4;
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
/// Gain that the choice among cures takes, and by which one with another free number must be better.
const CHOICE: f64 = 3.0;
const SIMPLER: f64 = 10.0;
/// Cured configurations that make a rule; those of an exchange of species, what they gain on average, and at least.
const REPEATED: usize = 3;
const RENAMED: usize = 5;
const RENAMED_EACH: f64 = 12.0;
const DOUBT: f64 = 4.0;
/// Factor within which forces belong together, and within which a factor is that of a unit.
const CLUSTER: f64 = 1.8;
/// Correlation from which forces tell their factor.
const TELLING: f64 = 0.6;
/// Smallest factor between units that shows.
const SHOWS: f64 = 3.0;

/// What mends a fault.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in super::super) enum Cure {
    /// Energies are multiplied.
    Energy(&'static str, f64),
    /// Energies are multiplied by the number of atoms.
    PerAtom,
    /// Energies change their sign.
    EnergySign,
    /// Energies are less by so many eV per atom.
    Shift(f64),
    /// Energies are less by so many eV for each atom of a species.
    SpeciesShift(usize, f64),
    /// Forces are multiplied.
    Forces(&'static str, f64),
    /// Virials are multiplied by the volume (Å³) and a factor.
    Virial(&'static str, f64),
    /// Virials change their sign.
    VirialSign,
    /// Species get the names of a renaming.
    Renaming(usize),
}

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

impl Cure {
    /// The labels mended; `None` where the cure changes nothing to speak of.
    pub(in super::super) fn apply(self, case: &Case<'_>, labels: &Labels) -> Option<Labels> {
        let mut mended = *labels;
        let volume = case.record.volume;
        match self {
            Self::Energy(_, factor) => mended.energy = Some(labels.energy? * factor),
            Self::PerAtom => mended.energy = Some(labels.energy? * case.atoms),
            Self::EnergySign => mended.energy = Some(-labels.energy?),
            Self::Shift(shift) => mended.energy = Some(labels.energy? - shift * case.atoms),
            Self::SpeciesShift(species, shift) => {
                let count = case.record.composition.get(species).copied().filter(|count| *count > 0)?;
                mended.energy = Some(labels.energy? - shift * f64::from(count));
            }
            Self::Forces(_, factor) => mended.force = labels.force * factor,
            Self::VirialSign => mended.virial = Some(labels.virial?.map(|w| -w)),
            Self::Virial(_, factor) => {
                let factor = factor * volume?;
                if factor.ln().abs() < SHOWS.ln() {
                    return None;
                }
                mended.virial = Some(labels.virial?.map(|w| factor * w));
            }
            Self::Renaming(renaming) => {
                if labels.renaming != 0 {
                    return None;
                }
                mended.renaming = renaming;
            }
        }
        Some(mended)
    }

    fn is_of_energies(self) -> bool {
        !matches!(self, Self::Forces(..) | Self::Virial(..) | Self::VirialSign | Self::Renaming(_))
    }

    fn is_shift(self) -> bool {
        matches!(self, Self::Shift(_) | Self::SpeciesShift(..))
    }

    /// The same cure with another shift.
    fn shifted(self, by: f64) -> Self {
        match self {
            Self::Shift(shift) => Self::Shift(shift + by),
            Self::SpeciesShift(species, shift) => Self::SpeciesShift(species, shift + by),
            other => other,
        }
    }
}

/// A guess of labels with its fit.
#[derive(Clone)]
struct State {
    labels: Vec<Labels>,
    fit: Fit,
    cost: f64,
}

impl State {
    fn new(problem: &Problem<'_>, labels: Vec<Labels>, before: &Fit, rounds: usize) -> Option<Self> {
        let fit = problem.fit(&labels, &before.coefficients, Some(before), rounds)?;
        let cost = cost(problem, &labels, &fit);
        Some(Self { labels, fit, cost })
    }
}

fn cost(problem: &Problem<'_>, labels: &[Labels], fit: &Fit) -> f64 {
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
        let odds = odds(known.members.len(), count);
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

fn candidates(problem: &Problem<'_>, species: usize) -> Vec<Cure> {
    let mut all: Vec<Cure> = ENERGY_UNITS.iter().map(|(name, unit)| Cure::Energy(name, *unit)).collect();
    all.extend([Cure::PerAtom, Cure::EnergySign, Cure::VirialSign]);
    let virials = [("eV/Å³", 1.0), ("GPa", 1.0 / GPA), ("kbar", 0.1 / GPA)];
    all.extend(virials.map(|(name, factor)| Cure::Virial(name, factor)));
    if varies(problem) {
        all.extend((0..species).map(|k| Cure::SpeciesShift(k, 0.0)));
    }
    all.extend((1..problem.renamings.len()).map(Cure::Renaming));
    all
}

/// Whether configurations differ in their shares of species.
fn varies(problem: &Problem<'_>) -> bool {
    let share = |case: &Case<'_>| super::super::shares(case.record, problem.renamings[0].len());
    let first = problem.cases.first().map(share);
    problem.cases.iter().any(|case| {
        first.as_ref().is_some_and(|first| first.iter().zip(share(case)).any(|(a, b)| (a - b).abs() > 0.02))
    })
}

/// Configurations whose forces another unit brings to those of the others.
type ForceSides = Vec<(Cure, Vec<bool>)>;

/// The first fit, in the unit of forces that energies and virials go with best, and configurations with other units.
fn first(problem: &Problem<'_>, plain: Vec<Labels>) -> Option<State> {
    let directions = problem.directions(&plain)?;
    let scales = telling(problem, &plain, &directions);
    let clusters = clusters(&scales);
    let count: usize = clusters.iter().map(|(_, count)| count).sum();
    let mut best: Option<(f64, Vec<f64>)> = None;
    for (middle, own) in &clusters {
        if 4 * own < count {
            continue;
        }
        let mut labels = plain.clone();
        for (cure, side) in force_sides(&scales, *middle) {
            for (labels, _) in labels.iter_mut().zip(&side).filter(|(_, own)| **own) {
                labels.force = factor_of(cure);
            }
        }
        let coefficients: Vec<f64> = directions.coefficients.iter().map(|value| value / middle).collect();
        if clusters.len() == 1 {
            best = Some((0.0, coefficients));
            break;
        }
        let fit = problem.fit(&labels, &coefficients, None, FIRST)?;
        let cost = cost(problem, &labels, &fit);
        if best.as_ref().is_none_or(|(known, _)| cost < *known) {
            best = Some((cost, coefficients));
        }
    }
    let (_, coefficients) = best?;
    let fit = problem.fit(&plain, &coefficients, None, FIRST)?;
    let cost = cost(problem, &plain, &fit);
    Some(State { labels: plain, fit, cost })
}

/// Factors that forces need, where they tell.
fn telling(problem: &Problem<'_>, labels: &[Labels], directions: &Directions) -> Vec<Option<f64>> {
    let sizes: Vec<f64> = problem
        .cases
        .iter()
        .zip(labels)
        .map(|(case, labels)| case.forces(&directions.coefficients, labels.renaming)[1] / case.atoms)
        .collect();
    let least = QUIET * median(&sizes);
    let scale = |(scale, size): (&Option<(f64, f64)>, &f64)| {
        scale.filter(|(_, correlation)| correlation.abs() > TELLING && *size > least).map(|(scale, _)| scale)
    };
    directions.scales.iter().zip(&sizes).map(scale).collect()
}

/// Configurations by the unit that brings their forces to those around a middle.
fn force_sides(scales: &[Option<f64>], middle: f64) -> ForceSides {
    let factor = |scale: f64| {
        let units = FORCE_UNITS.iter().map(|(name, unit)| (*name, *unit)).chain([("", 1.0)]);
        let all = units.flat_map(|(name, unit)| [(name, unit), (name, -unit)]);
        let distance = |unit: f64| {
            let ratio = scale / middle / unit;
            if ratio > 0.0 { ratio.ln().abs() } else { f64::INFINITY }
        };
        let nearest = all.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))?;
        (distance(nearest.1) < CLUSTER.ln() && nearest.1 != 1.0).then_some(nearest)
    };
    let mut found: ForceSides = Vec::new();
    for (k, scale) in scales.iter().enumerate() {
        let Some((name, unit)) = scale.and_then(factor) else { continue };
        let cure = Cure::Forces(name, unit);
        let at = found.iter().position(|(known, _)| *known == cure).unwrap_or_else(|| {
            found.push((cure, vec![false; scales.len()]));
            found.len() - 1
        });
        found[at].1[k] = true;
    }
    found.retain(|(_, side)| side.iter().filter(|own| **own).count() >= REPEATED);
    found
}

fn factor_of(cure: Cure) -> f64 {
    if let Cure::Forces(_, factor) = cure { factor } else { 1.0 }
}

/// Middles and counts of factors that belong together.
fn clusters(scales: &[Option<f64>]) -> Vec<(f64, usize)> {
    let mut found = Vec::new();
    for sign in [1.0, -1.0] {
        let mut own: Vec<f64> =
            scales.iter().flatten().map(|scale| scale * sign).filter(|scale| *scale > 0.0).collect();
        own.sort_by(f64::total_cmp);
        let groups = own.chunk_by(|a, b| b / a < CLUSTER);
        found.extend(groups.map(|group| (sign * group[group.len() / 2], group.len())));
    }
    found
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
            Some((super::super::shares(case.record, species), rest))
        })
        .collect();
    let points: Vec<(&[f64], f64)> = points.iter().map(|(shares, rest)| (shares.as_slice(), *rest)).collect();
    let energies = robust_species_energies(&points, species);
    fit.coefficients[functions..].copy_from_slice(&energies);
    let rests: Vec<f64> = energy_rests(problem, &state.labels, &fit).into_iter().flatten().collect();
    fit.spreads[0] = super::super::statistics::spread(&rests, 0.0).max(LEAST_SHIFT);
    Some(fit)
}

fn energy_rests(problem: &Problem<'_>, labels: &[Labels], fit: &Fit) -> Vec<Option<f64>> {
    let rest = |(k, (case, labels)): (usize, (&Case<'_>, &Labels))| fit.rest(k, case, labels).energy;
    problem.cases.iter().zip(labels).enumerate().map(rest).collect()
}

/// Fits that do not know some of the labels.
struct References {
    without_energies: Option<Fit>,
    without_virials: Option<Fit>,
    forces: ForceSides,
    suspects: Vec<(Cure, Vec<bool>)>,
    /// What the best shift of energies would change.
    shifted: Option<Vec<bool>>,
}

impl References {
    fn new(problem: &Problem<'_>, state: &State, species: usize, suspects: &[(Cure, Vec<bool>)]) -> Self {
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

/// Factor between the forces of the model of directions and those of the fit.
fn unit_in_use(problem: &Problem<'_>, state: &State, directions: &Directions) -> Option<f64> {
    let ratio = |(case, labels): (&Case<'_>, &Labels)| {
        let [_, fit] = case.forces(&state.fit.coefficients, labels.renaming);
        let [_, model] = case.forces(&directions.coefficients, labels.renaming);
        (fit > 0.0 && model > 0.0).then(|| (model / fit).sqrt())
    };
    let ratios: Vec<f64> = problem.cases.iter().zip(&state.labels).filter_map(ratio).collect();
    // The sign is that in which most forces go with the fit.
    let product = |(case, labels): (&Case<'_>, &Labels)| {
        let [fit, square] = case.forces(&state.fit.coefficients, labels.renaming);
        let [model, other] = case.forces(&directions.coefficients, labels.renaming);
        if square * other > 0.0 { (fit * model).signum() } else { 0.0 }
    };
    let sign = problem.cases.iter().zip(&state.labels).map(product).sum::<f64>().signum();
    (!ratios.is_empty()).then(|| sign * median(&ratios))
}

/// Sets of configurations to begin with.
fn beginnings(
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

/// What came of a cure.
struct Attempt {
    state: State,
    cure: Cure,
    side: Vec<bool>,
    gain: f64,
    is_believed: bool,
}

impl Attempt {
    fn believed(self) -> Option<(State, Cured)> {
        let members = (0..self.side.len()).filter(|&k| self.side[k]).collect();
        self.is_believed.then_some((self.state, Cured { cure: self.cure, members, gain: self.gain }))
    }
}

/// Tries a cure from all beginnings.
fn attempt(problem: &Problem<'_>, state: &State, references: &References, cure: Cure) -> Option<Attempt> {
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

/// The labels of a configuration that a cure leaves, where they are likelier than those that it has.
pub(in super::super) fn better(
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

/// Logarithm of the odds that a configuration is not one of so many of all.
pub(in super::super) fn odds(members: usize, count: usize) -> f64 {
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
    let is_believed = gain > GAIN.max(each * own.len() as f64) && is_apart(cure, &next, &own, problem);
    Some(Attempt { state: next, cure, side, gain, is_believed })
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
    let spread = state.fit.spreads[0].max(super::super::statistics::spread(&own, median(&own)));
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
