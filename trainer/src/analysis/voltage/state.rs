//! A state of a structure: the energies of its configurations, which all have the same atoms.

use std::collections::BTreeMap;

use mtprs_core::{Error, ErrorKind, Result};

use super::label;

/// Grade from which on an energy is extrapolated, and from which on it is not to be trusted: where MLIP-3 selects, and where it
/// breaks.
pub(super) const SELECT: f64 = 2.0;
pub(super) const BREAK: f64 = 10.0;

/// A configuration in figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// Atoms by species.
    pub counts: BTreeMap<usize, usize>,
    /// Energy, eV.
    pub energy: f64,
    /// Volume of the cell, Å³, if it repeats in three directions.
    pub volume: Option<f64>,
    /// Extrapolation grade, if there is a selection state.
    pub grade: Option<f64>,
    /// Largest force, eV/Å, if it was relaxed.
    pub largest_force: Option<f64>,
}

/// A state: configurations in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    snapshots: Vec<Snapshot>,
}

impl State {
    /// Adds a configuration; it must have the atoms of the first one. Species have these names.
    pub fn add(&mut self, snapshot: Snapshot, names: &[String]) -> Result<()> {
        if let Some(first) = self.snapshots.first().filter(|first| first.counts != snapshot.counts) {
            let [got, expected] = [&snapshot, first].map(|one| atoms(&one.counts, names));
            let message = format!("its atoms are {got}: expected {expected} as in the first configuration");
            let hint = "a state has one composition: use a --charged or --discharged for each";
            return Err(Error::new(ErrorKind::Species, message).hint(hint));
        }
        self.snapshots.push(snapshot);
        Ok(())
    }

    /// How many configurations there are.
    pub fn configurations(&self) -> usize {
        self.snapshots.len()
    }

    /// Atoms of each configuration by species.
    pub(super) fn counts(&self) -> BTreeMap<usize, usize> {
        self.snapshots.first().map_or_else(BTreeMap::new, |first| first.counts.clone())
    }

    /// Energies in the order of time, eV.
    pub(super) fn energies(&self) -> Vec<f64> {
        self.snapshots.iter().map(|one| one.energy).collect()
    }

    /// Mean volume, Å³, if all configurations have one.
    pub(super) fn volume(&self) -> Option<f64> {
        let volumes: Option<Vec<f64>> = self.snapshots.iter().map(|one| one.volume).collect();
        volumes.filter(|volumes| !volumes.is_empty()).map(|volumes| mean(&volumes))
    }

    /// Grades, none without a selection state.
    pub(super) fn grades(&self) -> Vec<f64> {
        self.snapshots.iter().filter_map(|one| one.grade).collect()
    }

    /// How many configurations are left with a larger force than this, and the largest force of all, eV/Å; none if nothing was
    /// relaxed.
    pub(super) fn unrelaxed(&self, max_force: f64) -> Option<(usize, f64)> {
        let forces: Vec<f64> = self.snapshots.iter().filter_map(|one| one.largest_force).collect();
        let count = forces.iter().filter(|force| **force > max_force).count();
        (!forces.is_empty()).then(|| (count, forces.iter().copied().fold(0.0, f64::max)))
    }
}

pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A composition: `Mg12 V24 O60`.
pub(super) fn atoms(counts: &BTreeMap<usize, usize>, names: &[String]) -> String {
    let words = counts.iter().map(|(species, count)| format!("{}{count}", prefix(*species, names)));
    let words: Vec<String> = words.collect();
    if words.is_empty() { "none".into() } else { words.join(" ") }
}

/// The name of a species before a count; a number is set apart from it.
pub(super) fn prefix(species: usize, names: &[String]) -> String {
    let name = label(Some(species), names);
    if names.is_empty() { format!("{name}:") } else { name }
}
