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

Potentials, structures, training sets, input scripts of LAMMPS and jobs. The tutorials begin in the folder in which the \
first of these lines was typed. What is edited there is replaced with --force only.")]
pub struct ExamplesArguments {
    /// The folder to copy them into, which is made if it is missing.
    #[arg(value_name = "FOLDER", default_value = "examples")]
    pub folder: PathBuf,

    /// Print the names of the files instead.
    #[arg(long)]
    pub list: bool,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,
}
