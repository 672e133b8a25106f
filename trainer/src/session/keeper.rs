//! Who keeps a fit in checkpoints, shows how it goes, and ends it at a signal.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use mtprs_core::format::write_potential;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::progress::{FitProgress, Telling};
use super::{Course, Observer, Task, Trained, train};
use crate::Failure;
use crate::dataset::Sets;
use crate::endpoint::OutputFile;
use crate::processes::Interrupt;
use crate::processes::group::{Group, by_first, gather, together};
use crate::training::{Ending, Fit, Identity, Problem, Stage, checkpoint};

/// Where a fit is kept on its way.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Where its course is kept.
    pub checkpoint: PathBuf,
    /// Seconds between two checkpoints.
    pub interval: f64,
    /// Whether to go on from the checkpoint.
    pub resume: bool,
    /// Whether one that is there may be replaced.
    pub replaces: bool,
    /// All files that the training writes, which a run that goes on may replace.
    pub outputs: BTreeSet<PathBuf>,
    /// Where the best potential so far goes.
    pub current: Option<OutputFile>,
}

/// Looks after a fit of a task.
pub struct Keeper<'a> {
    task: &'a Task,
    sets: &'a Sets,
    keeping: &'a Keeping,
    group: &'a dyn Group,
    interrupt: &'a Interrupt,
    telling: Telling,
    course: Option<&'a mut Course>,
    begun: Option<Begun>,
}

/// A fit that has begun.
struct Begun {
    identity: Identity,
    potential: Potential,
    progress: FitProgress,
    at: Instant,
    saved: Instant,
    /// Whether the best potential so far has been written.
    has_written: bool,
}

impl<'a> Keeper<'a> {
    /// Of a fit to these sets, shared by a group of processes.
    pub fn new(
        task: &'a Task,
        sets: &'a Sets,
        keeping: &'a Keeping,
        telling: Telling,
        group: &'a dyn Group,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self { task, sets, keeping, group, interrupt, telling, course: None, begun: None }
    }

    /// Also shows the course of the fit.
    pub fn showing(self, course: &'a mut Course) -> Self {
        Self { course: Some(course), ..self }
    }

    /// Fits a potential, and looks after it.
    pub fn train(mut self, potential: &Potential) -> Result<Trained, Failure> {
        let (sets, settings, group) = (self.sets, &self.task.settings, self.group);
        train(potential, sets, settings, group, &mut self)
    }

    /// A new fit, or that of the checkpoint.
    fn first(&self, problem: &Problem<'_>, identity: &Identity) -> Result<Fit, Failure> {
        let Keeping { checkpoint, resume, replaces, .. } = self.keeping;
        let exists = gather(self.group, f64::from(u8::from(checkpoint.exists())))?[0] > 0.0;
        // Without --resume a file may be replaced only if the user said so.
        let anew = !resume && *replaces;
        if exists && !resume && !anew {
            let error = Error::new(ErrorKind::Io, "there is a checkpoint of a stopped run here")
                .in_file(&checkpoint.display().to_string());
            let error = error.hint("continue with --resume, or start over with --force");
            return Ok(together(self.group, Err(error))?);
        }
        if !exists || anew {
            return Ok(Fit::new());
        }
        let mut fit = checkpoint::load(checkpoint, problem, identity)?;
        if matches!(fit.stage, Stage::Done(Ending::Steps)) {
            // More steps may be wanted this time.
            fit.stage = Stage::Main;
        }
        Ok(fit)
    }
}

impl Keeping {
    fn keep(&self, begun: &mut Begun, fit: &Fit) -> Result<(), Failure> {
        let Begun { identity, potential, at, has_written, .. } = begun;
        let seconds = at.elapsed().as_secs_f64();
        checkpoint::save(&self.checkpoint, fit, identity, seconds, &self.outputs)?;
        if let (Some(current), Some(parameters)) = (&self.current, fit.parameters()) {
            let potential = potential.with_parameters(parameters)?;
            // What the run itself has written may be replaced.
            let replaces = current.replaces || std::mem::replace(has_written, true);
            let file = OutputFile { replaces, ..current.clone() };
            file.write(|file| write_potential(&potential, file))?;
        }
        Ok(())
    }
}

impl Observer for Keeper<'_> {
    fn begin(&mut self, potential: &Potential, problem: &Problem<'_>) -> Result<Fit, Failure> {
        let identity = self.task.identity(potential, self.sets);
        let fit = self.first(problem, &identity)?;
        let progress = FitProgress::new(self.telling, self.task, problem, self.group.size(), &fit)?;
        let (potential, at) = (potential.clone(), Instant::now());
        self.begun = Some(Begun { identity, potential, progress, at, saved: at, has_written: false });
        Ok(fit)
    }

    fn step(&mut self, fit: &Fit) -> Result<(), Failure> {
        let Some(begun) = &mut self.begun else { return Ok(()) };
        begun.progress.update(fit)?;
        let signal = self.interrupt.of_any(self.group)?;
        by_first(self.group, || {
            if signal.is_some() || begun.saved.elapsed().as_secs_f64() >= self.keeping.interval {
                self.keeping.keep(begun, fit)?;
                begun.saved = Instant::now();
            }
            match &mut self.course {
                Some(course) if signal.is_some() => course.stop(&fit.history),
                Some(course) => course.follow(&fit.history),
                None => {}
            }
            Ok::<_, Failure>(())
        })?;
        let Some(signal) = signal else { return Ok(()) };
        let checkpoint = self.keeping.checkpoint.display();
        let message = format!("kept in {checkpoint}; --resume continues from there");
        together(self.group, Err(Failure::Suspended(signal, message)))
    }

    fn end(&mut self, fit: &Fit) -> Result<(), Failure> {
        let Some(mut begun) = self.begun.take() else { return Ok(()) };
        by_first(self.group, || {
            self.keeping.keep(&mut begun, fit)?;
            if let Some(course) = &mut self.course {
                course.finish(&fit.history);
            }
            Ok::<_, Failure>(())
        })?;
        let Begun { progress, at, .. } = begun;
        progress.finish(fit, at.elapsed(), self.task.settings.threads, self.group.size())
    }
}
