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
  mtprs completions bash --install
  mtprs completions zsh --install
  mtprs completions bash > mtprs

--install writes the file where the shell looks for it: ~/.local/share/bash-completion/completions/mtprs for bash, \
~/.local/share/zsh/site-functions/_mtprs for zsh, which must be told of that folder, ~/.config/fish/completions/mtprs.fish \
for fish. XDG_DATA_HOME and XDG_CONFIG_HOME are heeded.")]
pub struct CompletionsArguments {
    /// The shell; with --install that of the variable SHELL if none is named.
    #[arg(value_name = "SHELL", required_unless_present = "install")]
    pub shell: Option<Shell>,

    /// Write the file where the shell looks for it, instead of standard output.
    #[arg(long)]
    pub install: bool,

    /// What to do with a file that exists. One that this command wrote is replaced in any case.
    #[command(flatten)]
    pub write: WriteArguments,
}
