//! What the program needs to know to do what the user asked: checked values in place of words.

mod analyze;
mod analyze_diffusion;
mod analyze_melt;
mod analyze_order;
mod convert;
mod cutout;
mod examples;
mod files;
mod filter;
mod insert;
mod learn;
mod learn_labels;
mod manual;
mod prune;
mod ready;
mod scaling;
mod split;
mod state;
mod streams;
mod train;
mod tune;
mod voltage;

use std::num::NonZeroUsize;

use mtprs_core::evaluate::Precision;

use crate::cli::{FrameArguments, PrecisionName, RunArguments, usage_error};
use crate::pipeline::{Frames, RunSettings};

pub use analyze::{AnalysisOutputs, RdfJob, Trajectory};
pub use analyze_diffusion::DiffusionJob;
pub use analyze_melt::MeltJob;
pub use analyze_order::{OrderJob, ReferenceJob};
pub use convert::{ConvertJob, FrameChoice, OrderSource};
pub use cutout::CutoutJob;
pub use examples::{Example, ExamplesJob};
pub use files::Files;
pub use filter::{Condition, Quantity, criteria};
pub use insert::InsertJob;
pub use learn::{LearnJob, RESERVED, absolute};
pub use manual::{CompletionsJob, ManJob};
pub use prune::PruneJob;
pub use ready::{Ready, Typed};
pub use scaling::{AtomSource, ScalingJob, Size};
pub use split::{Amount, Parts, SplitJob, Stratum};
pub use train::TrainJob;
pub use tune::TuneJob;
pub use voltage::{StructureJob, VoltageJob};

/// What a command does, known to the last file before it begins.
pub trait Job: Sized {
    /// What the user types for it.
    type Typed;

    /// Checks what was typed.
    fn new(typed: Self::Typed) -> Result<Self, clap::Error>;

    /// What is read and written.
    fn files(&self) -> Files;
}

impl From<PrecisionName> for Precision {
    fn from(name: PrecisionName) -> Self {
        match name {
            PrecisionName::Double => Self::Double,
            PrecisionName::Mixed => Self::Mixed,
        }
    }
}

impl From<FrameArguments> for Frames {
    fn from(FrameArguments { skip, every, limit }: FrameArguments) -> Self {
        Self { skip, every, limit: limit.unwrap_or(u64::MAX) }
    }
}

impl From<RunArguments> for RunSettings {
    fn from(arguments: RunArguments) -> Self {
        let all = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self { threads: arguments.threads.map_or_else(all, NonZeroUsize::get), quiet: arguments.quiet }
    }
}
