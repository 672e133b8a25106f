//! Pairs of reference and prediction, and their differences, as distributions that can be drawn.
//!
//! Memory is bounded whatever the number of atoms: forces and stresses are counted in [`Cells`], energies are kept for
//! at most [`MOST_ENERGIES`] configurations.

use mtprs_core::evaluate::Efs;
use mtprs_core::geometry::Configuration;

use super::cells::Cells;
use crate::constants::units::GIGAPASCAL;
use crate::statistics::composition::species_energies;

/// Most configurations whose energy is kept; of more, every second, fourth, eighth.
pub(super) const MOST_ENERGIES: usize = 1 << 16;
/// Most cells of a distribution of pairs: along a diagonal of 500 cells, 60 to either side.
const MOST_PAIR_CELLS: usize = 1 << 16;
/// Most cells of a distribution of differences.
const MOST_DIFFERENCE_CELLS: usize = 1 << 12;

/// Pairs (reference, prediction) and their differences, of everything that can be compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Parity {
    by: Option<String>,
    energies: Energies,
    energy_differences: Cells<1>,
    forces: Vec<Distribution>,
    stress: Distribution,
}

/// Pairs and differences of one quantity.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// (reference, prediction).
    pub pairs: Cells<2>,
    /// Prediction minus reference.
    pub differences: Cells<1>,
}

/// Energies per atom of configurations, beside those of their atoms.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyParity {
    /// Energy of an atom of each species, eV: those that explain the reference energies best.
    pub species_energies: Vec<f64>,
    /// The configurations in their order.
    pub points: Vec<EnergyPoint>,
}

/// Energy of a configuration less that of its atoms, eV per atom.
#[derive(Clone, Debug, PartialEq)]
pub struct EnergyPoint {
    /// The group that it belongs to.
    pub group: Option<String>,
    /// (reference, prediction).
    pub pair: [f64; 2],
}

/// Energies of configurations in their own words, because their zero is known only when all have been seen.
#[derive(Clone, Debug, PartialEq)]
struct Energies {
    /// Configurations are kept whose number is a multiple of 2^sparseness.
    sparseness: u32,
    kept: Vec<Energy>,
}

/// Energy of a configuration, eV per atom.
#[derive(Clone, Debug, PartialEq)]
struct Energy {
    configuration: u64,
    group: Option<String>,
    reference: f64,
    prediction: f64,
    /// Share of each species among the atoms.
    composition: Vec<f64>,
}

impl Parity {
    /// Nothing yet, for a potential of some species, to be grouped by a feature if one is named.
    pub fn new(species_count: usize, by: Option<&str>) -> Self {
        Self {
            by: by.map(str::to_owned),
            energies: Energies { sparseness: 0, kept: Vec::new() },
            energy_differences: Cells::new(MOST_DIFFERENCE_CELLS),
            forces: vec![Distribution::new(); species_count],
            stress: Distribution::new(),
        }
    }

    /// Takes in configuration `number`, which must differ from those of all others, and what the potential says.
    pub fn add(&mut self, number: u64, reference: &Configuration, efs: &Efs) {
        if let Some(energy) = reference.energy.filter(|_| !reference.is_empty()) {
            let atoms = reference.len() as f64;
            let (reference_energy, prediction) = (energy / atoms, efs.energy / atoms);
            self.energy_differences.add([(efs.energy - energy) / atoms]);
            let mut composition = vec![0.0; self.forces.len()];
            reference.species.iter().for_each(|&species| composition[species as usize] += 1.0 / atoms);
            let group =
                self.by.as_ref().and_then(|by| reference.feature(by)).map(|value| value.trim().to_owned());
            self.energies.add(Energy {
                configuration: number,
                group,
                reference: reference_energy,
                prediction,
                composition,
            });
        }
        for (atom, force) in reference.forces.iter().flatten().enumerate() {
            let distribution = &mut self.forces[reference.species[atom] as usize];
            for k in 0..3 {
                distribution.add(force[k], efs.forces[atom][k]);
            }
        }
        if let (Some(virial), Some(volume)) = (reference.virial, reference.cell.volume()) {
            let factor = GIGAPASCAL / volume;
            for (a, b) in virial.to_cfg_order().into_iter().zip(efs.virial.to_cfg_order()) {
                self.stress.add(factor * a, factor * b);
            }
        }
    }

    /// Energies per atom, in the order of the configurations: of each, the sum of energies of atoms is subtracted that fits
    /// all reference energies best.
    pub fn energies(&self) -> EnergyParity {
        let mut kept: Vec<&Energy> = self.energies.kept.iter().collect();
        kept.sort_unstable_by_key(|energy| energy.configuration);
        let energies: Vec<_> =
            kept.iter().map(|energy| (energy.composition.as_slice(), energy.reference)).collect();
        let species_energies = species_energies(&energies, self.forces.len());
        let point = |energy: &&Energy| {
            let atoms = energy.composition.iter().zip(&species_energies);
            let zero: f64 = atoms.map(|(share, atom)| share * atom).sum();
            EnergyPoint {
                group: energy.group.clone(),
                pair: [energy.reference - zero, energy.prediction - zero],
            }
        };
        let points = kept.iter().map(point).collect();
        EnergyParity { species_energies, points }
    }

    /// How many [`energies`](Self::energies) there are.
    pub fn energy_count(&self) -> usize {
        self.energies.kept.len()
    }

    /// Differences of energies per atom, eV, of all configurations.
    pub fn energy_differences(&self) -> &Cells<1> {
        &self.energy_differences
    }

    /// Force components of the atoms of each species, eV/Å.
    pub fn forces_by_species(&self) -> &[Distribution] {
        &self.forces
    }

    /// Force components of all atoms, eV/Å.
    pub fn forces(&self) -> Distribution {
        let mut all = Distribution::new();
        self.forces.iter().for_each(|species| all.merge(species));
        all
    }

    /// Stress components, GPa, positive under compression.
    pub fn stress(&self) -> &Distribution {
        &self.stress
    }
}

impl Distribution {
    fn new() -> Self {
        Self { pairs: Cells::new(MOST_PAIR_CELLS), differences: Cells::new(MOST_DIFFERENCE_CELLS) }
    }

    fn add(&mut self, reference: f64, prediction: f64) {
        self.pairs.add([reference, prediction]);
        self.differences.add([prediction - reference]);
    }

    fn merge(&mut self, other: &Self) {
        self.pairs.merge(&other.pairs);
        self.differences.merge(&other.differences);
    }
}

impl Energies {
    fn add(&mut self, energy: Energy) {
        if energy.configuration.trailing_zeros() >= self.sparseness {
            self.kept.push(energy);
        }
        while self.kept.len() > MOST_ENERGIES {
            self.sparseness += 1;
            self.thin_out();
        }
    }

    fn thin_out(&mut self) {
        let sparseness = self.sparseness;
        self.kept.retain(|energy| energy.configuration.trailing_zeros() >= sparseness);
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Virial};

    use super::*;

    /// Configuration `number` of `1 + number % 3` atoms of two species, with reference values of its own.
    fn reference(number: u64) -> Configuration {
        let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]]).unwrap();
        let atoms = 1 + (number % 3) as usize;
        let species = (0..atoms).map(|atom| (atom % 2) as u32).collect();
        let positions = (0..atoms).map(|atom| [atom as f64, 0.0, 0.0]).collect();
        let mut reference = Configuration::new(cell, species, positions).unwrap();
        let value = (number as f64).sin();
        // -5 eV for each atom of the first species, -8 eV for each of the second.
        reference.energy = Some([-5.0, -13.0, -18.0][atoms - 1]);
        reference.forces = Some(vec![[value, 2.0 * value, -value]; atoms]);
        reference.virial = Some(Virial { xx: value, yz: 3.0 * value, ..Virial::default() });
        reference
    }

    fn prediction(reference: &Configuration) -> Efs {
        Efs {
            energy: reference.energy.unwrap() + 0.25,
            site_energies: Vec::new(),
            forces: reference.forces.iter().flatten().map(|force| force.map(|x| 1.1 * x + 0.01)).collect(),
            virial: Virial { xx: 1.0, ..Virial::default() },
            atom_virials: Vec::new(),
        }
    }

    fn collected(numbers: impl Iterator<Item = u64>) -> Parity {
        let mut parity = Parity::new(2, None);
        for number in numbers {
            let reference = reference(number);
            parity.add(number, &reference, &prediction(&reference));
        }
        parity
    }

    fn sorted(mut parity: Parity) -> Parity {
        parity.energies.kept.sort_unstable_by_key(|energy| energy.configuration);
        parity
    }

    #[test]
    fn every_difference_is_counted() {
        let parity = collected(1..=30);
        // Ten times 2, 3 and 1 atoms; of them ten times 1, 2 and 1 of the first species.
        let counts = parity.forces_by_species().iter().map(|species| species.differences.total());
        assert_eq!(counts.collect::<Vec<_>>(), [3 * 40, 3 * 20]);
        let forces = parity.forces();
        for total in [forces.pairs.total(), forces.differences.total()] {
            assert_eq!(total, 180);
        }
        let in_cells: u64 = forces.differences.cells().iter().map(|cell| cell.count).sum();
        assert_eq!(in_cells, 180);
        assert_eq!(parity.stress().differences.total(), 6 * 30);
        assert_eq!((parity.energy_differences().total(), parity.energies().points.len()), (30, 30));
    }

    #[test]
    fn the_order_of_configurations_changes_nothing() {
        let whole = sorted(collected(1..=200));
        assert_eq!(sorted(collected((1..=200).rev())), whole);
    }

    #[test]
    fn energies_are_relative_to_atoms_that_fit_the_reference() {
        let EnergyParity { species_energies, points } = collected(1..=30).energies();
        assert!((species_energies[0] + 5.0).abs() < 1e-6 && (species_energies[1] + 8.0).abs() < 1e-6);
        for [reference, prediction] in points.into_iter().map(|point| point.pair) {
            // The penalty shifts the zero by parts of 10⁻⁹.
            assert!(reference.abs() < 1e-6, "{reference}");
            assert!((0.25 / 3.0 - 1e-6..0.25 + 1e-6).contains(&prediction), "{prediction}");
        }
        // One composition only: relative to the mean.
        let points = collected((1..=30).filter(|number| number % 3 == 1)).energies().points;
        for [reference, _] in points.into_iter().map(|point| point.pair) {
            assert!(reference.abs() < 1e-6, "{reference}");
        }
        assert!(Parity::new(3, None).energies().points.is_empty());
    }

    #[test]
    fn of_many_energies_a_part_is_kept_whatever_the_order() {
        let configurations = 3 * MOST_ENERGIES as u64;
        let energy = |configuration| Energy {
            configuration,
            group: None,
            reference: 0.0,
            prediction: 0.0,
            composition: Vec::new(),
        };
        let mut forwards = Energies { sparseness: 0, kept: Vec::new() };
        let mut backwards = forwards.clone();
        for number in 1..=configurations {
            forwards.add(energy(number));
            backwards.add(energy(configurations + 1 - number));
            assert!(forwards.kept.len() <= MOST_ENERGIES);
        }
        backwards.kept.reverse();
        assert_eq!(forwards, backwards);
        assert_eq!((forwards.sparseness, forwards.kept.len()), (2, 3 * MOST_ENERGIES / 4));
    }
}
