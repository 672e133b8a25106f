//! `.cfg`: configurations with what was calculated for them (MLIP-2's format).

mod block;
mod columns;
mod lines;
pub(super) mod mlip2_writer;
mod reader;
mod values;
mod writer;

pub use reader::CfgReader;
pub use writer::write_configuration;
