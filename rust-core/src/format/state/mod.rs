//! Selection states: `.mtps` (our own), `.als` (MLIP-2) and `.almtp` (MLIP-3).

mod almtp_reader;
mod almtp_writer;
mod als_reader;
mod als_writer;
mod bytes;
mod files;
mod mtps_reader;
mod mtps_writer;

pub use almtp_writer::write_almtp;
pub use als_writer::write_als;
pub use files::{load_state, parse_state, save_state, write_state_for};
pub use mtps_writer::write_state;
