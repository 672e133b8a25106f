//! `mtprs check` as the program needs it.

use std::path::PathBuf;

use super::convert::{elements, readable};
use super::streams::inputs;
use super::would_destroy;
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

pub(super) fn check(arguments: CheckArguments) -> Result<CheckJob, clap::Error> {
    let json = arguments.json.map(Output::from);
    let destroys = |input: &&PathBuf| json.as_ref().is_some_and(|json| json.is_file(input));
    if let Some(input) = arguments.inputs.iter().find(destroys) {
        return Err(would_destroy("check", input));
    }
    let inputs = inputs("check", arguments.inputs, 1)?;
    Ok(CheckJob {
        inputs,
        input_format: arguments.input_format.map(|name| readable("check", name)).transpose()?,
        species: arguments.species.map(|text| elements("check", "--species", &text)).transpose()?,
        json,
        quiet: arguments.quiet,
    })
}
