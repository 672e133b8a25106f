//! Takes in configurations with reference values and what a potential makes of them, one after another.
//!
//! A configuration may lack energy, forces or virial; it then counts in the other figures only.

use std::collections::BTreeMap;

use mtprs_core::evaluate::Efs;
use mtprs_core::geometry::{Configuration, Vector3, Virial, norm};
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

use super::statistics::{ComponentsAndNorm, Location, Statistics};
use super::worst::Worst;
use crate::constants::units::GIGAPASCAL;

/// Upper ends of the ranges of |F| of the reference by which force errors are listed, eV/Å; the last has none.
pub(super) const FORCE_MAGNITUDES: [f64; 5] = [0.1, 0.3, 1.0, 3.0, 10.0];

/// Most values of a feature that are told apart; a feature that differs in every configuration is no group.
pub const MOST_GROUPS: usize = 1000;

const FORCE_COMPONENTS: [&str; 3] = ["x", "y", "z"];
const VIRIAL_COMPONENTS: [&str; 6] = ["xx", "yy", "zz", "yz", "xz", "xy"];
/// How often each of the six components stands in the 3×3 tensor.
pub(super) const VIRIAL_WEIGHTS: [f64; 6] = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];

/// How many configurations could not be compared in one of the figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// Without energy.
    pub energy: u64,
    /// Without forces.
    pub forces: u64,
    /// Without virial.
    pub virial: u64,
    /// Without virial, or without a volume to make a stress of it.
    pub stress: u64,
}

/// Figures of a set of configurations.
#[derive(Clone, Debug, Default)]
pub struct ErrorStatistics {
    /// Configurations taken in.
    pub configurations: u64,
    /// Atoms in them.
    pub atoms: u64,
    /// Configurations that lack something.
    pub left_out: LeftOut,
    /// Total energy, eV.
    pub energy: Statistics,
    /// Total energy by number of atoms, eV.
    pub energy_per_atom: Statistics,
    /// Forces, eV/Å.
    pub forces: ComponentsAndNorm,
    /// Virial, eV.
    pub virial: ComponentsAndNorm,
    /// Virial by volume, GPa.
    pub stress: ComponentsAndNorm,
}

/// All that the report needs.
#[derive(Debug)]
pub struct Comparison {
    /// Everything together.
    pub total: ErrorStatistics,
    /// Force errors by species of the atom.
    pub species: Vec<ComponentsAndNorm>,
    /// Force errors by magnitude of the reference force; ranges end at 0.1, 0.3, 1, 3 and 10 eV/Å.
    pub force_magnitudes: [ComponentsAndNorm; FORCE_MAGNITUDES.len() + 1],
    /// The configurations with the largest errors.
    pub worst: Worst,
    /// Feature to group by.
    pub by: Option<String>,
    /// Figures by value of that feature; the key is `None` where a configuration lacks it.
    pub groups: BTreeMap<Option<String>, ErrorStatistics>,
}

impl Comparison {
    /// Nothing yet, for a potential of some species, to be grouped by a feature if one is named.
    pub fn new(species_count: usize, by: Option<&str>) -> Self {
        Self {
            total: ErrorStatistics::default(),
            species: vec![ComponentsAndNorm::default(); species_count],
            force_magnitudes: Default::default(),
            worst: Worst::default(),
            by: by.map(str::to_owned),
            groups: BTreeMap::new(),
        }
    }

    /// Takes in configuration `number` of the file and what the potential says about it.
    pub fn add(&mut self, number: u64, reference: &Configuration, efs: &Efs) -> Result<(), Error> {
        check_finite(reference)?;
        self.total.add(number, reference, efs);
        self.add_forces(number, reference, efs);
        self.worst.add(number, reference, efs);
        let Some(by) = &self.by else { return Ok(()) };
        let group = reference.feature(by).map(|value| value.trim().to_owned());
        if !self.groups.contains_key(&group) && self.groups.len() == MOST_GROUPS {
            return Err(too_many_groups(by));
        }
        self.groups.entry(group).or_default().add(number, reference, efs);
        Ok(())
    }

    /// Whether no configuration had anything to compare.
    pub fn is_empty(&self) -> bool {
        let ErrorStatistics { energy, forces, virial, .. } = &self.total;
        energy.count() + forces.norm.count() + virial.norm.count() == 0
    }

    fn add_forces(&mut self, number: u64, reference: &Configuration, efs: &Efs) {
        let Some(forces) = &reference.forces else { return };
        for (atom, (&force, &predicted)) in forces.iter().zip(&efs.forces).enumerate() {
            let magnitude = norm(force);
            let range = FORCE_MAGNITUDES.partition_point(|&end| end <= magnitude);
            let location = Location { configuration: number, atom: Some(atom + 1), component: None };
            add_force(&mut self.force_magnitudes[range], predicted, force, location);
            add_force(&mut self.species[reference.species[atom] as usize], predicted, force, location);
        }
    }
}

impl ErrorStatistics {
    pub(super) fn add(&mut self, number: u64, reference: &Configuration, efs: &Efs) {
        let here = Location { configuration: number, atom: None, component: None };
        self.configurations += 1;
        self.atoms += reference.len() as u64;
        match reference.energy {
            Some(energy) if !reference.is_empty() => {
                let (difference, atoms) = (efs.energy - energy, reference.len() as f64);
                self.energy.add(difference, energy, here);
                self.energy_per_atom.add(difference / atoms, energy / atoms, here);
            }
            _ => self.left_out.energy += 1,
        }
        match &reference.forces {
            Some(forces) => {
                for (atom, (&force, &predicted)) in forces.iter().zip(&efs.forces).enumerate() {
                    add_force(&mut self.forces, predicted, force, Location { atom: Some(atom + 1), ..here });
                }
            }
            None => self.left_out.forces += 1,
        }
        self.add_virial(reference, efs, here);
    }

    fn add_virial(&mut self, reference: &Configuration, efs: &Efs, here: Location) {
        let Some(virial) = reference.virial else {
            self.left_out.virial += 1;
            self.left_out.stress += 1;
            return;
        };
        add_tensor(&mut self.virial, efs.virial, virial, 1.0, here);
        match reference.cell.volume() {
            Some(volume) => {
                let factor = GIGAPASCAL / volume;
                add_tensor(&mut self.stress, efs.virial, virial, factor, here);
            }
            None => self.left_out.stress += 1,
        }
    }
}

fn add_force(figures: &mut ComponentsAndNorm, predicted: Vector3, reference: Vector3, location: Location) {
    let difference = std::array::from_fn(|k| predicted[k] - reference[k]);
    figures.add(difference, reference, FORCE_COMPONENTS, [1.0; 3], location);
}

fn add_tensor(
    figures: &mut ComponentsAndNorm,
    predicted: Virial,
    reference: Virial,
    factor: f64,
    location: Location,
) {
    let (predicted, reference) = (predicted.to_cfg_order(), reference.to_cfg_order());
    let difference = std::array::from_fn(|k| factor * (predicted[k] - reference[k]));
    let reference = reference.map(|x| factor * x);
    figures.add(difference, reference, VIRIAL_COMPONENTS, VIRIAL_WEIGHTS, location);
}

/// A reference value that is not a number would make every mean one as well.
fn check_finite(reference: &Configuration) -> Result<(), Error> {
    let wrong = |what: String| Err(Error::new(ErrorKind::InvalidConfiguration, what));
    if let Some(energy) = reference.energy.filter(|energy| !energy.is_finite()) {
        return wrong(format!("the reference energy is {energy}"));
    }
    let finite = |force: &Vector3| force.iter().all(|x| x.is_finite());
    if let Some(atom) = reference.forces.iter().flatten().position(|force| !finite(force)) {
        return wrong(format!("the reference force of atom {} is not finite", atom + 1));
    }
    if reference.virial.is_some_and(|virial| virial.to_cfg_order().iter().any(|x| !x.is_finite())) {
        return wrong("the reference virial is not finite".into());
    }
    Ok(())
}

fn too_many_groups(by: &str) -> Error {
    let message = format!("the feature {by} has more than {MOST_GROUPS} different values");
    Error::new(ErrorKind::Argument, message).hint("group by a feature with fewer values")
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    /// Two atoms in a cube of 2 Å with an energy of -3 eV, a force of (3, 4, 0) on the second and a virial xx of 8 eV.
    fn reference() -> Configuration {
        let cell = Cell::new(&[[2.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 2.0]]).unwrap();
        let mut reference = Configuration::new(cell, vec![0, 1], vec![[0.0; 3], [1.0, 0.0, 0.0]]).unwrap();
        reference.energy = Some(-3.0);
        reference.forces = Some(vec![[0.0; 3], [3.0, 4.0, 0.0]]);
        reference.virial = Some(Virial { xx: 8.0, ..Virial::default() });
        reference
    }

    /// Off by 1 eV, by (1, 2, 2) on the first atom, by 0 on the second, and by 1 eV in xx and yz.
    fn prediction() -> Efs {
        Efs {
            energy: -2.0,
            site_energies: vec![-1.0; 2],
            forces: vec![[1.0, 2.0, 2.0], [3.0, 4.0, 0.0]],
            virial: Virial { xx: 9.0, yz: -1.0, ..Virial::default() },
            atom_virials: Vec::new(),
        }
    }

    fn compared(configurations: &[Configuration], by: Option<&str>) -> Comparison {
        let mut comparison = Comparison::new(2, by);
        for (index, configuration) in configurations.iter().enumerate() {
            comparison.add(index as u64 + 1, configuration, &prediction()).unwrap();
        }
        comparison
    }

    fn close(a: Option<f64>, b: f64) {
        let a = a.unwrap();
        assert!((a - b).abs() <= 1e-15 * b.abs(), "{a} instead of {b}");
    }

    #[test]
    fn one_configuration_by_hand() {
        let comparison = compared(&[reference()], None);
        let total = &comparison.total;
        close(total.energy.mean(), 1.0);
        close(total.energy_per_atom.mean_absolute(), 0.5);
        assert_eq!((total.forces.component.count(), total.forces.norm.count()), (6, 2));
        close(total.forces.component.mean_absolute(), 5.0 / 6.0);
        close(total.forces.component.root_mean_square(), (9.0_f64 / 6.0).sqrt());
        close(total.forces.norm.mean_absolute(), 1.5);
        close(total.forces.norm.relative_maximum(), 3.0 / 5.0);
        assert_eq!((total.virial.component.count(), total.virial.norm.count()), (6, 1));
        close(total.virial.component.mean_absolute(), 2.0 / 6.0);
        // The error of yz stands for zy too: 1 + 2.
        close(total.virial.norm.root_mean_square(), 3.0_f64.sqrt());
        // A volume of 8 Å³.
        close(total.stress.component.largest().map(|(largest, _)| largest), 160.217_663_4 / 8.0);
        let (_, place) = total.forces.component.largest().unwrap();
        assert_eq!(place, Location { configuration: 1, atom: Some(1), component: Some("y") });
    }

    #[test]
    fn forces_are_listed_by_species_and_by_magnitude() {
        let comparison = compared(&[reference()], None);
        close(comparison.species[0].norm.mean_absolute(), 3.0);
        close(comparison.species[1].norm.mean_absolute(), 0.0);
        let counts = comparison.force_magnitudes.map(|range| range.norm.count());
        assert_eq!(counts, [1, 0, 0, 0, 1, 0]);
    }

    #[test]
    fn what_is_missing_is_left_out_and_counted() {
        let mut molecule = reference();
        molecule.cell = Cell::open();
        molecule.energy = None;
        let bare = Configuration { forces: None, virial: None, ..molecule.clone() };
        let comparison = compared(&[reference(), molecule, bare.clone()], None);
        let total = &comparison.total;
        assert_eq!(total.left_out, LeftOut { energy: 2, forces: 1, virial: 1, stress: 2 });
        assert_eq!((total.energy.count(), total.forces.norm.count()), (1, 4));
        assert_eq!((total.virial.norm.count(), total.stress.norm.count()), (2, 1));
        assert!(!comparison.is_empty());
        assert!(compared(&[bare], None).is_empty());
    }

    #[test]
    fn groups_share_the_work_of_the_total() {
        let with = |value: &str| {
            let mut configuration = reference();
            configuration.set_feature("phase", value);
            configuration
        };
        let comparison =
            compared(&[with("glass"), with("crystal"), reference(), with("glass")], Some("phase"));
        let counts: Vec<_> = comparison
            .groups
            .iter()
            .map(|(group, figures)| (group.as_deref(), figures.energy.count()))
            .collect();
        assert_eq!(counts, [(None, 1), (Some("crystal"), 1), (Some("glass"), 2)]);
        assert_eq!(comparison.total.energy.count(), 4);
    }

    #[test]
    fn too_many_groups_and_infinite_references_are_refused() {
        let mut comparison = Comparison::new(2, Some("index"));
        let mut outcome = Ok(());
        for number in 1..=1001 {
            let mut configuration = reference();
            configuration.set_feature("index", number.to_string());
            outcome = comparison.add(number, &configuration, &prediction());
        }
        let message = outcome.unwrap_err().to_string();
        assert!(
            message.starts_with("the feature index has more than 1000 different values\n  hint: "),
            "{message}"
        );
        let mut infinite = reference();
        infinite.forces = Some(vec![[0.0; 3], [0.0, f64::NAN, 0.0]]);
        let message = Comparison::new(2, None).add(1, &infinite, &prediction()).unwrap_err().to_string();
        assert_eq!(message, "the reference force of atom 2 is not finite");
    }
}
