//! `mtprs info`: what is in a potential.

use std::path::PathBuf;

use clap::Args;

/// Options of `mtprs info`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs info pot.mtp
  mtprs info pot.mtp --json")]
pub struct InfoArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}
