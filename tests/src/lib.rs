//! Shared pieces of the tests.

pub mod compare;
pub mod lammps;
pub mod process;
pub mod random;
pub mod structure;
pub mod synthetic;
