//! `mtprs check` as the program needs it.

use super::Files;
use super::streams::{inputs, reading};
use crate::cli::CheckArguments;
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What to check.
#[derive(Debug)]
pub struct CheckJob {
    /// The files.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where the report goes as JSON, too.
    pub json: Option<Output>,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

impl CheckJob {
    pub(super) fn files(&self) -> Files {
        Files::default().takes(&self.inputs).makes(&self.json)
    }
}

pub(super) fn check(arguments: CheckArguments) -> Result<CheckJob, clap::Error> {
    let json = arguments.json.map(|path| Output::new(path, arguments.common.write.force));
    let reading = reading("check", arguments.common.reading)?;
    let inputs = inputs("check", arguments.inputs, 1, &reading)?;
    Ok(CheckJob { inputs, reading, json, quiet: arguments.common.quiet })
}
