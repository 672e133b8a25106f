//! `mtprs man` as the program needs it.

use std::path::PathBuf;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::{Files, Job, usage_error};
use crate::cli::{Cli, ManArguments};
use crate::endpoint::OutputFile;

/// Which pages of the manual to write.
#[derive(Debug)]
pub enum ManJob {
    /// The page of one command, for standard output.
    Page(Box<Command>),
    /// The pages of all commands, each for a file of its folder.
    Folder(PathBuf, Vec<(Command, OutputFile)>),
}

impl Job for ManJob {
    type Typed = ManArguments;

    fn new(arguments: ManArguments) -> Result<Self, clap::Error> {
        let mut program = Cli::command();
        program.build();
        if let Some(folder) = arguments.out {
            let page = |command: Command| {
                let path = folder.join(Man::new(command.clone()).get_filename());
                (command, OutputFile { path, replaces: arguments.write.force })
            };
            let pages = documented(&program).into_iter().map(page).collect();
            return Ok(Self::Folder(folder, pages));
        }
        let mut found = &program;
        for name in &arguments.command {
            let unknown = || usage_error(format!("expected a command of {}, got {name}", found.get_name()));
            found = found.find_subcommand(name).ok_or_else(unknown)?;
        }
        Ok(Self::Page(Box::new(found.clone())))
    }

    fn files(&self) -> Files {
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
