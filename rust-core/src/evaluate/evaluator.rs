//! The evaluator that everyone uses, on one thread or several: the central atoms are divided into contiguous parts, one for
//! each thread, and the sums of the parts are added in the order of the parts.
//!
//! The same atoms in the same order on the same number of threads give the same bits; another number of threads adds the
//! same terms in another order. With one thread nothing is divided and no thread is started.

use std::ops::Range;

use super::Efs;
use super::close_pair::ClosePair;
use super::neighborhoods::{Center, ConfigurationNeighborhoods, Neighbor, Neighborhoods};
use super::precision::Precision;
use super::serial::SerialEvaluator;
use super::tally::{Tally, Wanted};
use super::thread_pool::ThreadPool;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Configuration;
use crate::kernels::simd::LANES;
use crate::kernels::{InstructionSet, ListedNeighbors};

/// Cost of a central atom beside its neighbors, in neighbors; it matters only where neighborhoods differ in size.
const COST_OF_CENTER: usize = 50;

/// Evaluates one potential. Threads are started by the first evaluation that has work for them and kept until this is dropped.
///
/// Clones share what is compiled and have workspaces and threads of their own.
#[derive(Debug)]
pub struct Evaluator {
    parts: Vec<Part>,
    /// How many parts the last evaluation had work for.
    busy: usize,
    /// The closest pair of the last evaluation that succeeded.
    closest: Option<ClosePair>,
    pool: Option<ThreadPool>,
    /// Cost of each eight central atoms.
    costs: Vec<usize>,
}

/// What one thread works on.
#[derive(Clone, Debug)]
struct Part {
    evaluator: SerialEvaluator,
    /// Central atoms, by their place in the list.
    centers: Range<usize>,
    outcome: Result<()>,
}

impl Clone for Evaluator {
    fn clone(&self) -> Self {
        let Self { parts, busy, closest, pool: _, costs } = self;
        Self { parts: parts.clone(), busy: *busy, closest: *closest, pool: None, costs: costs.clone() }
    }
}

impl Evaluator {
    /// Most threads that can be asked for.
    pub const MOST_THREADS: usize = 1024;

    /// Gives each thread a copy of an evaluator.
    pub(super) fn of_parts(evaluator: SerialEvaluator, threads: usize) -> Result<Self> {
        if threads == 0 || threads > Self::MOST_THREADS {
            let message = format!("threads is {threads}, expected 1 to {}", Self::MOST_THREADS);
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let part = Part { evaluator, centers: 0..0, outcome: Ok(()) };
        Ok(Self { parts: vec![part; threads], busy: 1, closest: None, pool: None, costs: Vec::new() })
    }

    /// Energies, forces and virials of a configuration, with our own neighbor search.
    pub fn evaluate(&mut self, configuration: &Configuration) -> Result<Efs> {
        let atoms = self.neighborhoods(configuration)?;
        let wanted = Wanted { site_energies: true, centroid_virials: true, ..Wanted::default() };
        Ok(self.tally(&atoms, wanted)?.to_efs())
    }

    /// The neighborhoods of a configuration, by our own neighbor search.
    pub fn neighborhoods<'a>(
        &self,
        configuration: &'a Configuration,
    ) -> Result<ConfigurationNeighborhoods<'a>> {
        ConfigurationNeighborhoods::new(configuration, self.cutoff(), self.species_count())
    }

    /// Energies, forces and virials of whatever lists neighborhoods.
    pub fn tally<N: Neighborhoods + Sync>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        self.divide(atoms);
        if self.busy == 1 {
            self.parts[0].evaluator.tally(atoms, wanted)?;
        } else {
            self.tally_in_parts(atoms, wanted)?;
        }
        let pairs = self.parts[..self.busy].iter().filter_map(|part| part.evaluator.closest_pair());
        self.closest = pairs.min_by(|a, b| a.distance.total_cmp(&b.distance));
        Ok(self.first().last_tally())
    }

    fn tally_in_parts<N: Neighborhoods + Sync>(&mut self, atoms: &N, wanted: Wanted) -> Result<()> {
        let threads = self.parts.len();
        if self.pool.as_ref().is_none_or(|pool| !pool.is_alive()) {
            self.pool = Some(ThreadPool::new(threads)?);
        }
        let Self { parts, pool: Some(pool), .. } = self else { unreachable!("the pool was just made") };
        let parts = &mut parts[..self.busy];
        pool.for_each(parts, |part| {
            let centers = SomeCenters { atoms, centers: part.centers.clone() };
            part.outcome = part.evaluator.tally(&centers, wanted).map(|_| ());
        });
        parts.iter_mut().try_for_each(|part| std::mem::replace(&mut part.outcome, Ok(())))?;
        sum_up(pool, parts);
        self.parts[0].evaluator.last_tally().check_finite()
    }

    /// Gives each thread a contiguous part of about equal cost, in whole batches of eight.
    fn divide<N: Neighborhoods>(&mut self, atoms: &N) {
        let count = atoms.center_count();
        self.busy = self.parts.len().min(count.div_ceil(LANES)).max(1);
        if self.busy == 1 {
            return;
        }
        let cost = |k| atoms.center(k).map_or(0, |_| COST_OF_CENTER + atoms.neighbor_bound(k));
        let batches = (0..count).step_by(LANES);
        self.costs.clear();
        self.costs.extend(batches.map(|first| (first..count.min(first + LANES)).map(cost).sum::<usize>()));
        let total: usize = self.costs.iter().sum();

        let (mut end, mut cost_so_far) = (0, 0);
        for (index, part) in self.parts[..self.busy].iter_mut().enumerate() {
            let start = end;
            // A batch goes to the part in whose share its middle lies.
            while end < self.costs.len()
                && (2 * cost_so_far + self.costs[end]) * self.busy <= 2 * total * (index + 1)
            {
                cost_so_far += self.costs[end];
                end += 1;
            }
            part.centers = start * LANES..count.min(end * LANES);
        }
        debug_assert_eq!(end, self.costs.len(), "every central atom is in one part");
    }

    /// Distance beyond which atoms do not interact, Å.
    pub fn cutoff(&self) -> f64 {
        self.first().plan().cutoff
    }

    /// Number of species of the potential.
    pub fn species_count(&self) -> usize {
        self.first().plan().species_count
    }

    /// The kernels in use.
    pub fn instruction_set(&self) -> InstructionSet {
        self.first().instruction_set()
    }

    /// The precision in use: double, even if mixed was asked for, where that would be slower.
    pub fn precision(&self) -> Precision {
        self.first().precision()
    }

    /// Multiply-adds that energy, forces and virial of one atom with this number of neighbors need according to the
    /// algebra of the compiled potential: the polynomials and sums over neighbors, the contractions and the way back. Square
    /// roots, divisions and copies are left out.
    pub fn multiply_adds(&self, neighbors: f64) -> f64 {
        self.first().plan().multiply_adds(neighbors)
    }

    fn first(&self) -> &SerialEvaluator {
        &self.parts[0].evaluator
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.parts.len()
    }

    /// The closest pair of the last evaluation that succeeded, if it was closer than `min_dist`, where
    /// the radial functions begin.
    pub fn closest_pair(&self) -> Option<ClosePair> {
        self.closest
    }

    /// Bytes of memory held by the workspaces of all threads.
    pub fn memory(&self) -> usize {
        self.parts.iter().map(|part| part.evaluator.memory()).sum::<usize>()
            + self.costs.capacity() * size_of::<usize>()
    }
}

/// Adds the sums of all parts to those of the first, every thread for a range of the atoms.
fn sum_up(pool: &mut ThreadPool, parts: &mut [Part]) {
    let Some((first, others)) = parts.split_first_mut() else { return };
    let sum = first.evaluator.last_tally_mut();
    for part in others.iter() {
        sum.add_totals(part.evaluator.last_tally());
    }
    let mut ranges = sum.split_atoms(others.len() + 1);
    pool.for_each(&mut ranges, |range| {
        for part in others.iter() {
            range.add(part.evaluator.last_tally());
        }
    });
}

/// A part of the central atoms of somebody's neighborhoods.
struct SomeCenters<'a, N> {
    atoms: &'a N,
    centers: Range<usize>,
}

impl<N: Neighborhoods> Neighborhoods for SomeCenters<'_, N> {
    fn atom_count(&self) -> usize {
        self.atoms.atom_count()
    }

    fn center_count(&self) -> usize {
        self.centers.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        self.atoms.center(self.centers.start + k)
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.atoms.neighbor_bound(self.centers.start + k)
    }

    #[inline(always)]
    fn visit_neighbors(&self, k: usize, visit: impl FnMut(Neighbor)) {
        self.atoms.visit_neighbors(self.centers.start + k, visit);
    }

    #[inline(always)]
    fn listed_neighbors(&self, k: usize) -> Option<ListedNeighbors<'_>> {
        self.atoms.listed_neighbors(self.centers.start + k)
    }

    fn label(&self, atom: usize) -> String {
        self.atoms.label(atom)
    }
}
