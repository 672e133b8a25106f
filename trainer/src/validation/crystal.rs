//! The crystal that everything is computed of: relaxed at no pressure, with its formula and its primitive cell.

use mtprs_core::geometry::{Configuration, Vector3, dot, norm};
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

use super::calculator::Calculator;
use super::lattice::{primitive, vectors};
use crate::Failure;
use crate::constants::units::GIGAPASCAL;
use crate::text::general;

/// Forces and stresses that a crystal is relaxed to, eV/Å and GPa; derivatives by strains and displacements need small ones.
pub(super) const MAX_FORCE: f64 = 1e-5;
const MAX_STRESS: f64 = 1e-4;
/// Above these it is not relaxed, eV/Å and GPa: rounding may keep it from the ones before.
const TOLERATED_FORCE: f64 = 1e-3;
const TOLERATED_STRESS: f64 = 1e-2;

/// A crystal at a minimum of its energy.
#[derive(Clone, Debug)]
pub struct Crystal {
    /// The given cell, relaxed.
    pub atoms: Configuration,
    /// Its vectors, Å.
    pub vectors: [Vector3; 3],
    /// Its energy, eV.
    pub energy: f64,
    /// Energies of its atoms, eV.
    pub site_energies: Vec<f64>,
    /// The primitive cell.
    pub primitive: Configuration,
    /// Names of the species.
    pub names: Vec<String>,
    /// What is told about it.
    pub description: Description,
}

/// A relaxed crystal in figures.
#[derive(Clone, Debug, Serialize)]
pub struct Description {
    /// Atoms of the given cell by species, like Mg4O4.
    pub formula: String,
    /// Atoms of the given cell.
    pub atoms: usize,
    /// Atoms of the primitive cell.
    pub primitive_atoms: usize,
    /// Lengths of the vectors of the given cell, Å.
    pub lengths: [f64; 3],
    /// Angles between them, degrees: b c, a c, a b.
    pub angles: [f64; 3],
    /// Volume of the given cell, Å³.
    pub volume: f64,
    /// Change of the volume by the relaxation, as a share.
    pub volume_change: f64,
    /// Energy, eV/atom.
    pub energy_per_atom: f64,
    /// Largest force on an atom, eV/Å.
    pub largest_force: f64,
    /// Largest component of the stress, GPa.
    pub largest_stress: f64,
    /// Largest extrapolation grade of an atom.
    pub grade: Option<f64>,
}

impl Crystal {
    /// Relaxes a cell; refuses one that does not repeat in three directions, or that does not come to a minimum.
    pub fn relaxed(
        calculator: &mut Calculator,
        given: &Configuration,
        names: Vec<String>,
    ) -> Result<Self, Failure> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidConfiguration, message);
        if given.is_empty() {
            return Err(invalid("expected a crystal, got a cell without atoms".into()).into());
        }
        if vectors(&given.cell).is_none() {
            let repeats = given.cell.vectors().len();
            let message = format!("expected a crystal, which repeats in three directions, got {repeats}");
            return Err(invalid(message).into());
        }
        let mut atoms =
            Configuration::new(given.cell.clone(), given.species.clone(), given.positions.clone())?;
        let found = calculator.relax_cell(&mut atoms, MAX_FORCE, MAX_STRESS / GIGAPASCAL)?;
        let (largest_force, largest_stress) = (found.atoms.largest_force, found.largest_stress * GIGAPASCAL);
        if largest_force > TOLERATED_FORCE || largest_stress > TOLERATED_STRESS {
            let message = format!(
                "the crystal does not come to a minimum: after {} steps a force of {} eV/Å and a stress of {} GPa are left",
                found.atoms.steps,
                general(largest_force, 3),
                general(largest_stress, 3)
            );
            let hint = "the potential does not hold this crystal together; mtprs relax writes where it ends";
            return Err(invalid(message).hint(hint).into());
        }
        let vectors: [Vector3; 3] = std::array::from_fn(|k| atoms.cell.vectors()[k]);
        let volume = atoms.cell.volume().unwrap_or_default();
        let primitive = primitive(&atoms)?;
        let energy = found.atoms.efs.energy;
        let description = Description {
            formula: formula(&atoms.species, &names),
            atoms: atoms.len(),
            primitive_atoms: primitive.len(),
            lengths: vectors.map(norm),
            angles: angles(&vectors),
            volume,
            volume_change: volume / given.cell.volume().unwrap_or(volume) - 1.0,
            energy_per_atom: energy / atoms.len() as f64,
            largest_force,
            largest_stress,
            grade: calculator.grade(&atoms)?,
        };
        let site_energies = found.atoms.efs.site_energies;
        Ok(Self { atoms, vectors, energy, site_energies, primitive, names, description })
    }

    /// Energy of an atom, on average, eV.
    pub fn energy_per_atom(&self) -> f64 {
        self.description.energy_per_atom
    }

    /// Name of a species.
    pub fn name(&self, species: u32) -> String {
        name(species, &self.names)
    }

    /// Species with their atoms in a formula unit.
    pub fn formula_unit(&self) -> Vec<(u32, usize)> {
        let counts = counts(&self.atoms.species);
        let divisor = counts.iter().fold(0, |divisor, (_, count)| greatest_divisor(divisor, *count));
        counts.into_iter().map(|(species, count)| (species, count / divisor.max(1))).collect()
    }
}

fn name(species: u32, names: &[String]) -> String {
    names.get(species as usize).cloned().unwrap_or_else(|| format!("({species})"))
}

/// Species that occur, with their numbers of atoms.
fn counts(species: &[u32]) -> Vec<(u32, usize)> {
    let most = species.iter().max().map_or(0, |most| most + 1);
    let count = |one: u32| (one, species.iter().filter(|other| **other == one).count());
    (0..most).map(count).filter(|(_, count)| *count > 0).collect()
}

fn formula(species: &[u32], names: &[String]) -> String {
    let part = |(species, count): (u32, usize)| match count {
        1 => name(species, names),
        _ => format!("{}{count}", name(species, names)),
    };
    counts(species).into_iter().map(part).collect()
}

fn angles(vectors: &[Vector3; 3]) -> [f64; 3] {
    std::array::from_fn(|k| {
        let (b, c) = (vectors[(k + 1) % 3], vectors[(k + 2) % 3]);
        (dot(b, c) / (norm(b) * norm(c))).clamp(-1.0, 1.0).acos().to_degrees()
    })
}

/// Greatest common divisor.
pub(super) fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}
