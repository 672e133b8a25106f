//! Neighbor search in any cell: periodic in zero to three directions, triclinic, thinner than the cutoff, atoms
//! outside the cell.

use std::ops::{ControlFlow, Range};

use super::bins::Bins;
use super::cell::dot;
use super::{Configuration, Vector3};
use crate::error::{Error, ErrorKind, Result};

/// Most neighbors of one atom; a solid of hydrogen has a tenth of that within 10 Å. A small file of atoms in one place
/// would otherwise ask for more memory than there is.
const MAX_NEIGHBORS: usize = 10_000;

/// Full neighbor lists: for every atom all (j, r_j − r_i) within the cutoff, images counted separately, also an
/// atom's own images.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NeighborList {
    offsets: Vec<usize>,
    indices: Vec<u32>,
    displacements: Vec<Vector3>,
}

impl NeighborList {
    /// Finds all pairs closer than `cutoff` (Å). Positions must be finite.
    pub fn new(configuration: &Configuration, cutoff: f64) -> Result<Self> {
        let search =
            Search { bins: Bins::new(configuration, cutoff, cutoff)?, cutoff_squared: cutoff * cutoff };
        let mut list = Self { offsets: vec![0], ..Self::default() };
        for atom in 0..configuration.len() {
            let first = list.indices.len();
            let end = search.visit_neighbors(atom, |neighbor, displacement| {
                if list.indices.len() - first == MAX_NEIGHBORS {
                    return ControlFlow::Break(());
                }
                list.indices.push(neighbor);
                list.displacements.push(displacement);
                ControlFlow::Continue(())
            });
            if end.is_break() {
                return Err(too_dense(atom, cutoff));
            }
            list.offsets.push(list.indices.len());
        }
        Ok(list)
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.offsets.len().saturating_sub(1)
    }

    /// Whether there is no atom.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The two atoms that are closest to each other, and their distance, Å; nothing if no two are in the list.
    pub fn closest(&self) -> Option<(f64, [usize; 2])> {
        let mut closest: Option<(f64, [usize; 2])> = None;
        for atom in 0..self.len() {
            let (neighbors, displacements) = self.neighbors(atom);
            for (&other, &displacement) in neighbors.iter().zip(displacements) {
                let distance = dot(displacement, displacement).sqrt();
                if closest.is_none_or(|(shortest, _)| distance < shortest) {
                    closest = Some((distance, [atom, other as usize]));
                }
            }
        }
        closest
    }

    /// Numbers of the neighbors of one atom among those of all atoms.
    pub(crate) fn range(&self, atom: usize) -> Range<usize> {
        self.offsets[atom]..self.offsets[atom + 1]
    }

    /// Neighbors of one atom: their indices and their displacements r_j − r_i, Å.
    pub fn neighbors(&self, atom: usize) -> (&[u32], &[Vector3]) {
        let range = self.range(atom);
        (&self.indices[range.clone()], &self.displacements[range])
    }
}

fn too_dense(atom: usize, cutoff: f64) -> Error {
    let message = format!("atom {} has more than {MAX_NEIGHBORS} neighbors within {cutoff} Å", atom + 1);
    Error::new(ErrorKind::InvalidConfiguration, message)
        .about_atom(atom)
        .hint("are positions and cell vectors in Å?")
}

/// Atoms in bins, and how far their neighbors are.
struct Search {
    bins: Bins,
    cutoff_squared: f64,
}

impl Search {
    /// Calls `visit` for every neighbor of an atom until it says to stop.
    fn visit_neighbors(
        &self,
        atom: usize,
        mut visit: impl FnMut(u32, Vector3) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let [a, b, c] = *self.bins.axes();
        let home = self.bins.bin_of(atom);
        for (bin_a, image_a) in a.around(home[0]) {
            for (bin_b, image_b) in b.around(home[1]) {
                for (bin_c, image_c) in c.around(home[2]) {
                    let images = [image_a, image_b, image_c];
                    let shift: Vector3 = std::array::from_fn(|k| {
                        images[0] * a.vector()[k] + images[1] * b.vector()[k] + images[2] * c.vector()[k]
                    });
                    let others = self.bins.atoms(bin_a, bin_b, [bin_c; 2]);
                    self.visit_bin(atom, others, shift, images == [0.0; 3], &mut visit)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn visit_bin(
        &self,
        atom: usize,
        others: &[u32],
        shift: Vector3,
        home_image: bool,
        visit: &mut impl FnMut(u32, Vector3) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let center = self.bins.positions()[atom];
        for &neighbor in others {
            if home_image && neighbor as usize == atom {
                continue;
            }
            let other = self.bins.positions()[neighbor as usize];
            let displacement: Vector3 = std::array::from_fn(|k| other[k] - center[k] + shift[k]);
            if dot(displacement, displacement) < self.cutoff_squared {
                visit(neighbor, displacement)?;
            }
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::{Cell, norm};
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// All pairs by brute force over a block of images.
    fn brute_force(configuration: &Configuration, cutoff: f64, images: i32) -> Vec<(usize, usize, [i64; 3])> {
        let vectors = configuration.cell.vectors();
        let span = |k: usize| if k < vectors.len() { -images..=images } else { 0..=0 };
        let mut pairs = Vec::new();
        for (i, from) in configuration.positions.iter().enumerate() {
            for (j, to) in configuration.positions.iter().enumerate() {
                for a in span(0) {
                    for b in span(1) {
                        for c in span(2) {
                            let mut rij: Vector3 = std::array::from_fn(|k| to[k] - from[k]);
                            for (vector, image) in vectors.iter().zip([a, b, c]) {
                                (0..3).for_each(|k| rij[k] += f64::from(image) * vector[k]);
                            }
                            let same = i == j && [a, b, c] == [0; 3];
                            if !same && norm(rij) < cutoff {
                                pairs.push((i, j, rij.map(|x| (x * 1e6).round() as i64)));
                            }
                        }
                    }
                }
            }
        }
        pairs.sort_unstable();
        pairs
    }

    fn found(configuration: &Configuration, cutoff: f64) -> Vec<(usize, usize, [i64; 3])> {
        let list = NeighborList::new(configuration, cutoff).unwrap();
        let mut pairs = Vec::new();
        for i in 0..list.len() {
            let (indices, displacements) = list.neighbors(i);
            for (&j, rij) in indices.iter().zip(displacements) {
                pairs.push((i, j as usize, rij.map(|x| (x * 1e6).round() as i64)));
            }
        }
        pairs.sort_unstable();
        pairs
    }

    #[test]
    fn finds_exactly_the_pairs_of_a_brute_force_search_in_every_kind_of_cell() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut pairs_seen = 0;
        for case in 0..160 {
            let periodic = case % 4;
            let size = [1.5, 4.0, 9.0, 16.0][(case / 4) % 4];
            let vectors: Vec<Vector3> = (0..periodic)
                .map(|k| {
                    let mut vector: Vector3 = std::array::from_fn(|_| rng.random_range(-0.25..0.25) * size);
                    vector[k] += size;
                    vector
                })
                .collect();
            let Ok(cell) = Cell::new(&vectors) else { continue };
            let atoms = 1 + case % 9;
            let positions: Vec<Vector3> =
                (0..atoms).map(|_| std::array::from_fn(|_| rng.random_range(-1.2..2.2) * size)).collect();
            let configuration = Configuration::new(cell, vec![0; atoms], positions).unwrap();
            let cutoff = rng.random_range(2.0..5.0);
            let images = if periodic == 0 { 0 } else { (30.0 / size) as i32 + 4 };
            let expected = brute_force(&configuration, cutoff, images);
            pairs_seen += expected.len();
            assert_eq!(found(&configuration, cutoff), expected, "case {case}");
        }
        assert!(pairs_seen > 5000, "only {pairs_seen} pairs: the cases are too sparse to show anything");
    }

    #[test]
    fn bad_positions_and_hopeless_cells_are_refused() {
        let cell = Cell::new(&[[1e-3, 0.0, 0.0], [0.0, 1e-3, 0.0], [0.0, 0.0, 5.0]]).unwrap();
        let thin = Configuration::new(cell, vec![0], vec![[0.0; 3]]).unwrap();
        assert!(NeighborList::new(&thin, 5.0).unwrap_err().to_string().contains("too thin"));
        let lost =
            Configuration::new(Cell::open(), vec![0, 0], vec![[0.0; 3], [f64::NAN, 0.0, 0.0]]).unwrap();
        let message = NeighborList::new(&lost, 5.0).unwrap_err().to_string();
        assert!(message.contains("position of atom 2 is not finite"), "{message}");
    }

    #[test]
    fn a_sparse_box_costs_no_memory() {
        let positions = vec![[0.0; 3], [1e9, 1e9, 1e9], [1.0, 0.0, 0.0]];
        let sparse = Configuration::new(Cell::open(), vec![0; 3], positions).unwrap();
        assert_eq!(found(&sparse, 3.0).len(), 2);
    }
}
