//! Words and figures for people: numbers with so many digits, counts with their nouns, tables whose columns line up.

mod number;
mod table;

pub use number::{counted, general, significant};
pub use table::Table;

/// Name and version as they appear in files and reports.
pub const PROGRAM: &str = concat!("mtprs ", env!("CARGO_PKG_VERSION"));
