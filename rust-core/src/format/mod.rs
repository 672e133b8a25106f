//! Files: `.mtp` potentials and `.cfg` configurations, read with the place of every error and written without loss.
//!
//! Whatever the bytes of a file are, reading ends in a value or an [`Error`](crate::Error), and memory stays in
//! proportion to the bytes that are really there. Files are written whole or not at all ([`AtomicFile`]).

mod atomic_file;
mod cfg_block;
mod cfg_columns;
mod cfg_lines;
mod cfg_reader;
mod cfg_values;
mod cfg_writer;
mod cursor;
mod files;
mod mtp_checks;
mod mtp_keys;
mod mtp_lists;
mod mtp_reader;
mod mtp_writer;
mod numbers;

pub use atomic_file::AtomicFile;
pub use cfg_reader::CfgReader;
pub use cfg_writer::write_configuration;
pub use mtp_reader::{load_potential, parse_potential, parse_potential_prefix};
pub use mtp_writer::{potential_to_string, save_potential, write_potential};
