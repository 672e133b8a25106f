//! Whether a label belongs to the frame that it was asked for, and whether it can be believed.
//!
//! A program may have sorted the atoms anew, moved them into the cell and rounded their positions; then the label is put on
//! the atoms of the frame. Anything else is a reason to refuse it.

use std::path::Path;

use mtprs_core::format::CfgReader;
use mtprs_core::geometry::{Cell, Configuration, Vector3, dot, norm};
use mtprs_core::species::Species;
use mtprs_core::{Place, Result};

use crate::dataset::Labels;
use crate::structure_files::{SpeciesOrder, Structure};

/// How far positions may be apart, Å: programs round.
const POSITION_TOLERANCE: f64 = 1e-3;
/// The same of cell vectors, Å.
const CELL_TOLERANCE: f64 = 1e-4;

/// Why a label is refused.
pub type Reason = String;

/// What is asked of a label beside that it belongs to its frame.
#[derive(Debug)]
pub struct Check {
    order: Option<SpeciesOrder>,
    species: usize,
    /// Largest force (length), eV/Å.
    max_force: f64,
    /// The labels of the training set, if energies far from them are refused.
    known: Option<Labels>,
}

impl Check {
    /// A check for the species of a potential.
    pub fn new(species: &Species, max_force: f64) -> Self {
        let order = species.names().map(|names| SpeciesOrder::new(names, None, "the potential"));
        Self { order, species: species.count(), max_force, known: None }
    }

    /// Also refuses energies that are far from those of a training set.
    pub fn beside(mut self, training_set: &Path) -> Result<Self> {
        let mut labels = Labels::new(self.species);
        for configuration in CfgReader::open(training_set)? {
            labels.add(&configuration?, place());
        }
        self.known = Some(labels);
        Ok(self)
    }

    /// Numbers the species of what a program wrote like the potential.
    pub fn number_species(&self, structure: &mut Structure) -> std::result::Result<(), Reason> {
        match &self.order {
            Some(order) => order.apply(structure).map_err(|error| error.to_string()),
            None => Ok(()),
        }
    }

    /// The frame with the label of `labeled`, whose atoms must be those of the frame.
    pub fn label(
        &self,
        frame: &Configuration,
        labeled: &Configuration,
    ) -> std::result::Result<Configuration, Reason> {
        let order = same_atoms(frame, labeled)?;
        if let Some(reason) = labeled.feature("label_error") {
            return Err(reason.to_owned());
        }
        let unconverged = ["no", "false", "f", "0"];
        if labeled
            .feature("converged")
            .is_some_and(|word| unconverged.contains(&word.to_ascii_lowercase().as_str()))
        {
            return Err("it is not converged".into());
        }
        let energy = labeled.energy.ok_or("it has no energy")?;
        let forces = labeled.forces.as_ref().ok_or("it has no forces")?;
        let numbers = forces.as_flattened().iter().chain([&energy]);
        let virial = labeled.virial.map(|virial| virial.to_cfg_order());
        if !numbers.chain(virial.iter().flatten()).all(|number| number.is_finite()) {
            return Err("it has numbers that are not finite".into());
        }
        let (atom, largest) = largest(forces);
        if largest > self.max_force {
            return Err(format!(
                "the force on atom {} is {largest:.1} eV/Å, more than max-force, {} eV/Å",
                order.iter().position(|&place| place == atom).unwrap_or(atom) + 1,
                self.max_force
            ));
        }
        let mut labeled_frame = frame.clone();
        labeled_frame.energy = Some(energy);
        labeled_frame.forces = Some(order.iter().map(|&place| forces[place]).collect());
        labeled_frame.virial = labeled.virial;
        labeled_frame.site_energies = None;
        labeled_frame.neighborhood_grades = None;
        self.compare(&labeled_frame)?;
        Ok(labeled_frame)
    }

    fn compare(&self, labeled: &Configuration) -> std::result::Result<(), Reason> {
        let Some(known) = &self.known else { return Ok(()) };
        let mut all = known.clone();
        all.add(labeled, place());
        all.check_energies().map_err(|error| error.message().to_owned())
    }
}

fn place() -> Place {
    Place { file: "the label".into(), line: 0, column: 0 }
}

/// The atom with the largest force, and its length.
fn largest(forces: &[Vector3]) -> (usize, f64) {
    let lengths = forces.iter().map(|&force| norm(force)).enumerate();
    lengths.fold((0, 0.0), |best, (atom, length)| if length > best.1 { (atom, length) } else { best })
}

/// For each atom of the frame its place in `labeled`; or why the atoms are not the same.
pub fn same_atoms(frame: &Configuration, labeled: &Configuration) -> std::result::Result<Vec<usize>, Reason> {
    if labeled.len() != frame.len() {
        return Err(format!("it has {} atoms, expected {}", labeled.len(), frame.len()));
    }
    let sorted = |configuration: &Configuration| {
        let mut species = configuration.species.clone();
        species.sort_unstable();
        species
    };
    if sorted(frame) != sorted(labeled) {
        return Err("it has atoms of other species".into());
    }
    if !same_cell(&frame.cell, &labeled.cell) {
        return Err("it has another cell".into());
    }
    let duals = frame.cell.duals();
    // By the image that has the nearest fractional coordinates.
    let distance = |atom: usize, place: usize| {
        if frame.species[atom] != labeled.species[place] {
            return f64::INFINITY;
        }
        let between: Vector3 =
            std::array::from_fn(|k| labeled.positions[place][k] - frame.positions[atom][k]);
        let turns = duals.iter().map(|dual| dot(between, *dual).round());
        norm(turns.zip(frame.cell.vectors()).fold(between, |between, (turns, vector)| {
            std::array::from_fn(|k| between[k] - turns * vector[k])
        }))
    };
    let mut taken = vec![false; frame.len()];
    let mut order = Vec::with_capacity(frame.len());
    for atom in 0..frame.len() {
        // Most programs keep the order.
        let places = std::iter::once(atom).chain(0..frame.len());
        let mut free = places.filter(|&place| !taken[place]);
        match free.find(|&place| distance(atom, place) <= POSITION_TOLERANCE) {
            Some(place) => {
                taken[place] = true;
                order.push(place);
            }
            None => {
                let nearest =
                    (0..frame.len()).map(|place| distance(atom, place)).fold(f64::INFINITY, f64::min);
                return Err(format!("atom {} has moved by {nearest:.3} Å", atom + 1));
            }
        }
    }
    Ok(order)
}

fn same_cell(a: &Cell, b: &Cell) -> bool {
    let (a, b) = (a.vectors().as_flattened(), b.vectors().as_flattened());
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= CELL_TOLERANCE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(periodic: usize) -> Configuration {
        let vectors = [[4.0, 0.0, 0.0], [1.0, 5.0, 0.0], [0.5, -0.5, 6.0]];
        let cell = Cell::new(&vectors[..periodic]).unwrap();
        let positions = vec![[0.1, 0.2, 0.3], [2.0, 2.5, 0.1], [-1.0, 2.0, 7.0]];
        Configuration::new(cell, vec![0, 1, 1], positions).unwrap()
    }

    /// What a program may write: atoms in another order, other images, rounded.
    fn label_of(frame: &Configuration) -> Configuration {
        let shift = frame.cell.vectors().last().copied().unwrap_or_default();
        let positions: Vec<Vector3> = [2, 0, 1]
            .map(|atom: usize| std::array::from_fn(|k| frame.positions[atom][k] + 1e-5 - shift[k]))
            .to_vec();
        let species = [2, 0, 1].map(|atom: usize| frame.species[atom]).to_vec();
        let mut label = Configuration::new(frame.cell.clone(), species, positions).unwrap();
        label.energy = Some(-3.0);
        label.forces = Some(vec![[2.0, 0.0, 0.0], [0.0, 0.5, 0.0], [1.0, 0.0, 0.0]]);
        label
    }

    fn check() -> Check {
        Check::new(&Species::named(&["Mg", "O"]).unwrap(), 10.0)
    }

    #[test]
    fn forces_go_to_the_atoms_that_they_belong_to() {
        for periodic in 0..=3 {
            let frame = frame(periodic);
            let labeled = check().label(&frame, &label_of(&frame)).unwrap();
            assert_eq!(labeled.positions, frame.positions);
            assert_eq!(labeled.forces.unwrap(), [[0.0, 0.5, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]);
        }
    }

    #[test]
    fn every_fault_has_its_reason() {
        type Fault = fn(&mut Configuration);
        let faults: [(Fault, &str); 10] = [
            (|label| label.positions[1][0] += 0.25, "atom 1 has moved by 0.250 Å"),
            (|label| label.species = vec![0, 0, 1], "it has atoms of other species"),
            (|label| label.species = vec![0, 1, 1], "has moved by"),
            (|label| label.cell = Cell::new(&[[4.1, 0.0, 0.0]]).unwrap(), "it has another cell"),
            (|label| label.energy = None, "it has no energy"),
            (|label| label.forces = None, "it has no forces"),
            (|label| label.energy = Some(f64::NAN), "it has numbers that are not finite"),
            (|label| label.forces.as_mut().unwrap()[2][1] = 40.0, "the force on atom 2 is 40.0 eV/Å"),
            (|label| label.set_feature("converged", "F"), "it is not converged"),
            (|label| label.set_feature("label_error", "no SCF"), "no SCF"),
        ];
        let frame = frame(3);
        for (fault, expected) in faults {
            let mut label = label_of(&frame);
            fault(&mut label);
            let reason = check().label(&frame, &label).unwrap_err();
            assert!(reason.contains(expected), "{expected}: {reason}");
        }
        let mut short = label_of(&frame);
        short.species.pop();
        short.positions.pop();
        assert_eq!(check().label(&frame, &short).unwrap_err(), "it has 2 atoms, expected 3");
    }
}
