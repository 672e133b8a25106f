//! Options of `mtprs tune` that a job file can hold, too.

use std::path::{Path, PathBuf};

use clap::Args;
use mtprs_core::Result;
use serde::{Deserialize, Serialize};

use super::TrainOptions;
use super::job_file::{self, either};
use crate::tuning::Criterion;

/// Options that a job file can hold, too.
#[derive(Args, Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct TuneOptions {
    /// Folder of the search, with a potential for every trial [default: tune].
    #[arg(long, short = 'o', value_name = "FOLDER")]
    pub output: Option<PathBuf>,

    /// Element symbols in the order of the type numbers, or how many species there are.
    #[arg(long, value_name = "Mg,V,O|COUNT")]
    pub species: Option<String>,

    /// Levels to try, even, 2 to 28 [default: 8,12,16].
    #[arg(long, value_name = "LEVEL,...", value_delimiter = ',')]
    pub levels: Vec<usize>,

    /// Cutoffs to try, Å [default: 5,6].
    #[arg(long, value_name = "Å,...", value_delimiter = ',')]
    pub cutoffs: Vec<f64>,

    /// Numbers of Chebyshev polynomials to try [default: 8].
    #[arg(long, value_name = "COUNT,...", value_delimiter = ',')]
    pub radial_basis_sizes: Vec<usize>,

    /// Weights of energies to try, 1/eV² [default: 1].
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',')]
    pub energy_weights: Vec<f64>,

    /// Weights of forces to try, Å²/eV² [default: 0.01].
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',')]
    pub force_weights: Vec<f64>,

    /// Weights of virials to try, 1/eV² [default: 0.001].
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',')]
    pub stress_weights: Vec<f64>,

    /// min_dist of all potentials, Å [default: the shortest distance of the training set].
    #[arg(long, value_name = "Å")]
    pub min_dist: Option<f64>,

    /// Give all trials so many steps first, the better half twice as many, and so on [default: all to the end].
    #[arg(long, value_name = "STEPS")]
    pub halving: Option<u64>,

    /// Which validation error the Pareto front is made of [default: force].
    #[arg(long, value_name = "ERROR")]
    pub by: Option<Criterion>,

    /// How to train; the weights stand above.
    #[arg(skip)]
    pub train: TrainOptions,
}

impl TuneOptions {
    /// Reads a job file.
    pub fn load(path: &Path) -> Result<Self> {
        job_file::load(path)
    }

    /// These options, and where they are silent those of `other`.
    pub fn or(self, other: Self) -> Self {
        Self {
            output: self.output.or(other.output),
            species: self.species.or(other.species),
            levels: either(self.levels, other.levels),
            cutoffs: either(self.cutoffs, other.cutoffs),
            radial_basis_sizes: either(self.radial_basis_sizes, other.radial_basis_sizes),
            energy_weights: either(self.energy_weights, other.energy_weights),
            force_weights: either(self.force_weights, other.force_weights),
            stress_weights: either(self.stress_weights, other.stress_weights),
            min_dist: self.min_dist.or(other.min_dist),
            halving: self.halving.or(other.halving),
            by: self.by.or(other.by),
            train: self.train.or(other.train),
        }
    }

    /// As a job file.
    pub fn to_toml(&self) -> Result<String> {
        job_file::to_toml(self)
    }
}
