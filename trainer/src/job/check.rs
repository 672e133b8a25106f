//! `mtprs check` as the program needs it.

use super::Files;
use super::convert::{elements, readable};
use super::streams::inputs;
use crate::cli::CheckArguments;
use crate::endpoint::{Input, Output};
use crate::structure_files::Format;

/// What to check.
#[derive(Debug)]
pub struct CheckJob {
    /// The files.
    pub inputs: Vec<Input>,
    /// Their format, if it is not to be recognized.
    pub input_format: Option<Format>,
    /// Elements by number, if they are given.
    pub species: Option<Vec<String>>,
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
    let json = arguments.json.map(|path| Output::new(path, arguments.write.force));
    let inputs = inputs("check", arguments.inputs, 1)?;
    Ok(CheckJob {
        inputs,
        input_format: arguments.input_format.map(|name| readable("check", name)).transpose()?,
        species: arguments.species.map(|text| elements("check", "--species", &text)).transpose()?,
        json,
        quiet: arguments.quiet,
    })
}
