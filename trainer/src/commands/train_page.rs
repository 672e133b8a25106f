//! The page of a training, while it goes on and when it is done; what else shows its course.

use super::provenance;
use crate::Failure;
use crate::cli::{JobOptions, TrainingOptions};
use crate::dataset::Sources;
use crate::endpoint::Input;
use crate::job::TrainJob;
use crate::processes::call;
use crate::report::Provenance;
use crate::report::html::{self, Head, Report};
use crate::session::{Course, FitReport, Trained};
use crate::text::general;

/// What a page says of a fit without a potential; the page of one that has ended takes its place.
const STOPPED: &str =
    "The fit was stopped before its end. The same command with --resume continues it from its checkpoint.";

/// What shows the course of the training while it goes on, as far as the user wants that.
pub fn course(job: &TrainJob, title: &str) -> Result<Course, Failure> {
    let mut course = Course::default();
    if let Some(output) = &job.history {
        course = course.in_table(output);
    }
    if let Some(events) = &job.tensorboard {
        course = course.on_tensorboard(&events.path)?;
    }
    let Some(output) = &job.report else { return Ok(course) };
    let (job, title, origin) = (job.clone(), title.to_owned(), origin(job)?);
    Ok(course.on_page(output, move |history, is_running| {
        let elapsed = call::current().map(|call| call.at.elapsed());
        let provenance = Provenance { elapsed, ..origin.clone() };
        let advice = if is_running { Vec::new() } else { vec![STOPPED.to_owned()] };
        let head = Head { is_running, advice, ..head(&job, &title, Vec::new(), &provenance) };
        html::render(&Report { head, sets: Vec::new(), history })
    }))
}

/// Writes the page of a training that is done, if the user wants one, and tells what else of its course could not be written;
/// `name` is what its potential is called.
pub fn write(
    job: &TrainJob,
    title: &str,
    name: &str,
    trained: &Trained,
    report: &FitReport<'_>,
    course: Course,
) -> Result<(), Failure> {
    let Some(output) = &job.report else { return course.complete(None) };
    let facts = html::facts(&trained.potential, name, &[]);
    let page = report.page(head(job, title, facts, &origin(job)?));
    course.complete(Some((output, &page)))
}

fn head<'a>(
    job: &TrainJob,
    title: &str,
    facts: Vec<(String, String)>,
    provenance: &'a Provenance,
) -> Head<'a> {
    let TrainingOptions { energy_weight, force_weight, stress_weight, fit, .. } = &job.options.training;
    let weights = [energy_weight, force_weight, stress_weight].map(|weight| general(*weight, 6)).join(", ");
    let more = [
        ("Training set", job.task.sources.training_names()),
        ("Weights (energy, force, stress)", weights),
        ("Seed", fit.seed.to_string()),
    ];
    let more = more.into_iter().map(|(label, value)| (label.to_owned(), value));
    Head {
        title: title.to_owned(),
        facts: facts.into_iter().chain(more).collect(),
        provenance: Some(provenance),
        ..Head::default()
    }
}

fn origin(job: &TrainJob) -> Result<Provenance, Failure> {
    let Sources { training, validation, .. } = &job.task.sources;
    let inputs = [Input::from(job.task.potential.clone())].into_iter();
    let inputs = inputs.chain(training.iter().chain(validation).cloned());
    Ok(provenance(inputs, Some(job.options.to_toml()?)))
}
