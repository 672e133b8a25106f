//! What the program needs to know to do what the user asked: checked values in place of words.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap::error::ErrorKind;
use mtprs_core::evaluate::Precision;
use mtprs_core::selection::{GradeMode, Weights};
use mtprs_core::species::Species;

use crate::cli::{
    BuildArguments, Cli, Command, Compatibility, ErrorsArguments, EvaluateArguments, GradeArguments,
    InfoArguments, InitArguments, Mode, PrecisionName, RunArguments, StateArguments, StateCommand,
};
use crate::endpoint::{Input, Output};
use crate::selection::Settings;
use crate::train_job::TrainJob;

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
    /// Grade configurations.
    Grade(GradeJob),
    /// Fit a potential.
    Train(Box<TrainJob>),
    /// Build a selection state.
    StateBuild(StateBuildJob),
    /// Describe a selection state.
    StateShow(StateShowJob),
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
    /// Where the report as a page goes, if wanted.
    pub report: Option<Output>,
    /// Feature to group by.
    pub by: Option<String>,
    /// Program whose report is imitated.
    pub compat: Option<Compatibility>,
    /// Precision of the evaluation.
    pub precision: Precision,
    /// Threads and progress.
    pub run: RunSettings,
}

/// What to grade, by which state, and where to write it.
#[derive(Debug)]
pub struct GradeJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// File of the state or of a training set.
    pub state: PathBuf,
    /// Configurations to read.
    pub input: Input,
    /// Where they go with their grades.
    pub output: Output,
    /// Where a state that is built goes, if it is to be kept.
    pub keep: Option<PathBuf>,
    /// How to build a state from a training set.
    pub settings: Settings,
    /// Whether the user chose a mode.
    pub mode_is_chosen: bool,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Which state to build.
#[derive(Debug)]
pub struct StateBuildJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// The training set.
    pub training_set: PathBuf,
    /// Where the state goes.
    pub output: PathBuf,
    /// How to build it.
    pub settings: Settings,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Which state to describe, and how.
#[derive(Debug)]
pub struct StateShowJob {
    /// File of the state.
    pub state: PathBuf,
    /// File of the potential, if given.
    pub potential: Option<PathBuf>,
    /// JSON instead of a table.
    pub json: bool,
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
            Command::Grade(arguments) => grade(arguments).map(Self::Grade),
            Command::Train(arguments) => TrainJob::from_arguments(*arguments).map(Box::new).map(Self::Train),
            Command::State(arguments) => state(arguments),
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
    let ErrorsArguments { potential, database, json, report, by, compat, precision, run } = arguments;
    let (json, report) = (json.map(Output::from), report.map(Output::from));
    for input in [&potential, &database] {
        if [&json, &report].into_iter().flatten().any(|output| output.is_file(input)) {
            return Err(would_destroy("errors", input));
        }
    }
    if let (Some(json), Some(report)) = (&json, &report)
        && (json == report || matches!(report, Output::File(path) if json.is_file(path)))
    {
        return Err(usage_error("errors", format!("--json and --report would both write {}", report.name())));
    }
    let (database, precision, run) = (database.into(), precision.into(), run.into());
    Ok(ErrorsJob { potential, database, json, report, by, compat, precision, run })
}

fn grade(arguments: GradeArguments) -> Result<GradeJob, clap::Error> {
    let GradeArguments { potential, state, input, output, als_filename, build, run } = arguments;
    let output = Output::from(output);
    let keep = als_filename;
    for read in [&potential, &state] {
        let replaced = |path: &PathBuf| Output::from(path.clone()).is_file(read);
        if output.is_file(read) || keep.as_ref().is_some_and(replaced) {
            return Err(would_destroy("grade", read));
        }
    }
    let mode_is_chosen = build.mode.is_some() || build.energy_weight.is_some() || build.nbh_weight.is_some();
    let settings = settings("grade", &build)?;
    let input = input.into();
    Ok(GradeJob { potential, state, input, output, keep, settings, mode_is_chosen, run: run.into() })
}

fn state(arguments: StateArguments) -> Result<Job, clap::Error> {
    match arguments.command {
        StateCommand::Show(show) => {
            let (state, potential, json) = (show.state, show.potential, show.json);
            Ok(Job::StateShow(StateShowJob { state, potential, json }))
        }
        StateCommand::Build(build) => {
            let (potential, training_set, output) = (build.potential, build.training_set, build.output);
            for read in [&potential, &training_set] {
                if Output::from(output.clone()).is_file(read) {
                    return Err(would_destroy("state", read));
                }
            }
            let settings = settings("state", &build.build)?;
            let run = build.run.into();
            Ok(Job::StateBuild(StateBuildJob { potential, training_set, output, settings, run }))
        }
    }
}

/// How to build a state: the mode by its name or by the weights of MLIP-2, and the thresholds.
fn settings(command: &str, arguments: &BuildArguments) -> Result<Settings, clap::Error> {
    let weights = Weights {
        site_energy: arguments.nbh_weight.unwrap_or(0.0),
        energy: arguments.energy_weight.unwrap_or(if arguments.nbh_weight == Some(1.0) { 0.0 } else { 1.0 }),
        force: arguments.force_weight.unwrap_or(0.0),
        stress: arguments.stress_weight.unwrap_or(0.0),
    };
    let by_weights = weights.mode().map_err(|error| usage_error(command, error))?;
    let has_weights = arguments.energy_weight.is_some() || arguments.nbh_weight.is_some();
    let mode = match arguments.mode {
        None => by_weights,
        Some(Mode::Configuration) => GradeMode::Configuration,
        Some(Mode::Neighborhood) => GradeMode::Neighborhood,
    };
    if has_weights && mode != by_weights {
        return Err(usage_error(
            command,
            format!("--mode {mode} contradicts the weights, which ask for {by_weights}"),
        ));
    }
    let (start, threshold) = (arguments.init_threshold, arguments.swap_threshold);
    if !(start > 0.0 && start.is_finite()) {
        return Err(usage_error(
            command,
            format!("--init-threshold: expected a positive number, got {start}"),
        ));
    }
    if !(threshold > 1.0 && threshold.is_finite()) {
        let message = format!("--swap-threshold: expected a number above 1, got {threshold}");
        return Err(usage_error(command, message));
    }
    Ok(Settings { mode, start, threshold })
}

/// A complaint about an output that is an input.
pub(crate) fn would_destroy(command: &str, input: &Path) -> clap::Error {
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
