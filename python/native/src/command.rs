//! Any command of `mtprs`, with files in memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use mtprs::cli::Cli;
use mtprs::commands::prepare;
use mtprs::endpoint::memory::{Buffer, Memory};
use mtprs::processes::Alone;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::failure::in_python;
use crate::watch::watched;

/// What a command reads in memory, by name.
pub(crate) type Held = BTreeMap<PathBuf, Vec<u8>>;

/// What a command printed, what it told, and what it wrote in memory by name.
type Written<'py> = (Bound<'py, PyBytes>, String, BTreeMap<String, Bound<'py, PyBytes>>);

/// Files in memory for a command.
pub(crate) fn memory(held: Held) -> Memory {
    Memory { inputs: held.into_iter().map(|(name, text)| (name, text.into())).collect(), ..Memory::default() }
}

/// The command line of these words, the name of the command first.
pub(crate) fn parsed(words: Vec<String>) -> Result<Cli, mtprs::Failure> {
    let words: Vec<OsString> = ["mtprs".to_owned()].into_iter().chain(words).map(Into::into).collect();
    Ok(Cli::read(&words)?)
}

/// Runs a command; `words` begin with its name. Findings of a check are no error.
#[pyfunction]
pub(crate) fn run<'py>(
    py: Python<'py>,
    words: Vec<String>,
    held: Held,
    outputs: Vec<String>,
) -> PyResult<Written<'py>> {
    let mut memory = memory(held);
    memory.outputs.extend(outputs.into_iter().map(|name| (name.into(), Buffer::default())));
    let done = watched(py, memory, None, move |_events| {
        let job = prepare(parsed(words)?)?;
        job.check_files()?;
        job.run(&Alone)
    })?;
    let Memory { outputs, printed, told, .. } = done.memory;
    let written =
        |(name, buffer): (PathBuf, Buffer)| (name.display().to_string(), PyBytes::new(py, &buffer.take()));
    Ok((PyBytes::new(py, &printed.take()), in_python(&told), outputs.into_iter().map(written).collect()))
}
