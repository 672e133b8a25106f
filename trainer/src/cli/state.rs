//! `mtprs state`: selection states.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use mtprs_core::selection::GradeMode;
use serde::{Deserialize, Serialize};

use super::WorkArguments;
use super::ranges::{above_one, file, positive};

/// Options of `mtprs state`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs state build pot.mtp train.cfg state.mtps
  mtprs state build pot.mtp train.cfg state.als --mode neighborhood
  mtprs state build pot.mtp train.cfg pot.almtp --mode neighborhood
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
    Build(Box<StateBuildArguments>),
    /// Describe a selection state: mode, size, volume, sources, unsupported directions.
    Show(StateShowArguments),
}

/// Options of `mtprs state build`.
#[derive(Args, Debug)]
#[command(
    after_help = "The training set is read several times and may be of any size. The result does not depend on the number of threads."
)]
pub struct StateBuildArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The configurations that the potential was trained on.
    #[arg(value_name = "TRAIN.cfg")]
    pub training_set: PathBuf,

    /// Output file: .als for MLIP-2, .almtp for MLIP-3 (potential and selection state), otherwise a selection state of
    /// mtprs (.mtps).
    #[arg(value_name = "STATE", value_parser = file())]
    pub output: PathBuf,

    /// How to build it.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// Options of `mtprs state show`.
#[derive(Args, Debug)]
pub struct StateShowArguments {
    /// The selection state.
    #[arg(value_name = "STATE")]
    pub state: PathBuf,

    /// The potential that the selection state belongs to: checks that it does, and names the directions that more training
    /// data would support.
    #[arg(long, value_name = "POT.mtp")]
    pub potential: Option<PathBuf>,

    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

/// Options of what builds a state.
#[derive(Args, Debug)]
pub struct BuildArguments {
    /// What to grade: whole configurations or single atoms [default: configuration].
    #[arg(long, value_name = "MODE", visible_alias = "al-mode")]
    pub mode: Option<Mode>,

    /// Multiple of the unit matrix that the selection starts from.
    #[arg(long, value_name = "NUMBER", default_value_t = 1e-5, value_parser = positive)]
    pub init_threshold: f64,

    /// Largest grade that a row of the training set may have at the end.
    #[arg(long, value_name = "NUMBER", default_value_t = 1.000_000_1, value_parser = above_one)]
    pub swap_threshold: f64,

    /// Same as --mode configuration if 1 (MLIP-2).
    #[arg(long, value_name = "WEIGHT", hide_short_help = true)]
    pub energy_weight: Option<f64>,

    /// Same as --mode neighborhood if 1 and --energy-weight is 0 (MLIP-2).
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Whole configurations.
    #[value(alias = "cfg")]
    Configuration,
    /// Single atoms.
    #[value(alias = "nbh", alias = "neighbourhood")]
    Neighborhood,
}

impl From<Mode> for GradeMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Configuration => Self::Configuration,
            Mode::Neighborhood => Self::Neighborhood,
        }
    }
}
