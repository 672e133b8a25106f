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
use crate::processes::{Alone, Interrupt, threads};
use crate::pruning::Surgeon;
use crate::pruning::functions::Pruning;
use crate::session::{self, Observer};
use crate::structure_files::Voice;
use crate::training::loss::ridge;
use crate::training::{Evaluation, Fit, Identity, Method};

/// Rows of the sampled Gauss-Newton matrix for each parameter; its inverse decides what is removed.
const ROWS_PER_PARAMETER: f64 = 8.0;

/// What all fits of a path share.
pub(super) struct Fits<'a> {
    job: &'a PruneJob,
    pub(super) interrupt: &'a Interrupt,
    /// How the data are read after the first time.
    pub(super) sources: Sources,
    contents: Contents,
    /// What tells the path from others.
    pub(super) identity: Identity,
    /// Atoms of all sets.
    pub(super) atoms: usize,
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
        let identity = job.task.identity(&potential, &sets);
        let atoms = sets.training.atoms() + sets.validation.atoms();
        Ok((Self { job, interrupt, sources, contents: sets.contents, identity, atoms }, potential))
    }

    /// The sets with neighbors within the cutoff of a potential.
    pub(super) fn sets(&self, potential: &Potential) -> Result<Sets, Failure> {
        self.interrupt.check()?;
        let sets = dataset::read(&self.sources, potential, &Alone)?;
        if sets.contents != self.contents {
            let message = "the files changed since the path began";
            let error = Error::new(ErrorKind::Io, message).in_file(&self.sources.training_names());
            return Err(error.hint("start over with --force and without --resume").into());
        }
        Ok(sets)
    }

    /// The potential without those functions that save most for the least rise of the loss, at a cost (µs, counted); none if
    /// nothing finite comes of it.
    pub(super) fn with_fewer_functions(
        &self,
        potential: &Potential,
        sets: &Sets,
        neighbors: f64,
        target: f64,
    ) -> Result<Option<Potential>, Failure> {
        let mut settings = self.job.task.settings.clone();
        settings.fit.rows_per_parameter = ROWS_PER_PARAMETER;
        settings.fit.method = Method::GaussNewton;
        let (gram, gradient) = session::quadratic_model(potential, sets, &settings)?;
        let parameters = potential.parameters().to_flat().unwrap_or_default();
        let pool = threads::pool(settings.threads)?;
        let surgeon = pool.install(|| Surgeon::new(&gram, &parameters, &gradient))?;
        let mut pruning = Pruning::new(potential, surgeon, neighbors);
        while pool.install(|| pruning.step(target)) {
            self.interrupt.check()?;
        }
        // The model is exact in the linear parameters alone, so that their minimum may be the better start.
        let mut linear = gram;
        let radial = potential.parameter_layout().radial_coeffs();
        linear.clear(&(0..parameters.len()).map(|index| radial.contains(&index)).collect::<Vec<_>>());
        let linear = pool.install(|| Surgeon::new(&linear, &parameters, &gradient))?;
        // Coefficients that are not finite make no potential.
        let starts = [pruning.potential().ok(), pool.install(|| pruning.potential_of(linear)).ok().flatten()];
        let mut best: Option<(f64, Potential)> = None;
        for start in starts.into_iter().flatten() {
            let [training, _] = self.evaluate(&start, [&sets.training, &TrainingSet::default()])?;
            if training.loss.is_finite() && best.as_ref().is_none_or(|(least, _)| training.loss < *least) {
                best = Some((training.loss, start));
            }
        }
        Ok(best.map(|(_, start)| start))
    }

    /// Losses with their ridge, and errors, of a potential on two sets.
    fn evaluate(&self, potential: &Potential, sets: [&TrainingSet; 2]) -> Result<[Evaluation; 2], Error> {
        let settings = &self.job.task.settings;
        let (layout, flat) =
            (potential.parameter_layout(), potential.parameters().to_flat().unwrap_or_default());
        let mut evaluations = session::evaluate(potential, sets, settings, &Alone)?;
        for evaluation in &mut evaluations {
            ridge(settings.fit.ridge, &layout, &flat, evaluation);
        }
        Ok(evaluations)
    }

    /// Fits a potential again, from its parameters.
    pub(super) fn refit(&self, potential: &Potential, sets: &Sets) -> Result<Refit, Failure> {
        let mut settings = self.job.task.settings.clone();
        settings.fit.random = false;
        let mut watch = Watch::new(self.interrupt, settings.fit.steps, self.job.run.quiet);
        let trained = session::train(potential, sets, &settings, &Alone, &mut watch)?;
        watch.bar.finish_and_clear();
        self.evaluated(trained.potential, sets)
    }

    /// A potential with its errors, not fitted again.
    pub(super) fn as_it_is(&self, potential: Potential, sets: &Sets) -> Result<Refit, Failure> {
        let given = self.evaluated(potential, sets)?;
        if given.loss.is_finite() {
            return Ok(given);
        }
        let error =
            Error::new(ErrorKind::NotFinite, "the loss of the potential is not finite on the training set");
        Err(error.in_file(&self.job.task.potential.display().to_string()).into())
    }

    fn evaluated(&self, potential: Potential, sets: &Sets) -> Result<Refit, Failure> {
        let [training, validation] = self.evaluate(&potential, [&sets.training, &sets.validation])?;
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
