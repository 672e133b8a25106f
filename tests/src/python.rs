//! Programs in Python that the tests compare with.

use std::path::PathBuf;
use std::process::Command;

use crate::workspace;

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
    let output = self::script(script)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("cannot start Python: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script} failed ({}):\n{said}", output.status);
    String::from_utf8(output.stdout).expect("Python prints UTF-8")
}
