//! `mtprs errors` as the program needs it.

use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::{RunSettings, usage_error, would_destroy};
use crate::cli::{Compatibility, ErrorsArguments};
use crate::endpoint::{Input, Output};

/// What to compare and which reports to make.
#[derive(Debug)]
pub struct ErrorsJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations with reference values.
    pub database: Input,
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

pub(super) fn errors(arguments: ErrorsArguments) -> Result<ErrorsJob, clap::Error> {
    let ErrorsArguments { potential, database, json, report, by, compat, precision, run } = arguments;
    let (json, report) = (json.map(Output::from), report.map(Output::from));
    for input in [&potential, &database] {
        if [&json, &report].into_iter().flatten().any(|output| output.is_file(input)) {
            return Err(would_destroy("errors", input));
        }
    }
    if let (Some(json), Some(report)) = (&json, &report)
        && (json == report || matches!(report, Output::File(path) if json.is_file(path)))
    {
        return Err(usage_error("errors", format!("--json and --report would both write {}", report.name())));
    }
    let (database, precision, run) = (database.into(), precision.into(), run.into());
    Ok(ErrorsJob { potential, database, json, report, by, compat, precision, run })
}
