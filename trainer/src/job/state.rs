//! `mtprs state` as the program needs it.

use std::path::PathBuf;

use mtprs_core::selection::{GradeMode, Weights};

use super::files::output_file;
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::active_set::Settings;
use crate::cli::{BuildArguments, StateArguments, StateCommand};
use crate::endpoint::{Input, OutputFile};
use crate::structure_files::Reading;

/// Which state to build.
#[derive(Debug)]
pub struct StateBuildJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// The training set.
    pub training_set: Vec<Input>,
    /// How it is read.
    pub reading: Reading,
    /// Where the state goes.
    pub output: OutputFile,
    /// How to build it.
    pub settings: Settings,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Which state to describe, and how.
#[derive(Debug)]
pub struct StateShowJob {
    /// File of the state.
    pub state: PathBuf,
    /// File of the potential, if given.
    pub potential: Option<PathBuf>,
    /// JSON instead of a table.
    pub json: bool,
}

impl StateBuildJob {
    pub(super) fn files(&self) -> Files {
        Files::default().reads([&self.potential]).takes(&self.training_set).writes([&self.output])
    }
}

pub(super) fn state(arguments: StateArguments) -> Result<Job, clap::Error> {
    match arguments.command {
        StateCommand::Show(show) => {
            let (state, potential, json) = (show.state, show.potential, show.json);
            Ok(Job::StateShow(StateShowJob { state, potential, json }))
        }
        StateCommand::Build(build) => {
            let (potential, training_set) = (build.potential, build.training_set);
            let output = output_file("state", "STATE", build.output, build.common.write.force)?;
            let settings = settings("state", &build.build)?;
            let run = build.common.run.into();
            let reading = reading("state", build.common.reading)?;
            let training_set = inputs("state", vec![training_set], 2, &reading)?;
            Ok(Job::StateBuild(StateBuildJob { potential, training_set, reading, output, settings, run }))
        }
    }
}

/// Whether the user chose a mode, by name or by weights.
pub(super) fn asks_for_mode(arguments: &BuildArguments) -> bool {
    arguments.mode.is_some() || arguments.energy_weight.is_some() || arguments.nbh_weight.is_some()
}

/// How to build a state: the mode by its name or by the weights of MLIP-2, and the thresholds.
pub(super) fn settings(command: &str, arguments: &BuildArguments) -> Result<Settings, clap::Error> {
    let weights = Weights {
        site_energy: arguments.nbh_weight.unwrap_or(0.0),
        energy: arguments.energy_weight.unwrap_or(if arguments.nbh_weight == Some(1.0) { 0.0 } else { 1.0 }),
        force: arguments.force_weight.unwrap_or(0.0),
        stress: arguments.stress_weight.unwrap_or(0.0),
    };
    let by_weights = weights.mode().map_err(|error| usage_error(command, error))?;
    let has_weights = arguments.energy_weight.is_some() || arguments.nbh_weight.is_some();
    let mode = arguments.mode.map_or(by_weights, GradeMode::from);
    if has_weights && mode != by_weights {
        return Err(usage_error(
            command,
            format!("--mode {mode} contradicts the weights, which ask for {by_weights}"),
        ));
    }
    let (start, threshold) = (arguments.init_threshold, arguments.swap_threshold);
    if !(start > 0.0 && start.is_finite()) {
        return Err(usage_error(
            command,
            format!("--init-threshold: expected a positive number, got {start}"),
        ));
    }
    if !(threshold > 1.0 && threshold.is_finite()) {
        let message = format!("--swap-threshold: expected a number above 1, got {threshold}");
        return Err(usage_error(command, message));
    }
    Ok(Settings { mode, start, threshold })
}
