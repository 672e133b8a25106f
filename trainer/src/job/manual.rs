//! `mtprs man` and `mtprs completions` as the program needs them.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Files, usage_error};
use crate::cli::{Cli, CompletionsArguments, ManArguments};
use crate::endpoint::OutputFile;

/// Which pages of the manual to write.
#[derive(Debug)]
pub enum ManJob {
    /// The page of one command, for standard output.
    Page(Box<Command>),
    /// The pages of all commands, each for a file of its folder.
    Folder(PathBuf, Vec<(Command, OutputFile)>),
}

/// Which completions to write.
#[derive(Debug)]
pub struct CompletionsJob {
    /// The shell that reads them.
    pub shell: Shell,
}

impl ManJob {
    pub(super) fn files(&self) -> Files {
        match self {
            Self::Page(_) => Files::default(),
            Self::Folder(folder, pages) => {
                Files::default().writes(pages.iter().map(|(_, file)| file)).makes_folder(folder)
            }
        }
    }
}

/// A command and those of its own commands that users see.
fn documented(command: &Command) -> Vec<Command> {
    let inner = command.get_subcommands();
    let inner = inner.filter(|command| command.get_name() != "help" && !command.is_hide_set());
    [command.clone()].into_iter().chain(inner.flat_map(documented)).collect()
}

pub(super) fn man(arguments: ManArguments) -> Result<ManJob, clap::Error> {
    let mut program = Cli::command();
    program.build();
    if let Some(folder) = arguments.out {
        let page = |command: Command| {
            let path = folder.join(Man::new(command.clone()).get_filename());
            (command, OutputFile { path, replaces: arguments.write.force })
        };
        let pages = documented(&program).into_iter().map(page).collect();
        return Ok(ManJob::Folder(folder, pages));
    }
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
