//! Failures of commands as exceptions, in the words of Python: options are keywords, an interruption is `KeyboardInterrupt`.

use mtprs::Failure;
use mtprs::clap::{Arg, ArgAction, CommandFactory};
use mtprs::cli::Cli;
use mtprs_core::{Error, ErrorKind};
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::prelude::*;

/// The exception for a failure; none for one that only tells of findings.
pub(crate) fn exception(py: Python<'_>, failure: Failure) -> Option<PyErr> {
    match failure {
        Failure::Findings | Failure::BrokenPipe => None,
        Failure::Runtime(error) => Some(of_error(py, &error)),
        Failure::Usage(error) => {
            let text = error.to_string();
            let text = text.trim_start_matches("error: ");
            let ends =
                ["\n\nUsage", "\n\nFor more information"].map(|end| text.find(end).unwrap_or(text.len()));
            let text = &text[..ends[0].min(ends[1])];
            // How to pass on words that begin with a hyphen is nothing for keywords.
            let text = text.split("\n\n  tip: to pass").next().unwrap_or(text);
            let said = text.replace("\n\n  tip:", "\n  hint:");
            Some(of_error(py, &Error::new(ErrorKind::Argument, said.trim_end())))
        }
        Failure::Interrupted(_) => Some(PyKeyboardInterrupt::new_err("no file was changed")),
        Failure::Suspended(_, kept) => Some(PyKeyboardInterrupt::new_err(in_python(&kept))),
        Failure::Pending(_, what) => Some(pending(py, &what)),
    }
}

/// The exception for work that waits for something.
fn pending(py: Python<'_>, what: &str) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let class = py.import("mtprs.exceptions")?.getattr("Error")?;
        Ok(PyErr::from_value(class.call1((in_python(what),))?))
    };
    make().unwrap_or_else(|error| error)
}

/// The exception of `mtprs.exceptions` for an error of the library.
pub(crate) fn of_error(py: Python<'_>, error: &Error) -> PyErr {
    let make = || -> PyResult<PyErr> {
        let errors = py.import("mtprs.exceptions")?;
        let class = errors.getattr("BY_STATUS")?.get_item(error.kind() as u32)?;
        let exception = class.call1((in_python(&error.to_string()), error.atom()))?;
        Ok(PyErr::from_value(exception))
    };
    make().unwrap_or_else(|error| error)
}

/// A text about options of the command line, with the keywords that stand for them in Python: `'--max-iter <STEPS>'` is
/// `max_iter`, `--force` is `force=True`. Names of files and command lines of `mtprs` stay as they are.
pub(crate) fn in_python(text: &str) -> String {
    text.split_inclusive('\n').map(line_in_python).collect()
}

fn line_in_python(line: &str) -> String {
    let mut translated = String::new();
    let mut rest = line;
    while let Some(place) = rest.find("--") {
        let (before, option) = rest.split_at(place);
        translated += before;
        let name = &option[2..];
        let end =
            name.find(|letter: char| !(letter.is_ascii_lowercase() || letter == '-')).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        let is_option = !name.is_empty()
            && !name.starts_with('-')
            && translated.chars().next_back().is_none_or(|last| " '(`".contains(last))
            && !translated.contains("mtprs ");
        if !is_option {
            translated += "--";
            translated += name;
            rest = after;
            continue;
        }
        let is_quoted = translated.ends_with('\'');
        if is_quoted {
            translated.pop();
        }
        translated += &name.replace('-', "_");
        if is_flag(name) && !is_quoted {
            translated += "=True";
        }
        rest = match after.split_once('\'') {
            Some((_, after)) if is_quoted => after,
            _ => after,
        };
    }
    translated + rest
}

/// Whether a command has a flag of this name.
fn is_flag(name: &str) -> bool {
    has_flag(&Cli::command(), name)
}

fn has_flag(command: &mtprs::clap::Command, name: &str) -> bool {
    let is_it = |argument: &Arg| {
        argument.get_long() == Some(name) && matches!(argument.get_action(), ArgAction::SetTrue)
    };
    command.get_arguments().any(is_it) || command.get_subcommands().any(|command| has_flag(command, name))
}
