//! `mtprs evaluate` as the program needs it.

use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::{RunSettings, would_destroy};
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

pub(super) fn evaluate(arguments: EvaluateArguments) -> Result<EvaluateJob, clap::Error> {
    let EvaluateArguments { potential, input, output, site_energies, precision, run } = arguments;
    let output = Output::from(output);
    if output.is_file(&potential) {
        return Err(would_destroy("evaluate", &potential));
    }
    Ok(EvaluateJob {
        potential,
        input: input.into(),
        output,
        site_energies,
        precision: precision.into(),
        run: run.into(),
    })
}
