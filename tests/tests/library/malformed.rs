//! Bad potentials and configurations, each beside the whole message that it must give (`NAME.expected`).
//!
//! Each is `trained.mtp` or `crystal.cfg` of `../wellformed` with one fault.
//!
//! With `MTPRS_BLESS=1` the messages are written instead of compared; read the difference before committing it.

use std::fs;
use std::path::Path;

use mtprs_core::Error;
use mtprs_core::format::{CfgReader, parse_potential};
use mtprs_tests::{files_below, workspace};

#[test]
fn bad_potentials_give_their_messages() {
    check_all("mtp", 83, |text, name| parse_potential(text, name).err());
}

#[test]
fn bad_configurations_give_their_messages() {
    check_all("cfg", 55, |text, name| CfgReader::new(text, name).find_map(Result::err));
}

fn check_all(extension: &str, at_least: usize, read: impl Fn(&[u8], &str) -> Option<Error>) {
    let files = files_below(&workspace().join("tests/tests/malformed"), extension);
    assert!(files.len() >= at_least, "found only {} files", files.len());
    let failures: Vec<String> = files.iter().filter_map(|file| check(file, &read)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn check(file: &Path, read: &impl Fn(&[u8], &str) -> Option<Error>) -> Option<String> {
    let name = file.file_name()?.to_string_lossy().into_owned();
    let beside = file.with_file_name(format!("{name}.expected"));
    let Some(error) = read(&fs::read(file).unwrap(), &name) else {
        return Some(format!("{name} is read without an error"));
    };
    let got = format!("{:?}: {error}\n", error.kind());
    if std::env::var_os("MTPRS_BLESS").is_some() {
        fs::write(&beside, &got).unwrap();
    }
    let expected = fs::read_to_string(&beside).unwrap_or_default();
    (got != expected).then(|| format!("{name}\nexpected {expected}got      {got}"))
}
