//! What is kept of a configuration after it was read: a few numbers, so that long files stream.

use std::collections::BTreeMap;

use mtprs_core::Result;
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, Virial, dot, norm};

use super::pair_model::{Equations, Pair, PairSums, Sums};
use super::surrogate::Features;
use crate::statistics::composition::counts;

/// Distance up to which neighbors are looked for, Å.
pub(super) const REACH: f64 = 6.0;
/// Distance below which atoms are at one place, Å, and say nothing about forces.
const AT_ONE_PLACE: f64 = 0.2;

/// Where a configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Index of the file.
    pub(super) file: usize,
    /// Configuration of the file, from one.
    pub(super) number: u64,
    /// Line on which it begins.
    pub(super) line: usize,
}

/// Distances between two species, Å.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nearest {
    /// The shortest.
    pub(super) shortest: f64,
    /// Mean distance from an atom of the first to its nearest one of the second.
    pub(super) mean: f64,
}

/// Numbers of one configuration.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) place: Place,
    /// Atoms by species index, without trailing zeros.
    pub(super) composition: Vec<u32>,
    /// Å³, if it is periodic in three directions.
    pub(super) volume: Option<f64>,
    /// eV.
    pub(super) energy: Option<f64>,
    /// Lengths of the shortest and the longest periodic vector, Å.
    pub(super) cell: Option<[f64; 2]>,
    /// Virial, eV: xx yy zz yz xz xy.
    pub(super) virial: Option<[f64; 6]>,
    pub(super) forces: Option<Forces>,
    /// By ordered pair of species.
    pub(super) nearest: BTreeMap<(u32, u32), Nearest>,
    /// Sums for the model of the forces, by pair of species.
    pub(super) pairs: Vec<(Pair, PairSums)>,
    /// The same for configurations that differ by translation or the order of equal atoms only: a sum over pairs, sums of
    /// the squares and products of their components, and sums over atoms of powers of what their pairs sum to.
    pub(super) invariants: [f64; 8],
    /// What a surrogate sees.
    pub(super) features: Features,
}

/// Numbers about forces, eV/Å.
#[derive(Clone, Copy, Debug)]
pub(super) struct Forces {
    /// Length of the largest.
    pub(super) largest: f64,
    /// Mean square length.
    pub(super) mean_square: f64,
    /// Length of the sum.
    pub(super) net: f64,
    /// Sum of the lengths.
    pub(super) total: f64,
}

impl Record {
    /// The numbers of a configuration, whose forces are added to the equations of their model; without these, only those
    /// that tell copies.
    pub(super) fn new(
        configuration: &Configuration,
        place: Place,
        equations: Option<&mut Equations>,
    ) -> Result<Self> {
        let list = NeighborList::new(configuration, REACH)?;
        let mut unused = Equations::default();
        let features =
            if equations.is_some() { Features::new(configuration, &list) } else { Features::default() };
        let equations = equations.unwrap_or(&mut unused);
        let Distances { nearest, pairs, invariants } = Distances::new(configuration, &list, equations);
        Ok(Self {
            place,
            composition: counts(configuration),
            volume: configuration.cell.volume(),
            energy: configuration.energy,
            virial: configuration.virial.map(Virial::to_cfg_order),
            cell: lengths(configuration),
            forces: configuration.forces.as_deref().map(Forces::new),
            nearest,
            pairs,
            invariants,
            features,
        })
    }

    /// Multiplies the forces.
    pub(super) fn scale_forces(&mut self, factor: f64) {
        if let Some(forces) = &mut self.forces {
            let size = factor.abs();
            *forces = Forces {
                largest: size * forces.largest,
                mean_square: factor.powi(2) * forces.mean_square,
                net: size * forces.net,
                total: size * forces.total,
            };
        }
        self.pairs.iter_mut().for_each(|(_, sums)| sums.scale_forces(factor));
    }

    /// Number of atoms.
    pub(super) fn atoms(&self) -> f64 {
        self.composition.iter().map(|&count| f64::from(count)).sum()
    }

    /// Energy per atom, eV.
    pub(super) fn energy_per_atom(&self) -> Option<f64> {
        self.energy.filter(|_| !self.composition.is_empty()).map(|energy| energy / self.atoms())
    }

    /// Volume per atom, Å³.
    pub(super) fn volume_per_atom(&self) -> Option<f64> {
        self.volume.filter(|_| !self.composition.is_empty()).map(|volume| volume / self.atoms())
    }

    /// Virial per atom, eV: xx yy zz yz xz xy.
    pub(super) fn virial_components_per_atom(&self) -> Option<[f64; 6]> {
        let virial = self.virial.filter(|_| !self.composition.is_empty())?;
        Some(virial.map(|component| component / self.atoms()))
    }

    /// A third of the trace of the virial per atom, eV.
    pub(super) fn virial_per_atom(&self) -> Option<f64> {
        let [xx, yy, zz, ..] = self.virial_components_per_atom()?;
        Some((xx + yy + zz) / 3.0)
    }

    /// Largest component of the virial by size, eV.
    pub(super) fn largest_virial(&self) -> Option<f64> {
        Some(self.virial?.into_iter().map(f64::abs).fold(0.0, f64::max))
    }

    /// Pressure, eV/Å³, positive under compression.
    pub(super) fn pressure(&self) -> Option<f64> {
        let [xx, yy, zz, ..] = self.virial?;
        Some((xx + yy + zz) / 3.0 / self.volume?)
    }

    /// Shortest distance of all, Å.
    pub(super) fn shortest(&self) -> Option<f64> {
        self.nearest.values().map(|nearest| nearest.shortest).min_by(f64::total_cmp)
    }
}

impl Forces {
    fn new(forces: &[Vector3]) -> Self {
        let mut sum = [0.0; 3];
        for force in forces {
            sum.iter_mut().zip(force).for_each(|(sum, component)| *sum += component);
        }
        let squares = forces.iter().map(|force| dot(*force, *force));
        Self {
            largest: squares.clone().fold(0.0, f64::max).sqrt(),
            mean_square: squares.clone().sum::<f64>() / (forces.len() as f64).max(1.0),
            net: norm(sum),
            total: squares.map(f64::sqrt).sum(),
        }
    }
}

fn lengths(configuration: &Configuration) -> Option<[f64; 2]> {
    let lengths = configuration.cell.vectors().iter().map(|vector| norm(*vector));
    let shortest = lengths.clone().min_by(f64::total_cmp)?;
    Some([shortest, lengths.fold(0.0, f64::max)])
}

/// What the distances between atoms tell.
struct Distances {
    nearest: BTreeMap<(u32, u32), Nearest>,
    pairs: Vec<(Pair, PairSums)>,
    invariants: [f64; 8],
}

impl Distances {
    fn new(configuration: &Configuration, list: &NeighborList, equations: &mut Equations) -> Self {
        let mut averages: BTreeMap<(u32, u32), (f64, f64, f64)> = BTreeMap::new();
        let mut invariants = [0.0; 8];
        let mut sums = Sums::default();
        for atom in 0..configuration.len() {
            let species = configuration.species[atom];
            let mut nearest: BTreeMap<u32, f64> = BTreeMap::new();
            let before = invariants[0];
            let (indices, displacements) = list.neighbors(atom);
            for (&neighbor, displacement) in indices.iter().zip(displacements) {
                let other = configuration.species[neighbor as usize];
                let distance = norm(*displacement);
                let entry = nearest.entry(other).or_insert(distance);
                *entry = entry.min(distance);
                // Smooth at the reach, so that rounding changes nothing to speak of.
                let weight =
                    (REACH - distance).powi(2) * f64::from(1 + species) * (0.7 + f64::from(other)).sqrt();
                let [x, y, z] = displacement.map(|component| component / distance.max(AT_ONE_PLACE));
                let terms = [1.0, x * x, y * y, x * y, y * z, z * x];
                invariants.iter_mut().zip(terms).for_each(|(sum, term)| *sum += weight * term);
                if distance > AT_ONE_PLACE {
                    sums.add((species.min(other), species.max(other)), displacement, distance);
                }
            }
            let own: f64 = invariants[0] - before;
            invariants[6] += own.powi(2);
            invariants[7] += own.powi(3);
            sums.end_atom(configuration.forces.as_ref().map(|forces| &forces[atom]), equations);
            for (other, distance) in nearest {
                let entry = averages.entry((species, other)).or_insert((f64::INFINITY, 0.0, 0.0));
                *entry = (entry.0.min(distance), entry.1 + distance, entry.2 + 1.0);
            }
        }
        let nearest = averages
            .into_iter()
            .map(|(pair, (shortest, sum, count))| (pair, Nearest { shortest, mean: sum / count }))
            .collect();
        Self { nearest, pairs: sums.finish(), invariants }
    }
}
