//! Job files: options in TOML, read with the place of whatever is wrong.

use std::path::Path;

use mtprs_core::{Error, ErrorKind, Place, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Reads a job file; unknown keys and wrong values are named with line and column.
pub(super) fn load<Options: DeserializeOwned>(path: &Path) -> Result<Options> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", &name, &error))?;
    toml::from_str(&text).map_err(|error| {
        let before = &text[..error.span().map_or(0, |span| span.start.min(text.len()))];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        let message = error.message().trim().to_owned();
        Error::new(ErrorKind::Syntax, message).at(Place { file: name, line, column })
    })
}

/// Options as a job file.
pub(super) fn to_toml(options: &impl Serialize) -> Result<String> {
    toml::to_string(options)
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write the job: {error}")))
}

/// A list that was given, or another one.
pub(super) fn either<T>(first: Vec<T>, second: Vec<T>) -> Vec<T> {
    if first.is_empty() { second } else { first }
}
