//! Shared pieces of the tests that need Python, LAMMPS, compilers or the trainer. What needs the core alone is in
//! `mtprs_testing`.

pub mod c_programs;
pub mod example_cell;
pub mod installed;
pub mod lammps;
pub mod learning;
pub mod motep;
pub mod mpi_training;
pub mod pages;
pub mod process;
pub mod python;
pub mod repository;
pub mod site;
pub mod structure_frames;

use std::path::PathBuf;

use mtprs_testing::workspace;

/// Folder of the reference data: `MTPRS_SHARED`, by default `../shared` from the workspace.
pub fn shared() -> PathBuf {
    std::env::var_os("MTPRS_SHARED").map_or_else(|| workspace().join("../shared"), PathBuf::from)
}
