//! `mtprs man` and `mtprs completions`: what a system wants to know about the command line.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::WriteArguments;

/// Options of `mtprs man`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs man
  mtprs man state build
  mtprs man --out share/man/man1

A page on standard output is read by man -l -. With --out every command gets a page, as in mtprs-train.1; man finds \
them in the folder man1 of a folder that MANPATH names.")]
pub struct ManArguments {
    /// The command to explain; the program itself if there is none.
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Vec<String>,

    /// Write the pages of all commands into this folder, which is made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,
}

/// Options of `mtprs completions`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs completions bash > mtprs
  mtprs completions fish > mtprs.fish

bash: put the file mtprs into ~/.local/share/bash-completion/completions, or source it. zsh: name it _mtprs, in a folder \
of fpath. fish: ~/.config/fish/completions/mtprs.fish.")]
pub struct CompletionsArguments {
    /// The shell.
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}
