//! Options of `mtprs train`, the same words on the command line and in a job file.
//!
//! A job file is TOML with the names of the long options as keys. What stands on the command line comes first, then the job
//! file, then the defaults.

use std::path::{Path, PathBuf};

use clap::Args;
use mtprs_core::Result;
use serde::{Deserialize, Serialize};

use super::FileArguments;
use super::job_file::{self, either};
use crate::dataset::{Grouping, Weighting};
use crate::training::Method;

/// What to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum InitParams {
    /// Random radial functions.
    Random,
    /// The parameters of the potential.
    Same,
}

/// A block of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// Radial coefficients.
    Radial,
    /// Species coefficients.
    Species,
    /// Moment coefficients.
    Moment,
}

/// Options that a job file can hold, too.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TrainOptions {
    /// File that the trained potential goes to [default: Trained.mtp].
    #[arg(long, short = 'o', visible_alias = "output", value_name = "POT.mtp")]
    pub trained_pot_name: Option<PathBuf>,

    /// File that holds the best potential while the training goes on.
    #[arg(long, value_name = "POT.mtp")]
    pub curr_pot_name: Option<PathBuf>,

    /// Elements in the order of their numbers: those of the potential and of inputs that name none. Needed where neither the
    /// potential nor an input has an order, as VASP's files and extended XYZ have not.
    #[arg(long, value_name = "Mg,V,O", help_heading = "Reading")]
    pub species: Option<String>,

    /// Configurations to validate with; may be given again.
    #[arg(long, value_name = "VALID.cfg")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_cfgs: Vec<PathBuf>,

    /// Share of the training set that is set aside, by the seed, to validate with [default: 0].
    #[arg(long, value_name = "SHARE")]
    pub valid_fraction: Option<f64>,

    /// Cross-validate first: fit without each of so many parts of the training set and validate with it.
    #[arg(long, value_name = "COUNT")]
    pub folds: Option<u64>,

    /// What stays on one side of the validation: consecutive frames where configurations look like it (auto), nothing, blocks
    /// of so many of a file, or those with the same value of a feature [default: auto].
    #[arg(long, value_name = "auto|none|blocks:COUNT|FEATURE")]
    pub group: Option<Grouping>,

    /// Weight of energies, 1/eV² [default: 1].
    #[arg(long, value_name = "WEIGHT")]
    pub energy_weight: Option<f64>,

    /// Weight of forces, Å²/eV² [default: 0.01].
    #[arg(long, value_name = "WEIGHT")]
    pub force_weight: Option<f64>,

    /// Weight of virials, 1/eV² [default: 0.001].
    #[arg(long, value_name = "WEIGHT")]
    pub stress_weight: Option<f64>,

    /// How terms depend on the number of atoms [default: vibrations].
    #[arg(long, value_name = "WEIGHTING")]
    pub weighting: Option<Weighting>,

    /// Let configurations with forces well above this (eV/Å) count less: by s²/(s² + mean |F|²) [default: 0, off].
    #[arg(long, value_name = "FORCE")]
    pub scale_by_force: Option<f64>,

    /// Feature of the configurations that holds a factor of their weights.
    #[arg(long, value_name = "FEATURE")]
    pub weight_feature: Option<String>,

    /// Energy error beyond which the loss grows linearly only, eV/atom [default: none].
    #[arg(long, value_name = "ERROR")]
    pub huber_energy: Option<f64>,

    /// Force error (length) beyond which the loss grows linearly only, eV/Å [default: none].
    #[arg(long, value_name = "ERROR")]
    pub huber_force: Option<f64>,

    /// Virial error (norm) beyond which the loss grows linearly only, eV/atom [default: none].
    #[arg(long, value_name = "ERROR")]
    pub huber_stress: Option<f64>,

    /// Add this times the sum of the squares of radial and moment coefficients to the loss [default: 0].
    #[arg(long, value_name = "FACTOR")]
    pub ridge: Option<f64>,

    /// Keep the energies of configurations with atoms pushed together above a bound, by the repulsion of nuclei (ZBL), so that
    /// atoms stay apart where the data have no such distances: factor of their weights [default: 0, none].
    #[arg(long, value_name = "FACTOR")]
    pub repulsion: Option<f64>,

    /// Energies of single atoms by species, eV, that are not fitted.
    #[arg(long, value_name = "E0,E1,...", value_delimiter = ',', allow_hyphen_values = true)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub species_energies: Vec<f64>,

    /// Blocks of parameters that keep their values.
    #[arg(long, value_name = "BLOCK,...", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Block>,

    /// What to begin with [default: same for a trained potential, else random].
    #[arg(long, value_name = "WHAT")]
    pub init_params: Option<InitParams>,

    /// Leave out the first fit of the linear parameters.
    #[arg(long)]
    pub skip_preinit: bool,

    /// Random beginnings, of which the best goes on [default: 4].
    #[arg(long, value_name = "COUNT")]
    pub starts: Option<u64>,

    /// Decides everything random [default: 1].
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// Set min_dist of the potential to the shortest distance of the training set first.
    #[arg(long)]
    pub update_mindist: bool,

    /// Most steps [default: 1000].
    #[arg(long, value_name = "STEPS")]
    pub max_iter: Option<u64>,

    /// End when the loss falls by less than this share in 50 steps [default: 1e-3].
    #[arg(long, value_name = "SHARE")]
    pub bfgs_conv_tol: Option<f64>,

    /// End when the loss of the validation set has not fallen for so many steps, and take the best.
    #[arg(long, value_name = "STEPS")]
    pub patience: Option<u64>,

    /// How the loss is minimized [default: gauss-newton].
    #[arg(long, value_name = "METHOD")]
    pub method: Option<Method>,

    /// Fit energies that are far from the rest, too.
    #[arg(long)]
    pub accept_outliers: bool,

    /// File that the course of the training is kept in [default: the trained potential's name with .checkpoint].
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,

    /// Seconds between two checkpoints [default: 30].
    #[arg(long, value_name = "SECONDS")]
    pub checkpoint_interval: Option<f64>,

    /// How files are read.
    #[command(flatten)]
    #[serde(skip_serializing_if = "FileArguments::is_default")]
    pub reading: FileArguments,
}

impl TrainOptions {
    /// Reads a job file.
    pub fn load(path: &Path) -> Result<Self> {
        job_file::load(path)
    }

    /// These options, and where they are silent those of `other`.
    pub fn or(self, other: Self) -> Self {
        Self {
            trained_pot_name: self.trained_pot_name.or(other.trained_pot_name),
            curr_pot_name: self.curr_pot_name.or(other.curr_pot_name),
            species: self.species.or(other.species),
            valid_cfgs: either(self.valid_cfgs, other.valid_cfgs),
            valid_fraction: self.valid_fraction.or(other.valid_fraction),
            folds: self.folds.or(other.folds),
            group: self.group.or(other.group),
            energy_weight: self.energy_weight.or(other.energy_weight),
            force_weight: self.force_weight.or(other.force_weight),
            stress_weight: self.stress_weight.or(other.stress_weight),
            weighting: self.weighting.or(other.weighting),
            scale_by_force: self.scale_by_force.or(other.scale_by_force),
            weight_feature: self.weight_feature.or(other.weight_feature),
            huber_energy: self.huber_energy.or(other.huber_energy),
            huber_force: self.huber_force.or(other.huber_force),
            huber_stress: self.huber_stress.or(other.huber_stress),
            ridge: self.ridge.or(other.ridge),
            repulsion: self.repulsion.or(other.repulsion),
            species_energies: either(self.species_energies, other.species_energies),
            freeze: either(self.freeze, other.freeze),
            init_params: self.init_params.or(other.init_params),
            skip_preinit: self.skip_preinit || other.skip_preinit,
            starts: self.starts.or(other.starts),
            seed: self.seed.or(other.seed),
            update_mindist: self.update_mindist || other.update_mindist,
            max_iter: self.max_iter.or(other.max_iter),
            bfgs_conv_tol: self.bfgs_conv_tol.or(other.bfgs_conv_tol),
            patience: self.patience.or(other.patience),
            method: self.method.or(other.method),
            accept_outliers: self.accept_outliers || other.accept_outliers,
            checkpoint: self.checkpoint.or(other.checkpoint),
            checkpoint_interval: self.checkpoint_interval.or(other.checkpoint_interval),
            reading: self.reading.or(other.reading),
        }
    }

    /// As a job file.
    pub fn to_toml(&self) -> Result<String> {
        job_file::to_toml(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<TrainOptions> {
        let path = std::env::temp_dir().join(format!("mtprs-job-{}-{}.toml", std::process::id(), text.len()));
        std::fs::write(&path, text).unwrap();
        let loaded = TrainOptions::load(&path);
        std::fs::remove_file(path).unwrap();
        loaded
    }

    #[test]
    fn a_job_file_says_the_same_as_the_command_line_and_comes_second() {
        let text = "energy-weight = 2.0\nmax-iter = 7\nfreeze = [\"species\"]\nweighting = \"structures\"\nupdate-mindist = true\n";
        let job = load(text).unwrap();
        assert_eq!((job.energy_weight, job.max_iter, job.update_mindist), (Some(2.0), Some(7), true));
        let typed = TrainOptions { max_iter: Some(9), ..TrainOptions::default() };
        let both = typed.or(job.clone());
        assert_eq!((both.energy_weight, both.max_iter), (Some(2.0), Some(9)));
        assert_eq!(load(&job.to_toml().unwrap()).unwrap(), job);
    }

    #[test]
    fn unknown_keys_and_wrong_values_are_named_with_their_place() {
        let message = load("energy-weight = 1\nenergie-weight = 2\n").unwrap_err().to_string();
        assert!(message.contains(".toml:2:1: unknown field `energie-weight`, expected one of"), "{message}");
        let message = load("\nmax-iter = \"many\"\n").unwrap_err().to_string();
        assert!(message.contains(".toml:2:12: invalid type: string \"many\", expected u64"), "{message}");
    }
}
