//! `mtprs evaluate`: energies, forces and virials of every configuration of a file.

use mtprs_core::Error;
use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::format::write_configuration;
use mtprs_core::geometry::Configuration;

use crate::Failure;
use crate::cli::EvaluateArguments;
use crate::endpoint::load_potential;
use crate::job::Ready;
use crate::pipeline::{Evaluated, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

pub(super) fn run(job: &Ready<EvaluateArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let evaluator = Evaluator::builder(&potential)
        .precision(job.precision.into())
        .build()
        .map_err(|error| error.in_file(&job.potential.display().to_string()))?;
    let reading = job.reading.for_potential(&potential, &job.potential)?.quiet(job.common.run.quiet);
    let pipeline = Pipeline::new(evaluator, RunSettings::from(job.common.run), interrupt)?;
    let output = job.common.write.output(&job.output);
    let (mut sink, name) = (output.create()?, output.name());
    let format = |evaluator: &mut Evaluator, item| {
        let evaluated = Evaluated::new(evaluator, item)?;
        let labelled = labelled(evaluated.configuration, evaluated.efs, job.site_energies);
        let mut text = Vec::new();
        write_configuration(&labelled, &mut text).map_err(|error| Error::io("write", &name, &error))?;
        Ok(text)
    };
    pipeline.run(&Supply::of_inputs(&job.inputs, &reading), format, |text| sink.write(&text))?;
    sink.finish()
}

/// The configuration with the labels of the potential in place of its own.
fn labelled(mut configuration: Configuration, efs: Efs, site_energies: bool) -> Configuration {
    // Site energies that some other potential made would not belong to the rest.
    configuration.site_energies = None;
    efs.store_in(&mut configuration, site_energies);
    configuration.set_feature("EFS_by", PROGRAM);
    configuration
}
