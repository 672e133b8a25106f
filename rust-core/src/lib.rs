//! The library of mtprs: what moment tensor potentials are and how they are evaluated.
//!
#![doc = include_str!("../README.md")]
//!
//! # Where to begin
//!
//! Data flows one way: text becomes a [`Potential`](potential::Potential) through [`format`](mod@format), and an
//! [`Evaluator`](evaluate::Evaluator) compiles it and applies it to a [`Configuration`](geometry::Configuration) or to somebody
//! else's neighbor lists ([`Neighborhoods`](evaluate::Neighborhoods)). A [`Grader`](grade::Grader) says how far atoms are from
//! what a potential was trained on; a [`LossEvaluator`](evaluate::LossEvaluator) has the gradients that training needs.
//!
//! Units everywhere: Å, eV, eV/Å; the virial is in eV. Equations: A. V. Shapeev, Multiscale Model. Simul. 14, 1153
//! (2016); I. S. Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021).

// What needs it says so, module by module: vectors, kernels, the thread pool.
#![deny(unsafe_code)]

pub mod error;
pub mod evaluate;
pub mod format;
pub mod geometry;
pub mod grade;
mod kernels;
mod plan;
pub mod potential;
pub mod selection;
pub mod species;

pub use error::{Error, ErrorKind, Place, Result};
