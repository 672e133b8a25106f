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
mod prune;
mod ranges;
mod reading;
mod relax;
mod scaling;
mod select;
mod split;
mod state;
mod subsample;
mod table;
mod tables;
mod tasks;
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
pub use prune::PruneArguments;
pub use reading::{EnergyName, FileArguments, ReadingArguments};
pub use relax::RelaxArguments;
pub use scaling::{Ensemble, ScalingArguments};
pub use select::SelectArguments;
pub use split::SplitArguments;
pub use state::{
    BuildArguments, Mode, StateArguments, StateBuildArguments, StateCommand, StateShowArguments,
};
pub use subsample::SubsampleArguments;
pub use table::TableArguments;
pub use tables::TablesArguments;
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
    help_template = tasks::template(),
    after_help = "Files: potentials are .mtp (version 1.1.0) or .almtp (MLIP-3); configurations are .cfg, \
                  or any file or folder that mtprs convert reads; - stands for standard input or output.\nExisting files are replaced only with --force, and no command replaces its own input.\nUnits: Å, eV, eV/Å; PlusStress in eV, positive under compression.\n\
                  Exit codes: 0 success; 1 error; 2 wrong usage; 3 mtprs check has findings, mtprs learn waits for labels, or mtprs analyze melt did not reach the expected verdict; 4 mtprs learn has reached max-cycles; 101 a bug in mtprs; 128 plus the signal number if a signal ended it (130: Ctrl-C, 143: SIGTERM, as from a queue)."
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
    /// Write an untrained potential of a level or another moment table.
    Init(InitArguments),
    /// Compare moment tables: basis functions, products, time per atom.
    Tables(TablesArguments),
    /// Enlarge a trained potential with unchanged energies: level, radial basis, species.
    Upgrade(UpgradeArguments),
    /// Describe a potential: species, level, cutoff, sizes, coefficients.
    Info(InfoArguments),
    /// Convert structures between .cfg, VASP, LAMMPS and extended XYZ.
    #[command(visible_alias = "convert-cfg")]
    Convert(Box<ConvertArguments>),
    /// Summarize labeled configurations and find faults in them.
    Check(CheckArguments),
    /// Split configurations into training, validation and test sets, or into folds.
    Split(SplitArguments),
    /// Merge files of configurations, with or without duplicates.
    Merge(MergeArguments),
    /// Filter configurations by energy, forces, composition, distances, features or grades.
    Filter(Box<FilterArguments>),
    /// Take every n-th configuration, a random sample, or the most diverse configurations.
    Subsample(Box<SubsampleArguments>),
    /// Compute energies, forces and virials of configurations.
    #[command(visible_alias = "calc-efs")]
    Evaluate(EvaluateArguments),
    /// Relax the atoms and cells of configurations at a given pressure.
    Relax(Box<RelaxArguments>),
    /// Compare a potential with reference energies, forces and stresses.
    #[command(visible_alias = "calc-errors")]
    Errors(ErrorsArguments),
    /// Compute properties of a crystal beside references: elasticity, phonons, surfaces.
    Validate(Box<ValidateArguments>),
    /// Compute extrapolation grades of configurations.
    #[command(visible_alias = "calc-grade")]
    Grade(GradeArguments),
    /// Select the candidates that are worth labeling.
    #[command(visible_alias = "select-add")]
    Select(Box<SelectArguments>),
    /// Cut out the surroundings of extrapolating atoms, as cells small enough for DFT.
    Cutout(Box<CutoutArguments>),
    /// Insert ions into a host, at the sites that electrostatics and a potential favor.
    Insert(Box<InsertArguments>),
    /// Fit a potential to reference energies, forces and stresses.
    Train(Box<TrainArguments>),
    /// Search for the best potential at each cost: tables, cutoffs, basis sizes, weights.
    Tune(Box<TuneArguments>),
    /// Make a trained potential cheaper: fewer functions, shorter cutoff.
    Prune(Box<PruneArguments>),
    /// Train, run LAMMPS, label what extrapolates, and repeat until nothing extrapolates.
    Learn(LearnArguments),
    /// Analyze trajectories: g(r), order, melting, diffusion.
    Analyze(AnalyzeArguments),
    /// Compute electrode voltages from the energies of hosts with and without ions.
    Voltage(Box<VoltageArguments>),
    /// Predict how fast LAMMPS runs on a given number of cores.
    Scaling(Box<ScalingArguments>),
    /// Build and inspect selection states, from which grades are computed.
    State(StateArguments),
    /// Run a command line of MLIP-2 or MLIP-3.
    Mlp(MlpArguments),
    /// Copy the examples that the documentation uses.
    Examples(ExamplesArguments),
    /// Write the manual pages, for man.
    Man(ManArguments),
    /// Write the completions of commands and options for a shell.
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

    /// Do not print progress or a summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Which frames of an input are taken; files that are analyzed as one trajectory are one input.
#[derive(Args, Clone, Copy, Debug)]
pub struct FrameArguments {
    /// Skip this many frames at the start of each input.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub skip: u64,

    /// Take only every n-th frame of each input, starting with the first one that is not skipped.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = ranges::at_least(1_u64))]
    pub every: u64,

    /// Take at most this many frames of each input.
    #[arg(long, value_name = "COUNT", value_parser = ranges::at_least(1_u64))]
    pub limit: Option<u64>,
}

/// Options of the commands that take time.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct RunArguments {
    /// Number of threads [default: all cores].
    #[arg(short = 'j', long, value_name = "COUNT", value_parser = ranges::threads)]
    pub threads: Option<NonZeroUsize>,

    /// Do not print progress or a summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Option of the commands that write files.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct WriteArguments {
    /// Replace existing files. Inputs are never replaced.
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
    /// Single precision per neighbor: faster up to level 20; forces change by about 1e-6 of the largest one.
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
        assert_eq!(examples, 117);
    }
}
