//! Files: `.mtp` potentials, `.cfg` configurations and selection states, read with the place of every error and written without loss.
//!
//! Whatever the bytes of a file are, reading ends in a value or an [`Error`](crate::Error), and memory stays in
//! proportion to the bytes that are really there. Files are written whole or not at all ([`AtomicFile`]).

mod atomic_file;
mod cfg;
mod cursor;
mod encoding;
mod files;
mod mtp;
mod numbers;
mod state;

pub use atomic_file::AtomicFile;
pub use cfg::{CfgReader, write_configuration};
pub use encoding::without_mark;
pub use mtp::{
    load_potential, parse_potential, parse_potential_prefix, potential_to_string, save_potential,
    write_potential,
};
pub use numbers::shortest;
pub use state::{load_state, parse_state, save_state, write_almtp, write_als, write_state, write_state_for};
