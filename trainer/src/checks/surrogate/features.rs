//! What a surrogate sees of a configuration: functions of pairs and of the surroundings of atoms, summed, with their virials
//! and the normal equations of its forces.

use std::collections::BTreeMap;

use mtprs_core::geometry::{Configuration, NeighborList, Vector3, norm};

use super::super::record::REACH;
use super::center::{Center, INVARIANTS};

/// Functions of each pair of species.
pub(in super::super) const FUNCTIONS: usize = 6;
/// Distance at which the polynomials begin, Å; they go on below.
const BEGIN: f64 = 1.0;
/// Distance below which atoms are at one place, Å, and say nothing about forces.
const AT_ONE_PLACE: f64 = 0.2;

/// Functions that go together: those of two species, the smaller first, or those of the surroundings of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) enum Block {
    /// Of two species.
    Pair(u32, u32),
    /// Of the surroundings of one.
    Center(u32),
}

impl Block {
    pub(in super::super) fn len(self) -> usize {
        match self {
            Self::Pair(..) => FUNCTIONS,
            Self::Center(_) => INVARIANTS,
        }
    }
    /// The block with species renamed.
    pub(in super::super) fn renamed(self, name: impl Fn(u32) -> u32) -> Self {
        match self {
            Self::Pair(a, b) => {
                let (a, b) = (name(a), name(b));
                Self::Pair(a.min(b), a.max(b))
            }
            Self::Center(a) => Self::Center(name(a)),
        }
    }
}

/// Sums over a configuration; the functions are in the order of the blocks.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Features {
    pub(in super::super) blocks: Vec<Block>,
    /// Sums of the functions.
    pub(in super::super) energy: Vec<f32>,
    /// −Σ r_a ∂/∂r_b of the functions: xx yy zz yz xz xy, one after the other.
    pub(in super::super) virial: Vec<f32>,
    /// Σ F_i · ∂F_i/∂coefficients.
    pub(in super::super) forces: Vec<f32>,
    /// Σ ∂F_i/∂coefficient · ∂F_i/∂coefficient, the lower triangle by rows.
    pub(in super::super) products: Vec<f32>,
}

/// Where the polynomials end: closer atoms have the same values, but for what makes them end at the cutoff.
const SMALLEST: f64 = -1.2;

/// Functions and their derivatives (1/Å) at a distance, Å.
fn functions(distance: f64) -> ([f64; FUNCTIONS], [f64; FUNCTIONS]) {
    let scale = 2.0 / (REACH - BEGIN);
    let inside = scale * (distance - BEGIN) - 1.0;
    let (x, scale) = if inside < SMALLEST { (SMALLEST, 0.0) } else { (inside, scale) };
    let (mut values, mut slopes) = ([1.0; FUNCTIONS], [0.0; FUNCTIONS]);
    (values[1], slopes[1]) = (x, 1.0);
    for k in 2..FUNCTIONS {
        values[k] = 2.0 * x * values[k - 1] - values[k - 2];
        slopes[k] = 2.0 * values[k - 1] + 2.0 * x * slopes[k - 1] - slopes[k - 2];
    }
    let smooth = (1.0 - distance / REACH).powi(2);
    let smooth_slope = -2.0 * (1.0 - distance / REACH) / REACH;
    let derivatives = std::array::from_fn(|k| scale * slopes[k] * smooth + values[k] * smooth_slope);
    (values.map(|value| value * smooth), derivatives)
}

impl Features {
    pub(in super::super) fn new(configuration: &Configuration, list: &NeighborList) -> Self {
        let species = &configuration.species;
        let mut present: Vec<u32> = species.clone();
        present.sort_unstable();
        present.dedup();
        let mut blocks: Vec<Block> = Vec::new();
        for (k, &a) in present.iter().enumerate() {
            blocks.extend(present[k..].iter().map(|&b| Block::Pair(a, b)));
        }
        blocks.extend(present.iter().map(|&a| Block::Center(a)));
        let mut at = BTreeMap::new();
        let mut size = 0;
        for block in &blocks {
            at.insert(*block, size);
            size += block.len();
        }
        let pair_at = |a: u32, b: u32| at[&Block::Pair(a.min(b), a.max(b))];
        let center_at = |a: u32| at[&Block::Center(a)];
        let near = |atom: usize| {
            let (indices, displacements) = list.neighbors(atom);
            let pairs = indices.iter().map(|&index| index as usize).zip(displacements.iter().copied());
            pairs.filter(|(_, displacement)| norm(*displacement) > AT_ONE_PLACE)
        };
        let mut energy = vec![0.0; size];
        let mut virial = vec![0.0; 6 * size];
        let centers: Vec<Center> = (0..configuration.len())
            .map(|atom| {
                let mut center = Center::default();
                near(atom).for_each(|(_, displacement)| center.add(displacement));
                let own = &mut energy[center_at(species[atom])..];
                own.iter_mut().zip(center.invariants()).for_each(|(sum, value)| *sum += value);
                center
            })
            .collect();
        let mut right = vec![0.0; size];
        let mut products = vec![0.0; size * (size + 1) / 2];
        // Gradients of the functions by the position of one atom.
        let mut rows = vec![[0.0; 3]; size];
        for atom in 0..configuration.len() {
            rows.iter_mut().for_each(|row| *row = [0.0; 3]);
            for (other, displacement) in near(atom) {
                let distance = norm(displacement);
                let (values, slopes) = functions(distance);
                let first = pair_at(species[atom], species[other]);
                for k in 0..FUNCTIONS {
                    energy[first + k] += 0.5 * values[k];
                    let gradient = displacement.map(|x| slopes[k] / distance * x);
                    add(&mut rows[first + k], gradient, -1.0);
                    add_virial(&mut virial, size, first + k, displacement, gradient, -0.5);
                }
                let own = center_at(species[atom]);
                for (k, gradient) in centers[atom].gradients(displacement).into_iter().enumerate() {
                    add(&mut rows[own + k], gradient, -1.0);
                    add_virial(&mut virial, size, own + k, displacement, gradient, -1.0);
                }
                let back = displacement.map(|x| -x);
                let theirs = center_at(species[other]);
                for (k, gradient) in centers[other].gradients(back).into_iter().enumerate() {
                    add(&mut rows[theirs + k], gradient, 1.0);
                }
            }
            if let Some(forces) = &configuration.forces {
                for (sum, row) in right.iter_mut().zip(&rows) {
                    *sum -= row.iter().zip(forces[atom]).map(|(a, b)| a * b).sum::<f64>();
                }
            }
            let mut from = 0;
            for (k, row) in rows.iter().enumerate() {
                if *row != [0.0; 3] {
                    for (sum, other) in products[from..=from + k].iter_mut().zip(&rows) {
                        *sum += row[0] * other[0] + row[1] * other[1] + row[2] * other[2];
                    }
                }
                from += k + 1;
            }
        }
        let short = |sums: Vec<f64>| sums.into_iter().map(|sum| sum as f32).collect();
        Self {
            blocks,
            energy: short(energy),
            virial: short(virial),
            forces: short(right),
            products: short(products),
        }
    }
}

fn add(sum: &mut Vector3, term: Vector3, factor: f64) {
    sum.iter_mut().zip(term).for_each(|(sum, term)| *sum += factor * term);
}

fn add_virial(
    virial: &mut [f64],
    size: usize,
    at: usize,
    [x, y, z]: Vector3,
    [u, v, w]: Vector3,
    factor: f64,
) {
    let terms = [x * u, y * v, z * w, 0.5 * (y * w + z * v), 0.5 * (x * w + z * u), 0.5 * (x * v + y * u)];
    for (k, term) in terms.into_iter().enumerate() {
        virial[k * size + at] += factor * term;
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    fn sample(moved: f64, strain: f64) -> Configuration {
        let cell =
            [[4.1, 0.0, 0.0], [0.3, 4.4, 0.1], [-0.2, 0.5, 4.9]].map(|[x, y, z]| [x * (1.0 + strain), y, z]);
        let mut positions = vec![[0.1, 0.2, 0.0], [2.2, 2.0, 2.5], [2.0, 0.1, 2.2], [0.3, 2.3, 2.1]];
        let forces = vec![[0.3, -0.2, 0.5], [-0.4, 0.1, 0.2], [0.7, 0.3, -0.6], [-0.1, 0.6, 0.4]];
        for (position, force) in positions.iter_mut().zip(&forces) {
            add(position, *force, moved);
            position[0] *= 1.0 + strain;
        }
        Configuration {
            cell: Cell::new(&cell).unwrap(),
            species: vec![0, 1, 1, 0],
            positions,
            forces: Some(forces),
            ..Configuration::default()
        }
    }

    fn features(moved: f64, strain: f64) -> Features {
        let configuration = sample(moved, strain);
        let list = NeighborList::new(&configuration, REACH).unwrap();
        Features::new(&configuration, &list)
    }

    /// Energies are kept in single precision, which steps of 10⁻² divide by 10⁻² only.
    #[test]
    fn forces_and_virials_are_derivatives_of_energies() {
        let step = 4e-3;
        let here = features(0.0, 0.0);
        let difference = |above: &Features, below: &Features, k: usize| {
            f64::from(above.energy[k] - below.energy[k]) / (2.0 * step)
        };
        let scale = |k: usize| 1e-3 * (1.0 + f64::from(here.energy[k]).abs());
        for k in 0..here.energy.len() {
            let along = difference(&features(step, 0.0), &features(-step, 0.0), k);
            assert!((along + f64::from(here.forces[k])).abs() < scale(k), "{k}: {along} {}", here.forces[k]);
            let strained = difference(&features(0.0, step), &features(0.0, -step), k);
            assert!(
                (strained + f64::from(here.virial[k])).abs() < scale(k),
                "{k}: {strained} {}",
                here.virial[k]
            );
        }
    }

    #[test]
    fn products_are_those_of_the_forces_of_each_function() {
        let here = features(0.0, 0.0);
        // Forces of one function in place of the labels: their products with those of all functions.
        let size = here.energy.len();
        assert_eq!(here.products.len(), size * (size + 1) / 2);
        let diagonal = |k: usize| f64::from(here.products[k * (k + 3) / 2]);
        for k in 0..size {
            let square =
                diagonal(k) * sample(0.0, 0.0).forces.unwrap().iter().flatten().map(|x| x * x).sum::<f64>();
            assert!(f64::from(here.forces[k]).powi(2) <= square * (1.0 + 1e-5));
        }
    }
}
