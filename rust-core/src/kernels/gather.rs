//! Sorting of neighbors: those within the cutoff, by species.
//!
//! What the neighbor list offers is written down in order first ([`Candidates`]); then eight at a time are tested and
//! packed behind those that are in the bucket of their species already ([`select`]). Nothing branches on a distance:
//! whether a neighbor lies within the cutoff is hard to predict.

use super::simd::{Block, LANES, Simd, flat_mut};

/// Columns that are packed together: x, y, z of r_j − r_i, Å, and the atom.
const COLUMNS: usize = 4;

/// Neighbors of one central atom, not yet tested.
#[derive(Clone, Debug, Default)]
pub(crate) struct Candidates {
    columns: [Vec<Block>; COLUMNS],
    species: Vec<Block>,
    count: usize,
}

/// Place of one neighbor among the [`Candidates`].
pub(crate) struct Slot<'a> {
    x: &'a mut f64,
    y: &'a mut f64,
    z: &'a mut f64,
    atom: &'a mut f64,
    species: &'a mut f64,
}

impl Slot<'_> {
    /// Writes a neighbor down.
    #[inline(always)]
    pub(crate) fn set(self, displacement: [f64; 3], atom: usize, species: usize) {
        [*self.x, *self.y, *self.z] = displacement;
        *self.atom = f64::from_bits(atom as u64);
        // Compared like the other numbers, eight at a time.
        *self.species = species as f64;
    }
}

impl Candidates {
    /// Makes room for so many neighbors and gives out their slots; [`close`](Self::close) says how many were set.
    #[inline(always)]
    pub(crate) fn slots(&mut self, room: usize) -> impl Iterator<Item = Slot<'_>> {
        let blocks = room.div_ceil(LANES);
        for column in self.columns.iter_mut().chain([&mut self.species]) {
            if column.len() < blocks {
                column.resize(blocks, Block::default());
            }
        }
        let [x, y, z, atoms] = &mut self.columns;
        let [x, y, z, atoms] = [x, y, z, atoms].map(|column| flat_mut(&mut column[..blocks]));
        let species = flat_mut(&mut self.species[..blocks]);
        let slots = x.iter_mut().zip(y).zip(z).zip(atoms).zip(species);
        slots.map(|((((x, y), z), atom), species)| Slot { x, y, z, atom, species })
    }

    /// Ends the filling: `count` slots were set. The rest of the last block becomes neighbors infinitely far away:
    /// what was there before must not count.
    #[inline(always)]
    pub(crate) fn close(&mut self, count: usize) {
        self.count = count;
        let blocks = count.div_ceil(LANES);
        for (column, value) in self.columns.iter_mut().zip([f64::INFINITY, 0.0, 0.0]) {
            flat_mut(&mut column[..blocks])[count..].fill(value);
        }
    }

    /// The neighbors with their squared distances, Å^2.
    pub(crate) fn distances_squared(&self) -> impl Iterator<Item = (usize, f64)> {
        let [x, y, z, atoms] = &self.columns;
        (0..self.count).map(move |k| {
            let at = |column: &[Block]| column[k / LANES].0[k % LANES];
            let squared = at(x) * at(x) + at(y) * at(y) + at(z) * at(z);
            (at(atoms).to_bits() as usize, squared)
        })
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        let blocks = self.columns.iter().chain([&self.species]).map(Vec::capacity);
        blocks.sum::<usize>() * size_of::<Block>()
    }
}

/// Neighbors of one species within the cutoff.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bucket {
    columns: [Vec<Block>; COLUMNS],
    count: usize,
}

impl Bucket {
    /// Number of neighbors.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// x, y and z of the neighbors in so many blocks, at most those that [`select`] filled up.
    pub(crate) fn displacements(&self, blocks: usize) -> [&[Block]; 3] {
        [0, 1, 2].map(|axis| &self.columns[axis][..blocks])
    }

    /// The atoms as bits of the numbers, in so many blocks.
    pub(crate) fn atoms(&self, blocks: usize) -> &[Block] {
        &self.columns[COLUMNS - 1][..blocks]
    }

    /// Bytes of memory held.
    pub(crate) fn memory(&self) -> usize {
        self.columns.iter().map(Vec::capacity).sum::<usize>() * size_of::<Block>()
    }

    /// Empties the bucket and makes room for so many neighbors and a block more, into which packing may write.
    fn empty(&mut self, room: usize) {
        self.count = 0;
        let blocks = room.div_ceil(LANES) + 1;
        if self.columns[0].len() < blocks {
            self.columns.iter_mut().for_each(|column| column.resize(blocks, Block::default()));
        }
    }

    /// Fills up a multiple of so many blocks, one or two, with neighbors at the cutoff, whose radial functions are zero.
    #[inline(always)]
    fn pad(&mut self, parts: usize, cutoff: f64) {
        // a multiple of a power of two, without a division
        let multiple = parts * LANES;
        let padded = (self.count + multiple - 1) & !(multiple - 1);
        for (axis, value) in self.columns.iter_mut().zip([cutoff, 0.0, 0.0]) {
            flat_mut(axis)[self.count..padded].fill(value);
        }
    }
}

/// Fills one bucket for each species with the candidates within the cutoff, in order, and returns the smallest squared
/// distance of all, Å^2 (infinite if there are none). Buckets are filled up to a multiple of `parts` blocks (one or two).
///
/// A distance that is not a number counts as within the cutoff: it will be found in the energy.
#[inline(always)]
pub(crate) fn select<S: Simd>(
    simd: S,
    cutoff: f64,
    parts: usize,
    candidates: &Candidates,
    buckets: &mut [Bucket],
) -> f64 {
    let blocks = candidates.count.div_ceil(LANES);
    let columns = candidates.columns.each_ref().map(|column| &column[..blocks]);
    let species_column = &candidates.species[..blocks];
    let mut smallest = simd.splat(f64::INFINITY);
    buckets.iter_mut().for_each(|bucket| bucket.empty(candidates.count));
    for block in 0..blocks {
        let (x, y) = (simd.load(&columns[0][block]), simd.load(&columns[1][block]));
        let (z, atoms) = (simd.load(&columns[2][block]), simd.load(&columns[3][block]));
        let species = simd.load(&species_column[block]);
        let squared = simd.mul_add(x, x, simd.mul_add(y, y, simd.mul(z, z)));
        let within = simd.not_at_least(squared, simd.splat(cutoff * cutoff));
        smallest = simd.min(squared, smallest);
        for (number, bucket) in buckets.iter_mut().enumerate() {
            let taken = simd.both(within, simd.equal(species, simd.splat(number as f64)));
            for (column, values) in bucket.columns.iter_mut().zip([x, y, z, atoms]) {
                simd.pack(values, taken, &mut flat_mut(column)[bucket.count..bucket.count + LANES]);
            }
            bucket.count += simd.count(taken);
        }
    }
    buckets.iter_mut().for_each(|bucket| bucket.pad(parts, cutoff));
    simd.smallest(smallest)
}
