//! Neighbor search in any cell: periodic in zero to three directions, triclinic, thinner than the cutoff, atoms
//! outside the cell.
//!
//! Atoms are wrapped into the cell and sorted into bins along the lattice directions. Bins are at least as thick as
//! the cutoff where the cell allows it; where it does not, the search goes over as many images as needed.

use std::ops::{ControlFlow, Range};

use super::cell::{dot, duals, norm};
use super::{Configuration, Vector3};
use crate::error::{Error, ErrorKind, Result};

/// Most cells (bins times images) visited around one bin before the cell is refused as too thin.
const MAX_VISITED_BINS: f64 = 1e6;

/// Most cells between an atom and its image in the cell: beyond, rounding moves it visibly (by 1e-7 cells and more).
const MAX_TURNS: f64 = 1e9;

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
        check_positions(&configuration.positions)?;
        let bins = Bins::new(configuration, cutoff)?;
        let mut list = Self { offsets: vec![0], ..Self::default() };
        for atom in 0..configuration.len() {
            let first = list.indices.len();
            let end = bins.visit_neighbors(atom, |neighbor, displacement| {
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

fn check_positions(positions: &[Vector3]) -> Result<()> {
    match positions.iter().position(|position| position.iter().any(|x| !x.is_finite())) {
        None => Ok(()),
        Some(atom) => {
            let message = format!("the position of atom {} is not finite: {:?}", atom + 1, positions[atom]);
            Err(Error::new(ErrorKind::InvalidConfiguration, message).about_atom(atom))
        }
    }
}

fn too_far(atom: usize, position: Vector3) -> Error {
    let message = format!(
        "atom {} at {position:?} is more than {MAX_TURNS:.0e} cells away: rounding hides its place in the cell",
        atom + 1
    );
    Error::new(ErrorKind::InvalidConfiguration, message).about_atom(atom)
}

fn too_dense(atom: usize, cutoff: f64) -> Error {
    let message = format!("atom {} has more than {MAX_NEIGHBORS} neighbors within {cutoff} Å", atom + 1);
    Error::new(ErrorKind::InvalidConfiguration, message)
        .about_atom(atom)
        .hint("are positions and cell vectors in Å?")
}

/// One direction of the bin grid.
#[derive(Clone, Copy)]
struct Axis {
    vector: Vector3,
    /// Row of the inverse cell matrix: the fractional coordinate is the scalar product with it.
    dual: Vector3,
    periodic: bool,
    count: usize,
    /// Fractional coordinate at which the bins begin, and bins per unit of it.
    start: f64,
    density: f64,
    /// Bins to look at on either side.
    reach: i64,
}

struct Bins {
    axes: [Axis; 3],
    cutoff_squared: f64,
    wrapped: Vec<Vector3>,
    bin_of_atom: Vec<[i64; 3]>,
    offsets: Vec<usize>,
    atoms: Vec<u32>,
}

impl Bins {
    fn new(configuration: &Configuration, cutoff: f64) -> Result<Self> {
        let vectors = configuration.cell.completed();
        let periodic = configuration.cell.vectors().len();
        let duals = duals(&vectors);
        let mut wrapped = configuration.positions.clone();
        let mut lost = None;
        let mut axes: [Axis; 3] = std::array::from_fn(|k| {
            let axis = Axis {
                vector: vectors[k],
                dual: duals[k],
                periodic: k < periodic,
                count: 1,
                start: 0.0,
                density: 1.0,
                reach: 0,
            };
            lost = lost.or(axis.wrap(&mut wrapped));
            axis
        });
        if let Some(atom) = lost {
            return Err(too_far(atom, configuration.positions[atom]));
        }
        let most = 2 * wrapped.len() + 8;
        for axis in &mut axes {
            axis.divide(&wrapped, cutoff, most);
        }
        limit_bins(&mut axes, most);
        for axis in &mut axes {
            axis.set_reach(cutoff);
        }
        let visited: f64 = axes.iter().map(|axis| 2.0 * axis.reach as f64 + 1.0).product();
        if visited > MAX_VISITED_BINS {
            let message = format!(
                "the cell is too thin for a cutoff of {cutoff} Å: each atom would see {visited:.1e} images"
            );
            return Err(Error::new(ErrorKind::InvalidConfiguration, message));
        }
        Ok(Self::sorted(axes, cutoff, wrapped))
    }

    /// Counting sort of the atoms by bin.
    fn sorted(axes: [Axis; 3], cutoff: f64, wrapped: Vec<Vector3>) -> Self {
        let bin_of_atom: Vec<[i64; 3]> =
            wrapped.iter().map(|&position| axes.map(|axis| axis.bin(position) as i64)).collect();
        let total = axes.iter().map(|axis| axis.count).product::<usize>();
        let flat = |bin: &[i64; 3]| {
            (bin[0] as usize * axes[1].count + bin[1] as usize) * axes[2].count + bin[2] as usize
        };
        let mut offsets = vec![0; total + 1];
        for bin in &bin_of_atom {
            offsets[flat(bin) + 1] += 1;
        }
        for index in 0..total {
            offsets[index + 1] += offsets[index];
        }
        let mut next = offsets.clone();
        let mut atoms = vec![0; wrapped.len()];
        for (atom, bin) in bin_of_atom.iter().enumerate() {
            let slot = &mut next[flat(bin)];
            atoms[*slot] = atom as u32;
            *slot += 1;
        }
        Self { axes, cutoff_squared: cutoff * cutoff, wrapped, bin_of_atom, offsets, atoms }
    }

    /// Calls `visit` for every neighbor of an atom until it says to stop.
    fn visit_neighbors(
        &self,
        atom: usize,
        mut visit: impl FnMut(u32, Vector3) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let [a, b, c] = self.axes;
        let home = self.bin_of_atom[atom];
        for (bin_a, image_a) in a.around(home[0]) {
            for (bin_b, image_b) in b.around(home[1]) {
                for (bin_c, image_c) in c.around(home[2]) {
                    let images = [image_a, image_b, image_c];
                    let shift: Vector3 = std::array::from_fn(|k| {
                        images[0] * a.vector[k] + images[1] * b.vector[k] + images[2] * c.vector[k]
                    });
                    let flat = (bin_a * b.count + bin_b) * c.count + bin_c;
                    self.visit_bin(atom, flat, shift, images == [0.0; 3], &mut visit)?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn visit_bin(
        &self,
        atom: usize,
        bin: usize,
        shift: Vector3,
        home_image: bool,
        visit: &mut impl FnMut(u32, Vector3) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let center = self.wrapped[atom];
        for &neighbor in &self.atoms[self.offsets[bin]..self.offsets[bin + 1]] {
            if home_image && neighbor as usize == atom {
                continue;
            }
            let other = self.wrapped[neighbor as usize];
            let displacement: Vector3 = std::array::from_fn(|k| other[k] - center[k] + shift[k]);
            if dot(displacement, displacement) < self.cutoff_squared {
                visit(neighbor, displacement)?;
            }
        }
        ControlFlow::Continue(())
    }
}

impl Axis {
    /// Moves atoms into the cell along this direction if it is periodic; returns an atom that is too far away for that.
    fn wrap(&self, positions: &mut [Vector3]) -> Option<usize> {
        if !self.periodic {
            return None;
        }
        let mut lost = None;
        for (atom, position) in positions.iter_mut().enumerate() {
            let turns = dot(*position, self.dual).floor();
            // The number of turns may overflow to something that is not a number.
            if turns.is_nan() || turns.abs() > MAX_TURNS {
                lost = lost.or(Some(atom));
            }
            for k in 0..3 {
                position[k] -= turns * self.vector[k];
            }
        }
        lost
    }

    /// Distance between the planes at fractional coordinates 0 and 1, Å.
    fn height(&self) -> f64 {
        1.0 / norm(self.dual)
    }

    /// Chooses the number of bins: as many as fit at one cutoff each.
    fn divide(&mut self, positions: &[Vector3], cutoff: f64, most: usize) {
        let mut extent = 1.0;
        if !self.periodic {
            let coordinates = || positions.iter().map(|&position| dot(position, self.dual));
            let (low, high) =
                coordinates().fold((f64::MAX, f64::MIN), |(low, high), s| (low.min(s), high.max(s)));
            if low <= high {
                self.start = low;
                extent = (high - low).max(f64::MIN_POSITIVE);
            }
        }
        let fitting = (extent * self.height() / cutoff).floor();
        self.count = (fitting as usize).clamp(1, most);
        self.density = self.count as f64 / extent;
    }

    fn set_reach(&mut self, cutoff: f64) {
        // A grain more than the cutoff, so that rounding of fractional coordinates never hides a pair.
        let bins = (cutoff * self.density / self.height() * (1.0 + 1e-9)).ceil();
        let most = if self.periodic { f64::MAX } else { self.count as f64 - 1.0 };
        self.reach = bins.min(most).min(1e9) as i64;
    }

    fn bin(&self, position: Vector3) -> usize {
        let bin = (dot(position, self.dual) - self.start) * self.density;
        (bin.max(0.0) as usize).min(self.count - 1)
    }

    /// Bins within reach of `home`, each with the periodic image that it is seen in.
    fn around(&self, home: i64) -> impl Iterator<Item = (usize, f64)> + use<> {
        let count = self.count as i64;
        let (low, high) = (home - self.reach, home + self.reach);
        let (low, high) = if self.periodic { (low, high) } else { (low.max(0), high.min(count - 1)) };
        (low..=high).map(move |bin| (bin.rem_euclid(count) as usize, bin.div_euclid(count) as f64))
    }
}

/// Coarsens the grid until it has no more than `most` bins: a sparse box must not cost memory.
fn limit_bins(axes: &mut [Axis; 3], most: usize) {
    while axes.iter().map(|axis| axis.count as f64).product::<f64>() > most as f64 {
        if let Some(axis) = axes.iter_mut().max_by_key(|axis| axis.count) {
            let coarser = axis.count.div_ceil(2);
            axis.density *= coarser as f64 / axis.count as f64;
            axis.count = coarser;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::Cell;
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
