//! Comparisons with outputs of other programs in `../shared/data`; `make test-reference` runs them.

mod check;
mod convert;
mod errors;
mod formats;
mod grades;
mod lammps;
mod motep;
mod numbers;
mod order;
mod python;
mod select;
mod templates;
