//! A training in memory, with somebody who looks on.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use mtprs::Failure;
use mtprs::cli::Command;
use mtprs::commands::train_page;
use mtprs::dataset::Sets;
use mtprs::endpoint::{memory as held_files, say};
use mtprs::job::{Job, TrainJob};
use mtprs::processes::{Alone, Interrupt};
use mtprs::session::report::Wanted;
use mtprs::session::{self, Course, FitReport, Keeper, Observer, SetErrors, Telling, Trained};
use mtprs::training::{Fit, Problem, Stage};
use mtprs_core::format::write_potential;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Value, json};

use crate::command::{Held, memory, parsed};
use crate::failure::in_python;
use crate::watch::{Events, Late, watched};

/// What the page of a training is called.
const TITLE: &str = "Training";

/// Hands the steps of a fit on, and has them kept.
struct Onlooker<'a> {
    keeper: Keeper<'a>,
    /// Whether the end of the fit is kept, too, and the file that it is not to replace then, if it is there.
    keeps_end: bool,
    spared: Option<&'a Path>,
    /// Whether it has been.
    is_kept: bool,
    events: &'a Events,
    begun: Instant,
    quiet: bool,
    /// Which part of the cross-validation validates, from zero, if one does.
    fold: Option<u64>,
    /// The last step of the main stage that was told of.
    told: Option<u64>,
}

impl Observer for Onlooker<'_> {
    fn begin(&mut self, potential: &Potential, problem: &Problem<'_>) -> Result<Fit, Failure> {
        self.keeper.begin(potential, problem)
    }

    fn step(&mut self, fit: &Fit) -> Result<(), Failure> {
        let step = (!matches!(fit.stage, Stage::Start(_))).then_some(fit.step);
        // The end of a fit is noticed after its last step, which has been told of.
        if step.is_none() || step != self.told {
            self.told = step;
            self.events.tell(event(fit, self.fold, self.begun).to_string());
        }
        self.keeper.step(fit)
    }

    fn end(&mut self, fit: &Fit) -> Result<(), Failure> {
        if !self.quiet
            && let Stage::Done(ending) = fit.stage
        {
            let sentences = session::advice(&fit.history, ending);
            sentences.into_iter().for_each(|sentence| say(format!("note: {sentence}")));
        }
        if !self.keeps_end || self.spared.is_some_and(Path::exists) {
            return Ok(());
        }
        self.is_kept = true;
        self.keeper.end(fit)
    }
}

/// What is told of a fit.
fn event(fit: &Fit, fold: Option<u64>, begun: Instant) -> Value {
    match fit.stage {
        Stage::Start(number) => {
            let best = fit.best_start.as_ref().map(|(_, loss)| *loss);
            json!({ "initialization": number, "best_loss": best })
        }
        _ => {
            let mut point = fit.history.last().cloned();
            if let (Some(point), Some(minimizer)) = (&mut point, &fit.minimizer) {
                point.iteration = fit.step;
                point.loss = minimizer.lbfgs.value;
                point.seconds = fit.seconds_before + begun.elapsed().as_secs_f64();
            }
            json!({ "point": point, "fold": fold })
        }
    }
}

/// Trains a potential; `words` are those of `mtprs train` behind its name. Returns the text of the trained potential, what
/// `--report-json` says, and what the user is told. `names_checkpoint` says whether the user named the file that keeps the
/// fit: if not, it is written only where the fit is interrupted.
#[pyfunction]
#[pyo3(signature = (words, held, listener, *, names_checkpoint))]
pub(crate) fn train<'py>(
    py: Python<'py>,
    words: Vec<String>,
    held: Held,
    listener: Option<Bound<'py, PyAny>>,
    names_checkpoint: bool,
) -> PyResult<(Bound<'py, PyBytes>, String, String)> {
    let done = watched(py, memory(held), listener.as_ref(), Late::Keep, move |events| {
        let line = ["train".to_owned()].into_iter().chain(words).collect();
        let Command::Train(typed) = parsed(line)?.command else {
            return Err(Error::new(ErrorKind::Bug, "train was read as another command").into());
        };
        let mut job = TrainJob::new(*typed)?;
        job.files_beside_output().check()?;
        if !names_checkpoint {
            job.keeping.interval = f64::INFINITY;
        }
        if job.keeping.resume && job.folds == 0 && !job.keeping.checkpoint.exists() {
            say(format!("note: there is no {}: the training begins anew", job.keeping.checkpoint.display()));
        }
        let interrupt = Interrupt::for_work();
        let mut folds = Vec::new();
        for fold in 0..job.folds {
            let job = job.fold(fold);
            let Fitted { sets, trained, .. } =
                fit(&job, names_checkpoint, &mut Course::default(), &interrupt, &events)?;
            folds.push(session::errors(&trained.potential, &sets, &job.task.settings, &Alone)?);
        }
        let mut course = train_page::course(&job, TITLE)?;
        let Fitted { trained, is_kept, .. } = fit(&job, true, &mut course, &interrupt, &events)?;
        let json = report(&job, &trained, &folds, course);
        let json = json.map_err(|failure| match failure {
            Failure::Runtime(error) if is_kept => {
                let checkpoint = job.keeping.checkpoint.display();
                Failure::Runtime(error.hint(format!(
                    "the fit is complete and kept in {checkpoint}; --resume takes it from there"
                )))
            }
            other => other,
        })?;
        let mut text = Vec::new();
        write_potential(&trained.potential, &mut text)
            .map_err(|error| Error::io("write", "the trained potential", &error))?;
        let of_folds = (0..job.folds).map(|fold| job.fold(fold).keeping.checkpoint);
        // One of another training that has been kept under the usual name meanwhile stays.
        if is_kept || job.keeping.resume || job.keeping.replaces {
            for checkpoint in of_folds.chain([job.keeping.checkpoint.clone()]) {
                let _ = fs::remove_file(checkpoint);
            }
        }
        Ok((text, json))
    })?;
    let (text, json) = done.outcome.unwrap_or_default();
    Ok((PyBytes::new(py, &text), json, in_python(&done.memory.told)))
}

/// Compares a trained potential with its sets, and draws what came of it where that is wanted; gives the report as JSON.
fn report(job: &TrainJob, trained: &Trained, folds: &[SetErrors], course: Course) -> Result<String, Failure> {
    let wanted = Wanted { by: job.by.as_deref(), plots: job.report.is_some() };
    // The fit is done: nothing interrupts what is left of the work.
    let report = FitReport::new(&job.task, trained, "<trained>", wanted, Interrupt::default())?;
    let name = job.task.potential.display().to_string();
    train_page::write(job, TITLE, &name, trained, &report, course)?;
    let json = serde_json::to_string(&report.as_json(&job.options, folds));
    Ok(json
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write the report as JSON: {error}")))?)
}

/// A potential that has been fitted to sets.
struct Fitted {
    sets: Sets,
    trained: Trained,
    /// Whether the end of the fit is in the checkpoint.
    is_kept: bool,
}

fn fit(
    job: &TrainJob,
    keeps_end: bool,
    course: &mut Course,
    interrupt: &Interrupt,
    events: &Events,
) -> Result<Fitted, Failure> {
    let (potential, sets) = session::prepare(&job.task, &Alone)?;
    if !job.quiet {
        session::announce(&job.task, &potential, &sets);
    }
    // Before hours are spent, and before an exception that a warning may be could lose them.
    events.tell(json!({ "told": in_python(&held_files::take_told()) }).to_string());
    interrupt.check()?;
    let keeper = Keeper::new(&job.task, &sets, &job.keeping, Telling::Nothing, &Alone, interrupt);
    let keeper = keeper.showing(course);
    let mut onlooker = Onlooker {
        keeper,
        keeps_end,
        spared: job
            .keeping
            .interval
            .is_infinite()
            .then_some(&job.keeping.checkpoint)
            .filter(|_| !job.keeping.resume)
            .map(PathBuf::as_path),
        is_kept: false,
        events,
        begun: Instant::now(),
        quiet: job.quiet,
        fold: job.task.sources.fold.map(|(fold, _)| fold),
        told: None,
    };
    let trained = session::train(&potential, &sets, &job.task.settings, &Alone, &mut onlooker)?;
    let is_kept = onlooker.is_kept;
    Ok(Fitted { sets, trained, is_kept })
}
