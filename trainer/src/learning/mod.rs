//! The pieces of an active-learning loop: its journal, the commands that it calls, runs of LAMMPS, and labels.
//!
//! `commands/learn` puts them together. Each piece leaves files that are whole or not there at all, so that whatever kills
//! the program, the next one finds what was done.

pub mod call;
pub mod called_labels;
pub mod files;
pub mod harvest;
pub mod journal;
pub mod label_check;
pub mod label_folders;
mod label_settings;
pub mod label_store;
pub mod lammps_log;
pub mod md_run;
pub mod next;
pub mod page;
pub mod report;
#[cfg(test)]
mod simulation;
pub mod state;
pub mod status;
pub mod template;
#[cfg(test)]
mod tests;

pub use label_settings::{Calculator, CommandLabels, DirectoryLabels, LabelSettings, LabelSource, OnFailure};
