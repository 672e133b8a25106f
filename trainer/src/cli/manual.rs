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

man -l - displays a page from standard output. With --out, every command gets a page, such as mtprs-train.1; man finds \
the pages in the folder man1 of a folder in MANPATH.")]
pub struct ManArguments {
    /// Command to document [default: the program itself].
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Vec<String>,

    /// Write the pages of all commands into this folder, which is created if missing.
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
~/.local/share/zsh/site-functions/_mtprs for zsh (add that folder to fpath), and ~/.config/fish/completions/mtprs.fish \
for fish. XDG_DATA_HOME and XDG_CONFIG_HOME are respected.")]
pub struct CompletionsArguments {
    /// The shell [default with --install: the shell of the variable SHELL].
    #[arg(value_name = "SHELL", required_unless_present = "install")]
    pub shell: Option<Shell>,

    /// Write the file where the shell looks for it, instead of standard output.
    #[arg(long)]
    pub install: bool,

    /// What to do with an existing file. One that this command wrote is always replaced.
    #[command(flatten)]
    pub write: WriteArguments,
}
