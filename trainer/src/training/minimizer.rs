//! One step after the other towards a minimum of the loss, by the method that was chosen.
//!
//! Methods differ in what they know of the curvature and in which parameters they move: see [`Method`].

use mtprs_core::{Error, ErrorKind, Result};

use super::figures::Figures;
use super::loss::Objective;
use super::problem::Problem;
use super::settings::Method;
use crate::optimizer::{Curvature, Damping, Function, Gram, Lbfgs, Step, levenberg_marquardt};
use crate::processes::group::from_first;
use crate::random::splitmix;

/// Steps for the linear parameters before a fit; the loss is quadratic in them, and the model is good.
const LINEAR_STEPS: u64 = 10;
/// Most steps for the linear parameters where they are eliminated, and the relative decrease that ends them.
const ELIMINATION: (u64, f64) = (100, 1e-10);
/// Damping of the model of the linear parameters.
const LINEAR_DAMPING: f64 = 1e-6;

/// The minimizer with what it knows of the curvature.
#[derive(Clone, Debug)]
pub struct Minimizer {
    /// Position, gradient, last steps.
    pub lbfgs: Lbfgs,
    /// Present damping.
    pub damping: Damping,
    /// The Gauss-Newton matrix, averaged over its last samples.
    pub gram: Gram,
    /// Sums for the errors at the position.
    figures: Figures,
    curvature: Curvature,
}

impl Minimizer {
    /// At some parameters, with a new matrix.
    pub fn new(
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        parameters: Vec<f64>,
        seed: u64,
        evaluations: &mut u64,
    ) -> Result<Self> {
        let settings = problem.settings;
        let first = problem.evaluate(objective, &parameters)?;
        *evaluations += 1;
        if !first.loss.is_finite() {
            let message = "the loss is not finite at the initial parameters";
            return Err(Error::new(ErrorKind::NotFinite, message).hint("start with --init-params random"));
        }
        let (gram, _) = problem.gauss_newton(objective, &parameters, seed)?;
        let lbfgs = Lbfgs::new(parameters, first.loss, first.gradient, settings.memory);
        let curvature = factors(problem, &gram, settings.damping)?;
        Ok(Self { lbfgs, damping: settings.damping, gram, figures: first.figures, curvature })
    }

    /// The same after the linear parameters have been fitted to the radial functions as they are.
    pub fn linear(
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        parameters: Vec<f64>,
        seed: u64,
        evaluations: &mut u64,
    ) -> Result<Self> {
        let mut minimizer = Self::new(problem, objective, parameters, seed, evaluations)?;
        if problem.settings.skip_linear {
            return Ok(minimizer);
        }
        let Self { lbfgs, gram, figures, .. } = &mut minimizer;
        let curvature = linear_factors(problem, gram)?;
        let mut function = Counted { problem, objective, evaluations, figures: *figures };
        for _ in 0..LINEAR_STEPS {
            if lbfgs.step(&mut function, &curvature)? == Step::Stuck {
                break;
            }
        }
        *figures = function.figures;
        lbfgs.pairs.clear();
        (*gram, _) = problem.gauss_newton(objective, &lbfgs.variables, splitmix(seed))?;
        minimizer.curvature = factors(problem, &minimizer.gram, minimizer.damping)?;
        Ok(minimizer)
    }

    /// Makes a minimizer again from what a checkpoint keeps.
    pub fn restore(problem: &Problem<'_>, lbfgs: Lbfgs, damping: Damping, gram: Gram) -> Result<Self> {
        let figures = problem.training.evaluate(&lbfgs.variables, false)?.figures;
        let curvature = factors(problem, &gram, damping)?;
        Ok(Self { lbfgs, damping, gram, figures, curvature })
    }

    /// Sums for the errors at the position.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// The step with this number.
    pub fn step(
        &mut self,
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        number: u64,
        evaluations: &mut u64,
    ) -> Result<Step> {
        let settings = problem.settings;
        let refresh = if settings.method == Method::LevenbergMarquardt { 1 } else { settings.refresh.max(1) };
        if number > 0 && number.is_multiple_of(refresh) {
            self.renew(problem, objective, number)?;
        }
        let before = *evaluations;
        let mut function = Counted { problem, objective, evaluations, figures: self.figures };
        let outcome = match settings.method {
            Method::LevenbergMarquardt => {
                let (gram, factors) = (&self.gram, &self.curvature);
                levenberg_marquardt::step(&mut self.lbfgs, &mut function, gram, factors, &mut self.damping)?
            }
            Method::VariableProjection => {
                let curvature = linear_factors(problem, &self.gram)?;
                let mut reduced = Eliminated::new(function, curvature, &self.lbfgs.variables);
                let outcome = self.lbfgs.step(&mut reduced, &self.curvature)?;
                if outcome != Step::Stuck {
                    reduced.complete(&mut self.lbfgs.variables);
                }
                function = reduced.function;
                outcome
            }
            Method::GaussNewton | Method::Lbfgs => self.lbfgs.step(&mut function, &self.curvature)?,
        };
        if let Step::Taken(length) = outcome {
            // Each method ends where it evaluated last.
            self.figures = function.figures;
            if settings.method != Method::LevenbergMarquardt
                && self.damping.learn(length, *evaluations - before)
            {
                self.curvature = factors(problem, &self.gram, self.damping)?;
            }
        }
        Ok(outcome)
    }

    /// Samples the matrix anew and averages it with what the last samples said.
    fn renew(&mut self, problem: &Problem<'_>, objective: &Objective<'_>, seed: u64) -> Result<()> {
        let (mut gram, is_exact) = problem.gauss_newton(objective, &self.lbfgs.variables, seed)?;
        if !is_exact {
            gram.average(&self.gram, problem.settings.kept_share);
        }
        self.gram = gram;
        self.curvature = factors(problem, &self.gram, self.damping)?;
        Ok(())
    }
}

/// The factors that steps need: of the matrix, or of what remains of it when the linear parameters are eliminated.
fn factors(problem: &Problem<'_>, gram: &Gram, damping: Damping) -> Result<Curvature> {
    problem.training.workers().install(|| match problem.settings.method {
        Method::VariableProjection => {
            Curvature::new(&gram.reduced(&problem.nonlinear(), LINEAR_DAMPING)?, damping.value)
        }
        _ => Curvature::new(gram, damping.value),
    })
}

/// The factors for the linear parameters alone.
fn linear_factors(problem: &Problem<'_>, gram: &Gram) -> Result<Curvature> {
    let mut gram = gram.clone();
    gram.clear(&problem.nonlinear());
    problem.training.workers().install(|| Curvature::new(&gram, LINEAR_DAMPING))
}

/// The loss with its penalty; counts how often it is asked for, and keeps the figures of the last time.
struct Counted<'a, 'b> {
    problem: &'a Problem<'b>,
    objective: &'a Objective<'b>,
    evaluations: &'a mut u64,
    figures: Figures,
}

impl Function for Counted<'_, '_> {
    type Failure = Error;

    fn evaluate(&mut self, variables: &[f64]) -> Result<(f64, Vec<f64>)> {
        *self.evaluations += 1;
        let evaluation = self.problem.evaluate(self.objective, variables)?;
        self.figures = evaluation.figures;
        Ok((evaluation.loss, evaluation.gradient))
    }

    fn unify(&self, direction: &mut [f64]) -> Result<()> {
        from_first(self.objective.group(), direction)
    }
}

/// The least loss that any linear parameters give, as a function of the others (variable projection; G. Golub and
/// V. Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)). Its gradient is that of the loss where the linear ones are best.
struct Eliminated<'a, 'b> {
    function: Counted<'a, 'b>,
    /// Of the linear parameters.
    curvature: Curvature,
    is_nonlinear: Vec<bool>,
    /// All parameters where it was asked for last, the linear ones at their best.
    best: Vec<f64>,
}

impl<'a, 'b> Eliminated<'a, 'b> {
    fn new(function: Counted<'a, 'b>, curvature: Curvature, variables: &[f64]) -> Self {
        Self { is_nonlinear: function.problem.nonlinear(), function, curvature, best: variables.to_vec() }
    }

    /// Puts the best linear parameters in the place of those that were not moved.
    fn complete(&self, variables: &mut [f64]) {
        variables.copy_from_slice(&self.best);
    }
}

impl Function for Eliminated<'_, '_> {
    type Failure = Error;

    fn evaluate(&mut self, variables: &[f64]) -> Result<(f64, Vec<f64>)> {
        for ((value, &moved), &is_nonlinear) in self.best.iter_mut().zip(variables).zip(&self.is_nonlinear) {
            if is_nonlinear {
                *value = moved;
            }
        }
        let (value, gradient) = self.function.evaluate(&self.best)?;
        if !value.is_finite() {
            return Ok((value, gradient));
        }
        let (most_steps, enough) = ELIMINATION;
        let memory = self.function.problem.settings.memory;
        let mut inner = Lbfgs::new(self.best.clone(), value, gradient, memory);
        for _ in 0..most_steps {
            let before = inner.value;
            // The factors move the linear parameters only.
            let outcome = inner.step(&mut self.function, &self.curvature)?;
            if outcome == Step::Stuck || before - inner.value < enough * before {
                break;
            }
        }
        let Lbfgs { variables, value, mut gradient, .. } = inner;
        self.best = variables;
        for (slope, &is_nonlinear) in gradient.iter_mut().zip(&self.is_nonlinear) {
            if !is_nonlinear {
                *slope = 0.0;
            }
        }
        Ok((value, gradient))
    }

    fn unify(&self, direction: &mut [f64]) -> Result<()> {
        self.function.unify(direction)
    }
}
