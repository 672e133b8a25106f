//! What the labels of a training set are like, and which of them cannot belong together.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Place, Result};

use crate::statistics::composition::{robust_species_energies, species_energies};
use crate::statistics::median;

/// Energies per atom further from the rest than this (eV) may be of another reference.
const FAR_ENERGY: f64 = 5.0;
/// The same in units of the spread of the rest.
const FAR_SPREAD: f64 = 30.0;

/// Counts and energies of a training set.
#[derive(Clone, Debug)]
pub struct Labels {
    /// Configurations with energy, forces, virial.
    pub with: [usize; 3],
    /// Atoms of each species.
    pub atoms_by_species: Vec<u64>,
    /// Composition, energy and place of the configurations that have one.
    energies: Vec<(Vec<f64>, f64, Place)>,
}

impl Labels {
    /// Of no configuration.
    pub fn new(species: usize) -> Self {
        Self { with: [0; 3], atoms_by_species: vec![0; species], energies: Vec::new() }
    }

    /// Takes in a configuration.
    pub fn add(&mut self, configuration: &Configuration, place: Place) {
        let has =
            [configuration.energy.is_some(), configuration.forces.is_some(), configuration.virial.is_some()];
        self.with.iter_mut().zip(has).for_each(|(count, has)| *count += usize::from(has));
        let mut composition = vec![0.0; self.atoms_by_species.len()];
        for &species in &configuration.species {
            composition[species as usize] += 1.0;
            self.atoms_by_species[species as usize] += 1;
        }
        if let (Some(energy), false) = (configuration.energy, configuration.is_empty()) {
            let atoms = configuration.len() as f64;
            composition.iter_mut().for_each(|count| *count /= atoms);
            self.energies.push((composition, energy / atoms, place));
        }
    }

    /// Species without a single atom.
    pub fn missing_species(&self) -> Vec<usize> {
        (0..self.atoms_by_species.len()).filter(|&species| self.atoms_by_species[species] == 0).collect()
    }

    /// Energies of single atoms that explain the energies best, eV; the smallest where many do.
    pub fn species_energies(&self) -> Vec<f64> {
        let energies: Vec<_> =
            self.energies.iter().map(|(composition, energy, _)| (composition.as_slice(), *energy)).collect();
        species_energies(&energies, self.atoms_by_species.len())
    }

    /// Refuses energies that are so far from the rest that they must be of another reference or in another unit.
    pub fn check_energies(&self) -> Result<()> {
        let far = self.far_energies();
        let Some((deviation, place)) = far.first() else { return Ok(()) };
        let message = format!(
            "{} of {} energies are far from what the composition suggests; this one by {deviation:+.2} eV/atom",
            far.len(),
            self.energies.len()
        );
        let error = Error::new(ErrorKind::InvalidConfiguration, message).at(place.clone());
        Err(error.hint("other units, or another energy reference? leave them out, or use --accept-outliers"))
    }

    /// Deviation (eV/atom) and place of energies that stand apart.
    fn far_energies(&self) -> Vec<(f64, Place)> {
        let species = self.robust_species_energies();
        let deviations: Vec<f64> = self
            .energies
            .iter()
            .map(|(composition, energy, _)| {
                energy - composition.iter().zip(&species).map(|(c, e)| c * e).sum::<f64>()
            })
            .collect();
        let middle = median(&deviations);
        let distances: Vec<f64> = deviations.iter().map(|deviation| (deviation - middle).abs()).collect();
        let limit = FAR_ENERGY.max(FAR_SPREAD * median(&distances));
        self.energies
            .iter()
            .zip(&deviations)
            .filter(|(_, deviation)| (*deviation - middle).abs() > limit)
            .map(|((_, _, place), deviation)| (deviation - middle, place.clone()))
            .collect()
    }

    /// The fit of [`species_energies`](Self::species_energies) made again without the half that it explains worst.
    fn robust_species_energies(&self) -> Vec<f64> {
        let energies: Vec<_> =
            self.energies.iter().map(|(composition, energy, _)| (composition.as_slice(), *energy)).collect();
        robust_species_energies(&energies, self.atoms_by_species.len())
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    fn labels(energy: impl Fn(usize, &[u32]) -> f64) -> Labels {
        let mut labels = Labels::new(2);
        for k in 0..40 {
            let species: Vec<u32> = (0..5 + k % 3).map(|atom| u32::from(atom % (2 + k % 4) == 0)).collect();
            let positions = (0..species.len()).map(|atom| [atom as f64, 0.0, 0.0]).collect();
            let mut configuration = Configuration::new(Cell::open(), species.clone(), positions).unwrap();
            configuration.energy = Some(energy(k, &species));
            labels.add(&configuration, Place { file: "a.cfg".into(), line: k + 1, column: 0 });
        }
        labels
    }

    fn sum(species: &[u32]) -> f64 {
        species.iter().map(|&species| if species == 0 { -3.0 } else { -700.0 }).sum()
    }

    #[test]
    fn species_energies_are_found() {
        let found = labels(|_, species| sum(species)).species_energies();
        assert!((found[0] + 3.0).abs() < 1e-3 && (found[1] + 700.0).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn energies_of_another_reference_are_refused_and_named() {
        labels(|k, species| sum(species) + 0.3 * (k as f64).sin()).check_energies().unwrap();
        let mixed =
            labels(|k, species| sum(species) + if k % 10 == 3 { 13.6 * species.len() as f64 } else { 0.0 });
        let message = mixed.check_energies().unwrap_err().to_string();
        assert!(message.starts_with("a.cfg:4: 4 of 40 energies are far"), "{message}");
        assert!(message.contains("+13.6"), "{message}");
    }

    #[test]
    fn species_without_atoms_are_told() {
        let mut labels = Labels::new(3);
        let configuration =
            Configuration::new(Cell::open(), vec![0, 2], vec![[0.0; 3], [2.0, 0.0, 0.0]]).unwrap();
        labels.add(&configuration, Place { file: "a.cfg".into(), line: 1, column: 0 });
        assert_eq!(labels.missing_species(), [1]);
        assert_eq!(labels.with, [0; 3]);
    }
}
