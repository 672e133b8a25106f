//! Options of `mtprs train`, the same words on the command line and in a job file: name, help, range and default of each.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::FileArguments;
use super::job_file::{self, JobOptions};
use super::ranges::{at_least, file, finite, not_negative, positive, share};
use crate::dataset::{Grouping, WeightSettings, Weighting};
use crate::training::{FitSettings, Method};

/// What to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum InitParams {
    /// Random radial functions.
    Random,
    /// The parameters of the potential.
    Same,
}

/// A block of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// Radial coefficients.
    Radial,
    /// Species coefficients.
    Species,
    /// Moment coefficients.
    Moment,
}

/// All that a job file of `mtprs train` can hold.
#[derive(Args, Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrainOptions {
    /// File for the trained potential; if it is named .almtp, it also gets the active set of the fitted configurations.
    #[arg(
        long,
        short = 'o',
        visible_alias = "output",
        value_name = "POT.mtp",
        value_parser = file(),
        default_value = "Trained.mtp"
    )]
    pub trained_pot_name: PathBuf,

    /// File that holds the best potential so far while training runs.
    #[arg(long, value_name = "POT.mtp", value_parser = file(), help_heading = "Run")]
    pub curr_pot_name: Option<PathBuf>,

    /// Checkpoint file, from which --resume continues [default: the name of the trained potential with .checkpoint].
    #[arg(long, value_name = "FILE", help_heading = "Run")]
    pub checkpoint: Option<PathBuf>,

    /// What is not about files.
    #[command(flatten)]
    #[serde(flatten)]
    pub training: TrainingOptions,
}

/// Options of a training whose files have their places, as in the loop of `mtprs learn`.
#[derive(Args, Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrainingOptions {
    /// Elements in the order of their numbers, for the potential and for inputs that do not name them. Needed where neither
    /// the potential nor an input fixes the order; VASP files and extended XYZ do not.
    #[arg(long, value_name = "Mg,V,O", help_heading = "Reading")]
    pub species: Option<String>,

    /// Weight of energies, 1/eV².
    #[arg(long, value_name = "WEIGHT", value_parser = not_negative, default_value_t = WeightSettings::default().energy)]
    pub energy_weight: f64,

    /// Weight of forces, Å²/eV².
    #[arg(long, value_name = "WEIGHT", value_parser = not_negative, default_value_t = WeightSettings::default().force)]
    pub force_weight: f64,

    /// Weight of virials, 1/eV².
    #[arg(long, value_name = "WEIGHT", value_parser = not_negative, default_value_t = WeightSettings::default().stress)]
    pub stress_weight: f64,

    /// Initial parameters [default: same for a trained potential, otherwise random].
    #[arg(long, value_name = "WHAT", help_heading = "Model")]
    pub init_params: Option<InitParams>,

    /// First set min_dist of the potential to the shortest distance in the training set, without changing energies.
    #[arg(long, help_heading = "Model")]
    pub update_mindist: bool,

    /// What a search takes, too.
    #[command(flatten)]
    #[serde(flatten)]
    pub fit: FitOptions,
}

/// Options of a fit whose potential and weights are set, as in the search of `mtprs tune`.
#[derive(Args, Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FitOptions {
    /// Validation set; may be given more than once.
    #[arg(long, value_name = "VALID.cfg")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub valid_cfgs: Vec<PathBuf>,

    /// Fraction of the training set to hold out for validation, drawn with the seed.
    #[arg(long, value_name = "SHARE", value_parser = share, default_value_t = 0.0)]
    pub valid_fraction: f64,

    /// Cross-validate first: fit with each of this many parts of the training set held out in turn, and validate on that
    /// part.
    #[arg(long, value_name = "COUNT", value_parser = at_least(2_u64), help_heading = "Data")]
    pub folds: Option<u64>,

    /// What to keep on one side of the training/validation split: consecutive frames where the configurations look like it
    /// (auto), nothing, blocks of this many configurations of a file, or configurations with the same value of a feature.
    #[arg(long, value_name = "auto|none|blocks:COUNT|FEATURE", default_value_t, help_heading = "Data")]
    pub group: Grouping,

    /// How the terms of the loss depend on the number of atoms.
    #[arg(long, value_name = "WEIGHTING", value_enum, default_value_t, help_heading = "Loss")]
    pub weighting: Weighting,

    /// Reduce the weight of configurations with forces well above this (eV/Å) by s²/(s² + mean |F|²); 0 is off.
    #[arg(long, value_name = "FORCE", value_parser = not_negative, default_value_t = WeightSettings::default().scale_by_force, help_heading = "Loss")]
    pub scale_by_force: f64,

    /// Feature of the configurations that holds a factor for their weights.
    #[arg(long, value_name = "FEATURE", help_heading = "Loss")]
    pub weight_feature: Option<String>,

    /// Energy error beyond which the loss grows only linearly, eV/atom [default: none].
    #[arg(long, value_name = "ERROR", value_parser = positive, help_heading = "Loss")]
    pub huber_energy: Option<f64>,

    /// Force error (length) beyond which the loss grows only linearly, eV/Å [default: none].
    #[arg(long, value_name = "ERROR", value_parser = positive, help_heading = "Loss")]
    pub huber_force: Option<f64>,

    /// Virial error (norm) beyond which the loss grows only linearly, eV/atom [default: none].
    #[arg(long, value_name = "ERROR", value_parser = positive, help_heading = "Loss")]
    pub huber_stress: Option<f64>,

    /// Add to the loss this factor times the sum of the squares of the radial and moment coefficients.
    #[arg(long, value_name = "FACTOR", value_parser = not_negative, default_value_t = FitSettings::default().ridge, help_heading = "Loss")]
    pub ridge: f64,

    /// Keep atoms apart at distances that the data do not have: add configurations with atoms pushed together, whose
    /// energies are kept above a bound from the repulsion of nuclei (ZBL). Factor for their weights, 0 for none.
    #[arg(long, value_name = "FACTOR", value_parser = not_negative, default_value_t = 0.0, help_heading = "Model")]
    pub repulsion: f64,

    /// Energies of single atoms of each species, eV, which are then not fitted.
    #[arg(long, value_name = "E0,E1,...", value_delimiter = ',', allow_hyphen_values = true, value_parser = finite, help_heading = "Model")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub species_energies: Vec<f64>,

    /// Blocks of parameters to keep fixed.
    #[arg(long, value_name = "BLOCK,...", value_delimiter = ',', help_heading = "Model")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub freeze: Vec<Block>,

    /// Skip the initial fit of the linear parameters.
    #[arg(long, help_heading = "Minimizer")]
    pub skip_preinit: bool,

    /// Number of random initializations; the fit continues from the best one.
    #[arg(long, value_name = "COUNT", default_value_t = FitSettings::default().starts, help_heading = "Minimizer")]
    pub starts: u64,

    /// Seed of all random numbers.
    #[arg(long, value_name = "NUMBER", default_value_t = FitSettings::default().seed, value_parser = at_least(0_u64), help_heading = "Minimizer")]
    pub seed: u64,

    /// Maximum number of steps of a fit.
    #[arg(long, value_name = "STEPS", default_value_t = FitSettings::default().steps, value_parser = at_least(0_u64))]
    pub max_iter: u64,

    /// End a fit when its loss decreases by less than this fraction in 50 steps.
    #[arg(long, value_name = "SHARE", value_parser = not_negative, default_value_t = FitSettings::default().tolerance, help_heading = "Minimizer")]
    pub bfgs_conv_tol: f64,

    /// End a fit when the validation loss has not decreased for this many steps, and keep the best parameters.
    #[arg(long, value_name = "STEPS", value_parser = at_least(0_u64))]
    pub patience: Option<u64>,

    /// Method to minimize the loss.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = FitSettings::default().method, help_heading = "Minimizer")]
    pub method: Method,

    /// Also fit configurations whose energies are outliers.
    #[arg(long, help_heading = "Data")]
    pub accept_outliers: bool,

    /// Seconds between two checkpoints.
    #[arg(long, value_name = "SECONDS", value_parser = not_negative, default_value_t = 30.0, help_heading = "Run")]
    pub checkpoint_interval: f64,

    /// How files are read.
    #[command(flatten)]
    #[serde(skip_serializing_if = "FileArguments::is_default")]
    pub reading: FileArguments,
}

impl JobOptions for TrainOptions {
    const TABLES: &[&str] = &["reading"];
    const REFUSED: &[(&str, &str)] = &[];
}

impl JobOptions for TrainingOptions {
    const TABLES: &[&str] = &["reading"];
    const REFUSED: &[(&str, &str)] = &[
        ("trained-pot-name", "mtprs learn chooses the names of these files"),
        ("curr-pot-name", "mtprs learn chooses the names of these files"),
        ("checkpoint", "mtprs learn chooses the names of these files"),
        ("folds", "mtprs learn does not cross-validate; use valid-cfgs or valid-fraction"),
    ];
}

impl Default for TrainingOptions {
    fn default() -> Self {
        job_file::defaults()
    }
}

impl Default for FitOptions {
    fn default() -> Self {
        job_file::defaults()
    }
}
