//! `mtprs analyze order` as the program needs it.

use super::analyze::{Trajectory, reading_of, refuse_twice, trajectories};
use super::{Files, Job, RunSettings};
use crate::analysis::order::OrderSettings;
use crate::cli::OrderArguments;
use crate::endpoint::{Input, Output};
use crate::pipeline::Frames;
use crate::structure_files::Reading;

/// Which structures are measured how.
#[derive(Debug)]
pub struct OrderJob {
    /// The structures and trajectories.
    pub structures: Vec<Trajectory>,
    /// Names of the species that are measured; all if there is none.
    pub of: Vec<String>,
    /// What is computed.
    pub settings: OrderSettings,
    /// A crystal, if the distance from one is wanted.
    pub reference: Option<ReferenceJob>,
    /// Which frames of each trajectory.
    pub frames: Frames,
    /// How they are read.
    pub reading: Reading,
    /// Where the JSON goes, if wanted.
    pub json: Option<Output>,
    /// Where the page goes, if wanted.
    pub report: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

/// A crystal to compare with.
#[derive(Clone, Debug)]
pub struct ReferenceJob {
    /// Where it stands first.
    pub input: Input,
    /// Names of the species that are compared; all of it if there is none.
    pub compare: Vec<String>,
}

impl Job for OrderJob {
    type Typed = OrderArguments;

    fn new(typed: OrderArguments) -> Result<Self, clap::Error> {
        let write = typed.common.write;
        let run = RunSettings::from(typed.common.run);
        let reading = reading_of(typed.common.reading, run.quiet)?;
        let settings = OrderSettings {
            definition: typed.definition,
            max_layers: typed.max_layers,
            directions: typed.direction,
            draws: typed.draws,
            seed: typed.seed,
        };
        let compare = typed.compare;
        refuse_twice("--of", &typed.of)?;
        refuse_twice("--compare", &compare)?;
        Ok(Self {
            structures: trajectories(typed.structures, &typed.labels, &reading)?,
            of: typed.of,
            settings,
            reference: typed.reference.map(|path| ReferenceJob { input: Input::from(path), compare }),
            frames: typed.frames.into(),
            reading,
            json: write.optional(&typed.json),
            report: write.optional(&typed.report),
            run,
        })
    }

    fn files(&self) -> Files {
        let inputs = self.structures.iter().flat_map(|structure| &structure.inputs);
        let reference = self.reference.iter().map(|reference| &reference.input);
        Files::default().takes(inputs.chain(reference)).makes(&self.json).makes(&self.report)
    }
}
