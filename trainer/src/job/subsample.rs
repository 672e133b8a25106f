//! `mtprs subsample` as the program needs it.

use std::path::PathBuf;

use super::state::settings;
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::active_set::Settings;
use crate::cli::SubsampleArguments;
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What to take of what.
#[derive(Debug)]
pub struct SubsampleJob {
    /// The files, read as if they were one.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where the configurations go.
    pub output: Output,
    /// Which are taken.
    pub sampling: Sampling,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Which configurations are taken.
#[derive(Clone, Debug, PartialEq)]
pub enum Sampling {
    /// Each so many-th.
    Every {
        /// Distance between two.
        step: u64,
        /// Left out at the beginning.
        offset: u64,
    },
    /// At random.
    Random {
        /// How many.
        count: usize,
        /// Decides which.
        seed: u64,
    },
    /// Those that span the largest volume.
    MaxVol {
        /// At most how many.
        count: usize,
        /// File of the potential.
        potential: PathBuf,
        /// How to build active sets.
        settings: Settings,
    },
}

impl Job for SubsampleJob {
    type Typed = SubsampleArguments;

    fn new(arguments: SubsampleArguments) -> Result<Self, clap::Error> {
        let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let SubsampleArguments { every, count, maxvol, potential, offset, seed, .. } = arguments;
        let sampling = match (every, count, maxvol.zip(potential)) {
            (Some(step), _, _) => Sampling::Every { step, offset },
            (_, Some(count), _) => Sampling::Random { count: whole(count), seed },
            (_, _, Some((count, potential))) => {
                let settings = settings(&arguments.build)?;
                Sampling::MaxVol { count: whole(count), potential, settings }
            }
            _ => return Err(usage_error("expected --every, --count or --maxvol with --potential")),
        };
        let passes = if every.is_some() { 1 } else { 2 };
        let reading = reading(arguments.reading)?;
        let inputs = inputs(arguments.inputs, passes, &reading)?;
        let output = Output::new(arguments.output, arguments.write.force);
        Ok(Self { inputs, reading, output, sampling, run: arguments.run.into() })
    }

    fn files(&self) -> Files {
        let files = Files::default().cfg_only().takes(&self.inputs).makes([&self.output]);
        match &self.sampling {
            Sampling::MaxVol { potential, .. } => files.reads([potential]),
            _ => files,
        }
    }
}
