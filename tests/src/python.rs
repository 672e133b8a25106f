//! Programs in Python that the tests compare with.

use std::path::PathBuf;
use std::process::Command;

use crate::process::succeed;
use mtprs_testing::workspace;

/// The Python of the locked packages: `MTPRS_PYTHON`, by default that of `.venv` in the workspace.
///
/// # Panics
/// If it is not there.
pub fn interpreter() -> PathBuf {
    let default = workspace().join(".venv/bin/python");
    let python = std::env::var_os("MTPRS_PYTHON").map_or(default, PathBuf::from);
    assert!(python.exists(), "{} is missing: run `make venv`", python.display());
    python
}

/// The command that runs a script of `tests/python`.
pub fn script(name: &str) -> Command {
    let mut command = Command::new(interpreter());
    command.arg(workspace().join("tests/python").join(name));
    command
}

/// Runs a script of `tests/python` and returns what it prints.
///
/// # Panics
/// If it fails; the message holds what it said.
pub fn output_of(script: &str, arguments: &[String]) -> String {
    succeed(self::script(script).args(arguments))
}

/// Runs a script of the repository with the Python package at hand and returns what it prints.
///
/// # Panics
/// If it fails; the message holds what it said.
pub fn output_with_package(script: &str, arguments: &[String]) -> String {
    let mut command = with_package(Command::new(interpreter()));
    succeed(command.arg(workspace().join(script)).args(arguments))
}

/// A command that finds the Python package of this repository, on one thread of what numpy calls.
pub fn with_package(mut command: Command) -> Command {
    command.env("PYTHONPATH", workspace().join("python")).env("MTPRS_LIBRARY", package_library());
    command.env("OMP_NUM_THREADS", "1");
    command
}

/// The shared library that the Python package loads.
///
/// # Panics
/// If it is not there.
pub fn package_library() -> PathBuf {
    let library = workspace().join("build/python/libmtprs.so");
    assert!(library.exists(), "{} is missing: run `make python-library`", library.display());
    library
}
