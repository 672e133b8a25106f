//! One trial: a training, or several with folds, and the errors that it is judged by.

use std::fs;
use std::time::Instant;

use mtprs_core::format::save_potential;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::dataset::{self, Grouping, Sets, TrainingSet};
use crate::job::{TrainJob, TuneJob};
use crate::processes::{Alone, Interrupt};
use crate::report::{GroupSummary, MOST_GROUPS};
use crate::session::report::Wanted;
use crate::session::{self, FitReport, Keeper, Task, Telling, Trained};
use crate::training::figures::FIGURES;
use crate::training::{Ending, Figures};
use crate::tuning::folder::{Fitted, Outcome, Round};
use crate::tuning::{GroupErrors, TrialSettings};

/// Fits a trial with this many steps, from its checkpoint if there is one. What is wrong with the fit is its outcome; what
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
    save_potential(untrained, &training.task.potential)?;
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
    let mut groups = Vec::new();
    let name = training.output.name();
    for fold in 0..training.folds {
        let part = training.fold(fold);
        let (sets, trained) = train(&part, interrupt)?;
        let [_, validation] = sums(&part.task, &trained)?;
        held_out.add(validation);
        endings.push(trained.ending);
        folds.push(session::errors(&trained.potential, &sets, &part.task.settings, &Alone)?);
        if let Some(by) = feature(&part.task, &trained) {
            let wanted = Wanted { by: Some(by), plots: false };
            let report = FitReport::new(&part.task, &trained, &name, wanted, interrupt.clone())?;
            groups.extend(group_errors(&report, Some(fold + 1)));
        }
    }
    let (_, trained) = train(training, interrupt)?;
    let [of_training, mut of_validation] = sums(&training.task, &trained)?;
    if training.folds > 0 {
        of_validation = held_out;
    }
    save_potential(&trained.potential, &training.output.path)?;
    let wanted = Wanted { by: feature(&training.task, &trained), plots: false };
    let report = FitReport::new(&training.task, &trained, &name, wanted, interrupt.clone())?;
    groups.extend(group_errors(&report, None));
    if let Some(output) = &training.json {
        output.write_json(&report.as_json(&training.options, &folds))?;
    }
    // More steps change something as long as they do for one of the fits.
    let ending = endings.into_iter().find(|&ending| ending == Ending::Steps).unwrap_or(trained.ending);
    Ok(Fitted {
        steps: trained.steps,
        ending,
        training: of_training.figures.rmse(),
        validation: of_validation.figures.rmse(),
        validation_terms: of_validation.figures.losses,
        validation_groups: groups,
    })
}

/// The feature that tells the groups of the training files apart, if there is one with few enough values for errors of each;
/// files that only validate may have others.
fn feature<'t>(task: &'t Task, trained: &Trained) -> Option<&'t str> {
    let kept = &trained.sides.kept;
    match &task.sources.grouping {
        Grouping::Feature(name) if task.sources.validation.is_empty() && kept.values() > 0 => {
            (kept.values() < MOST_GROUPS).then_some(name)
        }
        _ => None,
    }
}

fn group_errors(report: &FitReport<'_>, fold: Option<u64>) -> Vec<GroupErrors> {
    let of_group = |GroupSummary { value, figures }: &GroupSummary| GroupErrors {
        group: value.clone(),
        fold,
        configurations: figures.configurations,
        // The summary has meV per atom.
        energy: figures.errors.energy_per_atom.rms.map(|energy| 1e-3 * energy),
        force: figures.errors.force_component.rms,
    };
    report.validation_groups().iter().map(of_group).collect()
}

fn train(job: &TrainJob, interrupt: &Interrupt) -> Result<(Sets, Trained), Failure> {
    let (potential, sets) = session::prepare(&job.task, &Alone)?;
    let keeper = Keeper::new(&job.task, &sets, &job.keeping, Telling::unless(job.quiet), &Alone, interrupt);
    let trained = keeper.train(&potential)?;
    Ok((sets, trained))
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
fn sums(task: &Task, trained: &Trained) -> Result<[Sums; 2], Error> {
    let potential = &trained.potential;
    let mut sources = task.sources.clone();
    let weights = &mut sources.weights;
    (weights.energy, weights.force, weights.stress) = (1.0, 1.0, 1.0);
    let sets = dataset::read(&sources, potential, &Alone)?;
    trained.expect_contents(&sets.contents, &task.sources.training_names())?;
    let both = [&sets.training, &sets.validation];
    let evaluations = session::evaluate(potential, both, &task.settings, &Alone)?;
    if evaluations.iter().any(|evaluation| !evaluation.loss.is_finite()) {
        return Err(Error::new(ErrorKind::NotFinite, "the errors of the potential are not finite"));
    }
    let [training, validation] = evaluations.map(|evaluation| evaluation.figures);
    let of = |figures, set: &TrainingSet| Sums { figures, configurations: set.configurations() };
    Ok([of(training, &sets.training), of(validation, &sets.validation)])
}
