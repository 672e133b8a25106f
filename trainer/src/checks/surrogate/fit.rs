//! The fit of a surrogate, which few wrong labels do not move, and how likely labels are beside it.

use super::super::statistics::spread;
use super::problem::{Case, Labels, Problem, Solution, Weights};
use crate::statistics::median;

/// Degrees of freedom of the distributions of what a fit leaves: heavy tails.
const TAIL: f64 = 3.0;
/// Forces of a configuration count as this many numbers, because what a fit leaves of them is alike.
const FORCES: f64 = 8.0;
/// Least spreads: energies (eV per atom), virials (eV per atom), forces (relative).
const LEAST: [f64; 3] = [5e-4, 1e-3, 0.03];
/// Mean square force beside the median below which forces say little.
pub(super) const QUIET: f64 = 1e-2;
/// Square of the correlation with the model below which forces are not understood.
const UNDERSTOOD: f64 = 0.25;

/// Rounds of the fit of the forces alone.
const ROUNDS: usize = 10;

/// A fitted surrogate.
#[derive(Clone, Debug)]
pub(in super::super) struct Fit {
    pub(in super::super) coefficients: Vec<f64>,
    /// Spreads: energy (eV per atom), virial (eV per atom), forces (relative).
    pub(in super::super) spreads: [f64; 3],
    /// Size of the virials, eV per atom, and the mean square force below which forces say little.
    size: f64,
    quiet: f64,
    /// Shares of the energies that follow from themselves.
    leverages: Vec<f64>,
    /// Of the forces of each configuration: product with the labels, and sum of squares, with the names of its species.
    sums: Vec<(usize, [f64; 2])>,
}

/// What a fit leaves of the labels of a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Rest {
    /// eV per atom.
    pub(in super::super) energy: Option<f64>,
    /// Mean square over components, in units of the spread.
    pub(in super::super) virial: Option<f64>,
    /// Square beside that of the model.
    pub(in super::super) forces: Option<f64>,
}

/// Forces beside a model that knows their directions only.
pub(in super::super) struct Directions {
    pub(in super::super) coefficients: Vec<f64>,
    /// Factor that labels need, and correlation, where forces say anything.
    pub(in super::super) scales: Vec<Option<(f64, f64)>>,
}

impl Problem<'_> {
    /// A model of the directions of forces, whatever the units of each configuration are.
    pub(in super::super) fn directions(&self, labels: &[Labels]) -> Option<Directions> {
        let telling = |case: &Case<'_>| case.square.filter(|square| *square > 1e-8 * case.atoms);
        let mut scales = vec![1.0; self.cases.len()];
        let squares: Vec<Option<f64>> = self.cases.iter().map(telling).collect();
        let mut weights: Vec<f64> = squares.iter().map(|square| square.map_or(0.0, |s| 1.0 / s)).collect();
        let mut found = None;
        for _ in 0..ROUNDS {
            let scaled: Vec<Labels> = labels
                .iter()
                .zip(&scales)
                .map(|(labels, scale)| Labels { force: *scale, ..*labels })
                .collect();
            let all: Vec<Weights> = weights
                .iter()
                .zip(&self.cases)
                .map(|(weight, case)| Weights { forces: weight * case.atoms, ..Weights::default() })
                .collect();
            let mut coefficients = self.solve(&scaled, &all)?.coefficients;
            let sums: Vec<[f64; 2]> =
                self.cases.iter().zip(labels).map(|(c, l)| c.forces(&coefficients, l.renaming)).collect();
            let scale = |k: usize| {
                let (square, [product, model]) = (squares[k]?, sums[k]);
                (model > 0.0).then(|| (product / square, product / (square * model).sqrt()))
            };
            let own: Vec<Option<(f64, f64)>> = (0..sums.len()).map(scale).collect();
            let understood = own.iter().flatten().filter(|(_, correlation)| correlation.powi(2) > UNDERSTOOD);
            let sizes: Vec<f64> = understood.clone().map(|(scale, _)| scale.abs().ln()).collect();
            if sizes.is_empty() {
                return None;
            }
            let turned = 2 * understood.filter(|(scale, _)| *scale < 0.0).count() > sizes.len();
            let middle = median(&sizes).exp() * if turned { -1.0 } else { 1.0 };
            coefficients.iter_mut().for_each(|value| *value /= middle);
            let own: Vec<Option<(f64, f64)>> =
                own.into_iter().map(|o| o.map(|(s, c)| (s / middle, if turned { -c } else { c }))).collect();
            let models: Vec<f64> = sums.iter().map(|[_, model]| model / middle.powi(2)).collect();
            let per_atom: Vec<f64> = (0..models.len())
                .filter(|&k| squares[k].is_some())
                .map(|k| models[k] / self.cases[k].atoms)
                .collect();
            let quiet = 1e-3 * median(&per_atom);
            for k in 0..models.len() {
                let correlation = own[k].map_or(0.0, |(_, correlation)| correlation);
                scales[k] = own[k].map_or(1.0, |(scale, _)| scale);
                weights[k] = correlation.powi(2) / (models[k] + self.cases[k].atoms * quiet).max(1e-300);
            }
            found = Some(Directions { coefficients, scales: own });
        }
        found
    }

    /// Fits all labels, beginning with coefficients or a fit.
    pub(in super::super) fn fit(
        &self,
        labels: &[Labels],
        coefficients: &[f64],
        before: Option<&Fit>,
        rounds: usize,
    ) -> Option<Fit> {
        let squares: Vec<[f64; 2]> =
            self.cases.iter().zip(labels).map(|(c, l)| c.forces(coefficients, l.renaming)).collect();
        let per_atom: Vec<f64> = self
            .cases
            .iter()
            .zip(&squares)
            .filter(|(case, _)| case.square.is_some())
            .map(|(case, [_, square])| square / case.atoms)
            .collect();
        let quiet = QUIET * median(&per_atom);
        let sizes = self.cases.iter().zip(labels).filter_map(|(case, labels)| {
            Some((labels.virial?.iter().map(|w| w * w).sum::<f64>() / 6.0).sqrt() / case.atoms)
        });
        let size = median(&sizes.collect::<Vec<_>>()).max(LEAST[1]);
        let mut fit = before.cloned().unwrap_or_else(|| Fit {
            coefficients: coefficients.to_vec(),
            spreads: [0.1, size, 0.1],
            size,
            quiet,
            leverages: Vec::new(),
            sums: Vec::new(),
        });
        (fit.size, fit.quiet) = (size, quiet);
        fit.sums = labels.iter().map(|labels| labels.renaming).zip(squares).collect();
        fit.leverages.clear();
        let mut is_first = before.is_none();
        let mut last: Option<(Solution, Vec<Weights>)> = None;
        for _ in 0..rounds {
            let weights: Vec<Weights> = self
                .cases
                .iter()
                .zip(labels)
                .enumerate()
                .map(|(k, (case, labels))| fit.weights(k, case, labels, is_first))
                .collect();
            let solution = self.solve(labels, &weights)?;
            fit.coefficients.clone_from(&solution.coefficients);
            fit.leverages.clear();
            fit.sum_forces(self, labels);
            fit.measure(self, labels);
            is_first = false;
            last = Some((solution, weights));
        }
        if let Some((solution, weights)) = last {
            fit.leverages = self.leverages(&solution, labels, &weights);
            fit.measure(self, labels);
        }
        Some(fit)
    }
}

impl Fit {
    /// Spread of a virial of a configuration, eV per atom: a larger one is predicted worse.
    fn virial_spread(&self, case: &Case<'_>, labels: &Labels) -> f64 {
        let modeled = case.virial(&self.coefficients, labels.renaming);
        let mean = modeled.iter().map(|w| w * w).sum::<f64>() / 6.0 / case.atoms.powi(2);
        self.spreads[1] * (1.0 + mean / self.size.powi(2)).sqrt()
    }

    /// The fit for other configurations.
    pub(super) fn of_all(&self) -> Self {
        Self { leverages: Vec::new(), sums: Vec::new(), ..self.clone() }
    }

    fn sum_forces(&mut self, problem: &Problem<'_>, labels: &[Labels]) {
        let sums = |(case, labels): (&Case<'_>, &Labels)| {
            (labels.renaming, case.forces(&self.coefficients, labels.renaming))
        };
        self.sums = problem.cases.iter().zip(labels).map(sums).collect();
    }

    /// Of the forces: product with the labels, and sum of squares.
    fn forces(&self, k: usize, case: &Case<'_>, renaming: usize) -> [f64; 2] {
        match self.sums.get(k) {
            Some((known, sums)) if *known == renaming => *sums,
            _ => case.forces(&self.coefficients, renaming),
        }
    }

    /// What is left of the labels.
    pub(in super::super) fn rest(&self, k: usize, case: &Case<'_>, labels: &Labels) -> Rest {
        let energy = labels.energy.map(|value| {
            let rest = (value - case.energy(&self.coefficients, labels.renaming)) / case.atoms;
            rest / (1.0 - self.leverages.get(k).copied().unwrap_or(0.0))
        });
        let virial = labels.virial.map(|virial| {
            let modeled = case.virial(&self.coefficients, labels.renaming);
            let square = virial.iter().zip(modeled).map(|(a, b)| (a - b).powi(2)).sum::<f64>() / 6.0;
            square / case.atoms.powi(2) / self.virial_spread(case, labels).powi(2)
        });
        let forces = case.square.map(|square| {
            let [product, model] = self.forces(k, case, labels.renaming);
            let (square, product) = (square * labels.force.powi(2), product * labels.force);
            (square - 2.0 * product + model).max(0.0) / (model + case.atoms * self.quiet)
        });
        Rest { energy, virial, forces }
    }

    fn weights(&self, k: usize, case: &Case<'_>, labels: &Labels, is_first: bool) -> Weights {
        let rest = self.rest(k, case, labels);
        let tail = |square: f64| if is_first { 1.0 } else { (TAIL + 1.0) / (TAIL + square) };
        let [energy, _, forces] = self.spreads;
        Weights {
            energy: rest.energy.map_or(0.0, |rest| tail((rest / energy).powi(2)) / energy.powi(2)),
            virial: rest.virial.map_or(0.0, |rest| tail(rest) / self.virial_spread(case, labels).powi(2)),
            forces: rest.forces.map_or(0.0, |rest| {
                let [_, model] = self.forces(k, case, labels.renaming);
                let relative = tail(rest / forces.powi(2)) / forces.powi(2);
                relative * case.atoms / (model + case.atoms * self.quiet).max(1e-300)
            }),
        }
    }

    /// Sets the spreads by what is left.
    fn measure(&mut self, problem: &Problem<'_>, labels: &[Labels]) {
        let rests: Vec<Rest> =
            problem.cases.iter().zip(labels).enumerate().map(|(k, (c, l))| self.rest(k, c, l)).collect();
        let energies: Vec<f64> = rests.iter().filter_map(|rest| rest.energy).collect();
        if !energies.is_empty() {
            self.spreads[0] = spread(&energies, 0.0).max(LEAST[0]);
        }
        let virials: Vec<f64> = rests.iter().filter_map(|rest| rest.virial).collect();
        if !virials.is_empty() {
            self.spreads[1] = (self.spreads[1] * median(&virials).sqrt()).max(LEAST[1]);
        }
        let forces: Vec<f64> = rests.iter().filter_map(|rest| rest.forces).collect();
        if !forces.is_empty() {
            self.spreads[2] = median(&forces).sqrt().max(LEAST[2]);
        }
    }

    /// Minus the logarithm of the likelihood of the labels of a configuration.
    pub(in super::super) fn cost(&self, k: usize, case: &Case<'_>, labels: &Labels) -> f64 {
        let rest = self.rest(k, case, labels);
        let tail = |square: f64, count: f64| 0.5 * (TAIL + count) * (count * square / TAIL).ln_1p();
        let [energy, _, forces] = self.spreads;
        let of_energy = rest.energy.map_or(0.0, |rest| energy.ln() + tail((rest / energy).powi(2), 1.0));
        let of_virial =
            rest.virial.map_or(0.0, |rest| 6.0 * self.virial_spread(case, labels).ln() + tail(rest, 6.0));
        let of_forces =
            rest.forces.map_or(0.0, |rest| FORCES * forces.ln() + tail(rest / forces.powi(2), FORCES));
        of_energy + of_virial + of_forces
    }
}
