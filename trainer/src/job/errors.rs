//! `mtprs errors` as the program needs it.

use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::streams::{inputs, reading, refuse_stdout_twice};
use super::{Files, RunSettings};
use crate::cli::{Compatibility, ErrorsArguments};
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What to compare and which reports to make.
#[derive(Debug)]
pub struct ErrorsJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations with reference values.
    pub database: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where the JSON report goes, if wanted.
    pub json: Option<Output>,
    /// Where the report as a page goes, if wanted.
    pub report: Option<Output>,
    /// Feature to group by.
    pub by: Option<String>,
    /// Program whose report is imitated.
    pub compat: Option<Compatibility>,
    /// Precision of the evaluation.
    pub precision: Precision,
    /// Threads and progress.
    pub run: RunSettings,
}

impl ErrorsJob {
    pub(super) fn files(&self) -> Files {
        let files = Files::default().reads([&self.potential]).takes(&self.database);
        files.makes(&self.json).makes(&self.report)
    }
}

pub(super) fn errors(arguments: ErrorsArguments) -> Result<ErrorsJob, clap::Error> {
    let ErrorsArguments { potential, database, json, report, by, compat, precision, common } = arguments;
    let [json, report] = [json, report].map(|path| Some(Output::new(path?, common.write.force)));
    refuse_stdout_twice("errors", [&json, &report].into_iter().flatten())?;
    let reading = reading("errors", common.reading)?;
    let database = inputs("errors", vec![database], 1, &reading)?;
    let (precision, run) = (precision.into(), common.run.into());
    Ok(ErrorsJob { potential, database, reading, json, report, by, compat, precision, run })
}
