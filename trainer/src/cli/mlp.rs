//! `mtprs mlp`: what is typed for MLIP. Its words are read by the room `mlip`, not here.

use std::ffi::OsString;

use clap::Args;

/// Words of `mtprs mlp`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs mlp help
  mtprs mlp train pot.mtp train.cfg --trained-pot-name=pot.mtp --max-iter=200
  mtprs mlp calc-errors pot.mtp test.cfg
  mtprs mlp select_add pot.almtp train.cfg candidates.cfg selected.cfg

Takes the command names and options of MLIP-2 (hyphens) and MLIP-3 (underscores), with their default file names, and \
prints the lines that other programs look for. Results replace existing files, even the input. mlp list lists the \
commands, mlp help COMMAND the options of one. The wheel installs this as the program mlp; any link to mtprs that is \
named mlp works the same way.")]
pub struct MlpArguments {
    /// Command, files and options of MLIP.
    #[arg(value_name = "WORDS", trailing_var_arg = true, allow_hyphen_values = true)]
    pub words: Vec<OsString>,
}
