//! Surface energies: a relaxed slab of whole cells, less as many cells of the crystal, by the area of both faces.

use rayon::prelude::*;
use serde::Serialize;

use super::calculator::Calculator;
use super::crystal::Crystal;
use super::slab::{Miller, Planes, Slab};
use crate::Failure;
use crate::constants::units::ELECTRONVOLT;
use crate::text::general;

/// 1 eV/Å² in J/m².
const JOULE_PER_SQUARE_METER: f64 = ELECTRONVOLT * 1e20;
/// Most atoms of a slab.
pub const MOST_ATOMS: usize = 5_000;

/// A surface of a crystal.
#[derive(Clone, Debug, Serialize)]
pub struct Surface {
    /// Miller indices of the given cell.
    pub miller: Miller,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What became of a surface.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It has an energy.
    Relaxed(Relaxation),
    /// No cut leaves two faces that are alike: it has no energy of its own.
    Polar,
    /// The slab would have this many atoms.
    TooLarge(usize),
}

/// A relaxed slab.
#[derive(Clone, Debug, Serialize)]
pub struct Relaxation {
    /// Atoms of the slab.
    pub atoms: usize,
    /// Layers of as many atoms as the given cell.
    pub layers: usize,
    /// Thickness before it relaxed, Å.
    pub thickness: f64,
    /// Area of a face, Å².
    pub area: f64,
    /// Surface energy, J/m².
    pub energy: f64,
    /// Without relaxation, J/m².
    pub unrelaxed_energy: f64,
    /// What the layer in the middle adds to it, J/m²; nothing in a slab that is thick enough.
    pub middle: f64,
    /// Largest force that is left, eV/Å.
    pub largest_force: f64,
    /// Whether it is not above the force that was asked for.
    pub is_relaxed: bool,
    /// Largest extrapolation grade of an atom.
    pub grade: Option<f64>,
}

impl Surface {
    /// Atoms of the slab of at least this thickness, Å; nothing where there is none.
    pub fn plan(crystal: &Crystal, miller: Miller, thickness: f64) -> Option<usize> {
        let planes = Planes::new(&crystal.atoms, &crystal.vectors, miller);
        planes.slab(1).ok()??;
        Some(planes.layers_for(thickness) * crystal.atoms.len()).filter(|atoms| *atoms <= MOST_ATOMS)
    }

    /// Computes surfaces with slabs of at least this thickness, Å.
    pub fn all(
        millers: &[Miller],
        crystal: &Crystal,
        calculator: &Calculator,
        thickness: f64,
        max_force: f64,
    ) -> Result<Vec<Self>, Failure> {
        let one = |&miller: &Miller| {
            let planes = Planes::new(&crystal.atoms, &crystal.vectors, miller);
            let layers = planes.layers_for(thickness);
            let atoms = layers * crystal.atoms.len();
            let outcome = if atoms > MOST_ATOMS {
                Outcome::TooLarge(atoms)
            } else {
                match planes.slab(layers)? {
                    None => Outcome::Polar,
                    Some(slab) => {
                        Outcome::Relaxed(relaxed(slab, crystal, &mut calculator.clone(), max_force)?)
                    }
                }
            };
            Ok(Self { miller, outcome })
        };
        let found: Vec<Result<Self, Failure>> = millers.par_iter().with_max_len(1).map(one).collect();
        found.into_iter().collect()
    }

    /// Why it has no energy, or that it did not come to a minimum.
    pub(super) fn remark(&self) -> Option<String> {
        let name = format!("surface ({})", self.miller);
        match &self.outcome {
            Outcome::Polar => Some(format!(
                "{name} has no energy: no cut leaves two faces that are alike, as with polar surfaces"
            )),
            Outcome::TooLarge(atoms) => {
                Some(format!("{name} is left out: its slab would have {atoms} atoms, more than {MOST_ATOMS}"))
            }
            Outcome::Relaxed(slab) if !slab.is_relaxed => {
                let force = general(slab.largest_force, 3);
                Some(format!("{name} did not come to a minimum: forces up to {force} eV/Å are left"))
            }
            Outcome::Relaxed(_) => None,
        }
    }
}

fn relaxed(
    slab: Slab,
    crystal: &Crystal,
    calculator: &mut Calculator,
    max_force: f64,
) -> Result<Relaxation, Failure> {
    let Slab { atoms, layers, area, thickness } = slab;
    let (count, of_layer) = (atoms.len(), crystal.atoms.len());
    let found = calculator.relaxed(atoms, max_force)?;
    let by_area = |energy: f64| JOULE_PER_SQUARE_METER * energy / (2.0 * area);
    let of_crystal = crystal.energy * layers as f64;
    let middle = layers / 2 * of_layer..(layers / 2 + 1) * of_layer;
    let in_middle: f64 = found.site_energies[middle].iter().sum();
    Ok(Relaxation {
        atoms: count,
        layers,
        thickness,
        area,
        energy: by_area(found.energy - of_crystal),
        unrelaxed_energy: by_area(found.first_energy - of_crystal),
        middle: by_area(in_middle - crystal.energy).abs(),
        largest_force: found.largest_force,
        is_relaxed: found.largest_force <= max_force,
        grade: found.grade,
    })
}
