//! What a fit minimizes: the [loss](super::loss) with its ridge, without the parameters that keep their values, and what is
//! known of its curvature.

use mtprs_core::Result;
use mtprs_core::potential::ParameterLayout;

use super::loss::{Evaluation, Objective, is_held_back, ridge};
use super::settings::{FitSettings, Method};
use crate::optimizer::Gram;
use crate::random::splitmix;

/// What is fitted to what.
pub struct Problem<'a> {
    /// The loss to be minimized.
    pub training: Objective<'a>,
    /// The loss of random beginnings, over some of the same configurations.
    pub beginning: Objective<'a>,
    /// The loss that is only looked at.
    pub validation: Option<Objective<'a>>,
    /// How.
    pub settings: &'a FitSettings,
    /// Parameters before the fit; species energies are set.
    pub first: Vec<f64>,
    /// Whether radial coefficients of `first` are from a training.
    pub is_trained: bool,
}

impl Problem<'_> {
    /// Blocks of the parameters.
    pub fn layout(&self) -> ParameterLayout {
        self.training.layout()
    }

    /// Which parameters keep their values.
    pub fn frozen(&self) -> Vec<bool> {
        let layout = self.layout();
        let frozen = self.settings.frozen;
        let species = frozen.species || self.settings.species_energies.is_some();
        let blocks = [
            (layout.radial_coeffs(), frozen.radial),
            (layout.species_coeffs(), species),
            (layout.moment_coeffs(), frozen.moment),
        ];
        let mut fixed = vec![false; layout.len()];
        for (range, is_frozen) in blocks {
            fixed[range].fill(is_frozen);
        }
        fixed
    }

    /// Whether E, F and W are not linear in each parameter: whether it is a radial coefficient.
    pub fn nonlinear(&self) -> Vec<bool> {
        let layout = self.layout();
        (0..layout.len()).map(|index| layout.radial_coeffs().contains(&index)).collect()
    }

    /// Loss with penalty, and its gradient, which is zero where parameters keep their values.
    pub fn evaluate(&self, objective: &Objective<'_>, parameters: &[f64]) -> Result<Evaluation> {
        let mut evaluation = objective.evaluate(parameters, true)?;
        if !evaluation.loss.is_finite() {
            return Ok(evaluation);
        }
        ridge(self.settings.ridge, &self.layout(), parameters, &mut evaluation);
        for (slope, fixed) in evaluation.gradient.iter_mut().zip(self.frozen()) {
            if fixed {
                *slope = 0.0;
            }
        }
        Ok(evaluation)
    }

    /// The Gauss-Newton matrix with the curvature of the penalty, and whether it is exact: sampled by a seed where that
    /// takes fewer rows than there are numbers to be fitted.
    pub fn gauss_newton(
        &self,
        objective: &Objective<'_>,
        parameters: &[f64],
        seed: u64,
    ) -> Result<(Gram, bool)> {
        let settings = self.settings;
        let layout = self.layout();
        let workers = objective.workers();
        let mut gram = Gram::new(layout.len());
        let wanted = (settings.rows_per_parameter * layout.len() as f64).ceil() as usize;
        let is_exact = settings.method == Method::LevenbergMarquardt || objective.most_residuals() <= wanted;
        if is_exact {
            objective.exact_rows(parameters, |rows| workers.install(|| gram.add_rows(rows)))?;
        } else {
            let seed = splitmix(settings.seed ^ splitmix(seed));
            let add = |rows: &[f64]| workers.install(|| gram.add_rows(rows));
            objective.sample_rows(parameters, wanted, seed, add)?;
        }
        if settings.ridge > 0.0 {
            for index in (0..layout.len()).filter(|&index| is_held_back(&layout, index)) {
                gram.add_diagonal(index, 2.0 * settings.ridge);
            }
        }
        gram.clear(&self.frozen());
        if settings.method == Method::Lbfgs {
            gram.keep_diagonal();
        }
        Ok((gram, is_exact))
    }
}
