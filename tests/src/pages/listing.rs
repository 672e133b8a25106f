//! What a page takes from the repository: files that it includes, targets of make that the checks of every change make.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mtprs_testing::workspace;

/// The files that a page includes anywhere, as paths of this machine.
pub fn included(folder: &Path, text: &str) -> Vec<PathBuf> {
    text.match_indices("{{#include ")
        .filter_map(|(start, opening)| text[start + opening.len()..].split("}}").next())
        .map(|target| folder.join(target.split(':').next().expect("a split has a first part").trim()))
        .collect()
}

/// All targets of make that `.ci/run` makes, with those that they need.
///
/// # Panics
/// If the files cannot be read.
pub fn targets_of_ci() -> BTreeSet<String> {
    let read = |name: &str| fs::read_to_string(workspace().join(name)).expect("the repository has it");
    let (script, makefile) = (read(".ci/run"), read("Makefile"));
    let is_target = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_lowercase());
    let mut open: Vec<String> = script
        .lines()
        .filter_map(|line| line.split_once(" make "))
        .flat_map(|(_, rest)| rest.split_whitespace().filter(is_target).map(str::to_owned))
        .collect();
    let mut found = BTreeSet::new();
    while let Some(target) = open.pop() {
        if !found.insert(target.clone()) {
            continue;
        }
        let rule = makefile.lines().find_map(|line| line.strip_prefix(&format!("{target}:")));
        let needed = rule.unwrap_or_default().split("##").next().unwrap_or_default();
        open.extend(needed.split_whitespace().filter(is_target).map(str::to_owned));
    }
    found
}
