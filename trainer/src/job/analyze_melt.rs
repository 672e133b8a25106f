//! `mtprs analyze melt` as the program needs it.

use super::analyze::{Trajectory, reading_to_follow, refuse_twice};
use super::analyze_order::ReferenceJob;
use super::streams::inputs;
use super::{Files, Job, RunSettings};
use crate::analysis::melt::{Expectation, MeltSettings};
use crate::cli::MeltArguments;
use crate::endpoint::{Input, Output};
use crate::pipeline::Frames;
use crate::structure_files::Reading;

/// Which run is judged how.
#[derive(Debug)]
pub struct MeltJob {
    /// The run.
    pub trajectory: Trajectory,
    /// The crystal; the first frame if there is none.
    pub reference: Option<ReferenceJob>,
    /// Names of the species that are compared; all of the crystal if there is none.
    pub compare: Vec<String>,
    /// What is asked.
    pub settings: MeltSettings,
    /// The verdict that is expected.
    pub expect: Option<Expectation>,
    /// Which frames.
    pub frames: Frames,
    /// How they are read.
    pub reading: Reading,
    /// Where the JSON goes, if wanted.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for MeltJob {
    type Typed = MeltArguments;

    fn new(typed: MeltArguments) -> Result<Self, clap::Error> {
        let write = typed.common.write;
        let run = RunSettings::from(typed.common.run);
        let reading = reading_to_follow(typed.common.reading, run.quiet)?;
        let inputs = inputs(typed.trajectories, 1, &reading)?;
        let compare = typed.compare;
        refuse_twice("--compare", &compare)?;
        let of = |path| ReferenceJob { input: Input::from(path), compare: compare.clone() };
        Ok(Self {
            trajectory: Trajectory { label: String::new(), inputs },
            reference: typed.reference.map(of),
            settings: MeltSettings { last: typed.last, pairs: typed.pairs, within: typed.within },
            expect: typed.expect,
            frames: typed.frames.into(),
            reading,
            json: write.optional(&typed.json),
            run,
            compare,
        })
    }

    fn files(&self) -> Files {
        let reference = self.reference.iter().map(|reference| &reference.input);
        Files::default().takes(self.trajectory.inputs.iter().chain(reference)).makes(&self.json)
    }
}
