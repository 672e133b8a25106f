//! Moment tensor potentials: energies, forces and virials of atoms, the file formats they travel in, and a C ABI.
//!
//! Data flows one way: text becomes a [`Potential`](potential::Potential) through [`format`](mod@format), the potential is
//! compiled once into a [`Plan`](plan::Plan), and an [`Evaluator`](evaluate::Evaluator) applies the plan to a
//! [`Configuration`](geometry::Configuration) or to somebody else's neighbor lists.
//!
//! Units everywhere: Å, eV, eV/Å; the virial is in eV. Equations: A. V. Shapeev, Multiscale Model. Simul. 14, 1153
//! (2016); I. S. Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021).

pub mod capi;
pub mod error;
pub mod evaluate;
pub mod format;
pub mod geometry;
pub mod grade;
mod kernels;
pub mod plan;
pub mod potential;
pub mod selection;
pub mod species;

pub use error::{Error, ErrorKind, Place, Result};
