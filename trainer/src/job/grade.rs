//! `mtprs grade` as the program needs it.

use std::path::PathBuf;

use super::files::output_file;
use super::state::{asks_for_mode, settings};
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings};
use crate::active_set::Settings;
use crate::cli::GradeArguments;
use crate::endpoint::{Input, Output, OutputFile};
use crate::structure_files::Reading;

/// What to grade, by which state, and where to write it.
#[derive(Debug)]
pub struct GradeJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// File of the state or of a training set.
    pub state: PathBuf,
    /// The same as what a training set consists of.
    pub training_set: Vec<Input>,
    /// Configurations to read.
    pub inputs: Vec<Input>,
    /// How they and a training set are read.
    pub reading: Reading,
    /// Where they go with their grades.
    pub output: Output,
    /// Where a state that is built goes, if it is to be kept.
    pub keep: Option<OutputFile>,
    /// How to build a state from a training set.
    pub settings: Settings,
    /// Whether the user chose a mode.
    pub mode_is_chosen: bool,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for GradeJob {
    type Typed = GradeArguments;

    fn new(arguments: GradeArguments) -> Result<Self, clap::Error> {
        let GradeArguments { potential, state, input, output, als_filename, build, common } = arguments;
        let output = Output::new(output, common.write.force);
        let keep =
            als_filename.map(|path| output_file("--als-filename", path, common.write.force)).transpose()?;
        let mode_is_chosen = asks_for_mode(&build);
        let settings = settings(&build)?;
        let reading = reading(common.reading)?;
        let training_set = inputs(vec![state.clone()], 2, &reading)?;
        let inputs = inputs(vec![input], 1, &reading)?;
        Ok(Self {
            potential,
            state,
            training_set,
            inputs,
            reading,
            output,
            keep,
            settings,
            mode_is_chosen,
            run: common.run.into(),
        })
    }

    fn files(&self) -> Files {
        let files = Files::default()
            .cfg_only()
            .reads([&self.potential])
            .rereads([&self.state])
            .takes(self.training_set.iter().chain(&self.inputs));
        files.makes([&self.output]).writes(&self.keep)
    }
}
