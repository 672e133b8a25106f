//! Bad potentials and configurations and the whole message that each must give: the tables of `../malformed`, which say at
//! their heads how they are written.
//!
//! With `MTPRS_BLESS=1` the messages are written instead of compared; read the difference before committing it.

use std::fs;

use mtprs_core::Error;
use mtprs_core::format::{CfgReader, parse_potential};
use mtprs_testing::cases::Table;
use mtprs_testing::{table, wellformed};

#[test]
fn bad_potentials_give_their_messages() {
    let table = table("rust-core/tests/malformed/potentials.txt", 84);
    check_all(&table, "mtp", &[text("trained.mtp")], |text, name| parse_potential(text, name).err());
}

#[test]
fn bad_configurations_give_their_messages() {
    let crystal = text("crystal.cfg");
    let one = &crystal[..crystal.rfind("BEGIN_CFG").unwrap()];
    let read = |text: &[u8], name: &str| CfgReader::new(text, name).find_map(Result::err);
    check_all(
        &table("rust-core/tests/malformed/configurations.txt", 55),
        "cfg",
        &[one.repeat(2), one.to_owned()],
        read,
    );
}

fn text(name: &str) -> String {
    fs::read_to_string(wellformed(name)).unwrap()
}

/// Checks every case of a table; the second of the texts that have the faults is the one of `alone`.
fn check_all(table: &Table, extension: &str, texts: &[String], read: impl Fn(&[u8], &str) -> Option<Error>) {
    let got = table.cases.iter().map(|case| {
        let (name, text) = match case.name.strip_suffix(": alone") {
            Some(name) => (format!("{name}.{extension}"), &texts[1]),
            None => (format!("{}.{extension}", case.name), &texts[0]),
        };
        let bytes = if case.lines.is_empty() {
            fs::read(table.folder().join(&name)).unwrap()
        } else {
            case.changed(text).into_bytes()
        };
        let error = read(&bytes, &name).unwrap_or_else(|| panic!("{name} is read without an error"));
        format!("{:?}: {error}", error.kind()).lines().map(str::to_owned).collect()
    });
    let got: Vec<Vec<String>> = got.collect();
    if !table.bless(&got) {
        let differ = table.cases.iter().zip(&got).filter(|(case, got)| case.expected != **got);
        let failures: Vec<_> = differ.map(|(case, got)| (&case.name, &case.expected, got)).collect();
        assert!(failures.is_empty(), "name, expected, got: {failures:#?}");
    }
}
