//! `pair_style mtp/rs` in real LAMMPS.

mod contract;
mod demo;
mod errors;
mod exclusions;
mod force_style;
mod frames;
mod grades;
mod hybrid;
mod long;
mod masses;
mod mlip;
mod numbers;
mod parallel;
mod precision;
mod select_fix;
mod settings;
mod shared_frames;
mod structure_files;
mod threads;
mod trial_moves;
mod versions;
mod workflow;
