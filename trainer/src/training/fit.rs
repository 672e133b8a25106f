//! The course of a fit: random beginnings, the linear parameters, then everything together.
//!
//! A [`Fit`] is a state that one [`advance`](Fit::advance) after the other takes forward; between two of them it can be
//! written to a [checkpoint](super::checkpoint) and read back, and goes on to the same numbers.

use std::time::Instant;

use mtprs_core::{Error, ErrorKind, Result};

use super::loss::Evaluation;
use super::minimizer::Minimizer;
use super::problem::Problem;
use super::settings::{FitSettings, Method};
use crate::dataset::TrainingSet;
use crate::figures::{History, HistoryPoint};
use crate::optimizer::Step;
use crate::random::{Sequence, splitmix};

/// Configurations that random beginnings keep at least, and numbers to be fitted for each parameter.
const BEGINNING: (usize, usize) = (60, 20);
/// Steps of every random beginning.
const START_STEPS: u64 = 60;
/// Steps over which the decrease of the loss is judged.
const WINDOW: usize = 50;
/// Relative decrease of the loss that is no more than rounding.
const ROUNDING: f64 = 1e-14;
/// Steps between two looks at the validation set, of methods with cheap steps.
const VALIDATION_INTERVAL: u64 = 10;

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
        if self.step.is_multiple_of(validation_interval(settings.method)) {
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

    fn finish(&mut self, problem: &Problem<'_>, ending: Ending, begun: Instant) -> Result<()> {
        self.stage = Stage::Done(ending);
        if !self.step.is_multiple_of(validation_interval(problem.settings.method)) {
            self.note(problem, begun)?;
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
            training: minimizer.figures().rmse(),
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

    /// What a fit that has ended amounts to: with patience, the best parameters for the validation set. The minimizer stays
    /// where it was, so that the fit can go on if more steps are wanted.
    pub fn outcome(&self, settings: &FitSettings) -> Option<&[f64]> {
        match (&self.best_validation, settings.patience) {
            (Some((best, _, _)), Some(_)) => Some(best),
            _ => self.parameters(),
        }
    }
}

fn validation_interval(method: Method) -> u64 {
    match method {
        Method::GaussNewton | Method::Lbfgs => VALIDATION_INTERVAL,
        Method::LevenbergMarquardt | Method::VariableProjection => 1,
    }
}

impl Default for Fit {
    fn default() -> Self {
        Self::new()
    }
}

/// Random radial functions, everything linear as it was at first or zero.
fn random_parameters(problem: &Problem<'_>, number: u64) -> Vec<f64> {
    let layout = problem.layout();
    let mut parameters = problem.first.clone();
    let frozen = problem.settings.frozen;
    if !frozen.radial {
        let size = layout.radial_function(0, 0, 0).len();
        let mut random = Sequence::new(splitmix(problem.settings.seed ^ splitmix(number)));
        for (index, value) in parameters[layout.radial_coeffs()].iter_mut().enumerate() {
            let uniform = random.symmetric();
            // Smooth functions: high polynomials begin small.
            *value = 0.2 * uniform / (1 + index % size) as f64;
        }
        if !frozen.moment {
            parameters[layout.moment_coeffs()].fill(0.0);
        }
    }
    parameters
}
