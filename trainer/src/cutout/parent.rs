//! The configuration that is cut from: its lattice in short vectors, and its atoms around one of them.

use mtprs_core::geometry::{Configuration, NeighborList, Vector3, dot, duals, norm};
use mtprs_core::{Error, ErrorKind, Result};

/// Distance up to which pairs of atoms are looked at for the shortest of their species, Å.
pub(super) const CLOSE: f64 = 4.0;

/// A configuration that repeats in three directions.
#[derive(Clone, Debug)]
pub struct Parent<'a> {
    pub(super) configuration: &'a Configuration,
    /// Volume, Å³.
    pub(super) volume: f64,
    /// The shortest vectors that span its lattice.
    pub(super) vectors: [Vector3; 3],
    duals: [Vector3; 3],
    /// Pairs of atoms closer than [`CLOSE`].
    pub(super) close_pairs: NeighborList,
}

/// An atom of the parent, or one of its images, as seen from a center.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Image {
    pub(super) atom: usize,
    /// Position less that of the center, Å.
    pub(super) displacement: Vector3,
}

impl<'a> Parent<'a> {
    /// Looks at a configuration, which must repeat in three directions.
    pub fn new(configuration: &'a Configuration) -> Result<Self> {
        let cell = &configuration.cell;
        let (&[a, b, c], Some(volume)) = (cell.vectors(), cell.volume()) else {
            let message = format!(
                "expected a cell that is periodic in three directions, got one that is periodic in {}",
                cell.vectors().len()
            );
            let error = Error::new(ErrorKind::Unsupported, message);
            return Err(error.hint("give the cell three vectors, with vacuum at surfaces"));
        };
        let vectors = reduced([a, b, c]);
        let close_pairs = NeighborList::new(configuration, CLOSE)?;
        Ok(Self { configuration, volume, vectors, duals: duals(&vectors), close_pairs })
    }

    /// Number of atoms.
    pub fn atoms(&self) -> usize {
        self.configuration.len()
    }

    /// Atoms of each species per Å³; there are at most this many species.
    pub fn density(&self, species: usize) -> Vec<f64> {
        let mut density = vec![0.0; species];
        for &species in &self.configuration.species {
            density[species as usize] += 1.0 / self.volume;
        }
        density
    }

    /// All atoms and images within `radius` (Å) of an atom, the nearest first, the atom itself among them.
    pub(super) fn around(&self, center: usize, radius: f64) -> Vec<Image> {
        // An image lies within half a cell of where it is looked for.
        let reach = self.duals.map(|dual| (radius * norm(dual) + 0.5).ceil() as i32);
        let mut images = Vec::new();
        for atom in 0..self.configuration.len() {
            let nearest = self.nearest_cell(center, atom);
            for i in -reach[0]..=reach[0] {
                for j in -reach[1]..=reach[1] {
                    for k in -reach[2]..=reach[2] {
                        let displacement = shifted(nearest, &self.vectors, [i, j, k].map(f64::from));
                        if dot(displacement, displacement) <= radius * radius {
                            images.push(Image { atom, displacement });
                        }
                    }
                }
            }
        }
        let length = |image: &Image| dot(image.displacement, image.displacement);
        images.sort_by(|a, b| length(a).total_cmp(&length(b)).then(a.atom.cmp(&b.atom)));
        images
    }

    /// Shortest distance between two atoms or their images, Å.
    pub(super) fn distance(&self, first: usize, second: usize) -> f64 {
        let nearest = self.nearest_cell(first, second);
        let steps = || [-1.0, 0.0, 1.0].into_iter();
        let shifts = steps().flat_map(|i| steps().flat_map(move |j| steps().map(move |k| [i, j, k])));
        let lengths = shifts.map(|shift| {
            let displacement = shifted(nearest, &self.vectors, shift);
            dot(displacement, displacement)
        });
        lengths.fold(f64::INFINITY, f64::min).sqrt()
    }

    /// From one atom to that image of another whose fractional coordinates are within a half.
    fn nearest_cell(&self, from: usize, to: usize) -> Vector3 {
        let positions = &self.configuration.positions;
        let displacement = std::array::from_fn(|k| positions[to][k] - positions[from][k]);
        let turns = self.duals.map(|dual| -dot(displacement, dual).round());
        shifted(displacement, &self.vectors, turns)
    }
}

/// A vector and this many lattice vectors.
pub(super) fn shifted(vector: Vector3, vectors: &[Vector3], turns: impl AsRef<[f64]>) -> Vector3 {
    vectors
        .iter()
        .zip(turns.as_ref())
        .fold(vector, |sum, (vector, turns)| std::array::from_fn(|k| sum[k] + turns * vector[k]))
}

/// Vectors of the same lattice of which none gets shorter by adding others.
pub fn reduced(mut vectors: [Vector3; 3]) -> [Vector3; 3] {
    // Every turn shortens a vector of a lattice, so they come to an end; the bound is for rounding.
    for _ in 0..1000 {
        let shorter = (0..3).find_map(|k| {
            let (l, m) = ((k + 1) % 3, (k + 2) % 3);
            let [v, a, b] = [vectors[k], vectors[l], vectors[m]];
            let sum: Vector3 = std::array::from_fn(|x| a[x] + b[x]);
            let difference: Vector3 = std::array::from_fn(|x| a[x] - b[x]);
            let after = [a, b, sum, difference].map(|other| {
                let turns = (dot(v, other) / dot(other, other)).round();
                shifted(v, &[other], [-turns])
            });
            let shortest = after.into_iter().min_by(|x, y| dot(*x, *x).total_cmp(&dot(*y, *y)))?;
            (dot(shortest, shortest) < (1.0 - 1e-9) * dot(v, v)).then_some((k, shortest))
        });
        let Some((k, shortest)) = shorter else { break };
        vectors[k] = shortest;
    }
    vectors
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    #[test]
    fn a_lattice_of_skew_vectors_is_that_of_short_ones() {
        let short = [[4.0, 0.0, 0.2], [0.5, 5.0, 0.0], [0.0, 0.4, 30.0]];
        let [a, b, c] = short;
        let skew = [shifted(a, &[b], [7.0]), shifted(b, &[c], [-2.0]), shifted(c, &[a, b], [3.0, 21.0])];
        let mut lengths = reduced(skew).map(|vector| dot(vector, vector).sqrt());
        lengths.sort_by(f64::total_cmp);
        for (length, expected) in lengths.into_iter().zip(short.map(|vector| dot(vector, vector).sqrt())) {
            assert!((length - expected).abs() < 1e-9, "{length} instead of {expected}");
        }
    }

    #[test]
    fn what_lies_around_an_atom_is_what_the_neighbor_search_finds() {
        let vectors = [[3.0, 0.2, 0.0], [2.5, 4.0, 0.0], [-1.0, 0.5, 9.0]];
        let positions = vec![[0.1, 0.2, 0.3], [20.0, -7.0, 4.0], [1.5, 1.5, 8.0]];
        let configuration =
            Configuration::new(Cell::new(&vectors).unwrap(), vec![0, 0, 1], positions).unwrap();
        let parent = Parent::new(&configuration).unwrap();
        let list = NeighborList::new(&configuration, 7.5).unwrap();
        for center in 0..3 {
            let sorted = |mut found: Vec<(usize, [i64; 3])>| {
                found.sort_unstable();
                found
            };
            let rounded = |displacement: Vector3| displacement.map(|x| (x * 1e6).round() as i64);
            let images = parent.around(center, 7.5);
            assert_eq!((images[0].atom, images[0].displacement), (center, [0.0; 3]));
            let ours = images[1..].iter().map(|image| (image.atom, rounded(image.displacement)));
            let (atoms, displacements) = list.neighbors(center);
            let theirs = atoms.iter().zip(displacements).map(|(&atom, &d)| (atom as usize, rounded(d)));
            assert_eq!(sorted(ours.collect()), sorted(theirs.collect()));
            let of_other = |atom: usize| images[1..].iter().find(|image| image.atom == atom).unwrap();
            for atom in (0..3).filter(|atom| *atom != center) {
                let nearest = of_other(atom).displacement;
                assert!((parent.distance(center, atom) - dot(nearest, nearest).sqrt()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn surfaces_are_refused() {
        let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 4.0, 0.0]]).unwrap();
        let slab = Configuration::new(cell, vec![0], vec![[0.0; 3]]).unwrap();
        let message = Parent::new(&slab).unwrap_err().to_string();
        assert!(message.starts_with("expected a cell that is periodic in three directions"), "{message}");
    }
}
