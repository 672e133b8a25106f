//! `mtprs errors`: a potential against the energies, forces and stresses of a database.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::provenance;
use crate::Failure;
use crate::cli::{ErrorsArguments, PrecisionName};
use crate::endpoint::{Input, Output, load_potential};
use crate::job::Ready;
use crate::pipeline::{Evaluated, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::report::html::{self, Head, Report, SetReport};
use crate::report::mlip::line_of_errors;
use crate::report::{Comparison, Files, Parity, Summary, advice, text};

pub(super) fn run(job: &Ready<ErrorsArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let potential_name = job.potential.display().to_string();
    let reading = job.reading.for_potential(&potential, &job.potential)?.quiet(job.common.run.quiet);
    let names: Vec<String> = job.inputs.iter().map(Input::name).collect();
    let database = names.join(", ");
    let evaluator = Evaluator::builder(&potential)
        .precision(job.precision.into())
        .build()
        .map_err(|error| error.in_file(&potential_name))?;
    let pipeline = Pipeline::new(evaluator, RunSettings::from(job.common.run), interrupt)?;
    let species_count = potential.species().count();
    let mut comparison = Comparison::new(species_count, job.by.as_deref());
    let mut parity = job.report.as_ref().map(|_| Parity::new(species_count, job.by.as_deref()));
    let mut log = job.common.write.optional(&job.log).map(|output| output.create()).transpose()?;
    let supplies = Supply::of_inputs(&job.inputs, &reading);
    let mut files = Files::default();
    let mut begun = 0;
    pipeline.run(&supplies, Evaluated::new, |Evaluated { origin, configuration, efs }| {
        for name in &names[begun..=origin.file] {
            files.begin(origin.place as u64, name);
        }
        begun = origin.file + 1;
        let number = origin.place as u64 + 1;
        let added = comparison.add(number, &configuration, &efs);
        added.map_err(|error| origin.explain(error, &names[origin.file]))?;
        if let Some(parity) = &mut parity {
            parity.add(number, &configuration, &efs);
        }
        log.as_mut().map_or(Ok(()), |log| log.write(line_of_errors(number, &configuration, &efs).as_bytes()))
    })?;
    refuse_nothing(&comparison, &database)?;
    log.map(|log| log.finish()).transpose()?;
    let summary = Summary::new(&potential, &potential_name, &database, &files, &comparison);
    let write = job.common.write;
    if let (Some(output), Some(parity)) = (write.optional(&job.report), &parity) {
        output.write(&page(job, &potential, &summary, parity))?;
    }
    write_reports(job, &summary)
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

fn write_reports(job: &Ready<ErrorsArguments>, summary: &Summary) -> Result<(), Failure> {
    let [json, report, log, report_to] =
        [&job.json, &job.report, &job.log, &job.report_to].map(|path| job.common.write.optional(path));
    if let Some(output) = &json {
        output.write_json(summary)?;
    }
    let printed = report_to.unwrap_or(Output::Stdout);
    match job.compat {
        _ if [json, report, log].into_iter().flatten().any(|output| output == Output::Stdout) => Ok(()),
        Some(dialect) => printed.write(&summary.mlip2.render(dialect)),
        None => printed.write(&text::render(summary)),
    }
}

/// The report as a page.
fn page(job: &Ready<ErrorsArguments>, potential: &Potential, summary: &Summary, parity: &Parity) -> String {
    let precision = match job.precision {
        PrecisionName::Double => "double",
        PrecisionName::Mixed => "mixed",
    };
    let files = [Input::from(job.potential.clone())].into_iter();
    html::render(&Report {
        head: Head {
            title: format!("Errors of {}", html::file_name(&summary.potential)),
            facts: html::facts(potential, &summary.potential, &[("Precision", precision.into())]),
            advice: advice(summary),
            provenance: Some(&provenance(files.chain(job.inputs.iter().cloned()), None)),
            ..Head::default()
        },
        sets: vec![SetReport { label: html::file_name(&summary.database), summary, parity }],
        history: &[],
    })
}
