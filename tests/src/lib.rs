//! Shared pieces of the tests.

pub mod active_set;
pub mod agreement;
pub mod c_programs;
pub mod cases;
pub mod compare;
pub mod example_cell;
pub mod installed;
pub mod lammps;
pub mod learning;
pub mod motep;
pub mod mpi_training;
pub mod pages;
pub mod process;
pub mod properties;
pub mod python;
pub mod random;
pub mod repository;
pub mod sample;
pub mod site;
pub mod small_potential;
pub mod state_rows;
pub mod structure;
pub mod structure_frames;
pub mod synthetic;
pub mod transform;
pub mod vectors;

use std::path::{Path, PathBuf};

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::Configuration;

/// Folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// Folder of the reference data: `MTPRS_SHARED`, by default `../shared` from the workspace.
pub fn shared() -> PathBuf {
    std::env::var_os("MTPRS_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from)
}

/// A table of cases below `tests/tests`, with no fewer of them than it should have.
///
/// # Panics
/// If it has fewer, or cannot be read.
pub fn table(name: &str, at_least: usize) -> cases::Table {
    cases::Table::read(&workspace().join("tests/tests").join(name), at_least)
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
fn walk(folder: &Path, is_wanted: &impl Fn(&str) -> bool) -> Vec<PathBuf> {
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
