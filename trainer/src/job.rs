//! What the program needs to know to do what the user asked: checked values in place of words.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::ErrorKind;
use mtprs_core::evaluate::Precision;
use mtprs_core::species::Species;

use crate::cli::{
    Cli, Command, Compatibility, ErrorsArguments, EvaluateArguments, InfoArguments, InitArguments,
    PrecisionName, RunArguments,
};
use crate::endpoint::{Input, Output};

/// One task of the program.
#[derive(Debug)]
pub enum Job {
    /// Write an untrained potential.
    Init(InitJob),
    /// Describe a potential.
    Info(InfoJob),
    /// Evaluate configurations.
    Evaluate(EvaluateJob),
    /// Compare a potential with reference values.
    Errors(ErrorsJob),
}

/// Settings of a new potential; the core checks them against each other.
#[derive(Debug)]
pub struct InitJob {
    /// Level of the potential.
    pub level: usize,
    /// Species, with or without names.
    pub species: Species,
    /// Shortest distance, Å.
    pub min_dist: f64,
    /// Cutoff, Å.
    pub cutoff: f64,
    /// Number of Chebyshev polynomials.
    pub radial_basis_size: usize,
    /// Name, if the user chose one.
    pub name: Option<String>,
    /// Where the potential goes.
    pub output: Output,
    /// Whether an existing file may be replaced.
    pub force: bool,
}

/// Which potential to describe, and how.
#[derive(Debug)]
pub struct InfoJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// JSON instead of a table.
    pub json: bool,
}

/// What to evaluate and where to write it.
#[derive(Debug)]
pub struct EvaluateJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations to read.
    pub input: Input,
    /// Where they go with energies, forces and virials.
    pub output: Output,
    /// Whether to write `site_en`.
    pub site_energies: bool,
    /// Precision of the evaluation.
    pub precision: Precision,
    /// Threads and progress.
    pub run: RunSettings,
}

/// What to compare and which reports to make.
#[derive(Debug)]
pub struct ErrorsJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// Configurations with reference values.
    pub database: Input,
    /// Where the JSON report goes, if wanted.
    pub json: Option<Output>,
    /// Feature to group by.
    pub by: Option<String>,
    /// Program whose report is imitated.
    pub compat: Option<Compatibility>,
    /// Precision of the evaluation.
    pub precision: Precision,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Threads and progress of a long command.
#[derive(Clone, Copy, Debug)]
pub struct RunSettings {
    /// Number of threads.
    pub threads: usize,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

impl Job {
    /// Checks what was typed.
    pub fn from_cli(cli: Cli) -> Result<Self, clap::Error> {
        match cli.command {
            Command::Init(arguments) => init(arguments).map(Self::Init),
            Command::Info(arguments) => Ok(Self::Info(info(arguments))),
            Command::Evaluate(arguments) => evaluate(arguments).map(Self::Evaluate),
            Command::Errors(arguments) => errors(arguments).map(Self::Errors),
        }
    }
}

/// A complaint about the command line of one command, with its usage.
pub fn usage_error(command: &str, message: impl std::fmt::Display) -> clap::Error {
    let mut program = Cli::command();
    program.build();
    let of_command = program.find_subcommand_mut(command);
    let message = message.to_string();
    match of_command {
        Some(command) => command.error(ErrorKind::ValueValidation, message),
        None => program.error(ErrorKind::ValueValidation, message),
    }
}

fn init(arguments: InitArguments) -> Result<InitJob, clap::Error> {
    let InitArguments { level, species, cutoff, min_dist, radial_basis_size, name, output, force } =
        arguments;
    let species =
        parse_species(&species).map_err(|message| usage_error("init", format!("--species: {message}")))?;
    if level % 2 == 1 {
        // The basis of an odd level is that of the even one below: better said than silently done.
        return Err(usage_error("init", format!("--level: expected an even number, got {level}")));
    }
    if name.as_deref().is_some_and(|name| name.chars().any(char::is_control)) {
        return Err(usage_error("init", "--name: expected one line of text"));
    }
    Ok(InitJob { level, species, min_dist, cutoff, radial_basis_size, name, output: output.into(), force })
}

fn info(arguments: InfoArguments) -> InfoJob {
    InfoJob { potential: arguments.potential, json: arguments.json }
}

fn evaluate(arguments: EvaluateArguments) -> Result<EvaluateJob, clap::Error> {
    let EvaluateArguments { potential, input, output, site_energies, precision, run } = arguments;
    let output = Output::from(output);
    if output.is_file(&potential) {
        return Err(would_destroy("evaluate", &potential));
    }
    Ok(EvaluateJob {
        potential,
        input: input.into(),
        output,
        site_energies,
        precision: precision.into(),
        run: run.into(),
    })
}

fn errors(arguments: ErrorsArguments) -> Result<ErrorsJob, clap::Error> {
    let ErrorsArguments { potential, database, json, by, compat, precision, run } = arguments;
    let json = json.map(Output::from);
    for input in [&potential, &database] {
        if json.as_ref().is_some_and(|json| json.is_file(input)) {
            return Err(would_destroy("errors", input));
        }
    }
    let (database, precision, run) = (database.into(), precision.into(), run.into());
    Ok(ErrorsJob { potential, database, json, by, compat, precision, run })
}

fn would_destroy(command: &str, input: &Path) -> clap::Error {
    usage_error(command, format!("the output would replace the input {}", input.display()))
}

fn parse_species(text: &str) -> Result<Species, mtprs_core::Error> {
    match text.trim().parse::<usize>() {
        Ok(count) => Ok(Species::unnamed(count)),
        Err(_) => {
            let names: Vec<&str> = text.split([',', ' ']).filter(|name| !name.is_empty()).collect();
            Species::named(&names)
        }
    }
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::Double => Self::Double,
            PrecisionName::Mixed => Self::Mixed,
        }
    }
}

impl From<RunArguments> for RunSettings {
    fn from(arguments: RunArguments) -> Self {
        let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { threads: arguments.threads.map_or_else(all, NonZeroUsize::get), quiet: arguments.quiet }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn species_are_names_or_a_count() {
        assert_eq!(parse_species("Mg,V,O").unwrap(), Species::named(&["Mg", "V", "O"]).unwrap());
        assert_eq!(parse_species("Mg, V O").unwrap(), Species::named(&["Mg", "V", "O"]).unwrap());
        assert_eq!(parse_species("3").unwrap(), Species::unnamed(3));
        let message = parse_species("Mg,Vo").unwrap_err().to_string();
        assert_eq!(message, "Vo is not the symbol of a chemical element");
    }

    #[test]
    fn a_usage_error_shows_the_usage_of_its_command() {
        let text = usage_error("init", "no such thing").to_string();
        assert!(text.starts_with("error: no such thing\n\nUsage: mtprs init "), "{text}");
    }
}
