//! Programs in Python that the tests compare with.

use std::path::PathBuf;
use std::process::Command;

use crate::process::succeed;
pub use mtprs_testing::interpreter;
use mtprs_testing::workspace;

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
