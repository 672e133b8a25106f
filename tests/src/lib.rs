//! Shared pieces of the tests.

pub mod active_set;
pub mod agreement;
pub mod c_programs;
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

/// Folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests/ lies in the workspace").to_owned()
}

/// Folder of the reference data: `MTPRS_SHARED`, by default `../shared` from the workspace.
pub fn shared() -> PathBuf {
    std::env::var_os("MTPRS_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from)
}

/// Files under a folder whose names end in `extension`, in order.
///
/// # Panics
/// If a folder cannot be read.
pub fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("the entries of a folder can be listed").path();
        if path.is_dir() {
            found.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}
