//! Files: `.mtp` potentials, `.cfg` configurations and selection states, read with the place of every error and written without loss.
//!
//! Whatever the bytes of a file are, reading ends in a value or an [`Error`](crate::Error), and memory stays in
//! proportion to the bytes that are really there. Files are written whole or not at all ([`AtomicFile`]).

mod almtp_reader;
mod almtp_writer;
mod als_reader;
mod als_writer;
mod atomic_file;
mod cfg_block;
mod cfg_columns;
mod cfg_lines;
mod cfg_mlip2_writer;
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
mod state_bytes;
mod state_files;
mod state_reader;
mod state_writer;

pub use almtp_writer::write_almtp;
pub use als_writer::write_als;
pub use atomic_file::AtomicFile;
pub use cfg_reader::CfgReader;
pub use cfg_writer::write_configuration;
pub use mtp_reader::{load_potential, parse_potential, parse_potential_prefix};
pub use mtp_writer::{potential_to_string, save_potential, write_potential};
pub use numbers::shortest;
pub use state_files::{load_state, parse_state, save_state, write_state_for};
pub use state_writer::write_state;
