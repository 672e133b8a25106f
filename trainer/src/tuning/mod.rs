//! The parts of a search for potentials: its trials, what they cost, its folder, and what is told of it.
//!
//! `commands/tune` puts them together. Trials are judged by an error and a cost; the best are those that none beats in both
//! (a Pareto front).

pub mod cost;
pub mod cost_plot;
pub mod folder;
mod group_errors;
pub mod page;
pub mod pareto;
pub mod report;
mod trial;

pub use group_errors::GroupErrors;
pub use trial::{Criterion, TrialSettings};
