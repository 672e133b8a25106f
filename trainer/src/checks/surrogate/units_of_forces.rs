//! Units of forces: by a model of their directions, in which every configuration has a factor of its own.

use super::super::forces::FORCE_UNITS;
use super::cures::Cure;
use super::fit::{Directions, QUIET};
use super::problem::{Case, Labels, Problem};
use super::trial::REPEATED;
use super::understanding::{State, cost};
use crate::statistics::median;

/// Rounds of the first fit.
const FIRST: usize = 8;
/// Factor within which forces belong together, and within which a factor is that of a unit.
const CLUSTER: f64 = 1.8;
/// Correlation from which forces tell their factor.
const TELLING: f64 = 0.6;

/// Configurations whose forces another unit brings to those of the others.
pub(super) type ForceSides = Vec<(Cure, Vec<bool>)>;

/// The first fit, in the unit of forces that energies and virials go with best, and configurations with other units.
pub(super) fn first(problem: &Problem<'_>, plain: Vec<Labels>) -> Option<State> {
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
pub(super) fn telling(problem: &Problem<'_>, labels: &[Labels], directions: &Directions) -> Vec<Option<f64>> {
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
pub(super) fn force_sides(scales: &[Option<f64>], middle: f64) -> ForceSides {
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

/// Factor between the forces of the model of directions and those of the fit.
pub(super) fn unit_in_use(problem: &Problem<'_>, state: &State, directions: &Directions) -> Option<f64> {
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
