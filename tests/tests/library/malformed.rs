//! Bad potentials and configurations and the whole message that each must give: the tables of `../malformed`, which say at
//! their heads how they are written.
//!
//! With `MTPRS_BLESS=1` the messages are written instead of compared; read the difference before committing it.

use std::fs;
use std::path::PathBuf;

use mtprs_core::Error;
use mtprs_core::format::{CfgReader, parse_potential};
use mtprs_tests::workspace;

#[test]
fn bad_potentials_give_their_messages() {
    let trained = fs::read_to_string(fixtures("wellformed").join("trained.mtp")).unwrap();
    check_all("potentials.txt", "mtp", 84, &[trained], |text, name| parse_potential(text, name).err());
}

#[test]
fn bad_configurations_give_their_messages() {
    let crystal = fs::read_to_string(fixtures("wellformed").join("crystal.cfg")).unwrap();
    let second = crystal.rfind("BEGIN_CFG").unwrap();
    let one = &crystal[..second];
    let read = |text: &[u8], name: &str| CfgReader::new(text, name).find_map(Result::err);
    check_all("configurations.txt", "cfg", 55, &[one.repeat(2), one.to_owned()], read);
}

fn fixtures(folder: &str) -> PathBuf {
    workspace().join("tests/tests").join(folder)
}

/// Checks every section of a table; the second of the texts that have the faults is the one of `alone`.
fn check_all(
    table: &str,
    extension: &str,
    at_least: usize,
    texts: &[String],
    read: impl Fn(&[u8], &str) -> Option<Error>,
) {
    let path = fixtures("malformed").join(table);
    let written = fs::read_to_string(&path).unwrap();
    let mut sections = written.split("\n# ");
    let mut blessed = sections.next().unwrap().to_owned();
    let (mut count, mut failures) = (0, Vec::new());
    for section in sections {
        let (heading, lines) = section.split_once('\n').unwrap();
        let (name, text) = match heading.strip_suffix(": alone") {
            Some(name) => (format!("{name}.{extension}"), &texts[1]),
            None => (format!("{heading}.{extension}"), &texts[0]),
        };
        let part = |is_message: bool| {
            let lines = lines.lines().filter(|line| !line.is_empty());
            lines.filter(move |line| line.starts_with('!') == is_message)
        };
        let changes: Vec<&str> = part(false).collect();
        let bytes = if changes.is_empty() {
            fs::read(fixtures("malformed").join(&name)).unwrap()
        } else {
            changed(text, &changes).into_bytes()
        };
        let expected = part(true).map(|line| format!("{line}\n")).collect::<String>();
        let error = read(&bytes, &name).unwrap_or_else(|| panic!("{name} is read without an error"));
        let got = format!("{:?}: {error}", error.kind());
        let got = got.lines().map(|line| format!("!{line}\n")).collect::<String>();
        if got != expected {
            failures.push(format!("{name}\nexpected\n{expected}got\n{got}"));
        }
        let changes: String = changes.iter().map(|line| format!("{line}\n")).collect();
        blessed.push_str(&format!("\n# {heading}\n{changes}{got}"));
        count += 1;
    }
    if std::env::var_os("MTPRS_BLESS").is_some() {
        fs::write(path, blessed).unwrap();
        return;
    }
    assert!(count >= at_least, "found only {count} sections in {table}");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// A text after the changes of a section.
fn changed(text: &str, changes: &[&str]) -> String {
    let whole = changes.iter().map_while(|line| line.strip_prefix('='));
    let whole = whole.map(|line| format!("{line}\n")).collect::<String>();
    if !whole.is_empty() {
        return whole;
    }
    let mut text = text.to_owned();
    for change in changes.split(|line| *line == "...") {
        if let Some(rest) = change[0].strip_prefix('|') {
            text.truncate(text.rfind(rest).unwrap_or_else(|| panic!("{change:?} is not there")));
            continue;
        }
        let lines = |mark: char| {
            let lines = change.iter().filter_map(move |line| line.strip_prefix(mark));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        let (old, new) = (lines('-'), lines('+'));
        // whole lines: after the end of another one, or at the beginning
        let place = format!("\n{text}").rfind(&format!("\n{old}"));
        let place = place.unwrap_or_else(|| panic!("{change:?} is not there"));
        text.replace_range(place..place + old.len(), &new);
    }
    text
}
