//! What the user typed: the commands, their options and the help pages.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::train_options::TrainOptions;

/// Moment tensor potentials: create, train, evaluate and compare them.
#[derive(Debug, Parser)]
#[command(
    name = "mtprs",
    version,
    max_term_width = 100,
    after_help = "Files: potentials are .mtp (MLIP-2, version 1.1.0), configurations are .cfg; - stands for standard \
                  input or output.\nUnits: Å, eV, eV/Å; PlusStress in eV, positive under compression.\n\
                  Exit codes: 0 success, 1 an error on the way, 2 wrong usage."
)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write an untrained potential of a given level.
    Init(InitArguments),
    /// Describe a potential: species, level, cutoff, sizes, coefficients.
    Info(InfoArguments),
    /// Compute energies, forces and virials of configurations.
    #[command(visible_alias = "calc-efs")]
    Evaluate(EvaluateArguments),
    /// Compare a potential with reference energies, forces and stresses.
    #[command(visible_alias = "calc-errors")]
    Errors(ErrorsArguments),
    /// Compute extrapolation grades of configurations.
    #[command(visible_alias = "calc-grade")]
    Grade(GradeArguments),
    /// Fit a potential to reference energies, forces and stresses.
    Train(Box<TrainArguments>),
    /// Build and inspect selection states, by which grades are computed.
    State(StateArguments),
}

/// Options of `mtprs init`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs init --level 16 --species Mg,V,O --cutoff 7 -o pot.mtp
  mtprs init --level 8 --species 2 --cutoff 5 --min-dist 1.9 --radial-basis-size 10 -o pot.mtp

The level bounds the complexity of the basis functions: 8 is coarse and fast, 16 usual, 24 fine and slow.")]
pub struct InitArguments {
    /// Level of the potential: even, 2 to 28.
    #[arg(long, value_name = "LEVEL")]
    pub level: usize,

    /// Element symbols in the order of the type numbers, or how many species there are.
    #[arg(long, value_name = "Mg,V,O|COUNT")]
    pub species: String,

    /// Distance beyond which atoms do not interact, Å.
    #[arg(long, value_name = "Å", visible_alias = "max-dist")]
    pub cutoff: f64,

    /// Shortest distance that the potential is meant for, Å.
    #[arg(long, value_name = "Å", default_value_t = 1.4)]
    pub min_dist: f64,

    /// Number of Chebyshev polynomials per radial function.
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub radial_basis_size: usize,

    /// Name of the potential, kept in the file.
    #[arg(long)]
    pub name: Option<String>,

    /// File to write.
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Replace the file if it exists.
    #[arg(long)]
    pub force: bool,
}

/// Options of `mtprs info`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs info pot.mtp
  mtprs info pot.mtp --json")]
pub struct InfoArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Options of `mtprs evaluate`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs evaluate pot.mtp in.cfg out.cfg
  mtprs evaluate pot.mtp in.cfg out.cfg --site-energies --threads 8
  mtprs evaluate pot.mtp - < in.cfg > out.cfg

Energy, forces and PlusStress of the input are replaced; ids, features and further columns are kept. Configurations \
are written in the order of the input, which may be of any size. The output appears under its name when it is \
complete.")]
pub struct EvaluateArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations to evaluate, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// File to write, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Also write the energy of every atom (column site_en).
    #[arg(long)]
    pub site_energies: bool,

    /// Precision of the work per neighbor; sums over atoms are double anyway.
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionName,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of `mtprs errors`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs errors pot.mtp test.cfg
  mtprs errors pot.mtp test.cfg --by config_type --json errors.json
  mtprs errors pot.mtp test.cfg --report errors.html
  mtprs errors pot.mtp test.cfg --compat mlip2

Force and stress errors are given per component, as papers print them, and as lengths of the error vector or tensor \
beside them. MLIP-2 averages differently (a third of the mean length of the force error, a ninth for stresses): \
--compat mlip2 prints the figures of mlp calc-errors, and the JSON report holds both. --report writes one HTML file \
with parity plots, error histograms, tables and the worst configurations, to be opened in any browser.")]
pub struct ErrorsArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values, - for standard input.
    #[arg(value_name = "DB.cfg")]
    pub database: PathBuf,

    /// Also write the report as JSON, - for standard output in place of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write the report as a page with plots, one HTML file; - for standard output in place of the table.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Also report the errors for each value of this Feature of the configurations.
    #[arg(long, value_name = "FEATURE")]
    pub by: Option<String>,

    /// Print the report with the definitions and in the layout of another program.
    #[arg(long, value_name = "PROGRAM")]
    pub compat: Option<Compatibility>,

    /// Precision of the work per neighbor; sums over atoms are double anyway.
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionName,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of `mtprs grade`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs grade pot.mtp state.mtps in.cfg out.cfg
  mtprs grade pot.mtp state.als in.cfg - > out.cfg
  mtprs grade pot.mtp train.cfg in.cfg out.cfg --mode neighborhood --als-filename state.als

Grades are written as the feature MV_grade of each configuration and, in neighborhood mode, as the column nbh_grades of \
its atoms. Up to 1 the potential interpolates; above 2 a configuration is worth computing, above 10 forces cannot be \
trusted. States of MLIP-2 (.als), MLIP-3 (.almtp) and mtprs (.mtps) are read; from a training set the state is built \
first.")]
pub struct GradeArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The selection state, or a training set to build one from.
    #[arg(value_name = "STATE|TRAIN.cfg")]
    pub state: PathBuf,

    /// Configurations to grade, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// File to write, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Keep the state that is built from a training set: .als for MLIP-2, else .mtps.
    #[arg(long, value_name = "FILE")]
    pub als_filename: Option<PathBuf>,

    /// How to build a state.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of `mtprs train`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs train 16.mtp train.cfg -o pot.mtp
  mtprs train 16.mtp train.cfg --valid-fraction 0.1 --patience 200 --report report.html
  mtprs train old.mtp train.cfg new.cfg --valid-cfgs test.cfg --trained-pot-name pot.mtp --threads 8
  mtprs train 16.mtp train.cfg -o pot.mtp --resume

With N atoms the loss is the mean over configurations of energy-weight ΔE²/N + force-weight Σ|ΔF|² + stress-weight \
|ΔW|²/N (vibrations), where |ΔW|² sums nine components of the virial. structures divides everything by N once more, \
molecules nothing by N. Energies, forces or virials that a configuration lacks are left out. The result is the same \
for any number of threads. A run that was stopped or killed goes on with --resume. Options can stand in a TOML file \
(--job), under the same names; --print-job writes one.")]
pub struct TrainArguments {
    /// The potential to begin with, trained or not (see init).
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// File with options; what stands on the command line comes first.
    #[arg(long, value_name = "JOB.toml")]
    pub job: Option<PathBuf>,

    /// Print the job with all defaults and stop.
    #[arg(long)]
    pub print_job: bool,

    /// Go on from the checkpoint of a run that was stopped.
    #[arg(long)]
    pub resume: bool,

    /// Draw errors and the course of the training as a page, - for standard output in place of the tables.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Write the errors and the course of the training as JSON, - for standard output in place of the tables.
    #[arg(long, value_name = "FILE")]
    pub report_json: Option<PathBuf>,

    /// How to train.
    #[command(flatten)]
    pub options: TrainOptions,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of `mtprs state`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs state build pot.mtp train.cfg state.mtps
  mtprs state build pot.mtp train.cfg state.als --mode neighborhood
  mtprs state show state.mtps --potential pot.mtp")]
pub struct StateArguments {
    /// What to do.
    #[command(subcommand)]
    pub command: StateCommand,
}

/// The commands of `mtprs state`.
#[derive(Debug, Subcommand)]
pub enum StateCommand {
    /// Choose an active set from a training set.
    Build(StateBuildArguments),
    /// Describe a state: mode, size, volume, sources, unsupported directions.
    Show(StateShowArguments),
}

/// Options of `mtprs state build`.
#[derive(Args, Debug)]
#[command(
    after_help = "The training set is read several times and may be of any size. The result is the same for any \
number of threads."
)]
pub struct StateBuildArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The configurations that the potential was trained on.
    #[arg(value_name = "TRAIN.cfg")]
    pub training_set: PathBuf,

    /// File to write: .als for MLIP-2, else a state of mtprs (.mtps).
    #[arg(value_name = "STATE")]
    pub output: PathBuf,

    /// How to build it.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

/// Options of `mtprs state show`.
#[derive(Args, Debug)]
pub struct StateShowArguments {
    /// The state.
    #[arg(value_name = "STATE")]
    pub state: PathBuf,

    /// The potential of the state, to check that it is, and to tell directions that more training would support.
    #[arg(long, value_name = "POT.mtp")]
    pub potential: Option<PathBuf>,

    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Options of what builds a state.
#[derive(Args, Debug)]
pub struct BuildArguments {
    /// What gets a grade: whole configurations or single atoms [default: configuration].
    #[arg(long, value_name = "MODE", visible_alias = "al-mode")]
    pub mode: Option<Mode>,

    /// Multiple of the unit matrix that the selection starts from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1e-5)]
    pub init_threshold: f64,

    /// Largest grade that a row of the training set may keep.
    #[arg(long, value_name = "NUMBER", default_value_t = 1.000_000_1)]
    pub swap_threshold: f64,

    /// As --mode configuration, if 1 (MLIP-2).
    #[arg(long, value_name = "WEIGHT", hide_short_help = true)]
    pub energy_weight: Option<f64>,

    /// As --mode neighborhood, if 1 and --energy-weight is 0 (MLIP-2).
    #[arg(long, value_name = "WEIGHT", hide_short_help = true)]
    pub nbh_weight: Option<f64>,

    /// Not supported unless 0 (MLIP-2).
    #[arg(long, value_name = "WEIGHT", hide_short_help = true)]
    pub force_weight: Option<f64>,

    /// Not supported unless 0 (MLIP-2).
    #[arg(long, value_name = "WEIGHT", hide_short_help = true)]
    pub stress_weight: Option<f64>,
}

/// What gets a grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Mode {
    /// Whole configurations.
    #[value(alias = "cfg")]
    Configuration,
    /// Single atoms.
    #[value(alias = "nbh", alias = "neighbourhood")]
    Neighborhood,
}

/// Options of the commands that take time.
#[derive(Args, Debug)]
pub struct RunArguments {
    /// Number of threads [default: all cores].
    #[arg(short = 'j', long, value_name = "COUNT")]
    pub threads: Option<NonZeroUsize>,

    /// Show neither progress nor summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
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

/// Programs whose error report can be imitated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Compatibility {
    /// MLIP-2, `mlp calc-errors`.
    Mlip2,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::job::Job;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_example_in_the_help_parses_and_is_valid() {
        let mut examples = 0;
        for command in Cli::command().get_subcommands() {
            let help = command.get_after_help().expect("every command has examples").to_string();
            for line in help.lines().filter(|line| line.starts_with("  mtprs ")) {
                let words = line.split_whitespace().take_while(|word| !["<", ">"].contains(word));
                let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
                Job::from_cli(cli).unwrap_or_else(|error| panic!("{line}: {error}"));
                examples += 1;
            }
        }
        assert_eq!(examples, 21);
    }
}
