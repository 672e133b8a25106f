//! The library of the trainer is compiled once for the program and for the Python package.

use std::collections::BTreeSet;
use std::process::Command;

use mtprs_testing::workspace;

/// All crates that these packages need to be built, each with its features.
fn crates(packages: &[&str]) -> BTreeSet<String> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["tree", "--offline", "--locked", "--edges", "normal,build", "--prefix", "none"]);
    command.args(["--format", "{p} {f}"]).current_dir(workspace());
    command.args(packages.iter().flat_map(|package| ["--package", package]));
    let output = command.output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    listing
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

#[test]
fn the_crates_of_the_program_have_the_features_that_the_python_package_asks_for() {
    let alone = crates(&["mtprs"]);
    let with_python = crates(&["mtprs", "mtprs-python"]);
    assert!(alone.len() > 100, "expected the crates of the program, got {alone:?}");
    let different: Vec<_> = alone.difference(&with_python).collect();
    assert!(different.is_empty(), "ask for the features of these in trainer/Cargo.toml, too: {different:#?}");
}
