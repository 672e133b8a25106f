//! `mtprs state` as the program needs it.

use std::path::PathBuf;

use mtprs_core::selection::{GradeMode, Weights};

use super::files::output_file;
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::active_set::Settings;
use crate::cli::{BuildArguments, StateBuildArguments};
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

impl Job for StateBuildJob {
    type Typed = StateBuildArguments;

    fn new(arguments: StateBuildArguments) -> Result<Self, clap::Error> {
        let StateBuildArguments { potential, training_set, build, common, .. } = arguments;
        let output = output_file("STATE", arguments.output, common.write.force)?;
        let settings = settings(&build)?;
        let reading = reading(common.reading)?;
        let training_set = inputs(vec![training_set], 2, &reading)?;
        Ok(Self { potential, training_set, reading, output, settings, run: common.run.into() })
    }

    fn files(&self) -> Files {
        Files::default().reads([&self.potential]).takes(&self.training_set).writes([&self.output])
    }
}

/// Whether the user chose a mode, by name or by weights.
pub(super) fn asks_for_mode(arguments: &BuildArguments) -> bool {
    arguments.mode.is_some() || arguments.energy_weight.is_some() || arguments.nbh_weight.is_some()
}

/// How to build a state: the mode by its name or by the weights of MLIP-2, and the thresholds.
pub(super) fn settings(arguments: &BuildArguments) -> Result<Settings, clap::Error> {
    let weights = Weights {
        site_energy: arguments.nbh_weight.unwrap_or(0.0),
        energy: arguments.energy_weight.unwrap_or(if arguments.nbh_weight == Some(1.0) { 0.0 } else { 1.0 }),
        force: arguments.force_weight.unwrap_or(0.0),
        stress: arguments.stress_weight.unwrap_or(0.0),
    };
    let by_weights = weights.mode().map_err(|error| usage_error(error))?;
    let has_weights = arguments.energy_weight.is_some() || arguments.nbh_weight.is_some();
    let mode = arguments.mode.map_or(by_weights, GradeMode::from);
    if has_weights && mode != by_weights {
        return Err(usage_error(format!(
            "--mode {mode} contradicts the weights, which ask for {by_weights}"
        )));
    }
    Ok(Settings { mode, start: arguments.init_threshold, threshold: arguments.swap_threshold })
}
