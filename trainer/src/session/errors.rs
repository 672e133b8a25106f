//! Errors of a potential on the sets of a training, whatever it was fitted to.

use mtprs_core::Error;
use mtprs_core::potential::Potential;
use serde::Serialize;

use super::Settings;
use crate::dataset::{Sets, TrainingSet};
use crate::figures::RmseFigures;
use crate::processes::Group;
use crate::training::{Evaluation, Objective, Workers};

/// Errors of a potential on the sets of a training.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct SetErrors {
    /// On what was fitted.
    pub training: RmseFigures,
    /// On what was set aside, if anything was.
    pub validation: Option<RmseFigures>,
}

/// Errors of a potential on both sets.
pub fn errors(
    potential: &Potential,
    sets: &Sets,
    settings: &Settings,
    group: &dyn Group,
) -> Result<SetErrors, Error> {
    let [training, validation] = evaluate(potential, [&sets.training, &sets.validation], settings, group)?
        .map(|evaluation| evaluation.figures.rmse());
    let has_validation = sets.validation.configurations() > 0;
    Ok(SetErrors { training, validation: has_validation.then_some(validation) })
}

/// Loss and sums for the errors of a potential on each of two sets.
pub fn evaluate(
    potential: &Potential,
    [one, other]: [&TrainingSet; 2],
    settings: &Settings,
    group: &dyn Group,
) -> Result<[Evaluation; 2], Error> {
    let workers = Workers::new(potential, settings.threads)?;
    let parameters = potential.parameters().to_flat().unwrap_or_default();
    let of = |set| Objective::new(set, &workers, group, settings.fit.huber).evaluate(&parameters, false);
    Ok([of(one)?, of(other)?])
}
