//! `mtprs examples`: the files that the documentation works with.

use std::path::PathBuf;

use clap::Args;

use super::WriteArguments;

/// Options of `mtprs examples`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs examples
  mtprs examples tutorial/examples
  mtprs examples --list

Copies potentials, structures, training sets, LAMMPS input scripts and jobs. The tutorials start in the folder where \
the first of these commands was run. Files that you have edited there are replaced only with --force.")]
pub struct ExamplesArguments {
    /// Folder to copy them into; it is created if missing.
    #[arg(value_name = "FOLDER", default_value = "examples")]
    pub folder: PathBuf,

    /// Only print the names of the files.
    #[arg(long)]
    pub list: bool,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,
}
