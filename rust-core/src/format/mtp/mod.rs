//! `.mtp`: potentials (MLIP-2's format, version 1.1.0).

mod checks;
mod keys;
mod lists;
mod reader;
mod writer;

pub use reader::{load_potential, parse_potential, parse_potential_prefix};
pub use writer::{potential_to_string, save_potential, write_potential};
