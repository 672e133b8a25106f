//! What the program needs to know to do what the user asked: checked values in place of words.

mod check;
mod convert;
mod cutout;
mod errors;
mod evaluate;
mod files;
mod filter;
mod grade;
mod info;
mod init;
mod learn;
mod learn_labels;
mod manual;
mod merge;
mod scaling;
mod select;
mod split;
mod state;
mod streams;
mod subsample;
mod train;
mod tune;

use std::num::NonZeroUsize;

use clap::CommandFactory;
use clap::error::ErrorKind;
use mtprs_core::evaluate::Precision;

use crate::Failure;
use crate::cli::{Cli, Command, PrecisionName, RunArguments};
use crate::pipeline::RunSettings;

pub use check::CheckJob;
pub use convert::{ConvertJob, FrameChoice, OrderSource};
pub use cutout::{AtomPlace, CutoutJob, MinDistance};
pub use errors::ErrorsJob;
pub use evaluate::EvaluateJob;
pub use files::Files;
pub use filter::{Condition, FilterJob, Quantity};
pub use grade::GradeJob;
pub use info::InfoJob;
pub use init::InitJob;
pub use learn::{LearnCall, LearnJob, RESERVED, absolute};
pub use manual::{CompletionsJob, ManJob};
pub use merge::MergeJob;
pub use scaling::{AtomSource, ScalingJob, Size};
pub use select::SelectJob;
pub use split::{Amount, Parts, SplitJob, Stratum};
pub use state::{StateBuildJob, StateShowJob};
pub use subsample::{Sampling, SubsampleJob};
pub use train::TrainJob;
pub use tune::TuneJob;

/// One task of the program.
#[derive(Debug)]
pub enum Job {
    /// Write an untrained potential.
    Init(InitJob),
    /// Describe a potential.
    Info(InfoJob),
    /// Convert structures.
    Convert(ConvertJob),
    /// Check configurations.
    Check(CheckJob),
    /// Divide configurations.
    Split(SplitJob),
    /// Put configurations together.
    Merge(MergeJob),
    /// Keep some configurations.
    Filter(FilterJob),
    /// Take fewer configurations.
    Subsample(SubsampleJob),
    /// Evaluate configurations.
    Evaluate(EvaluateJob),
    /// Compare a potential with reference values.
    Errors(ErrorsJob),
    /// Grade configurations.
    Grade(GradeJob),
    /// Select configurations to label.
    Select(SelectJob),
    /// Cut out surroundings of atoms.
    Cutout(Box<CutoutJob>),
    /// Fit a potential.
    Train(Box<TrainJob>),
    /// Search for potentials.
    Tune(Box<TuneJob>),
    /// Learn actively.
    Learn(LearnCall),
    /// Predict how runs scale.
    Scaling(Box<ScalingJob>),
    /// Build a selection state.
    StateBuild(StateBuildJob),
    /// Describe a selection state.
    StateShow(StateShowJob),
    /// Write pages of the manual.
    Man(ManJob),
    /// Write completions for a shell.
    Completions(CompletionsJob),
}

impl Job {
    /// Checks what was typed.
    pub fn from_cli(cli: Cli) -> Result<Self, clap::Error> {
        match cli.command {
            Command::Init(arguments) => init::init(arguments).map(Self::Init),
            Command::Info(arguments) => Ok(Self::Info(info::info(arguments))),
            Command::Convert(arguments) => convert::convert(*arguments).map(Self::Convert),
            Command::Check(arguments) => check::check(arguments).map(Self::Check),
            Command::Split(arguments) => split::split(arguments).map(Self::Split),
            Command::Merge(arguments) => merge::merge(arguments).map(Self::Merge),
            Command::Filter(arguments) => filter::filter(*arguments).map(Self::Filter),
            Command::Subsample(arguments) => subsample::subsample(*arguments).map(Self::Subsample),
            Command::Evaluate(arguments) => evaluate::evaluate(arguments).map(Self::Evaluate),
            Command::Errors(arguments) => errors::errors(arguments).map(Self::Errors),
            Command::Grade(arguments) => grade::grade(arguments).map(Self::Grade),
            Command::Select(arguments) => select::select(*arguments).map(Self::Select),
            Command::Cutout(arguments) => cutout::cutout(*arguments).map(Box::new).map(Self::Cutout),
            Command::Train(arguments) => TrainJob::from_arguments(*arguments).map(Box::new).map(Self::Train),
            Command::Tune(arguments) => TuneJob::from_arguments(*arguments).map(Box::new).map(Self::Tune),
            Command::Learn(arguments) => Ok(Self::Learn(learn::learn(arguments))),
            Command::Scaling(arguments) => scaling::scaling(*arguments).map(Box::new).map(Self::Scaling),
            Command::State(arguments) => state::state(arguments),
            Command::Man(arguments) => manual::man(arguments).map(Self::Man),
            Command::Completions(arguments) => Ok(Self::Completions(manual::completions(arguments))),
        }
    }
}

impl Job {
    /// Refuses to replace inputs, and files that exist unless the user said so. The loop of `learn` has its own rules.
    pub fn check_files(&self) -> Result<(), Failure> {
        let (command, files) = match self {
            Self::Init(job) => ("init", job.files()),
            Self::Convert(job) => ("convert", job.files()),
            Self::Check(job) => ("check", job.files()),
            Self::Split(job) => ("split", job.files()),
            Self::Merge(job) => ("merge", job.files()),
            Self::Filter(job) => ("filter", job.files()),
            Self::Subsample(job) => ("subsample", job.files()),
            Self::Evaluate(job) => ("evaluate", job.files()),
            Self::Errors(job) => ("errors", job.files()),
            Self::Grade(job) => ("grade", job.files()),
            Self::Select(job) => ("select", job.files()),
            Self::Cutout(job) => ("cutout", job.files()),
            Self::Train(job) if !job.print_job => ("train", job.files()),
            Self::Tune(job) if !job.print_job => ("tune", job.files()),
            Self::Scaling(job) => ("scaling", job.files()),
            Self::StateBuild(job) => ("state", job.files()),
            Self::Man(job) => ("man", job.files()),
            Self::Info(job) => ("info", Files::default().reads([&job.potential])),
            Self::StateShow(job) => ("state", Files::default().reads([&job.state]).reads(&job.potential)),
            Self::Learn(_) | Self::Train(_) | Self::Tune(_) | Self::Completions(_) => return Ok(()),
        };
        files.check(command)
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
    fn a_usage_error_shows_the_usage_of_its_command() {
        let text = usage_error("init", "no such thing").to_string();
        assert!(text.starts_with("error: no such thing\n\nUsage: mtprs init "), "{text}");
    }
}
