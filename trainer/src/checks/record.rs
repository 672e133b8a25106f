//! What is kept of a configuration after it was read: a few numbers, so that long files stream.

use std::collections::BTreeMap;

use mtprs_core::Result;
use mtprs_core::geometry::{Configuration, NeighborList, Vector3};

/// Distance up to which neighbors are looked for, Å.
const REACH: f64 = 6.0;

/// Where a configuration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Third of the trace of the virial, eV.
    pub(super) virial: Option<f64>,
    pub(super) forces: Option<Forces>,
    /// By ordered pair of species.
    pub(super) nearest: BTreeMap<(u32, u32), Nearest>,
    /// The same for configurations that differ by symmetry, translation or the order of equal atoms only.
    pub(super) invariants: [f64; 3],
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
    /// The numbers of a configuration.
    pub(super) fn new(configuration: &Configuration, place: Place) -> Result<Self> {
        let mut composition = Vec::new();
        for &species in &configuration.species {
            let index = species as usize;
            if composition.len() <= index {
                composition.resize(index + 1, 0);
            }
            composition[index] += 1;
        }
        let (nearest, invariants) = distances(configuration)?;
        Ok(Self {
            place,
            composition,
            volume: configuration.cell.volume(),
            energy: configuration.energy,
            virial: configuration.virial.map(|virial| (virial.xx + virial.yy + virial.zz) / 3.0),
            forces: configuration.forces.as_deref().map(Forces::new),
            nearest,
            invariants,
        })
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

    /// Pressure, eV/Å³, positive under compression.
    pub(super) fn pressure(&self) -> Option<f64> {
        Some(self.virial? / self.volume?)
    }

    /// Shortest distance of all, Å.
    pub(super) fn shortest(&self) -> Option<f64> {
        self.nearest.values().map(|nearest| nearest.shortest).min_by(f64::total_cmp)
    }
}

impl Forces {
    fn new(forces: &[Vector3]) -> Self {
        let length = |force: &Vector3| force.iter().map(|component| component * component).sum::<f64>();
        let mut sum = [0.0; 3];
        for force in forces {
            sum.iter_mut().zip(force).for_each(|(sum, component)| *sum += component);
        }
        let squares = forces.iter().map(length);
        Self {
            largest: squares.clone().fold(0.0, f64::max).sqrt(),
            mean_square: squares.clone().sum::<f64>() / (forces.len() as f64).max(1.0),
            net: length(&sum).sqrt(),
            total: squares.map(f64::sqrt).sum(),
        }
    }
}

type Distances = (BTreeMap<(u32, u32), Nearest>, [f64; 3]);

fn distances(configuration: &Configuration) -> Result<Distances> {
    let list = NeighborList::new(configuration, REACH)?;
    let mut sums: BTreeMap<(u32, u32), (f64, f64, f64)> = BTreeMap::new();
    let mut invariants = [0.0; 3];
    for atom in 0..configuration.len() {
        let species = configuration.species[atom];
        let mut nearest: BTreeMap<u32, f64> = BTreeMap::new();
        let (indices, displacements) = list.neighbors(atom);
        for (&neighbor, displacement) in indices.iter().zip(displacements) {
            let other = configuration.species[neighbor as usize];
            let distance = displacement.iter().map(|x| x * x).sum::<f64>().sqrt();
            let entry = nearest.entry(other).or_insert(distance);
            *entry = entry.min(distance);
            // Smooth at the reach, so that rounding changes nothing to speak of.
            let weight =
                (REACH - distance).powi(2) * f64::from(1 + species) * (0.7 + f64::from(other)).sqrt();
            invariants[0] += weight;
            invariants[1] += weight * distance;
            invariants[2] += weight * (3.0 * distance).sin();
        }
        for (other, distance) in nearest {
            let entry = sums.entry((species, other)).or_insert((f64::INFINITY, 0.0, 0.0));
            *entry = (entry.0.min(distance), entry.1 + distance, entry.2 + 1.0);
        }
    }
    let nearest = sums
        .into_iter()
        .map(|(pair, (shortest, sum, count))| (pair, Nearest { shortest, mean: sum / count }))
        .collect();
    Ok((nearest, invariants))
}
