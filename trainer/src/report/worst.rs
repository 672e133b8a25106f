//! The configurations that a potential describes worst, for whoever wants to look at them.

use mtprs_core::evaluate::Efs;
use mtprs_core::geometry::Configuration;
use serde::Serialize;

use super::comparison::VIRIAL_WEIGHTS;
use super::files::Files;
use super::statistics::length;
use crate::constants::units::GIGAPASCAL;

/// How many configurations are named for each quantity.
const NAMED: usize = 10;

/// The worst configurations by each quantity, the worst first.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Worst {
    /// By |ΔE|/N; difference and reference in eV per atom.
    pub energy_per_atom: Vec<WorstConfiguration>,
    /// By the largest |ΔF| of an atom; eV/Å.
    pub force_vector: Vec<WorstConfiguration>,
    /// By the Frobenius norm of the stress error; GPa.
    pub stress_norm: Vec<WorstConfiguration>,
}

/// A configuration and how wrong the potential is there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WorstConfiguration {
    /// The file, if there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Number in the order of the file, from one.
    pub configuration: u64,
    /// Atoms in the configuration.
    pub atoms: usize,
    /// Atom with the largest force error, from one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atom: Option<usize>,
    /// Its species, from zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub species: Option<u32>,
    /// Potential minus reference; a length for forces and stresses.
    pub difference: f64,
    /// What the reference says; a length for forces and stresses.
    pub reference: f64,
}

impl Worst {
    /// Takes in configuration `number` and what the potential says about it.
    pub fn add(&mut self, number: u64, reference: &Configuration, efs: &Efs) {
        let atoms = reference.len();
        let here = |difference, reference| WorstConfiguration {
            file: None,
            configuration: number,
            atoms,
            atom: None,
            species: None,
            difference,
            reference,
        };
        if let Some(energy) = reference.energy.filter(|_| atoms > 0) {
            let count = atoms as f64;
            insert(&mut self.energy_per_atom, here((efs.energy - energy) / count, energy / count));
        }
        let errors = reference.forces.iter().flatten().zip(&efs.forces).map(|(force, predicted)| {
            let difference: [f64; 3] = std::array::from_fn(|k| predicted[k] - force[k]);
            (length(difference, [1.0; 3]), length(*force, [1.0; 3]))
        });
        let worst_atom = errors.enumerate().reduce(|a, b| if b.1.0 > a.1.0 { b } else { a });
        if let Some((atom, (difference, force))) = worst_atom {
            let species = Some(reference.species[atom]);
            let entry = WorstConfiguration { atom: Some(atom + 1), species, ..here(difference, force) };
            insert(&mut self.force_vector, entry);
        }
        if let (Some(virial), Some(volume)) = (reference.virial, reference.cell.volume()) {
            let factor = GIGAPASCAL / volume;
            let (virial, predicted) = (virial.to_cfg_order(), efs.virial.to_cfg_order());
            let difference: [f64; 6] = std::array::from_fn(|k| predicted[k] - virial[k]);
            let norm = |tensor| factor * length(tensor, VIRIAL_WEIGHTS);
            insert(&mut self.stress_norm, here(norm(difference), norm(virial)));
        }
    }

    /// The same by file and number in it, where configurations are numbered over all files.
    pub(super) fn located(&self, files: &Files) -> Self {
        let located = |list: &[WorstConfiguration]| {
            let entries = list.iter().map(|entry| {
                let (file, configuration) = files.place(entry.configuration);
                WorstConfiguration { file, configuration, ..entry.clone() }
            });
            entries.collect()
        };
        Self {
            energy_per_atom: located(&self.energy_per_atom),
            force_vector: located(&self.force_vector),
            stress_norm: located(&self.stress_norm),
        }
    }
}

/// Puts an entry in its place; of equals the earlier configuration goes first.
fn insert(list: &mut Vec<WorstConfiguration>, entry: WorstConfiguration) {
    let size = entry.difference.abs();
    let goes_before = |other: &WorstConfiguration| {
        other.difference.abs().total_cmp(&size).then(entry.configuration.cmp(&other.configuration)).is_gt()
    };
    let place = list.partition_point(goes_before);
    if place < NAMED {
        list.insert(place, entry);
        list.truncate(NAMED);
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Virial};

    use super::*;

    /// Two atoms with an energy of -3 eV, a force of (0, 3, 4) on the second, and a virial xx of 8 eV in 8 Å³.
    fn reference() -> Configuration {
        let cell = Cell::new(&[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]).unwrap();
        let mut reference = Configuration::new(cell, vec![0, 1], vec![[0.0; 3], [1.0, 0.0, 0.0]]).unwrap();
        reference.energy = Some(-3.0);
        reference.forces = Some(vec![[0.0; 3], [0.0, 3.0, 4.0]]);
        reference.virial = Some(Virial { xx: 8.0, ..Virial::default() });
        reference
    }

    /// Off by `error` eV, eV/Å in x of the second atom, and eV in the virial xy.
    fn prediction(error: f64) -> Efs {
        Efs {
            energy: -3.0 - error,
            site_energies: Vec::new(),
            forces: vec![[0.0; 3], [error, 3.0, 4.0]],
            virial: Virial { xx: 8.0, xy: error, ..Virial::default() },
            atom_virials: Vec::new(),
        }
    }

    fn collected(numbers: impl Iterator<Item = u64>) -> Worst {
        let mut worst = Worst::default();
        // Errors that rise and fall, each of them twice.
        numbers
            .for_each(|number| worst.add(number, &reference(), &prediction((number * 7 % 20) as f64 * 0.25)));
        worst
    }

    #[test]
    fn one_configuration_by_hand() {
        let mut worst = Worst::default();
        worst.add(5, &reference(), &prediction(2.0));
        let energy = &worst.energy_per_atom[0];
        assert_eq!((energy.configuration, energy.atoms, energy.atom), (5, 2, None));
        assert_eq!((energy.difference, energy.reference), (-1.0, -1.5));
        let force = &worst.force_vector[0];
        assert_eq!((force.atom, force.species), (Some(2), Some(1)));
        assert_eq!((force.difference, force.reference), (2.0, 5.0));
        let stress = &worst.stress_norm[0];
        assert!((stress.difference - 8.0_f64.sqrt() * 160.217_663_4 / 8.0).abs() < 1e-12);
        assert!((stress.reference - 160.217_663_4).abs() < 1e-12);
    }

    #[test]
    fn the_worst_come_first_and_the_earlier_of_equals() {
        let worst = collected(1..=40);
        let found: Vec<_> =
            worst.force_vector.iter().map(|entry| (entry.difference, entry.configuration)).collect();
        let expected = [(4.75, 17), (4.75, 37), (4.5, 14), (4.5, 34), (4.25, 11), (4.25, 31)];
        assert_eq!(found[..6], expected);
        assert_eq!(found.len(), NAMED);
    }

    #[test]
    fn the_order_of_configurations_changes_nothing() {
        assert_eq!(collected((1..=40).rev()), collected(1..=40));
    }

    #[test]
    fn what_has_no_reference_is_not_named() {
        let mut bare = reference();
        (bare.energy, bare.forces, bare.virial) = (None, None, None);
        let mut worst = Worst::default();
        worst.add(1, &bare, &prediction(1.0));
        assert_eq!(worst, Worst::default());
    }
}
