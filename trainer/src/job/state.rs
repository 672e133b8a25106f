//! How selection states are built.

use std::path::PathBuf;

use mtprs_core::selection::{GradeMode, Weights};

use super::{Files, Typed, usage_error};
use crate::active_set::Settings;
use crate::cli::{BuildArguments, ReadingArguments, StateBuildArguments};

impl Typed for StateBuildArguments {
    fn passes(&self) -> usize {
        2
    }

    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.training_set.clone()], &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.reads([&self.potential]).writes([&self.common.write.file(&self.output)])
    }

    fn check(&self) -> Result<(), clap::Error> {
        self.build.settings().map(drop)
    }
}

impl BuildArguments {
    /// Whether the user chose a mode, by name or by weights.
    pub fn asks_for_mode(&self) -> bool {
        self.mode.is_some() || self.energy_weight.is_some() || self.nbh_weight.is_some()
    }

    /// How to build a state: the mode by its name or by the weights of MLIP-2, and the thresholds.
    pub fn settings(&self) -> Result<Settings, clap::Error> {
        let weights = Weights {
            site_energy: self.nbh_weight.unwrap_or(0.0),
            energy: self.energy_weight.unwrap_or(if self.nbh_weight == Some(1.0) { 0.0 } else { 1.0 }),
            force: self.force_weight.unwrap_or(0.0),
            stress: self.stress_weight.unwrap_or(0.0),
        };
        let by_weights = weights.mode().map_err(usage_error)?;
        let has_weights = self.energy_weight.is_some() || self.nbh_weight.is_some();
        let mode = self.mode.map_or(by_weights, GradeMode::from);
        if has_weights && mode != by_weights {
            return Err(usage_error(format!(
                "--mode {mode} contradicts the weights, which ask for {by_weights}"
            )));
        }
        Ok(Settings { mode, start: self.init_threshold, threshold: self.swap_threshold })
    }
}
