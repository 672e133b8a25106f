//! `mtprs man` and `mtprs completions` as the program needs them.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_complete::Shell;

use super::usage_error;
use crate::cli::{Cli, CompletionsArguments, ManArguments};

/// Which pages of the manual to write.
#[derive(Debug)]
pub enum ManJob {
    /// The page of one command, for standard output.
    Page(Box<Command>),
    /// The pages of all commands, for a folder.
    Folder(PathBuf),
}

/// Which completions to write.
#[derive(Debug)]
pub struct CompletionsJob {
    /// The shell that reads them.
    pub shell: Shell,
}

pub(super) fn man(arguments: ManArguments) -> Result<ManJob, clap::Error> {
    if let Some(folder) = arguments.out {
        return Ok(ManJob::Folder(folder));
    }
    let mut program = Cli::command();
    program.build();
    let mut found = &program;
    for name in &arguments.command {
        let unknown =
            || usage_error("man", format!("expected a command of {}, got {name}", found.get_name()));
        found = found.find_subcommand(name).ok_or_else(unknown)?;
    }
    Ok(ManJob::Page(Box::new(found.clone())))
}

pub(super) fn completions(arguments: CompletionsArguments) -> CompletionsJob {
    CompletionsJob { shell: arguments.shell }
}
