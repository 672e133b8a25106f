//! What a potential says of a crystal, in quantities that are measured or computed from first principles: equation of state,
//! elastic constants, phonons, vacancies, surfaces.
//!
//! A [`Calculator`] relaxes, evaluates and grades; [`Crystal`] is what everything begins with. [`Report`] sets the figures beside a
//! [`Reference`]; [`page`] and [`table`] show it. Equations and their papers stand at the head of each file.

mod calculator;
mod crystal;
pub mod defects;
pub mod elastic;
pub mod eos;
mod force_constants;
mod grades;
mod lattice;
pub mod page;
pub mod phonons;
pub mod reference;
mod report;
mod slab;
pub mod surfaces;
pub mod table;
#[cfg(test)]
mod tests;

pub use calculator::{Calculator, Relaxed};
pub use crystal::Crystal;
pub use grades::verdict;
pub use reference::Reference;
pub use report::{Figure, Part, Report, Settings};
pub use slab::Miller;
