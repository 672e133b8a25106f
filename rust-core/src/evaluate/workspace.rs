//! Memory of one evaluation: neighbor records of eight central atoms, their moments and adjoints.
//!
//! Everything grows to the largest neighborhood met and is kept; nothing is allocated after that.

use super::close_pair::ClosePair;
use super::neighborhoods::Center;
use crate::geometry::Vector3;
use crate::kernels::arithmetic::Real;
use crate::kernels::gather::{Bucket, Candidates};
use crate::kernels::moments::{PAIR_SUMS, scratch_size};
use crate::kernels::simd::{Block, LANES};
use crate::plan::Plan;

/// One central atom of a batch with its neighbors in records of numbers R.
#[derive(Clone, Debug)]
pub(super) struct Lane<R: Real> {
    /// Position in the list of central atoms.
    pub(super) k: usize,
    pub(super) center: Center,
    /// Smallest squared distance of a neighbor, Å^2.
    pub(super) smallest_squared: f64,
    /// Records, `record_size` blocks for as many neighbors of one species as a block of R has lanes.
    pub(super) records: Vec<R::Block>,
    /// x, y and z of r_j − r_i, one block for each eight neighbors; empty if the records hold doubles.
    pub(super) displacements: [Vec<Block>; 3],
    /// Neighbor atoms of each record, eight in a block, as bits of numbers.
    atoms: Vec<Block>,
    /// Number of neighbors of each species.
    counts: Vec<usize>,
}

impl<R: Real> Default for Lane<R> {
    fn default() -> Self {
        let center = Center { atom: 0, species: 0, scale: 0.0 };
        Self {
            k: 0,
            center,
            smallest_squared: f64::INFINITY,
            records: Vec::new(),
            displacements: Default::default(),
            atoms: Vec::new(),
            counts: Vec::new(),
        }
    }
}

/// Memory of one evaluation with numbers R for the work per neighbor.
#[derive(Clone, Debug, Default)]
pub(super) struct Workspace<R: Real> {
    pub(super) candidates: Candidates,
    pub(super) buckets: Vec<Bucket>,
    pub(super) lanes: [Lane<R>; LANES],
    /// Lanes in use.
    pub(super) filled: usize,
    /// Moments, then their adjoints: the array of the program.
    pub(super) moments: Vec<Block>,
    /// Sphere moments of one central atom, summed lane by lane.
    pub(super) sums: Vec<R::Block>,
    /// Adjoints of the sphere moments of one central atom.
    pub(super) sphere_adjoints: Vec<R>,
    /// x, y, z blocks of the gradients by each eight neighbors of a record.
    pub(super) gradients: Vec<Block>,
    pub(super) pair_sums: [Block; PAIR_SUMS],
    pub(super) scratch: Vec<R::Block>,
    /// Closest pair below `min_dist`, since the last [`reset`](Self::reset).
    pub(super) closest: Option<ClosePair>,
}

impl<R: Real> Workspace<R> {
    pub(super) fn new(plan: &Plan) -> Self {
        let moments = vec![Block::default(); plan.program.blocks()];
        Self {
            buckets: vec![Bucket::default(); plan.species_count],
            moments,
            sums: vec![R::Block::default(); plan.sphere.count],
            sphere_adjoints: vec![R::default(); plan.sphere.count],
            scratch: vec![R::Block::default(); scratch_size(&plan.sphere.ranks)],
            ..Self::default()
        }
    }

    /// Copies the adjoints of the sphere moments of one lane.
    pub(super) fn take_adjoints(&mut self, plan: &Plan, lane: usize) {
        for (adjoint, block) in self.sphere_adjoints.iter_mut().zip(&self.moments[plan.program.adjoints()..])
        {
            *adjoint = R::nearest(block.0[lane]);
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
        let doubles = self.moments.capacity() + self.gradients.capacity();
        let mut blocks = doubles + self.sums.capacity() + self.scratch.capacity();
        blocks += self.lanes.iter().map(|lane| lane.records.capacity()).sum::<usize>();
        blocks += self.lanes.iter().map(|lane| lane.atoms.capacity()).sum::<usize>();
        let displacements = self.lanes.iter().flat_map(|lane| &lane.displacements);
        blocks += displacements.map(Vec::capacity).sum::<usize>();
        blocks * size_of::<Block>()
            + self.candidates.memory()
            + self.buckets.iter().map(Bucket::memory).sum::<usize>()
            + self.sphere_adjoints.capacity() * size_of::<R>()
    }
}

impl<R: Real> Lane<R> {
    /// Takes up the neighbors of a central atom and makes room for their records, of `size` blocks each.
    pub(super) fn take_up(&mut self, buckets: &[Bucket], size: usize) {
        let total: usize = buckets.iter().map(|bucket| bucket.len().div_ceil(R::LANES)).sum();
        self.records.resize(total * size, R::Block::default());
        self.atoms.clear();
        self.displacements.iter_mut().for_each(Vec::clear);
        self.counts.clear();
        for bucket in buckets {
            let blocks = bucket.len().div_ceil(R::LANES) * R::PARTS;
            if R::PARTS > 1 {
                for (all, axis) in self.displacements.iter_mut().zip(bucket.displacements(blocks)) {
                    all.extend_from_slice(axis);
                }
            }
            self.atoms.extend_from_slice(bucket.atoms(blocks));
            self.counts.push(bucket.len());
        }
    }

    /// Records of each species, of `size` blocks each.
    pub(super) fn records_by_species_mut(&mut self, size: usize) -> impl Iterator<Item = &mut [R::Block]> {
        let mut rest = self.records.as_mut_slice();
        self.counts.iter().map(move |count| {
            let (records, after) = std::mem::take(&mut rest).split_at_mut(count.div_ceil(R::LANES) * size);
            rest = after;
            records
        })
    }

    /// Records of each species, of `size` blocks each.
    pub(super) fn records_by_species(&self, size: usize) -> impl Iterator<Item = &[R::Block]> {
        let mut rest = self.records.as_slice();
        self.counts.iter().map(move |count| {
            let (records, after) = rest.split_at(count.div_ceil(R::LANES) * size);
            rest = after;
            records
        })
    }

    /// r_j − r_i of the neighbor at a place of a part of a record; `size` is that of a record.
    #[inline(always)]
    pub(super) fn displacement(&self, size: usize, part: usize, place: usize) -> Vector3 {
        if R::PARTS == 1 {
            let record = &self.records[part * size..(part + 1) * size];
            [0, 1, 2].map(|axis: usize| R::at(&record[3], place) * R::at(&record[axis], place))
        } else {
            [0, 1, 2].map(|axis: usize| self.displacements[axis][part].0[place])
        }
    }

    /// Species of the neighbors in a part of a record.
    pub(super) fn species_of_part(&self, part: usize) -> usize {
        let mut ends = self.counts.iter().scan(0, |end, count| {
            *end += count.div_ceil(R::LANES) * R::PARTS;
            Some(*end)
        });
        ends.position(|end| part < end).unwrap_or_default()
    }

    /// Number of parts of records: eight neighbors each.
    pub(super) fn parts_count(&self) -> usize {
        self.atoms.len()
    }

    /// Calls `visit` with the number of each part of a record and its atoms, at most eight, as bits of numbers.
    #[inline(always)]
    pub(super) fn for_each_part(&self, mut visit: impl FnMut(usize, &[f64])) {
        let mut part = 0;
        for &count in &self.counts {
            let mut left = count;
            while left > 0 {
                visit(part, &self.atoms[part].0[..left.min(LANES)]);
                left = left.saturating_sub(LANES);
                part += 1;
            }
            part = part.next_multiple_of(R::PARTS);
        }
    }
}
