//! `mtprs evaluate` as the program needs it.

use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::{Files, RunSettings};
use crate::cli::EvaluateArguments;
use crate::endpoint::{Input, Output};

/// What to evaluate and where to write it.
#[derive(Debug)]
pub struct EvaluateJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations to read.
    pub input: Input,
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
        Files::default().reads([&self.potential]).takes([&self.input]).makes([&self.output])
    }
}

pub(super) fn evaluate(arguments: EvaluateArguments) -> Result<EvaluateJob, clap::Error> {
    let EvaluateArguments { potential, input, output, site_energies, precision, write, run } = arguments;
    let output = Output::new(output, write.force);
    Ok(EvaluateJob {
        potential,
        input: input.into(),
        output,
        site_energies,
        precision: precision.into(),
        run: run.into(),
    })
}
