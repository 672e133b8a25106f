//! How much each configuration counts in the loss.
//!
//! With N atoms: `vibrations` w_E ΔE²/N + w_F Σ|ΔF|² + w_S |ΔW|²/N, `structures` the same by N once more, `molecules`
//! w_E ΔE² + w_F Σ|ΔF|² + w_S |ΔW|², where |ΔW|² is the sum over all nine components.

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

/// How terms depend on the number of atoms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Weighting {
    /// Energy and virial terms are divided by the number of atoms, force terms are not: a supercell counts as often as it
    /// has copies of the cell.
    #[default]
    Vibrations,
    /// All terms per atom: each configuration counts the same.
    Structures,
    /// No division by the number of atoms.
    Molecules,
}

/// What decides the weights of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightSettings {
    /// w_E, 1/eV².
    pub energy: f64,
    /// w_F, Å²/eV².
    pub force: f64,
    /// w_S, 1/eV².
    pub stress: f64,
    /// How terms depend on the number of atoms.
    pub weighting: Weighting,
    /// Forces well above this (eV/Å) make a configuration count less: factor s²/(s² + ⟨|F|²⟩); zero switches it off.
    pub scale_by_force: f64,
    /// Feature of the configurations that holds a factor of their weights.
    pub feature: Option<String>,
}

/// Factors of the terms of one configuration in the loss.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weights {
    /// Of ΔE², 1/eV².
    pub energy: f64,
    /// Of |ΔF|² of each atom, Å²/eV².
    pub force: f64,
    /// Of |ΔW|², 1/eV².
    pub virial: f64,
}

impl Weights {
    /// All times a factor.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { energy: factor * self.energy, force: factor * self.force, virial: factor * self.virial }
    }
}

impl WeightSettings {
    /// Weights of one configuration; the message says what is wrong with its feature.
    pub fn of(&self, configuration: &Configuration) -> Result<Weights, String> {
        let atoms = configuration.len().max(1) as f64;
        let (energy, force) = match self.weighting {
            Weighting::Vibrations => (1.0 / atoms, 1.0),
            Weighting::Structures => (1.0 / (atoms * atoms), 1.0 / atoms),
            Weighting::Molecules => (1.0, 1.0),
        };
        let factor = self.feature_of(configuration)? * self.by_force(configuration.forces.as_deref());
        Ok(Weights {
            energy: factor * self.energy * energy,
            force: factor * self.force * force,
            virial: factor * self.stress * energy,
        })
    }

    /// The factor that the feature gives.
    pub(super) fn feature_of(&self, configuration: &Configuration) -> Result<f64, String> {
        let Some(name) = &self.feature else { return Ok(1.0) };
        let Some(text) = configuration.feature(name) else { return Ok(1.0) };
        match text.trim().parse::<f64>() {
            Ok(weight) if weight >= 0.0 && weight.is_finite() => Ok(weight),
            _ => Err(format!("expected a weight of zero or more in the feature {name}, got {text:?}")),
        }
    }

    /// Whether a configuration has the feature.
    pub(super) fn is_weighted(&self, configuration: &Configuration) -> bool {
        self.feature.as_ref().is_some_and(|name| configuration.feature(name).is_some())
    }

    /// Refuses a feature that none of the configurations has: its name is misspelt, or the files lack it.
    pub(super) fn check_weighted(&self, count: usize) -> mtprs_core::Result<()> {
        match &self.feature {
            Some(name) if count == 0 => {
                let message = format!("--weight-feature: no configuration has the feature {name}");
                let hint = format!("configurations of .cfg have features, as in `Feature   {name} 2.0`");
                Err(Error::new(ErrorKind::Argument, message).hint(hint))
            }
            _ => Ok(()),
        }
    }

    fn by_force(&self, forces: Option<&[Vector3]>) -> f64 {
        let (Some(forces), true) = (forces, self.scale_by_force > 0.0) else { return 1.0 };
        let sum: f64 = forces.iter().flatten().map(|x| x * x).sum();
        let square = self.scale_by_force * self.scale_by_force;
        square / (square + sum / forces.len().max(1) as f64)
    }
}

impl Default for WeightSettings {
    /// The weights that MLIP-2, MLIP-3 and motep share.
    fn default() -> Self {
        Self {
            energy: 1.0,
            force: 0.01,
            stress: 0.001,
            weighting: Weighting::Vibrations,
            scale_by_force: 0.0,
            feature: None,
        }
    }
}
