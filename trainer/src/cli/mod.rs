//! What the user typed: the commands, their options and the help pages.

mod analyze;
mod analyze_diffusion;
mod analyze_melt;
mod analyze_order;
mod check;
mod convert;
mod cutout;
mod errors;
mod evaluate;
mod examples;
mod filter;
mod grade;
mod info;
mod init;
mod insert;
mod job_file;
mod learn;
mod learn_options;
mod manual;
mod merge;
mod mlp;
mod ranges;
mod reading;
mod relax;
mod scaling;
mod select;
mod split;
mod state;
mod subsample;
mod train;
mod train_options;
mod tune;
mod tune_options;
mod upgrade;
mod validate;
mod voltage;

use std::ffi::OsString;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::endpoint::{Output, OutputFile};

pub use analyze::{AnalyzeArguments, AnalyzeCommand, RdfArguments, ResultArguments};
pub use analyze_diffusion::DiffusionArguments;
pub use analyze_melt::MeltArguments;
pub use analyze_order::OrderArguments;
pub use check::CheckArguments;
pub use convert::ConvertArguments;
pub use cutout::{AtomPlace, CutoutArguments, MinDistance};
pub use errors::ErrorsArguments;
pub use evaluate::EvaluateArguments;
pub use examples::ExamplesArguments;
pub use filter::{FilterArguments, Label};
pub use grade::GradeArguments;
pub use info::InfoArguments;
pub use init::{InitArguments, parse_species};
pub use insert::InsertArguments;
pub use job_file::JobOptions;
#[cfg(test)]
pub(crate) use job_file::parsed;
pub use learn::LearnArguments;
pub use learn_options::{
    GradeOptions, LabelKind, LabelOptions, LammpsOptions, LearnOptions, RunOptions, SelectionOptions, Value,
};
pub use manual::{CompletionsArguments, ManArguments};
pub use merge::MergeArguments;
pub use mlp::MlpArguments;
pub use reading::{EnergyName, FileArguments, ReadingArguments};
pub use relax::RelaxArguments;
pub use scaling::{Ensemble, ScalingArguments};
pub use select::SelectArguments;
pub use split::SplitArguments;
pub use state::{
    BuildArguments, Mode, StateArguments, StateBuildArguments, StateCommand, StateShowArguments,
};
pub use subsample::SubsampleArguments;
pub use train::TrainArguments;
pub use train_options::{Block, FitOptions, InitParams, TrainOptions, TrainingOptions};
pub use tune::TuneArguments;
pub use tune_options::TuneOptions;
pub use upgrade::UpgradeArguments;
pub use validate::ValidateArguments;
pub use voltage::{StateFiles, VoltageArguments};

/// Moment tensor potentials: create, train, evaluate and compare them.
#[derive(Debug, Parser)]
#[command(
    name = "mtprs",
    version,
    max_term_width = 100,
    after_help = "Files: potentials are .mtp (version 1.1.0) or .almtp (MLIP-3), configurations are .cfg, \
                  or any file or folder that mtprs convert reads; - stands for standard input or output.\nWhat exists is replaced with --force only, and no command replaces what it reads.\nUnits: Å, eV, eV/Å; PlusStress in eV, positive under compression.\n\
                  Exit codes: 0 success, 1 an error on the way, 2 wrong usage, 3 findings of mtprs check, labels that mtprs learn waits for or a verdict of mtprs analyze melt that was not expected, 4 the last cycle that mtprs learn may make, 101 a bug of mtprs, 128 plus the number of the signal that ended it (130: Ctrl-C, 143: SIGTERM, as from a queue)."
)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

impl Cli {
    /// Reads a command line, the program's name first, with the options of the job file that it names, if it does.
    pub fn read(arguments: &[OsString]) -> Result<Self, clap::Error> {
        let matches = Self::command().try_get_matches_from(arguments)?;
        let words = match matches.subcommand() {
            Some(("train", typed)) => job_file::words::<TrainOptions>(typed)?,
            Some(("tune", typed)) => job_file::words::<TuneOptions>(typed)?,
            _ => Vec::new(),
        };
        if words.is_empty() {
            return Self::from_arg_matches(&matches);
        }
        let (command, typed) = arguments.split_at(2);
        let of_file = words.iter().map(|word| OsString::from(&word.text));
        let all = command.iter().cloned().chain(of_file).chain(typed.iter().cloned());
        Self::try_parse_from(all).map_err(|error| job_file::placed(error, &words))
    }
}

/// A complaint about the command line, told [`with_usage`].
pub fn usage_error(message: impl std::fmt::Display) -> clap::Error {
    clap::Error::raw(ErrorKind::ValueValidation, message)
}

/// The complaint with the usage of the command that was typed.
pub fn with_usage(error: clap::Error, command: Option<&OsString>) -> clap::Error {
    let mut program = Cli::command();
    program.build();
    match command.and_then(|name| program.find_subcommand_mut(name)) {
        Some(command) => error.format(command),
        None => error.format(&mut program),
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an untrained potential of a given level.
    Init(InitArguments),
    /// Make a trained potential larger with the same energies: level, radial basis, species.
    Upgrade(UpgradeArguments),
    /// Describe a potential: species, level, cutoff, sizes, coefficients.
    Info(InfoArguments),
    /// Convert structures between .cfg, VASP, LAMMPS and extended XYZ.
    #[command(visible_alias = "convert-cfg")]
    Convert(Box<ConvertArguments>),
    /// Describe labeled configurations and find what is wrong with them.
    Check(CheckArguments),
    /// Divide configurations into training, validation and test sets, or into folds.
    Split(SplitArguments),
    /// Put configurations of several files together, without copies on request.
    Merge(MergeArguments),
    /// Keep configurations by energy, forces, composition, distances, features, labels or grades.
    Filter(Box<FilterArguments>),
    /// Take every n-th configuration, some at random, or those that differ most for a potential.
    Subsample(Box<SubsampleArguments>),
    /// Compute energies, forces and virials of configurations.
    #[command(visible_alias = "calc-efs")]
    Evaluate(EvaluateArguments),
    /// Relax atoms and cells of configurations, to a pressure.
    Relax(Box<RelaxArguments>),
    /// Compare a potential with reference energies, forces and stresses.
    #[command(visible_alias = "calc-errors")]
    Errors(ErrorsArguments),
    /// Compute properties of a crystal beside references: elasticity, phonons, surfaces.
    Validate(Box<ValidateArguments>),
    /// Compute extrapolation grades of configurations.
    #[command(visible_alias = "calc-grade")]
    Grade(GradeArguments),
    /// Select from candidates those whose labels the training set lacks.
    #[command(visible_alias = "select-add")]
    Select(Box<SelectArguments>),
    /// Cut the surroundings of extrapolating atoms from large cells, as cells fit for DFT.
    Cutout(Box<CutoutArguments>),
    /// Put ions into a host, where electrostatics and a potential want them.
    Insert(Box<InsertArguments>),
    /// Fit a potential to reference energies, forces and stresses.
    Train(Box<TrainArguments>),
    /// Search for the best potential at every cost: levels, cutoffs, basis sizes, weights.
    Tune(Box<TuneArguments>),
    /// Train, run LAMMPS, label what extrapolates, train again, until nothing does.
    Learn(LearnArguments),
    /// Compute what trajectories say of structure and diffusion: g(r), order, melting, D*.
    Analyze(AnalyzeArguments),
    /// Compute voltages of electrodes from energies of hosts with and without their ions.
    Voltage(Box<VoltageArguments>),
    /// Predict how fast a run of LAMMPS will be on how many cores.
    Scaling(Box<ScalingArguments>),
    /// Build and inspect selection states, by which grades are computed.
    State(StateArguments),
    /// Do what a command line of MLIP-2 or MLIP-3 asks for.
    Mlp(MlpArguments),
    /// Copy the examples that the documentation works with.
    Examples(ExamplesArguments),
    /// Write pages of the manual, for man.
    Man(ManArguments),
    /// Write completions of commands and options for a shell.
    Completions(CompletionsArguments),
}

/// Options of the commands that evaluate configurations.
#[derive(Args, Debug)]
pub struct WorkArguments {
    /// How inputs are read.
    #[command(flatten)]
    pub reading: ReadingArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of the commands that hand configurations on.
#[derive(Args, Debug)]
pub struct PassArguments {
    /// How inputs are read.
    #[command(flatten)]
    pub reading: ReadingArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// Show neither progress nor summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Which frames of an input are taken; files that are analyzed as one trajectory are one input.
#[derive(Args, Clone, Copy, Debug)]
pub struct FrameArguments {
    /// Leave out this many frames at the beginning of each input.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub skip: u64,

    /// Only every n-th frame of each input, beginning with the first that is not left out.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = ranges::at_least(1_u64))]
    pub every: u64,

    /// At most this many frames of each input.
    #[arg(long, value_name = "COUNT", value_parser = ranges::at_least(1_u64))]
    pub limit: Option<u64>,
}

/// Options of the commands that take time.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct RunArguments {
    /// Number of threads [default: all cores].
    #[arg(short = 'j', long, value_name = "COUNT", value_parser = ranges::threads)]
    pub threads: Option<NonZeroUsize>,

    /// Show neither progress nor summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Option of the commands that write files.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct WriteArguments {
    /// Replace files that exist. Inputs are never replaced.
    #[arg(long)]
    pub force: bool,
}

impl WriteArguments {
    /// An output.
    pub fn output(self, path: &Path) -> Output {
        Output::new(path.to_owned(), self.force)
    }

    /// A file, never standard output.
    pub fn file(self, path: &Path) -> OutputFile {
        OutputFile { path: path.to_owned(), replaces: self.force }
    }

    /// An output, if it is wanted.
    pub fn optional(self, path: &Option<PathBuf>) -> Option<Output> {
        path.as_ref().map(|path| self.output(path))
    }
}

/// Precisions of an evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum PrecisionName {
    /// Double precision throughout.
    #[default]
    Double,
    /// Single precision per neighbor: faster up to level 20; forces change by some 1e-6 of the largest.
    Mixed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::prepare;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_usage_error_shows_the_usage_of_its_command() {
        let text = with_usage(usage_error("no such thing"), Some(&"init".into())).to_string();
        assert!(text.starts_with("error: no such thing\n\nUsage: mtprs init "), "{text}");
    }

    #[test]
    fn every_example_in_the_help_parses_and_is_valid() {
        let mut examples = 0;
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().expect("every command has examples").to_string();
            for line in help.lines().filter(|line| line.starts_with("  mtprs ")) {
                let words = line.split_whitespace().take_while(|word| !["<", ">"].contains(word));
                let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
                prepare(cli).map(drop).unwrap_or_else(|error| panic!("{line}: {error}"));
                examples += 1;
            }
        }
        assert_eq!(examples, 105);
    }
}
