//! `mtprs evaluate` as the program needs it.

use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::streams::{inputs, reading};
use super::{Files, RunSettings};
use crate::cli::EvaluateArguments;
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What to evaluate and where to write it.
#[derive(Debug)]
pub struct EvaluateJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations to read.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where they go with energies, forces and virials.
    pub output: Output,
    /// Whether to write `site_en`.
    pub site_energies: bool,
    /// Precision of the evaluation.
    pub precision: Precision,
    /// Threads and progress.
    pub run: RunSettings,
}

impl EvaluateJob {
    pub(super) fn files(&self) -> Files {
        Files::default().reads([&self.potential]).takes(&self.inputs).makes([&self.output])
    }
}

pub(super) fn evaluate(arguments: EvaluateArguments) -> Result<EvaluateJob, clap::Error> {
    let EvaluateArguments { potential, input, output, site_energies, precision, common } = arguments;
    let output = Output::new(output, common.write.force);
    let reading = reading("evaluate", common.reading)?;
    Ok(EvaluateJob {
        potential,
        inputs: inputs("evaluate", vec![input], 1, &reading)?,
        reading,
        output,
        site_energies,
        precision: precision.into(),
        run: common.run.into(),
    })
}
