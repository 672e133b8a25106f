//! The evaluator: a shared plan and a workspace of its own.
//!
//! Central atoms are taken eight at a time: each one's neighbors are gathered and its sphere moments summed, the
//! contractions run over the eight side by side, then each one's gradients go to the atoms.

use std::sync::Arc;

use super::Efs;
use super::neighborhoods::{ConfigurationNeighborhoods, Neighborhoods, not_finite, same_place};
use super::tally::{Tally, Wanted};
use super::workspace::{ClosePair, Workspace};
use crate::error::Result;
use crate::geometry::Configuration;
use crate::kernels::InstructionSet;
use crate::kernels::dispatch::Kernels;
use crate::kernels::radial::record_size;
use crate::kernels::simd::{Block, LANES};
use crate::plan::Plan;
use crate::potential::Potential;

/// Evaluates one potential; clones share what is compiled and have a workspace of their own, one per thread.
///
/// Same atoms in the same order give the same bits.
#[derive(Clone, Debug)]
pub struct Evaluator {
    pub(super) plan: Arc<Plan>,
    pub(super) kernels: Kernels,
    pub(super) workspace: Workspace,
    tally: Tally,
}

impl Evaluator {
    /// Compiles a trained potential, with the kernels that `MTPRS_KERNEL` asks for or the widest of this processor.
    pub fn new(potential: &Potential) -> Result<Self> {
        Self::with_instruction_set(potential, InstructionSet::from_environment()?)
    }

    /// Compiles a trained potential, with kernels of a set that this processor must have.
    pub fn with_instruction_set(potential: &Potential, set: InstructionSet) -> Result<Self> {
        Self::with_plan(Plan::new(potential)?, set)
    }

    pub(super) fn with_plan(plan: Plan, set: InstructionSet) -> Result<Self> {
        let workspace = Workspace::new(&plan);
        Ok(Self { plan: Arc::new(plan), kernels: set.kernels()?, workspace, tally: Tally::default() })
    }

    /// Energies, forces and virials of a configuration, with our own neighbor search.
    pub fn evaluate(&mut self, configuration: &Configuration) -> Result<Efs> {
        let atoms = self.neighborhoods(configuration)?;
        let wanted = Wanted { centroid_virials: true, ..Wanted::default() };
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
    pub fn tally<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        self.visit_sites(atoms, wanted, |_| ())
    }

    /// The same; calls `visit` for each central atom when its energy and gradients are known.
    pub(super) fn visit_sites<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
        mut visit: impl FnMut(Site<'_>),
    ) -> Result<&Tally> {
        self.tally.reset(atoms.atom_count(), wanted);
        self.workspace.reset();
        for k in 0..atoms.center_count() {
            let Some(center) = atoms.center(k) else { continue };
            self.workspace
                .push(&self.plan, self.kernels, atoms, k, center)
                .map_err(|neighbor| same_place(atoms, center.atom, neighbor))?;
            if self.workspace.filled == LANES {
                self.finish_batch(atoms, &mut visit)?;
            }
        }
        self.finish_batch(atoms, &mut visit)?;
        Ok(&self.tally)
    }

    /// Contracts the batch and hands energies and gradients to the tally.
    fn finish_batch<N: Neighborhoods>(&mut self, atoms: &N, visit: &mut impl FnMut(Site<'_>)) -> Result<()> {
        let workspace = &mut self.workspace;
        if workspace.filled == 0 {
            return Ok(());
        }
        let energies = self.kernels.contract(&self.plan, &mut workspace.moments);
        for lane in 0..workspace.filled {
            let center = workspace.lanes[lane].center;
            let energy = self.plan.species_coeffs[center.species] + energies[lane];
            self.tally.add_energy(center, center.scale * energy);
            workspace.take_adjoints(&self.plan, lane);
            let finite = finish_lane(&self.plan, self.kernels, workspace, lane, &mut self.tally);
            if !(energy.is_finite() && finite) {
                return Err(not_finite(atoms, workspace.lanes[lane].k, center.atom, self.plan.min_dist));
            }
            visit(Site { plan: &self.plan, kernels: self.kernels, workspace, lane });
        }
        workspace.clear();
        Ok(())
    }

    /// Distance beyond which atoms do not interact, Å.
    pub fn cutoff(&self) -> f64 {
        self.plan.cutoff
    }

    /// Number of species of the potential.
    pub fn species_count(&self) -> usize {
        self.plan.species_count
    }

    /// The closest pair of the last evaluation, if it was closer than any in the training (`min_dist`).
    pub fn closest_pair(&self) -> Option<ClosePair> {
        self.workspace.closest
    }

    /// The kernels in use.
    pub fn instruction_set(&self) -> InstructionSet {
        self.kernels.instruction_set()
    }

    /// Bytes of memory held by the workspace.
    pub fn memory(&self) -> usize {
        self.workspace.memory() + self.tally.memory()
    }
}

/// A central atom whose energy and gradients are known.
pub(super) struct Site<'a> {
    pub(super) plan: &'a Plan,
    pub(super) kernels: Kernels,
    pub(super) workspace: &'a Workspace,
    pub(super) lane: usize,
}

/// Gradients of one central atom, given to the tally; false if they are not finite.
fn finish_lane(
    plan: &Plan,
    kernels: Kernels,
    workspace: &mut Workspace,
    lane: usize,
    tally: &mut Tally,
) -> bool {
    let Workspace { lanes, sphere_adjoints, gradients, pair_sums, scratch, .. } = workspace;
    let lane = &mut lanes[lane];
    gradients.resize(3 * lane.records_count(), Block::default());
    pair_sums.fill(Block::default());
    kernels.gradients(&plan.sphere, &mut lane.records, sphere_adjoints, gradients, pair_sums, scratch);
    let mut sums = [Block::default(); 9];
    kernels.sum_lanes(pair_sums, 0, &mut sums);
    let scale = lane.center.scale;
    let sums = sums.map(|block| scale * block.0[0]);
    tally.add_center(lane.center.atom, sums);
    let size = record_size(plan.radial.functions);
    lane.for_each_neighbor(|number, place, atom| {
        let gradient = &gradients[3 * number..3 * number + 3];
        let force = [0, 1, 2].map(|axis: usize| scale * gradient[axis].0[place]);
        let displacement = || {
            let record = &lane.records[number * size..(number + 1) * size];
            [0, 1, 2].map(|axis: usize| record[3].0[place] * record[axis].0[place])
        };
        tally.add_neighbor(lane.center.atom, atom, displacement, force);
    });
    sums.iter().all(|sum| sum.is_finite())
}
