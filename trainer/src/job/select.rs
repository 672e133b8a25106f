//! `mtprs select` as the program needs it.

use std::path::PathBuf;

use super::files::output_file;
use super::state::{asks_for_mode, settings};
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::active_set::Settings;
use crate::cli::SelectArguments;
use crate::endpoint::{Input, Output, OutputFile};
use crate::structure_files::Reading;

/// From what to select, and where the selected go.
#[derive(Debug)]
pub struct SelectJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// File of the training set or of a state.
    pub state: PathBuf,
    /// The same as what a training set consists of.
    pub training_set: Vec<Input>,
    /// Files of candidates.
    pub candidates: Vec<Input>,
    /// How they and a training set are read.
    pub reading: Reading,
    /// Where the selected configurations go.
    pub output: Output,
    /// Where the state with the selected configurations goes, if it is to be kept.
    pub keep: Option<OutputFile>,
    /// Where the summary goes as JSON.
    pub json: Option<Output>,
    /// How to build active sets.
    pub settings: Settings,
    /// Whether the user chose a mode.
    pub mode_is_chosen: bool,
    /// Largest grade that a candidate may keep.
    pub threshold: f64,
    /// Most configurations to select.
    pub limit: usize,
    /// Shortest distance of two atoms, Å, if the user chose one.
    pub min_distance: Option<f64>,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for SelectJob {
    type Typed = SelectArguments;

    fn new(arguments: SelectArguments) -> Result<Self, clap::Error> {
        let SelectArguments { potential, state, candidates, build, common, .. } = arguments;
        let force = common.write.force;
        let output = Output::new(arguments.output, force);
        let json = arguments.json.map(|path| Output::new(path, force));
        let keep = arguments.als_filename.map(|path| output_file("--als-filename", path, force));
        let keep = keep.transpose()?;
        if keep.is_some() && output == Output::Stdout {
            return Err(usage_error("--als-filename needs the selected configurations in a file, not in -"));
        }
        let (threshold, min_distance) = (arguments.select_threshold, arguments.min_distance);
        let limit = if arguments.selection_limit == 0 { usize::MAX } else { arguments.selection_limit };
        let mode_is_chosen = asks_for_mode(&build);
        let settings = settings(&build)?;
        let reading = reading(common.reading)?;
        let training_set = inputs(vec![state.clone()], 2, &reading)?;
        let candidates = inputs(candidates, 2, &reading)?;
        let run = common.run.into();
        Ok(Self {
            potential,
            state,
            training_set,
            candidates,
            reading,
            output,
            keep,
            json,
            settings,
            mode_is_chosen,
            threshold,
            limit,
            min_distance,
            run,
        })
    }

    fn files(&self) -> Files {
        let files = Files::default()
            .cfg_only()
            .reads([&self.potential])
            .rereads([&self.state])
            .takes(self.training_set.iter().chain(&self.candidates));
        files.makes([&self.output]).makes(&self.json).writes(&self.keep)
    }
}
