//! The fits of a path: what is read for them, the quadratic model, and refits.

use indicatif::ProgressBar;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::check_trained;
use crate::Failure;
use crate::dataset::{self, Contents, Sets, Sources, TrainingSet};
use crate::endpoint::load_potential;
use crate::figures::RmseFigures;
use crate::job::PruneJob;
use crate::pipeline::on_stderr;
use crate::processes::{Alone, Interrupt};
use crate::pruning::Surgeon;
use crate::pruning::functions::Pruning;
use crate::session::{self, Observer, Settings};
use crate::structure_files::Voice;
use crate::training::{Fit, Identity, Method};

/// Rows of the sampled Gauss-Newton matrix for each parameter; its inverse decides what is removed.
const ROWS_PER_PARAMETER: f64 = 8.0;

/// What all fits of a path share.
pub(super) struct Fits<'a> {
    job: &'a PruneJob,
    interrupt: &'a Interrupt,
    /// How the data are read after the first time.
    sources: Sources,
    contents: Contents,
    first: Sets,
}

/// A potential that was fitted again, and its errors.
pub(super) struct Refit {
    pub(super) potential: Potential,
    pub(super) loss: f64,
    pub(super) training: RmseFigures,
    pub(super) validation: Option<RmseFigures>,
}

impl<'a> Fits<'a> {
    /// Reads the potential and the data.
    pub(super) fn begin(job: &'a PruneJob, interrupt: &'a Interrupt) -> Result<(Self, Potential), Failure> {
        let path = &job.task.potential;
        let given = load_potential(path)?;
        check_trained(&given, &path.display().to_string())?;
        let (potential, sets) = session::prepare(&job.task, &Alone)?;
        let mut sources = job.task.sources.clone();
        sources.reading = sources.reading.for_potential(&given, path)?;
        sources.reading.voice = Voice::Silent;
        let contents = sets.contents.clone();
        Ok((Self { job, interrupt, sources, contents, first: sets }, potential))
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(super) fn interrupt(&self) -> &Interrupt {
        self.interrupt
    }

    /// Atoms of all sets.
    pub(super) fn atoms(&self) -> usize {
        self.first.training.atoms() + self.first.validation.atoms()
    }

    /// What tells the path from others.
    pub(super) fn identity(&self, potential: &Potential) -> Identity {
        self.job.task.identity(potential, &self.first)
    }

    /// The sets with neighbors within the cutoff of a potential.
    pub(super) fn sets(&self, potential: &Potential) -> Result<Sets, Failure> {
        self.interrupt.check()?;
        let sets = dataset::read(&self.sources, potential, &Alone)?;
        if sets.contents != self.contents {
            let message = "the files changed since the path began";
            let error = Error::new(ErrorKind::Io, message).in_file(&self.sources.training_names());
            return Err(error.hint("start over with --force").into());
        }
        Ok(sets)
    }

    /// The potential without those functions that save most for the least rise of the loss, at a cost (µs, counted).
    pub(super) fn with_fewer_functions(
        &self,
        potential: &Potential,
        sets: &Sets,
        neighbors: f64,
        target: f64,
    ) -> Result<Potential, Error> {
        let mut settings = self.job.task.settings.clone();
        settings.fit.rows_per_parameter = ROWS_PER_PARAMETER;
        settings.fit.method = Method::GaussNewton;
        let (gram, gradient) = session::quadratic_model(potential, sets, &settings)?;
        let parameters = potential.parameters().to_flat().unwrap_or_default();
        let surgeon = Surgeon::new(&gram, &parameters, &gradient)?;
        let mut pruning = Pruning::new(potential, surgeon, neighbors);
        pruning.until(target);
        // The model is exact in the linear parameters alone, so that their minimum may be the better start.
        let mut linear = gram;
        let radial = potential.parameter_layout().radial_coeffs();
        linear.clear(&(0..parameters.len()).map(|index| radial.contains(&index)).collect::<Vec<_>>());
        let linear = Surgeon::new(&linear, &parameters, &gradient)?;
        let all = pruning.potential()?;
        let Some(linear) = pruning.potential_of(linear)? else { return Ok(all) };
        let loss = |potential: &Potential| -> Result<f64, Error> {
            let [training, _] =
                session::evaluate(potential, [&sets.training, &TrainingSet::default()], &settings, &Alone)?;
            Ok(if training.loss.is_finite() { training.loss } else { f64::INFINITY })
        };
        Ok(if loss(&linear)? < loss(&all)? { linear } else { all })
    }

    /// Fits a potential again, from its parameters.
    pub(super) fn refit(&self, potential: &Potential, sets: &Sets) -> Result<Refit, Failure> {
        let mut settings = self.job.task.settings.clone();
        settings.fit.random = false;
        let mut watch = Watch::new(self.interrupt, settings.fit.steps, self.job.run.quiet);
        let trained = session::train(potential, sets, &settings, &Alone, &mut watch)?;
        watch.bar.finish_and_clear();
        self.evaluated(trained.potential, sets, &settings)
    }

    /// A potential with its errors, not fitted again.
    pub(super) fn as_it_is(&self, potential: Potential, sets: &Sets) -> Result<Refit, Failure> {
        self.evaluated(potential, sets, &self.job.task.settings)
    }

    fn evaluated(&self, potential: Potential, sets: &Sets, settings: &Settings) -> Result<Refit, Failure> {
        let both = [&sets.training, &sets.validation];
        let [training, validation] = session::evaluate(&potential, both, settings, &Alone)?;
        let validates = sets.validation.configurations() > 0;
        Ok(Refit {
            potential,
            loss: training.loss,
            training: training.figures.rmse(),
            validation: validates.then(|| validation.figures.rmse()),
        })
    }
}

/// Shows how a refit goes, and ends it at a signal.
struct Watch<'a> {
    interrupt: &'a Interrupt,
    bar: ProgressBar,
}

impl<'a> Watch<'a> {
    fn new(interrupt: &'a Interrupt, steps: u64, quiet: bool) -> Self {
        let bar = match quiet {
            true => ProgressBar::hidden(),
            false => on_stderr(ProgressBar::new(steps), "{bar:16} {pos}/{len} steps of a refit"),
        };
        Self { interrupt, bar }
    }
}

impl Observer for Watch<'_> {
    fn step(&mut self, fit: &Fit) -> Result<(), Failure> {
        self.bar.set_position(fit.step);
        self.interrupt.check()
    }
}
