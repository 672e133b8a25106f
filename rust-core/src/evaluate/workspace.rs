//! Memory of one evaluation: neighbor records of eight central atoms, their moments and adjoints.
//!
//! Everything grows to the largest neighborhood met and is kept; nothing is allocated after that.

use super::neighborhoods::{Center, Neighbor, Neighborhoods, SAME_PLACE_SQUARED};
use crate::kernels::dispatch::Kernels;
use crate::kernels::neighbors::{PAIR_SUMS, scratch_size};
use crate::kernels::radial::record_size;
use crate::kernels::simd::{Block, LANES, flat_mut};
use crate::plan::Plan;

/// Neighbors of one species around one central atom, not yet in blocks of records.
#[derive(Clone, Debug, Default)]
struct Bucket {
    count: usize,
    /// x, y, z; room for more than `count`.
    displacements: [Vec<Block>; 3],
    atoms: Vec<u32>,
}

impl Bucket {
    /// Empties the bucket and makes room for so many neighbors.
    fn empty(&mut self, room: usize) {
        self.count = 0;
        // One more, for the neighbor that is offered last and not taken.
        let blocks = room / LANES + 1;
        if self.atoms.len() < blocks * LANES {
            self.displacements.iter_mut().for_each(|axis| axis.resize(blocks, Block::default()));
            self.atoms.resize(blocks * LANES, 0);
        }
    }

    /// Writes a neighbor and keeps it if it is to be taken. There is no branch: whether a neighbor lies within the cutoff
    /// is hard to predict.
    #[inline(always)]
    fn offer(&mut self, neighbor: Neighbor, take: bool) {
        for (axis, value) in self.displacements.iter_mut().zip(neighbor.displacement) {
            flat_mut(axis)[self.count] = value;
        }
        self.atoms[self.count] = neighbor.atom as u32;
        self.count += usize::from(take);
    }

    fn blocks(&self) -> usize {
        self.count.div_ceil(LANES)
    }

    /// Fills the last block with neighbors at the cutoff, whose radial functions are zero.
    fn pad(&mut self, cutoff: f64) {
        let padded = self.blocks() * LANES;
        for (axis, value) in self.displacements.iter_mut().zip([cutoff, 0.0, 0.0]) {
            flat_mut(axis)[self.count..padded].fill(value);
        }
    }
}

/// One central atom of a batch with its neighbors in records.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    /// Position in the list of central atoms.
    pub(super) k: usize,
    pub(super) center: Center,
    /// Records, `record_size` blocks for each eight neighbors of one species.
    pub(super) records: Vec<Block>,
    /// Neighbor atoms of each record; a record may hold fewer than eight.
    pub(super) atoms: Vec<([u32; LANES], usize)>,
    /// Number of records of each species.
    record_counts: Vec<usize>,
}

impl Default for Lane {
    fn default() -> Self {
        let center = Center { atom: 0, species: 0, scale: 0.0 };
        Self { k: 0, center, records: Vec::new(), atoms: Vec::new(), record_counts: Vec::new() }
    }
}

/// Memory of one evaluation.
#[derive(Clone, Debug, Default)]
pub(super) struct Workspace {
    buckets: Vec<Bucket>,
    pub(super) lanes: [Lane; LANES],
    /// Lanes in use.
    pub(super) filled: usize,
    pub(super) moments: Vec<Block>,
    pub(super) adjoints: Vec<Block>,
    /// Sphere moments of one central atom, summed lane by lane.
    sums: Vec<Block>,
    /// Adjoints of the sphere moments of one central atom.
    pub(super) sphere_adjoints: Vec<f64>,
    /// x, y, z blocks of the gradient by each record.
    pub(super) gradients: Vec<Block>,
    pub(super) pair_sums: [Block; PAIR_SUMS],
    pub(super) scratch: Vec<Block>,
    /// Closest pair below the shortest distance of the training, since the last [`reset`](Self::reset).
    pub(super) closest: Option<ClosePair>,
}

/// Two atoms closer than any in the training.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosePair {
    /// Distance, Å.
    pub distance: f64,
    /// Index of the central atom.
    pub center: usize,
    /// Index of the neighbor.
    pub neighbor: usize,
}

impl Workspace {
    pub(super) fn new(plan: &Plan) -> Self {
        let moments = vec![Block::default(); plan.contractions.moments_count];
        Self {
            buckets: vec![Bucket::default(); plan.species_count],
            adjoints: moments.clone(),
            moments,
            sums: vec![Block::default(); plan.sphere.count],
            sphere_adjoints: vec![0.0; plan.sphere.count],
            scratch: vec![Block::default(); scratch_size(&plan.sphere.ranks)],
            ..Self::default()
        }
    }

    /// Takes up the next central atom: gathers its neighbors within the cutoff and sums its sphere moments.
    /// `Err` names a neighbor at the same place.
    pub(super) fn push<N: Neighborhoods>(
        &mut self,
        plan: &Plan,
        kernels: Kernels,
        atoms: &N,
        k: usize,
        center: Center,
    ) -> Result<(), usize> {
        self.load(plan, kernels, atoms, k, center)?;
        let lane = &self.lanes[self.filled];
        self.sums.fill(Block::default());
        kernels.accumulate(&plan.sphere, &lane.records, &mut self.sums, &mut self.scratch);
        kernels.sum_lanes(&self.sums, self.filled, &mut self.moments);
        self.filled += 1;
        Ok(())
    }

    /// Fills the records of the next lane with the neighbors of a central atom. `Err` as in [`push`](Self::push).
    pub(super) fn load<N: Neighborhoods>(
        &mut self,
        plan: &Plan,
        kernels: Kernels,
        atoms: &N,
        k: usize,
        center: Center,
    ) -> Result<(), usize> {
        self.gather(plan, atoms, k, center.atom)?;
        let lane = &mut self.lanes[self.filled];
        (lane.k, lane.center) = (k, center);
        lane.fill(plan, kernels, &self.buckets);
        Ok(())
    }

    /// Sorts the neighbors within the cutoff into buckets by species; `Err` names a neighbor at the same place.
    fn gather<N: Neighborhoods>(
        &mut self,
        plan: &Plan,
        atoms: &N,
        k: usize,
        center: usize,
    ) -> Result<(), usize> {
        let cutoff_squared = plan.cutoff * plan.cutoff;
        let buckets = &mut self.buckets;
        let room = atoms.neighbor_bound(k);
        buckets.iter_mut().for_each(|bucket| bucket.empty(room));
        let mut closest_squared =
            self.closest.map_or(plan.min_dist, |pair| pair.distance).powi(2).max(SAME_PLACE_SQUARED);
        let mut closest = None;
        atoms.visit_neighbors(k, |neighbor| {
            let [x, y, z] = neighbor.displacement;
            let squared = x * x + y * y + z * z;
            // A distance that is not a number is not beyond the cutoff: it will be found in the energy.
            let beyond = squared >= cutoff_squared;
            buckets[neighbor.species].offer(neighbor, !beyond);
            if squared < closest_squared {
                (closest_squared, closest) = (squared, Some(neighbor.atom));
            }
        });
        buckets.iter_mut().for_each(|bucket| bucket.pad(plan.cutoff));
        let Some(neighbor) = closest else { return Ok(()) };
        self.closest = Some(ClosePair { distance: closest_squared.sqrt(), center, neighbor });
        if closest_squared < SAME_PLACE_SQUARED { Err(neighbor) } else { Ok(()) }
    }

    /// Copies the adjoints of the sphere moments of one lane.
    pub(super) fn take_adjoints(&mut self, lane: usize) {
        for (adjoint, block) in self.sphere_adjoints.iter_mut().zip(&self.adjoints) {
            *adjoint = block.0[lane];
        }
    }

    /// Begins an evaluation.
    pub(super) fn reset(&mut self) {
        self.closest = None;
        self.clear();
    }

    /// Empties the batch; lanes that stay unused in the next one hold zeros. Only the sphere moments must be cleared,
    /// all others are formed from them.
    pub(super) fn clear(&mut self) {
        self.filled = 0;
        self.moments[..self.sums.len()].fill(Block::default());
    }

    /// Bytes of memory held.
    pub(super) fn memory(&self) -> usize {
        let vectors = [&self.moments, &self.adjoints, &self.sums, &self.gradients, &self.scratch];
        let mut blocks: usize = vectors.into_iter().map(Vec::capacity).sum();
        blocks += self.lanes.iter().map(|lane| lane.records.capacity()).sum::<usize>();
        blocks +=
            self.buckets.iter().flat_map(|bucket| &bucket.displacements).map(Vec::capacity).sum::<usize>();
        let records = self.lanes.iter().map(|lane| lane.atoms.capacity()).sum::<usize>();
        let indices = self.buckets.iter().map(|bucket| bucket.atoms.capacity()).sum::<usize>();
        blocks * size_of::<Block>()
            + records * size_of::<([u32; LANES], usize)>()
            + indices * size_of::<u32>()
            + self.sphere_adjoints.capacity() * size_of::<f64>()
    }
}

impl Lane {
    /// Records of each species, in blocks of `size`.
    pub(super) fn records_by_species(&self, size: usize) -> impl Iterator<Item = &[Block]> {
        let mut rest = self.records.as_slice();
        self.record_counts.iter().map(move |count| {
            let (records, after) = rest.split_at(count * size);
            rest = after;
            records
        })
    }

    fn fill(&mut self, plan: &Plan, kernels: Kernels, buckets: &[Bucket]) {
        let size = record_size(plan.radial.functions);
        let total: usize = buckets.iter().map(|bucket| bucket.blocks()).sum();
        self.records.resize(total * size, Block::default());
        self.atoms.clear();
        self.record_counts.clear();
        let mut first = 0;
        for (species, bucket) in buckets.iter().enumerate() {
            let count = bucket.blocks();
            self.record_counts.push(count);
            let displacements = bucket.displacements.each_ref().map(|axis| &axis[..count]);
            let records = &mut self.records[first * size..(first + count) * size];
            kernels.fill_records(
                &plan.radial,
                plan.radial.pair(self.center.species, species),
                displacements,
                records,
            );
            for chunk in bucket.atoms[..bucket.count].chunks(LANES) {
                let mut atoms = [0; LANES];
                atoms[..chunk.len()].copy_from_slice(chunk);
                self.atoms.push((atoms, chunk.len()));
            }
            first += count;
        }
    }
}
