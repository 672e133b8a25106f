//! `mtprs errors`: a potential against the energies, forces and stresses of a database.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::load_potential;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::cli::Compatibility;
use crate::endpoint::{Output, print};
use crate::interrupt::Interrupt;
use crate::job::ErrorsJob;
use crate::pipeline::{Evaluated, Pipeline};
use crate::report::{Comparison, Summary, text};

pub(super) fn run(job: &ErrorsJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let potential_name = job.potential.display().to_string();
    let database = job.database.name();
    let evaluator = Evaluator::with_precision(&potential, job.precision)
        .map_err(|error| error.in_file(&potential_name))?;
    let pipeline = Pipeline::new(evaluator, job.run, interrupt)?;
    let mut comparison = Comparison::new(potential.species().count(), job.by.as_deref());
    pipeline.run(&job.database, Evaluated::new, |Evaluated { origin, configuration, efs }| {
        let added = comparison.add(origin.number, &configuration, &efs);
        Ok(added.map_err(|error| origin.explain(error, &database))?)
    })?;
    refuse_nothing(&comparison, &database)?;
    write_reports(job, &Summary::new(&potential, &potential_name, &database, &comparison))
}

fn refuse_nothing(comparison: &Comparison, database: &str) -> Result<(), Error> {
    if !comparison.is_empty() {
        return Ok(());
    }
    let message = match comparison.total.configurations {
        0 => "expected at least one configuration, got none".to_owned(),
        count => {
            format!("none of the {count} configurations has an energy, forces or a virial to compare with")
        }
    };
    Err(Error::new(ErrorKind::InvalidConfiguration, message).in_file(database))
}

fn write_reports(job: &ErrorsJob, summary: &Summary) -> Result<(), Failure> {
    if let Some(output) = &job.json {
        let mut json = serde_json::to_string_pretty(summary).map_err(|error| {
            Error::new(ErrorKind::Bug, format!("cannot write the report as JSON: {error}"))
        })?;
        json.push('\n');
        let mut sink = output.create()?;
        sink.write(json.as_bytes())?;
        sink.finish()?;
    }
    match (&job.json, job.compat) {
        (Some(Output::Stdout), _) => Ok(()),
        (_, Some(Compatibility::Mlip2)) => print(&summary.mlip2.render()),
        (_, None) => print(&text::render(summary)),
    }
}
