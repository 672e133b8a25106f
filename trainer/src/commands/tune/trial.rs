//! One trial: a training, or several with folds, and the errors that it is judged by.

use std::fs;
use std::time::Instant;

use mtprs_core::format::save_potential;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::commands::train::{self, Trained};
use crate::dataset::{self, TrainingSet};
use crate::job::{TrainJob, TuneJob};
use crate::processes::{Alone, Interrupt};
use crate::training::loss::FIGURES;
use crate::training::{Ending, Figures, Objective, Workers};
use crate::tuning::TrialSettings;
use crate::tuning::folder::{Fitted, Outcome, Round};

/// Fits a trial with so many steps, from its checkpoint if there is one. What is wrong with the fit is its outcome; what
/// is wrong with the disk or a checkpoint, or a signal, ends the search.
pub(super) fn round(
    job: &TuneJob,
    trial: &TrialSettings,
    untrained: &Potential,
    steps: u64,
    interrupt: &Interrupt,
) -> Result<Round, Failure> {
    let begun = Instant::now();
    let folder = job.folder_of(trial);
    let name = folder.display().to_string();
    fs::create_dir_all(&folder).map_err(|error| Error::io("create the folder", &name, &error))?;
    let training = job.training(trial, steps)?;
    save_potential(untrained, &training.potential)?;
    let outcome = match fitted(&training, interrupt) {
        Ok(fitted) => Outcome::Fitted(Box::new(fitted)),
        Err(Failure::Runtime(error)) if !matches!(error.kind(), ErrorKind::Io | ErrorKind::InvalidState) => {
            Outcome::Failed(error.to_string())
        }
        Err(failure) => return Err(failure),
    };
    Ok(Round { steps, seconds: begun.elapsed().as_secs_f64(), outcome })
}

fn fitted(training: &TrainJob, interrupt: &Interrupt) -> Result<Fitted, Failure> {
    let (mut held_out, mut folds, mut endings) = (Sums::default(), Vec::new(), Vec::new());
    for fold in 0..training.folds {
        let part = training.fold(fold);
        let prepared = train::prepare(&part, &Alone)?;
        let trained = train::fit(&part, &prepared, &Alone, interrupt)?;
        let [_, validation] = sums(&part, &trained)?;
        held_out.add(validation);
        endings.push(trained.ending);
        folds.push(train::errors_of(&part, &prepared, &trained.potential, &Alone)?);
    }
    let trained = train::fit(training, &train::prepare(training, &Alone)?, &Alone, interrupt)?;
    let [of_training, mut of_validation] = sums(training, &trained)?;
    if training.folds > 0 {
        of_validation = held_out;
    }
    save_potential(&trained.potential, &training.output.path)?;
    let mut silent = training.clone();
    silent.run.quiet = true;
    train::report(&silent, &trained, folds, interrupt.clone())?;
    // More steps change something as long as they do for one of the fits.
    let ending = endings.into_iter().find(|&ending| ending == Ending::Steps).unwrap_or(trained.ending);
    Ok(Fitted {
        steps: trained.steps,
        ending,
        training: of_training.figures.rmse(),
        validation: of_validation.figures.rmse(),
        validation_terms: of_validation.figures.losses,
    })
}

/// Sums over a number of configurations; the terms of the loss are means.
#[derive(Clone, Copy, Default)]
struct Sums {
    figures: Figures,
    configurations: usize,
}

impl Sums {
    fn add(&mut self, other: Self) {
        let (a, b) = (self.figures.to_array(), other.figures.to_array());
        let together: [f64; FIGURES] = std::array::from_fn(|k| a[k] + b[k]);
        let configurations = self.configurations + other.configurations;
        let mean = |k: usize| {
            let sum = self.figures.losses[k] * self.configurations as f64
                + other.figures.losses[k] * other.configurations as f64;
            sum / configurations.max(1) as f64
        };
        let losses = [0, 1, 2].map(mean);
        *self = Self { figures: Figures { losses, ..Figures::from_array(together) }, configurations };
    }
}

/// Sums over the training and the validation set of a training, with weights of one whatever it was fitted with.
fn sums(training: &TrainJob, trained: &Trained) -> Result<[Sums; 2], Error> {
    let potential = &trained.potential;
    let mut sources = training.sources.clone();
    let weights = &mut sources.weights;
    (weights.energy, weights.force, weights.stress) = (1.0, 1.0, 1.0);
    let sets = dataset::read(&sources, potential, &Alone)?;
    trained.expect_contents(&sets.contents, training)?;
    let workers = Workers::new(potential, training.run.threads)?;
    let parameters = potential.parameters().to_flat().unwrap_or_default();
    let of = |set: &TrainingSet| {
        let objective = Objective::new(set, &workers, &Alone, training.fit.huber);
        let evaluation = objective.evaluate(&parameters, false)?;
        if !evaluation.loss.is_finite() {
            return Err(Error::new(ErrorKind::NotFinite, "the errors of the potential are not finite"));
        }
        Ok(Sums { figures: evaluation.figures, configurations: set.configurations() })
    };
    Ok([of(&sets.training)?, of(&sets.validation)?])
}
