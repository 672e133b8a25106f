//! Any command of `mtprs`, with files in memory.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use mtprs::Failure;
use mtprs::clap::{ArgAction, CommandFactory};
use mtprs::cli::Cli;
use mtprs::commands::prepare;
use mtprs::endpoint::memory::{Buffer, Memory};
use mtprs::endpoint::{OutputFile, print};
use mtprs::job::Files;
use mtprs::processes::Alone;
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::failure::{exception, in_python};
use crate::watch::{Late, watched};

/// What a command reads in memory, by name.
pub(crate) type Held = BTreeMap<PathBuf, Vec<u8>>;

/// The output, the messages, and the files in memory of a command.
type Written<'py> = (Bound<'py, PyBytes>, String, BTreeMap<String, Bound<'py, PyBytes>>);

/// Files in memory for a command.
pub(crate) fn memory(held: Held) -> Memory {
    Memory { inputs: held.into_iter().map(|(name, text)| (name, text.into())).collect(), ..Memory::default() }
}

/// The command line of these words, the name of the command first.
pub(crate) fn parsed(words: Vec<String>) -> Result<Cli, Failure> {
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
    let done = watched(py, memory, None, Late::Drop, move |_events| {
        let run = || {
            let job = prepare(parsed(words)?)?;
            job.check_files()?;
            job.run(&Alone)
        };
        match run() {
            // Help and the version that somebody has asked for.
            Err(Failure::Usage(error)) if !error.use_stderr() => print(&error.to_string()),
            outcome => outcome,
        }
    })?;
    let Memory { outputs, printed, told, .. } = done.memory;
    let written =
        |(name, buffer): (PathBuf, Buffer)| (name.display().to_string(), PyBytes::new(py, &buffer.take()));
    Ok((PyBytes::new(py, &printed.take()), in_python(&told), outputs.into_iter().map(written).collect()))
}

/// The options of a command by name, as on the command line but for the hyphens before them, and whether each value of
/// one stands in a word of its own; nothing if there is no such command.
#[pyfunction]
pub(crate) fn options_of(command: Vec<String>) -> Option<BTreeMap<String, bool>> {
    let mut found = &Cli::command();
    for name in &command {
        found = found.find_subcommand(name)?;
    }
    let names = found.get_arguments().flat_map(|option| {
        let aliases = option.get_all_aliases().unwrap_or_default();
        let repeats =
            matches!(option.get_action(), ArgAction::Append) && option.get_value_delimiter().is_none();
        let names = option.get_long().into_iter().chain(aliases).map(str::to_owned).collect::<Vec<_>>();
        names.into_iter().map(move |name| (name, repeats))
    });
    Some(names.collect())
}

/// Writes a file as commands do: as a whole or not at all, and in the place of another one only by `force`.
#[pyfunction]
pub(crate) fn write_file(py: Python<'_>, path: PathBuf, contents: &[u8], force: bool) -> PyResult<()> {
    let file = OutputFile { path, replaces: force };
    let written = Files::default()
        .writes([&file])
        .check()
        .and_then(|()| Ok(file.write(|target| std::io::Write::write_all(target, contents))?));
    written.map_err(|failure| exception(py, failure).unwrap_or_else(|| PyOSError::new_err("not written")))
}
