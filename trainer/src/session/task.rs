//! What is fitted to what, and how: all that decides the numbers of a training.

use std::path::PathBuf;

use mtprs_core::potential::Potential;
use mtprs_core::selection::PotentialIdentity;

use crate::dataset::{Sets, Sources};
use crate::training::identity::Options;
use crate::training::{FitSettings, Identity};

/// A training.
#[derive(Clone, Debug)]
pub struct Task {
    /// File of the potential to begin with.
    pub potential: PathBuf,
    /// Configurations and their weights.
    pub sources: Sources,
    /// How to fit.
    pub settings: Settings,
    /// Whether energies far from the rest are fitted.
    pub accept_outliers: bool,
    /// All options that decide the numbers, to tell this training from others.
    pub options: Options,
}

/// How to fit.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The course of the fit.
    pub fit: FitSettings,
    /// Whether to take the shortest distance from the training set.
    pub update_mindist: bool,
    /// Number of threads.
    pub threads: usize,
}

impl Task {
    /// What tells a fit of a potential to sets from another.
    pub fn identity(&self, potential: &Potential, sets: &Sets) -> Identity {
        let PotentialIdentity { checksum, name, parameters, .. } = PotentialIdentity::of(potential);
        let checksum = checksum.value();
        let mut text = format!("{name} of {parameters} parameters with checksum {checksum:016x}");
        // A state does not depend on pair terms, so the checksum leaves them out; a fit does, and on the elements that they are of.
        for term in potential.pair_terms() {
            text += &format!(" and {term} of {}", potential.species().describe());
        }
        Identity::new(text, sets, self.options.clone())
    }
}
