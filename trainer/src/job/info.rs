//! `mtprs info` as the program needs it.

use std::path::PathBuf;

use crate::cli::InfoArguments;

/// Which potential to describe, and how.
#[derive(Debug)]
pub struct InfoJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// JSON instead of a table.
    pub json: bool,
}

pub(super) fn info(arguments: InfoArguments) -> InfoJob {
    InfoJob { potential: arguments.potential, json: arguments.json }
}
