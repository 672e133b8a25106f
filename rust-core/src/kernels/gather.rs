//! Sorting of neighbors: those within the cutoff, by species.
//!
//! Eight neighbors at a time are read from where they stand ([`ListedNeighbors`]), tested and packed behind those that
//! are in the bucket of their species already ([`Gather`]). Nothing branches on a distance: whether a neighbor lies
//! within the cutoff is hard to predict.

use super::dispatch::Kernel;
use super::simd::{Block, LANES, Simd, flat_mut};

/// Columns that are packed together: x, y, z of r_j − r_i, Å, and the atom.
const COLUMNS: usize = 4;

/// Neighbors of one central atom where somebody keeps them: points with their species, and a list of atoms.
#[derive(Clone, Copy, Debug)]
pub struct ListedNeighbors<'a> {
    /// Where the neighbors are, Å.
    pub points: &'a [[f64; 3]],
    /// Species index of each point; neighbors of a species that the potential does not have are left out.
    pub species: &'a [u16],
    /// Atoms of the neighbors.
    pub entries: &'a [u32],
    /// And-ed with every entry before use.
    pub mask: u32,
    /// Whether the k-th neighbor is at the k-th point. Otherwise the entries, masked, number the points too.
    pub in_order: bool,
    /// What is subtracted from a point for r_j − r_i, Å.
    pub origin: [f64; 3],
}

impl ListedNeighbors<'_> {
    /// A species index as [`species`](Self::species) holds it. The largest entry of all is that of species no potential has: it
    /// would have more pairs of species than fit into memory.
    pub fn species_entry(species: usize) -> u16 {
        u16::try_from(species).unwrap_or(u16::MAX)
    }

    /// Number of points whose species is known, too.
    fn known(&self) -> usize {
        self.points.len().min(self.species.len())
    }

    /// The first entry that names a point that there is not: its place in the list, its number, and how many points there
    /// are.
    #[cold]
    pub(crate) fn first_unknown(&self) -> Option<(usize, u32, usize)> {
        let known = self.known();
        let masked = self.entries.iter().map(|entry| entry & self.mask).enumerate();
        let number = |k: usize, atom: u32| if self.in_order { k } else { atom as usize };
        let unknown = masked.into_iter().find(|&(k, atom)| number(k, atom) >= known);
        unknown.map(|(k, atom)| (k, atom, known))
    }
}

/// Neighbors of one central atom, copied from those who can only call them out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    points: Vec<[f64; 3]>,
    species: Vec<u16>,
    atoms: Vec<u32>,
}

impl Candidates {
    /// Forgets all neighbors.
    pub(crate) fn clear(&mut self) {
        self.points.clear();
        self.species.clear();
        self.atoms.clear();
    }

    /// Takes up a neighbor.
    #[inline(always)]
    pub(crate) fn push(&mut self, displacement: [f64; 3], atom: u32, species: u16) {
        self.points.push(displacement);
        self.species.push(species);
        self.atoms.push(atom);
    }

    /// The neighbors.
    pub(crate) fn list(&self) -> ListedNeighbors<'_> {
        let Self { points, species, atoms } = self;
        ListedNeighbors { points, species, entries: atoms, mask: !0, in_order: true, origin: [0.0; 3] }
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.points.capacity() * size_of::<[f64; 3]>()
            + self.species.capacity() * size_of::<u16>()
            + self.atoms.capacity() * size_of::<u32>()
    }
}

/// Neighbors of one species within the cutoff.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    /// The columns one after the other, equally long.
    blocks: Vec<Block>,
    count: usize,
}

impl Bucket {
    /// Number of neighbors.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// x, y and z of the neighbors in this many blocks, at most those that [`Gather`] filled up.
    pub(crate) fn displacements(&self, blocks: usize) -> [&[Block]; 3] {
        [0, 1, 2].map(|axis| self.column(axis, blocks))
    }

    /// The atoms as bits of the numbers, in this many blocks.
    pub(crate) fn atoms(&self, blocks: usize) -> &[Block] {
        self.column(COLUMNS - 1, blocks)
    }

    fn column(&self, column: usize, blocks: usize) -> &[Block] {
        let length = self.blocks.len() / COLUMNS;
        &self.blocks[column * length..(column + 1) * length][..blocks]
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.blocks.capacity() * size_of::<Block>()
    }

    /// Empties the bucket and makes room for this many neighbors and a block more, into which packing may write.
    fn empty(&mut self, room: usize) {
        self.count = 0;
        let length = room.div_ceil(LANES) + 1;
        if self.blocks.len() < COLUMNS * length {
            self.blocks.resize(COLUMNS * length, Block::default());
        }
    }

    /// Packs the lanes of the columns in which a mask is true behind those that are there.
    #[inline(always)]
    fn push<S: Simd>(&mut self, simd: S, columns: [S::Vector; COLUMNS], taken: S::Mask) {
        let flat = flat_mut(&mut self.blocks);
        let length = flat.len() / COLUMNS;
        assert!(self.count <= length && length - self.count >= LANES, "a bucket has room for what is packed");
        let first = flat.as_mut_ptr();
        for column in 0..COLUMNS {
            // SAFETY: the places that are packed into end within the column, whose end is no farther than that of the
            // slice.
            let target =
                unsafe { std::slice::from_raw_parts_mut(first.add(column * length + self.count), LANES) };
            simd.pack(columns[column], taken, target);
        }
        self.count += simd.count(taken);
    }

    /// Fills up a multiple of this many blocks, one or two, with neighbors at the cutoff, whose radial functions are zero.
    #[inline(always)]
    fn pad(&mut self, parts: usize, cutoff: f64) {
        // a multiple of a power of two, without a division
        let multiple = parts * LANES;
        let padded = (self.count + multiple - 1) & !(multiple - 1);
        let flat = flat_mut(&mut self.blocks);
        let column_length = flat.len() / COLUMNS;
        for (axis, value) in [cutoff, 0.0, 0.0].into_iter().enumerate() {
            flat[axis * column_length..][self.count..padded].fill(value);
        }
    }
}

/// Fills one bucket for each species with the neighbors within the cutoff, in order, and returns the smallest squared
/// distance of all, Å^2 (infinite if there are none), those of other species included. `None` if an entry names a point that
/// there is not.
///
/// A distance that is not a number counts as within the cutoff: it will be found in the energy.
pub(crate) struct Gather<'a> {
    /// Å.
    pub(crate) cutoff: f64,
    /// Buckets are filled up to a multiple of this many blocks, one or two.
    pub(crate) parts: usize,
    pub(crate) list: ListedNeighbors<'a>,
    pub(crate) buckets: &'a mut [Bucket],
}

impl Kernel for Gather<'_> {
    type Output = Option<f64>;

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> Option<f64> {
        let Self { cutoff, parts, list, buckets } = self;
        buckets.iter_mut().for_each(|bucket| bucket.empty(list.entries.len()));
        let mut sorter = Sorter {
            simd,
            cutoff_squared: simd.splat(cutoff * cutoff),
            origin: [simd.splat(list.origin[0]), simd.splat(list.origin[1]), simd.splat(list.origin[2])],
            smallest: simd.splat(f64::INFINITY),
            buckets,
        };
        let all_known = if list.in_order {
            sorter.push_listed::<true>(&list)
        } else {
            sorter.push_listed::<false>(&list)
        };
        let smallest = sorter.smallest;
        sorter.buckets.iter_mut().for_each(|bucket| bucket.pad(parts, cutoff));
        all_known.then(|| simd.smallest(smallest))
    }
}

/// Where no neighbor is.
static FAR_AWAY: [f64; 3] = [f64::INFINITY, 0.0, 0.0];

/// What the sorting holds in registers.
struct Sorter<'a, S: Simd> {
    simd: S,
    cutoff_squared: S::Vector,
    origin: [S::Vector; 3],
    smallest: S::Vector,
    buckets: &'a mut [Bucket],
}

impl<S: Simd> Sorter<'_, S> {
    /// Whether all entries name points; stops at those that do not.
    #[inline(always)]
    fn push_listed<const IN_ORDER: bool>(&mut self, list: &ListedNeighbors<'_>) -> bool {
        let ListedNeighbors { points, species, entries, mask, .. } = *list;
        let known = list.known();
        let (whole, rest) = entries.as_chunks::<LANES>();
        for (block, entries) in whole.iter().enumerate() {
            let mut numbers = [0; LANES];
            let mut last = 0;
            for k in 0..LANES {
                numbers[k] = entries[k] & mask;
                last = last.max(numbers[k]);
            }
            let first = block * LANES;
            let last = if IN_ORDER { first + LANES - 1 } else { last as usize };
            if last >= known {
                return false;
            }
            let mut at = [&points[0]; LANES];
            let mut kinds = [&species[0]; LANES];
            let mut atoms = Block::default();
            for k in 0..LANES {
                atoms.0[k] = f64::from_bits(u64::from(numbers[k]));
                let number = if IN_ORDER { first + k } else { numbers[k] as usize };
                // SAFETY: no number is above `last`.
                (at[k], kinds[k]) = unsafe { (points.get_unchecked(number), species.get_unchecked(number)) };
            }
            self.push(at, kinds, &atoms);
        }
        if !rest.is_empty() {
            let mut at = [&FAR_AWAY; LANES];
            let mut kinds = [&0; LANES];
            let mut atoms = Block::default();
            for (k, entry) in rest.iter().enumerate() {
                let atom = entry & mask;
                let number = if IN_ORDER { whole.len() * LANES + k } else { atom as usize };
                if number >= known {
                    return false;
                }
                (at[k], kinds[k]) = (&points[number], &species[number]);
                atoms.0[k] = f64::from_bits(u64::from(atom));
            }
            self.push(at, kinds, &atoms);
        }
        true
    }

    /// Takes up eight neighbors.
    #[inline(always)]
    fn push(&mut self, points: [&[f64; 3]; LANES], species: [&u16; LANES], atoms: &Block) {
        let simd = self.simd;
        let [x, y, z] = simd.points(points);
        let species = simd.shorts(species);
        let [x, y] = [simd.sub(x, self.origin[0]), simd.sub(y, self.origin[1])];
        let z = simd.sub(z, self.origin[2]);
        let squared = simd.mul_add(x, x, simd.mul_add(y, y, simd.mul(z, z)));
        let within = simd.not_at_least(squared, self.cutoff_squared);
        self.smallest = simd.min(squared, self.smallest);
        let columns = [x, y, z, simd.load(atoms)];
        for (number, bucket) in self.buckets.iter_mut().enumerate() {
            bucket.push(simd, columns, simd.both(within, simd.equal_shorts(species, number as u16)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::InstructionSet;
    use crate::kernels::dispatch::Kernels;

    const CUTOFF: f64 = 3.0;
    const SPECIES: usize = 2;

    /// What the buckets hold: displacements and atoms.
    fn contents(buckets: &[Bucket]) -> Vec<Vec<([f64; 3], u64)>> {
        let of_bucket = |bucket: &Bucket| {
            let blocks = bucket.len().div_ceil(LANES);
            let (displacements, atoms) = (bucket.displacements(blocks), bucket.atoms(blocks));
            let at = |column: &[Block], k: usize| column[k / LANES].0[k % LANES];
            let neighbor = |k| (displacements.map(|axis| at(axis, k)), at(atoms, k).to_bits());
            (0..bucket.len()).map(neighbor).collect()
        };
        buckets.iter().map(of_bucket).collect()
    }

    #[test]
    fn every_set_sorts_lists_of_any_length_like_a_plain_loop() {
        let points: Vec<[f64; 3]> =
            (0..40).map(|k| [0.13, -0.07, 0.31].map(|step| step * f64::from(k))).collect();
        let species: Vec<u16> = (0..40).map(|k| [0, 1, 1, u16::MAX][k % 4]).collect();
        let (mask, origin) = (0x3fff_ffff, [0.5, -0.25, 0.75]);
        for set in InstructionSet::ALL {
            let Some(kernels) = Kernels::new(set) else { continue };
            let mut buckets = vec![Bucket::default(); SPECIES];
            for (in_order, length) in [false, true].into_iter().flat_map(|o| (0..40).map(move |l| (o, l))) {
                // Numbers in no order, some of them with a bit that the mask takes away.
                let entries: Vec<u32> = (0..length).map(|k| (k * 7 % 40) | ((k % 2) << 31)).collect();
                let list = ListedNeighbors {
                    points: &points,
                    species: &species,
                    entries: &entries,
                    mask,
                    in_order,
                    origin,
                };
                let mut expected = vec![Vec::new(); SPECIES];
                let mut expected_smallest = f64::INFINITY;
                for (k, entry) in entries.iter().enumerate() {
                    let atom = (entry & mask) as usize;
                    let number = if in_order { k } else { atom };
                    let displacement: [f64; 3] =
                        std::array::from_fn(|axis| points[number][axis] - origin[axis]);
                    let squared: f64 = displacement.iter().map(|x| x * x).sum();
                    expected_smallest = expected_smallest.min(squared);
                    if squared < CUTOFF * CUTOFF && usize::from(species[number]) < SPECIES {
                        expected[usize::from(species[number])].push((displacement, atom as u64));
                    }
                }
                let smallest = kernels
                    .run(Gather { cutoff: CUTOFF, parts: 2, list, buckets: &mut buckets })
                    .expect("all are known");
                assert_eq!(contents(&buckets), expected, "{set:?}, {length} neighbors, in order: {in_order}");
                assert!(smallest == expected_smallest || (smallest - expected_smallest).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn a_number_beyond_the_points_is_found_at_every_place_by_every_set() {
        let points: Vec<[f64; 3]> = (0..20).map(|k| [f64::from(k), 0.0, 0.0]).collect();
        for set in InstructionSet::ALL {
            let Some(kernels) = Kernels::new(set) else { continue };
            for (length, place) in [(8, 0), (8, 7), (19, 3), (19, 15), (19, 16), (19, 18), (1, 0)] {
                for wrong in [20, 21, 1 << 30, u32::MAX] {
                    let mut entries: Vec<u32> = (0..length).collect();
                    entries[place] = wrong;
                    let list = ListedNeighbors {
                        points: &points,
                        species: &[0; 20],
                        entries: &entries,
                        mask: !0,
                        in_order: false,
                        origin: [0.0; 3],
                    };
                    let buckets = &mut [Bucket::default()];
                    assert_eq!(kernels.run(Gather { cutoff: CUTOFF, parts: 1, list, buckets }), None);
                    assert_eq!(list.first_unknown(), Some((place, wrong, 20)));
                }
            }
        }
    }
}
