//! `mtprs man` and `mtprs completions` as the program needs them.

use std::env;
use std::path::{Path, PathBuf};

use clap::{Arg, Command, CommandFactory, ValueHint};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Files, Job, usage_error};
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

/// A script that completes commands and options in a shell.
#[derive(Debug)]
pub struct CompletionsJob {
    /// The shell.
    pub shell: Shell,
    /// The script.
    pub script: String,
    /// Where it is put; standard output if nowhere.
    pub file: Option<OutputFile>,
}

impl Job for CompletionsJob {
    type Typed = CompletionsArguments;

    fn new(arguments: CompletionsArguments) -> Result<Self, clap::Error> {
        let shell = match arguments.shell {
            Some(shell) => shell,
            None => Shell::from_env().ok_or_else(|| {
                usage_error("the variable SHELL does not name a known shell: expected bash, zsh or fish")
            })?,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut offering_files(Cli::command()), "mtprs", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        let file = match arguments.install {
            true => {
                let path = place(shell)?;
                let replaces = arguments.write.force || is_ours(&path, &script);
                Some(OutputFile { path, replaces })
            }
            false => None,
        };
        Ok(Self { shell, script, file })
    }

    fn files(&self) -> Files {
        let files = Files::default().writes(&self.file);
        match self.file.as_ref().and_then(|file| file.path.parent()) {
            Some(folder) => files.makes_folder(folder),
            None => files,
        }
    }
}

/// Where a shell looks for a user's completions of `mtprs`.
fn place(shell: Shell) -> Result<PathBuf, clap::Error> {
    let folder = |variable: &str, usual: &str| {
        let told = env::var_os(variable).filter(|told| !told.is_empty()).map(PathBuf::from);
        told.or_else(|| env::home_dir().map(|home| home.join(usual)))
            .ok_or_else(|| usage_error(format!("neither {variable} nor HOME is set")))
    };
    match shell {
        Shell::Bash => Ok(folder("XDG_DATA_HOME", ".local/share")?.join("bash-completion/completions/mtprs")),
        Shell::Zsh => Ok(folder("XDG_DATA_HOME", ".local/share")?.join("zsh/site-functions/_mtprs")),
        Shell::Fish => Ok(folder("XDG_CONFIG_HOME", ".config")?.join("fish/completions/mtprs.fish")),
        other => Err(usage_error(format!(
            "--install knows bash, zsh and fish, got {other}; mtprs completions {other} prints the script"
        ))),
    }
}

/// Whether a file begins as a script of completions does, of this or another version.
fn is_ours(path: &Path, script: &str) -> bool {
    let first = |text: &str| text.lines().next().map(str::to_owned);
    std::fs::read_to_string(path).is_ok_and(|text| first(&text) == first(script))
}

/// The command, in which values that are files are marked as such for the shell, going by their names in the help.
fn offering_files(command: Command) -> Command {
    let is_file = |argument: &Arg| {
        let names = argument.get_value_names().unwrap_or_default();
        let says = |name: &str| {
            name.contains('.')
                || ["FILE", "FOLDER", "STATE", "TRAJECTORY", "PATH"].iter().any(|word| name.contains(word))
        };
        argument.get_possible_values().is_empty() && names.iter().any(|name| says(name))
    };
    command
        .mut_args(
            |argument| if is_file(&argument) { argument.value_hint(ValueHint::AnyPath) } else { argument },
        )
        .mut_subcommands(offering_files)
}
