//! The fit itself, from one step to the next, with somebody who looks on.

use std::sync::Arc;
use std::time::Instant;

use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::Settings;
use super::prepare::check_species_energies;
use crate::Failure;
use crate::dataset::{Contents, Recount, Sets, Side, Sides};
use crate::figures::History;
use crate::optimizer::Gram;
use crate::processes::Alone;
use crate::processes::group::{Group, from_first, together};
use crate::training::{Ending, Fit, Objective, Problem, Stage, Workers, beginning_stride};

/// Who sees the steps of a fit. An error ends it.
pub trait Observer {
    /// The fit to begin with: a new one, or one that was kept. `potential` has the first parameters.
    fn begin(&mut self, _potential: &Potential, _problem: &Problem<'_>) -> Result<Fit, Failure> {
        Ok(Fit::new())
    }

    /// A step has been taken.
    fn step(&mut self, _fit: &Fit) -> Result<(), Failure> {
        Ok(())
    }

    /// The fit has ended.
    fn end(&mut self, _fit: &Fit) -> Result<(), Failure> {
        Ok(())
    }
}

/// Nobody.
impl Observer for () {}

/// A trained potential, and how it came about.
pub struct Trained {
    /// The potential.
    pub potential: Potential,
    /// Loss and errors on the way.
    pub history: History,
    /// Steps of the main stage.
    pub steps: u64,
    /// Why the fit ended.
    pub ending: Ending,
    /// What was fitted, and what validated.
    pub sides: Arc<Sides>,
    /// What was read.
    contents: Contents,
}

/// Fits a potential to sets, or to this process's share of them, until the end or until the observer fails.
pub fn train(
    potential: &Potential,
    sets: &Sets,
    settings: &Settings,
    group: &dyn Group,
    observer: &mut dyn Observer,
) -> Result<Trained, Failure> {
    let is_trained = potential.is_trained();
    let potential = &together(group, with_first_parameters(potential, sets, settings))?;
    let mut first = potential.parameters().to_flat().unwrap_or_default();
    from_first(group, &mut first)?;
    let potential = &potential.with_parameters(&first)?;
    let workers = Workers::new(potential, settings.threads)?;
    let objective = |set| Objective::new(set, &workers, group, settings.fit.huber);
    let validation = &sets.validation;
    let stride = beginning_stride(&sets.training, potential.parameter_layout().len());
    let thinned = (stride > 1).then(|| sets.training.thinned(stride));
    let problem = Problem {
        training: objective(&sets.training),
        beginning: objective(thinned.as_ref().unwrap_or(&sets.training)),
        validation: (validation.configurations() > 0).then(|| objective(validation)),
        settings: &settings.fit,
        first,
        is_trained,
    };
    let mut fit = observer.begin(potential, &problem)?;
    let begun = Instant::now();
    let ending = loop {
        if let Stage::Done(ending) = fit.stage {
            break ending;
        }
        fit.advance(&problem, begun)?;
        observer.step(&fit)?;
    };
    observer.end(&fit)?;
    let potential = potential.with_parameters(fit.outcome(&settings.fit).unwrap_or_default())?;
    let (sides, contents) = (Arc::clone(&sets.sides), sets.contents.clone());
    Ok(Trained { potential, steps: fit.step, ending, history: fit.history, sides, contents })
}

/// The quadratic model of the loss at a trained potential: the Gauss-Newton matrix and the gradient.
pub fn quadratic_model(
    potential: &Potential,
    sets: &Sets,
    settings: &Settings,
) -> Result<(Gram, Vec<f64>), Error> {
    let workers = Workers::new(potential, settings.threads)?;
    let objective = Objective::new(&sets.training, &workers, &Alone, settings.fit.huber);
    let problem = Problem {
        training: objective,
        beginning: objective,
        validation: None,
        settings: &settings.fit,
        first: potential.parameters().to_flat().unwrap_or_default(),
        is_trained: true,
    };
    let evaluation = problem.evaluate(&objective, &problem.first)?;
    if !evaluation.loss.is_finite() {
        return Err(Error::new(ErrorKind::NotFinite, "the loss of the potential is not finite"));
    }
    let (gram, _) = problem.gauss_newton(&objective, &problem.first, 0)?;
    Ok((gram, evaluation.gradient))
}

/// The potential with parameters to begin with and, if wanted, its new shortest distance.
fn with_first_parameters(
    potential: &Potential,
    sets: &Sets,
    settings: &Settings,
) -> Result<Potential, Error> {
    check_species_energies(settings, potential)?;
    let layout = potential.parameter_layout();
    let mut flat = potential.parameters().to_flat().unwrap_or_else(|| vec![0.0; layout.len()]);
    if !potential.is_trained() || settings.fit.random {
        flat[layout.species_coeffs()].copy_from_slice(&sets.labels.species_energies());
    }
    if let Some(energies) = &settings.fit.species_energies {
        flat[layout.species_coeffs()].copy_from_slice(energies);
    }
    let potential = potential.with_parameters(&flat)?;
    match settings.update_mindist {
        true => potential.with_min_dist(sets.shortest_distance),
        false => Ok(potential),
    }
}

impl Trained {
    /// Refuses files that do not hold any more what they held when they were read for the fit; what was counted of none is
    /// not looked at. `output` is where the potential has been written.
    pub fn expect_same(&self, recount: &Recount, files: &str, output: &str) -> Result<(), Error> {
        let found = Contents {
            training: recount.describe(Side::Training).unwrap_or_else(|| self.contents.training.clone()),
            validation: recount
                .describe(Side::Validation)
                .unwrap_or_else(|| self.contents.validation.clone()),
            ..Contents::default()
        };
        let hint = format!(
            "{output} is written and was fitted to the files as they were then; its errors and its active set would refer to other data"
        );
        self.expect_contents(&found, files).map_err(|error| error.hint(hint))
    }

    /// The same for what has been read.
    pub fn expect_contents(&self, found: &Contents, files: &str) -> Result<(), Error> {
        let Contents { training, validation, .. } = &self.contents;
        if (&found.training, &found.validation) == (training, validation) {
            return Ok(());
        }
        let message = "the files changed after they were read for the fit";
        Err(Error::new(ErrorKind::Io, message).in_file(files))
    }
}
