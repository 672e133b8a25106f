//! Rules of the house that a compiler does not check: file sizes, module docs, no traces of somebody's machine.

use std::path::{Path, PathBuf};

use mtprs_tests::repository;

/// Most lines of a Rust file that is not listed in [`LONG_FILES`].
const MOST_LINES: usize = 500;

/// Longer files with the reason why they are not divided.
const LONG_FILES: [(&str, &str); 0] = [];

/// Beginnings of absolute paths that make sense on one machine only.
const HOMES: [&str; 6] = ["home", "root", "tmp", "work", "Users", "mnt"];

fn rust_files(under: &str) -> Vec<PathBuf> {
    let is_rust = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "rs");
    repository::files(under).into_iter().filter(is_rust).collect()
}

#[test]
fn rust_files_are_short_or_listed_with_a_reason() {
    let files = rust_files("");
    assert!(files.len() >= 20, "found only {} Rust files: is the search broken?", files.len());
    for path in &files {
        let lines = repository::text(path).expect("Rust sources are text").lines().count();
        let listed = LONG_FILES.iter().any(|(name, _)| Path::new(name) == path);
        assert!(
            listed == (lines > MOST_LINES),
            "{}: {lines} lines; files of more than {MOST_LINES} are divided or listed in LONG_FILES, no others",
            path.display()
        );
    }
}

/// A file that its `main.rs` or `mod.rs` does not name is not compiled, and nothing would tell.
#[test]
fn every_file_of_the_tests_is_compiled() {
    let files: Vec<PathBuf> =
        ["rust-core/tests", "tests/tests", "trainer/tests"].into_iter().flat_map(rust_files).collect();
    assert!(files.len() >= 50, "found only {} files of tests: is the search broken?", files.len());
    for path in files.iter().filter(|path| !path.ends_with("main.rs")) {
        // The folder of a `mod.rs` is a module as a whole.
        let module = if path.ends_with("mod.rs") {
            path.parent().expect("a file is in a folder")
        } else {
            path.as_path()
        };
        let above = ["main.rs", "mod.rs"].map(|name| module.with_file_name(name));
        let above = above.iter().find(|above| files.contains(above));
        let modules = above.and_then(|above| repository::text(above));
        let modules =
            modules.unwrap_or_else(|| panic!("{}: expected a main.rs or mod.rs beside it", path.display()));
        let name = module.file_stem().expect("a file has a name").to_string_lossy();
        let declaration = format!("mod {name};");
        assert!(
            modules.lines().any(|line| line == declaration),
            "{}: expected `{declaration}` in the main.rs or mod.rs beside it",
            path.display()
        );
    }
}

/// Tests that are left out by `make test` and by `make test-long`, run by hand; see [`every_test_is_run_by_somebody`].
const BY_HAND: [&str; 6] = [
    "a_loop_survives_fifty_kills",
    "calibration_by_length",
    "calibration_of_activation_energies",
    "calibration_of_kinds",
    "the_energy_of_768_atoms_does_not_drift",
    "the_energy_of_768_atoms_does_not_drift_in_mixed_precision",
];

#[test]
fn every_test_is_run_by_somebody() {
    let makefile = repository::text(Path::new("Makefile")).expect("it is text");
    let skipped: Vec<&str> =
        makefile.split("--skip ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    let mut long = 0;
    let mut by_hand = Vec::new();
    for path in rust_files("").iter().filter(|path| !path.ends_with("rules.rs")) {
        let source = repository::text(path).expect("Rust sources are text");
        for (number, line) in source.lines().enumerate().filter(|(_, line)| line.contains("#[ignore")) {
            let name = source.lines().skip(number).find_map(|line| line.trim().strip_prefix("fn "));
            let name = name.and_then(|name| name.split('(').next()).unwrap_or_default();
            let is_skipped = skipped.iter().any(|part| name.contains(part));
            match line.trim() {
                "#[ignore = \"long: run by make test-long\"]" if !is_skipped => long += 1,
                // by its whole name, in the recipe of that target
                "#[ignore = \"run by make test-wheel\"]"
                    if makefile.contains(&format!("--ignored {name}\n")) => {}
                "#[ignore = \"takes minutes\"]" if is_skipped => by_hand.push(name.to_owned()),
                other => panic!("{}:{}: nobody runs this test: {other}", path.display(), number + 1),
            }
        }
    }
    by_hand.sort();
    assert_eq!(by_hand, BY_HAND);
    assert!(long >= 30, "found only {long} long tests: is the search broken?");
}

#[test]
fn every_module_of_the_core_and_the_trainer_says_what_it_is_for() {
    let files: Vec<PathBuf> = ["rust-core/src", "trainer/src"].into_iter().flat_map(rust_files).collect();
    assert!(files.len() >= 15, "found only {} modules: is the search broken?", files.len());
    for path in &files {
        let source = repository::text(path).expect("Rust sources are text");
        let doc: String = source.lines().map_while(|line| line.strip_prefix("//!")).collect();
        assert!(doc.trim().len() >= 20, "{}: expected a module doc, got {doc:?}", path.display());
    }
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    let files = repository::files("");
    assert!(files.len() >= 40, "found only {} files: is the search broken?", files.len());
    for path in &files {
        let Some(text) = repository::text(path) else { continue };
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = machine_path(line) {
                panic!("{}:{}: path of one machine: {found}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_search_for_machine_paths_tells_them_from_others() {
    let absolute = |first: &str| format!("see /{first}/somebody/file");
    for first in HOMES {
        assert!(machine_path(&absolute(first)).is_some(), "{first}");
    }
    for fine in [
        "target/tmp/file",
        "src/work/x.rs",
        "https://example.org/home/page",
        "#!/usr/bin/env bash",
        "a /tmpfile",
    ] {
        assert_eq!(machine_path(fine), None);
    }
}

/// An absolute path below one of [`HOMES`], if the line holds one.
fn machine_path(line: &str) -> Option<&str> {
    let in_path = |character: char| character.is_alphanumeric() || "._-~/}$)".contains(character);
    line.match_indices('/').find_map(|(position, _)| {
        let continues = line[..position].chars().next_back().is_some_and(in_path);
        let rest = &line[position + 1..];
        let is_home =
            HOMES.iter().any(|home| rest.strip_prefix(home).is_some_and(|tail| tail.starts_with('/')));
        (!continues && is_home).then_some(&line[position..])
    })
}
