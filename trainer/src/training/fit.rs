//! The course of a fit: random beginnings, the linear parameters, then everything together.
//!
//! A [`Fit`] is a state that one [`advance`](Fit::advance) after the other takes forward; between two of them it can be
//! written to a [checkpoint](super::checkpoint) and read back, and goes on to the same numbers.

use std::time::Instant;

use mtprs_core::potential::ParameterLayout;
use mtprs_core::{Error, ErrorKind, Result};

use super::group::from_first;
use super::loss::Figures;
use super::objective::{Evaluation, Objective};
use super::settings::{FitSettings, Method};
use crate::dataset::TrainingSet;
use crate::optimizer::{Curvature, Damping, Function, Gram, Lbfgs, Step};
use crate::random::splitmix;
use crate::report::history::{History, HistoryPoint};

/// Configurations that random beginnings keep at least, and numbers to be fitted for each parameter.
const BEGINNING: (usize, usize) = (60, 20);
/// Steps of every random beginning.
const START_STEPS: u64 = 60;
/// Steps for the linear parameters; the loss is quadratic in them, and the model is good.
const LINEAR_STEPS: u64 = 10;
/// Steps over which the decrease of the loss is judged.
const WINDOW: usize = 50;
/// Relative decrease of the loss that is no more than rounding.
const ROUNDING: f64 = 1e-14;
/// Steps between two looks at the validation set.
pub const VALIDATION_INTERVAL: u64 = 10;

/// What a fit is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The k-th of several random beginnings.
    Start(u64),
    /// Everything.
    Main,
    /// Nothing any more.
    Done(Ending),
}

/// Why a fit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The loss does not fall any more.
    Converged,
    /// The loss of the validation set does not fall any more.
    Patience,
    /// As many steps as wanted.
    Steps,
}

/// The minimizer with what it knows of the curvature.
#[derive(Clone, Debug)]
pub struct Minimizer {
    /// Position, gradient, last steps.
    pub lbfgs: Lbfgs,
    /// Present damping.
    pub damping: Damping,
    /// Where the matrix was sampled.
    pub sampled_at: Vec<f64>,
    /// By which seed.
    pub sampled_by: u64,
    /// Sums for the errors at the position.
    figures: Figures,
    gram: Gram,
    curvature: Curvature,
}

/// A fit between two steps.
#[derive(Clone, Debug)]
pub struct Fit {
    /// What comes next.
    pub stage: Stage,
    /// Steps of the main stage.
    pub step: u64,
    /// The minimizer of the present stage, once it has begun.
    pub minimizer: Option<Minimizer>,
    /// Parameters at the end of the best beginning so far, and their loss.
    pub best_start: Option<(Vec<f64>, f64)>,
    /// Parameters with the smallest validation loss, the loss, and the step.
    pub best_validation: Option<(Vec<f64>, f64, u64)>,
    /// The last losses of the main stage.
    pub window: Vec<f64>,
    /// What has been written down.
    pub history: History,
    /// Evaluations of loss and gradient.
    pub evaluations: u64,
    /// Seconds of all runs before this one.
    pub seconds_before: f64,
}

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

/// Every how many-th configuration is enough to choose among random beginnings.
pub fn beginning_stride(set: &TrainingSet, parameters: usize) -> usize {
    let (configurations, residuals) = BEGINNING;
    (set.configurations() / configurations).min(3 * set.atoms() / (residuals * parameters)).max(1)
}

impl Fit {
    /// At the beginning.
    pub fn new() -> Self {
        Self {
            stage: Stage::Start(0),
            step: 0,
            minimizer: None,
            best_start: None,
            best_validation: None,
            window: Vec::new(),
            history: History::default(),
            evaluations: 0,
            seconds_before: 0.0,
        }
    }

    /// Takes one step, or goes from one stage to the next. `begun` is when this run did.
    pub fn advance(&mut self, problem: &Problem<'_>, begun: Instant) -> Result<()> {
        match self.stage {
            Stage::Start(_) if problem.is_trained && !problem.settings.random => {
                let first = problem.first.clone();
                self.minimizer =
                    Some(Minimizer::new(problem, &problem.training, first, 0, &mut self.evaluations)?);
                self.stage = Stage::Main;
                self.note(problem, begun)
            }
            Stage::Start(number) => self.start(problem, number, begun),
            Stage::Main => self.main_step(problem, begun),
            Stage::Done(_) => Ok(()),
        }
    }

    /// One random beginning as a whole.
    fn start(&mut self, problem: &Problem<'_>, number: u64, begun: Instant) -> Result<()> {
        let starts = problem.settings.starts.max(1);
        let random = random_parameters(problem, number);
        let mut minimizer =
            Minimizer::linear(problem, &problem.beginning, random, number, &mut self.evaluations)?;
        if starts > 1 {
            for step in 0..START_STEPS {
                if minimizer.step(problem, &problem.beginning, step, &mut self.evaluations)? == Step::Stuck {
                    break;
                }
            }
        }
        let (parameters, loss) = (minimizer.lbfgs.variables, minimizer.lbfgs.value);
        if self.best_start.as_ref().is_none_or(|(_, best)| loss < *best) {
            self.best_start = Some((parameters, loss));
        }
        self.stage = Stage::Start(number + 1);
        if number + 1 < starts {
            return Ok(());
        }
        let Some((best, _)) = &self.best_start else { return Ok(()) };
        self.minimizer =
            Some(Minimizer::new(problem, &problem.training, best.clone(), 0, &mut self.evaluations)?);
        self.stage = Stage::Main;
        self.note(problem, begun)
    }

    fn main_step(&mut self, problem: &Problem<'_>, begun: Instant) -> Result<()> {
        let settings = problem.settings;
        let Some(minimizer) = &mut self.minimizer else {
            return Err(Error::new(ErrorKind::Bug, "the main stage of a fit has not begun"));
        };
        if self.step >= settings.steps {
            return self.finish(problem, Ending::Steps, begun);
        }
        let before = minimizer.lbfgs.value;
        let mut outcome = minimizer.step(problem, &problem.training, self.step, &mut self.evaluations)?;
        let loss = minimizer.lbfgs.value;
        if before - loss < ROUNDING * before {
            outcome = Step::Stuck;
        }
        self.step += 1;
        self.window.push(loss);
        if self.window.len() > WINDOW + 1 {
            self.window.remove(0);
        }
        if self.step.is_multiple_of(VALIDATION_INTERVAL) {
            self.note(problem, begun)?;
        }
        let converged =
            self.window.len() > WINDOW && self.window[0] - loss < settings.tolerance * self.window[0];
        if outcome == Step::Stuck || converged {
            return self.finish(problem, Ending::Converged, begun);
        }
        let best = self.best_validation.as_ref().map_or(self.step, |(_, _, step)| *step);
        if settings.patience.is_some_and(|patience| self.step - best >= patience) {
            return self.finish(problem, Ending::Patience, begun);
        }
        Ok(())
    }

    /// Ends the fit; with patience, at the best parameters for the validation set.
    fn finish(&mut self, problem: &Problem<'_>, ending: Ending, begun: Instant) -> Result<()> {
        self.stage = Stage::Done(ending);
        if !self.step.is_multiple_of(VALIDATION_INTERVAL) {
            self.note(problem, begun)?;
        }
        if let (Some(_), Some((best, loss, _)), Some(minimizer)) =
            (problem.settings.patience, &self.best_validation, &mut self.minimizer)
        {
            minimizer.lbfgs.variables.clone_from(best);
            minimizer.lbfgs.value = *loss;
        }
        Ok(())
    }

    /// Writes down losses and errors as they are.
    fn note(&mut self, problem: &Problem<'_>, begun: Instant) -> Result<()> {
        let Some(minimizer) = &self.minimizer else { return Ok(()) };
        let parameters = &minimizer.lbfgs.variables;
        let validation = match &problem.validation {
            None => None,
            Some(objective) => Some(objective.evaluate(parameters, false)?),
        };
        if let Some(Evaluation { loss, .. }) = &validation
            && self.best_validation.as_ref().is_none_or(|(_, best, _)| loss < best)
        {
            self.best_validation = Some((parameters.clone(), *loss, self.step));
        }
        self.history.push(HistoryPoint {
            iteration: self.step,
            seconds: self.seconds_before + begun.elapsed().as_secs_f64(),
            loss: minimizer.lbfgs.value,
            training: minimizer.figures.rmse(),
            validation: validation.map(|evaluation| evaluation.figures.rmse()),
        });
        Ok(())
    }

    /// The best parameters so far, if there are any.
    pub fn parameters(&self) -> Option<&[f64]> {
        match (&self.minimizer, &self.best_start) {
            (Some(minimizer), _) => Some(&minimizer.lbfgs.variables),
            (None, Some((parameters, _))) => Some(parameters),
            (None, None) => None,
        }
    }
}

impl Default for Fit {
    fn default() -> Self {
        Self::new()
    }
}

impl Minimizer {
    /// At some parameters, with a newly sampled matrix.
    pub fn new(
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        parameters: Vec<f64>,
        seed: u64,
        evaluations: &mut u64,
    ) -> Result<Self> {
        let settings = problem.settings;
        let first = penalized(problem, objective, &parameters)?;
        *evaluations += 1;
        if !first.loss.is_finite() {
            let message = "the loss is not finite at the first parameters";
            return Err(Error::new(ErrorKind::NotFinite, message).hint("begin with --init-params random"));
        }
        let (gram, curvature) = model(problem, objective, &parameters, seed, settings.damping)?;
        Ok(Self {
            damping: settings.damping,
            sampled_at: parameters.clone(),
            sampled_by: seed,
            figures: first.figures,
            gram,
            curvature,
            lbfgs: Lbfgs::new(parameters, first.loss, first.gradient, settings.memory),
        })
    }

    /// The same after the linear parameters have been fitted to the radial functions as they are.
    fn linear(
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        parameters: Vec<f64>,
        seed: u64,
        evaluations: &mut u64,
    ) -> Result<Self> {
        let mut minimizer = Self::new(problem, objective, parameters, seed, evaluations)?;
        if !problem.settings.skip_linear {
            let radial = problem.training.layout().radial_coeffs();
            let fixed: Vec<bool> = (0..minimizer.gram.size()).map(|k| radial.contains(&k)).collect();
            let mut gram = minimizer.gram.clone();
            gram.clear(&fixed);
            minimizer.curvature = Curvature::new(&gram, 1e-6)?;
            let figures = minimizer.figures;
            let mut function = Counted { problem, objective, evaluations, figures };
            for _ in 0..LINEAR_STEPS {
                if minimizer.lbfgs.step(&mut function, &minimizer.curvature)? == Step::Stuck {
                    break;
                }
            }
        }
        let Lbfgs { variables, value, gradient, memory, .. } = minimizer.lbfgs;
        (minimizer.gram, minimizer.curvature) =
            model(problem, objective, &variables, splitmix(seed), problem.settings.damping)?;
        minimizer.lbfgs = Lbfgs::new(variables, value, gradient, memory);
        Ok(minimizer)
    }

    /// Makes a minimizer again from what a checkpoint keeps.
    pub fn restore(
        problem: &Problem<'_>,
        lbfgs: Lbfgs,
        damping: Damping,
        sampled_at: Vec<f64>,
        sampled_by: u64,
    ) -> Result<Self> {
        let figures = problem.training.evaluate(&lbfgs.variables, false)?.figures;
        let (gram, curvature) = model(problem, &problem.training, &sampled_at, sampled_by, damping)?;
        Ok(Self { lbfgs, damping, sampled_at, sampled_by, figures, gram, curvature })
    }

    /// The step with this number.
    fn step(
        &mut self,
        problem: &Problem<'_>,
        objective: &Objective<'_>,
        number: u64,
        evaluations: &mut u64,
    ) -> Result<Step> {
        if number > 0 && number.is_multiple_of(problem.settings.refresh.max(1)) {
            (self.sampled_at, self.sampled_by) = (self.lbfgs.variables.clone(), number);
            (self.gram, self.curvature) = model(problem, objective, &self.sampled_at, number, self.damping)?;
        }
        let before = *evaluations;
        let mut function = Counted { problem, objective, evaluations, figures: self.figures };
        let outcome = self.lbfgs.step(&mut function, &self.curvature)?;
        if let Step::Taken(length) = outcome {
            // The line search ends where it evaluated last.
            self.figures = function.figures;
            if self.damping.learn(length, *evaluations - before) {
                self.curvature = Curvature::new(&self.gram, self.damping.value)?;
            }
        }
        Ok(outcome)
    }
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
        let evaluation = penalized(self.problem, self.objective, variables)?;
        self.figures = evaluation.figures;
        Ok((evaluation.loss, evaluation.gradient))
    }

    fn unify(&self, direction: &mut [f64]) -> Result<()> {
        from_first(self.objective.group(), direction)
    }
}

/// Which parameters keep their values.
fn frozen(problem: &Problem<'_>) -> Vec<bool> {
    let layout = problem.training.layout();
    let frozen = problem.settings.frozen;
    let species = frozen.species || problem.settings.species_energies.is_some();
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

/// Radial and moment coefficients: those that a ridge holds back.
fn held_back(layout: &ParameterLayout, index: usize) -> bool {
    !layout.species_coeffs().contains(&index)
}

fn penalized(problem: &Problem<'_>, objective: &Objective<'_>, parameters: &[f64]) -> Result<Evaluation> {
    let mut evaluation = objective.evaluate(parameters, true)?;
    if !evaluation.loss.is_finite() {
        return Ok(evaluation);
    }
    let (layout, ridge) = (problem.training.layout(), problem.settings.ridge);
    for (index, (slope, value)) in evaluation.gradient.iter_mut().zip(parameters).enumerate() {
        if ridge > 0.0 && held_back(&layout, index) {
            evaluation.loss += ridge * value * value;
            *slope += 2.0 * ridge * value;
        }
    }
    for (slope, fixed) in evaluation.gradient.iter_mut().zip(frozen(problem)) {
        if fixed {
            *slope = 0.0;
        }
    }
    Ok(evaluation)
}

/// The sampled matrix and its factors.
fn model(
    problem: &Problem<'_>,
    objective: &Objective<'_>,
    parameters: &[f64],
    seed: u64,
    damping: Damping,
) -> Result<(Gram, Curvature)> {
    let gram = sample(problem, objective, parameters, seed)?;
    let curvature = Curvature::new(&gram, damping.value)?;
    Ok((gram, curvature))
}

/// The sampled Gauss-Newton matrix with the curvature of the penalty, without what is frozen.
fn sample(problem: &Problem<'_>, objective: &Objective<'_>, parameters: &[f64], seed: u64) -> Result<Gram> {
    let settings = problem.settings;
    let layout = problem.training.layout();
    let mut gram = Gram::new(layout.len());
    let wanted = (settings.rows_per_parameter * layout.len() as f64).ceil() as usize;
    let seed = splitmix(settings.seed ^ splitmix(seed));
    objective.sample_rows(parameters, wanted, seed, |rows| gram.add_rows(rows))?;
    if settings.ridge > 0.0 {
        for index in (0..layout.len()).filter(|&index| held_back(&layout, index)) {
            gram.add_diagonal(index, 2.0 * settings.ridge);
        }
    }
    gram.clear(&frozen(problem));
    if settings.method == Method::Lbfgs {
        gram.keep_diagonal();
    }
    Ok(gram)
}

/// Random radial functions, everything linear as it was at first or zero.
fn random_parameters(problem: &Problem<'_>, number: u64) -> Vec<f64> {
    let layout = problem.training.layout();
    let mut parameters = problem.first.clone();
    let frozen = problem.settings.frozen;
    if !frozen.radial {
        let size = layout.radial_function(0, 0, 0).len();
        let mut state = splitmix(problem.settings.seed ^ splitmix(number));
        for (index, value) in parameters[layout.radial_coeffs()].iter_mut().enumerate() {
            state = splitmix(state);
            let uniform = (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0;
            // Smooth functions: high polynomials begin small.
            *value = 0.2 * uniform / (1 + index % size) as f64;
        }
        if !frozen.moment {
            parameters[layout.moment_coeffs()].fill(0.0);
        }
    }
    parameters
}
