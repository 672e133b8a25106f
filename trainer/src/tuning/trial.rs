//! What tells the trials of a search apart, and which error decides between them.

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use serde::{Deserialize, Serialize};

use crate::figures::RmseFigures;

/// Which error a Pareto front is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// RMS error of the energy per atom.
    Energy,
    /// RMS error of the force components.
    #[default]
    Force,
    /// The loss, with the first weight of each list.
    Loss,
}

impl Criterion {
    /// The error that decides, of a validation; missing where its set has no such label.
    pub fn of(self, validation: &RmseFigures, loss: f64) -> Option<f64> {
        match self {
            Self::Energy => validation.energy,
            Self::Force => validation.force,
            Self::Loss => Some(loss),
        }
    }

    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Energy => "validation energy error",
            Self::Force => "validation force error",
            Self::Loss => "validation loss",
        }
    }
}

/// What tells the trials of a search apart.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrialSettings {
    /// Level of the potential.
    pub level: usize,
    /// Cutoff, Å.
    pub cutoff: f64,
    /// Number of Chebyshev polynomials.
    pub radial_basis_size: usize,
    /// Weight of energies in the loss, 1/eV².
    pub energy_weight: f64,
    /// Weight of forces, Å²/eV².
    pub force_weight: f64,
    /// Weight of virials, 1/eV².
    pub stress_weight: f64,
}

impl TrialSettings {
    /// The name of the trial's folder; different settings have different names.
    pub fn name(&self) -> String {
        let [energy, force, stress] = self.weights().map(shortest);
        let (level, cutoff, size) = (self.level, shortest(self.cutoff), self.radial_basis_size);
        format!("level{level}-cutoff{cutoff}-size{size}-energy{energy}-force{force}-stress{stress}")
    }

    /// The settings in words.
    pub fn describe(&self) -> String {
        let weights = self.weights().map(shortest).join(", ");
        let (level, cutoff, size) = (self.level, shortest(self.cutoff), self.radial_basis_size);
        format!("level {level}, cutoff {cutoff} Å, {size} Chebyshev polynomials, weights {weights}")
    }

    /// Of energies, forces and virials.
    pub fn weights(&self) -> [f64; 3] {
        [self.energy_weight, self.force_weight, self.stress_weight]
    }

    /// A potential with these settings and no parameters.
    pub fn untrained(&self, species: &Species, min_dist: f64) -> Result<Potential, mtprs_core::Error> {
        Potential::untrained(self.level, species.clone(), min_dist, self.cutoff, self.radial_basis_size)
    }
}

/// The fewest digits from which the same number is read.
fn shortest(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value) { value.to_string() } else { format!("{value:e}") }
}
