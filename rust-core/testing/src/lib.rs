//! Shared pieces of the tests that need no more than `mtprs-core`. The tests of every crate use them.

pub mod active_set;
pub mod agreement;
pub mod cases;
pub mod compare;
pub mod linear_loss;
pub mod properties;
pub mod random;
pub mod rows;
pub mod sample;
pub mod small_potential;
pub mod structure;
pub mod synthetic;
pub mod transform;
pub mod vectors;

use std::path::{Path, PathBuf};

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::Configuration;

/// Folder of the workspace.
pub fn workspace() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    folder.expect("rust-core/testing lies in the workspace").to_owned()
}

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

/// A table of cases, by its path in the workspace, with no fewer of them than it should have.
///
/// # Panics
/// If it has fewer, or cannot be read.
pub fn table(path: &str, at_least: usize) -> cases::Table {
    cases::Table::read(&workspace().join(path), at_least)
}

/// A file of `rust-core/tests/wellformed`.
pub fn wellformed(name: &str) -> PathBuf {
    workspace().join("rust-core/tests/wellformed").join(name)
}

/// An empty folder of one test, below `target/tmp`.
///
/// # Panics
/// If it cannot be made.
pub fn scratch(name: &str) -> PathBuf {
    let folder = workspace().join("target/tmp").join(name);
    let _absent_at_first = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    folder
}

/// The configurations of a `.cfg` file.
///
/// # Panics
/// If it cannot be read.
pub fn read_cfg(path: &Path) -> Vec<Configuration> {
    let all = CfgReader::open(path).and_then(Iterator::collect);
    all.unwrap_or_else(|error| panic!("{error}"))
}

/// Configurations as the text of a `.cfg` file.
///
/// # Panics
/// If one cannot be written.
pub fn cfg_text<'a>(configurations: impl IntoIterator<Item = &'a Configuration>) -> Vec<u8> {
    let mut text = Vec::new();
    for configuration in configurations {
        write_configuration(configuration, &mut text).unwrap_or_else(|error| panic!("{error}"));
    }
    text
}

/// Files under a folder whose names end in `extension`, in order.
///
/// # Panics
/// If a folder cannot be read.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = walk(folder, &|_| true);
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    found.sort();
    found
}

/// All files and links below a folder and those of its folders whose names are wanted.
///
/// # Panics
/// If a folder cannot be read.
pub fn walk(folder: &Path, is_wanted: &impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let below = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.expect("the entries of a folder can be listed");
        match entry.file_type().expect("an entry has a type").is_dir() {
            true if is_wanted(&entry.file_name().to_string_lossy()) => walk(&entry.path(), is_wanted),
            true => Vec::new(),
            false => vec![entry.path()],
        }
    };
    entries.flat_map(below).collect()
}
