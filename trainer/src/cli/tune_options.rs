//! Options of `mtprs tune`, the same words on the command line and in a job file: name, help, range and default of each.

use std::path::PathBuf;

use clap::Args;
use clap::builder::ArgPredicate::IsPresent;
use mtprs_core::potential::template::BasisRule;
use serde::{Serialize, Serializer};

use super::FitOptions;
use super::job_file::JobOptions;
use super::ranges::{at_least, level, not_negative, positive};
use crate::dataset::WeightSettings;
use crate::tuning::Criterion;

/// All that a job file of `mtprs tune` can hold.
#[derive(Args, Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[command(mut_arg("valid_fraction", |fraction| {
    // A search needs a validation set of some kind.
    fraction.default_value("0.1").default_value_ifs([("folds", IsPresent, "0"), ("valid_cfgs", IsPresent, "0")])
}))]
pub struct TuneOptions {
    /// Folder of the search, with a potential for every trial.
    #[arg(long, short = 'o', value_name = "FOLDER", default_value = "tune")]
    pub output: PathBuf,

    /// Element symbols in the order of the type numbers, or the number of species.
    #[arg(long, value_name = "Mg,V,O|COUNT")]
    pub species: Option<String>,

    /// Levels to try, even, 2 to 28 [default: 8,12,16, none where --tables is given].
    #[arg(long, value_name = "LEVEL,...", value_delimiter = ',', value_parser = level)]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub levels: Vec<usize>,

    /// Further moment tables to try, by the names that mtprs init --table takes [default: tiny,small,medium, none where --levels is
    /// given].
    #[arg(long, value_name = "TABLE,...", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "names")]
    pub tables: Vec<BasisRule>,

    /// Cutoffs to try, Å.
    #[arg(long, value_name = "Å,...", value_delimiter = ',', value_parser = positive, default_value = "5,6")]
    pub cutoffs: Vec<f64>,

    /// Numbers of Chebyshev polynomials to try.
    #[arg(long, value_name = "COUNT,...", value_delimiter = ',', default_value = "8")]
    pub radial_basis_sizes: Vec<usize>,

    /// Weights of energies to try, 1/eV².
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',', value_parser = not_negative,
          default_values_t = [WeightSettings::default().energy])]
    pub energy_weights: Vec<f64>,

    /// Weights of forces to try, Å²/eV².
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',', value_parser = not_negative,
          default_values_t = [WeightSettings::default().force])]
    pub force_weights: Vec<f64>,

    /// Weights of virials to try, 1/eV².
    #[arg(long, value_name = "WEIGHT,...", value_delimiter = ',', value_parser = not_negative,
          default_values_t = [WeightSettings::default().stress])]
    pub stress_weights: Vec<f64>,

    /// min_dist of all potentials, Å [default: the shortest distance in the training set].
    #[arg(long, value_name = "Å")]
    pub min_dist: Option<f64>,

    /// Successive halving: give all trials this many steps, then the better half twice as many, and so on [default: run all
    /// trials to the end].
    #[arg(long, value_name = "STEPS", value_parser = at_least(10_u64))]
    pub halving: Option<u64>,

    /// Validation error that defines the Pareto front.
    #[arg(long, value_name = "ERROR", value_enum, default_value_t)]
    pub by: Criterion,

    /// How to train; the weights stand above.
    #[command(flatten)]
    pub train: FitOptions,
}

/// Levels and moment tables of a search that names neither: the recommended tables that take about as long as the levels.
const LEVELS: [usize; 3] = [8, 12, 16];
const TABLES: [&str; 3] = ["tiny", "small", "medium"];

impl TuneOptions {
    /// With the default levels and tables, if there are none of either.
    pub fn filled(mut self) -> Self {
        if self.levels.is_empty() && self.tables.is_empty() {
            self.levels = LEVELS.to_vec();
            self.tables = TABLES.iter().filter_map(|name| name.parse().ok()).collect();
        }
        self
    }
}

impl JobOptions for TuneOptions {
    const TABLES: &[&str] = &["train", "reading"];
    const FILLED: &[&str] = &["levels", "tables"];
    const REFUSED: &[(&str, &str)] = &[
        ("trained-pot-name", "mtprs tune chooses the names of the potentials"),
        ("curr-pot-name", "mtprs tune chooses the names of the potentials"),
        ("checkpoint", "mtprs tune chooses the names of the checkpoints"),
        ("energy-weight", "use the list energy-weights instead"),
        ("force-weight", "use the list force-weights instead"),
        ("stress-weight", "use the list stress-weights instead"),
        ("update-mindist", "min_dist is the shortest distance in the training set anyway"),
        ("init-params", "every trial starts from random parameters"),
    ];
}

fn names<S: Serializer>(tables: &[BasisRule], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(tables.iter().map(BasisRule::to_string))
}
