//! Evaluation site by site: a shared plan and a workspace of its own.
//!
//! Central atoms are taken eight at a time: each one's neighbors are gathered and its sphere moments summed, the
//! contractions run over the eight side by side, then each one's gradients go to the atoms.

use std::sync::Arc;

use super::neighborhoods::{Neighborhoods, not_finite};
use super::tally::{Tally, Wanted};
use super::workspace::{ClosePair, Workspace};
use crate::error::Result;
use crate::kernels::InstructionSet;
use crate::kernels::arithmetic::Real;
use crate::kernels::dispatch::{Kernels, NeighborWork};
use crate::kernels::radial::record_size;
use crate::kernels::simd::{Block, LANES};
use crate::plan::Plan;

/// Evaluates one potential with numbers R for the work per neighbor.
#[derive(Clone, Debug)]
pub(super) struct SiteEvaluator<R: Real> {
    pub(super) plan: Arc<Plan>,
    pub(super) kernels: Kernels,
    pub(super) workspace: Workspace<R>,
    pub(super) tally: Tally,
    /// The closest pair of the last evaluation that succeeded, if it was closer than `min_dist`.
    pub(super) closest: Option<ClosePair>,
}

impl<R: NeighborWork> SiteEvaluator<R> {
    /// With kernels of a set that this processor must have.
    pub(super) fn new(plan: Plan, set: InstructionSet) -> Result<Self> {
        let workspace = Workspace::new(&plan);
        let (kernels, tally) = (set.kernels()?, Tally::default());
        Ok(Self { plan: Arc::new(plan), kernels, workspace, tally, closest: None })
    }

    /// Energies, forces and virials; calls `visit` for each central atom when its energy and gradients are known.
    pub(super) fn visit<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
        mut visit: impl FnMut(Site<'_, R>),
    ) -> Result<&Tally> {
        self.tally.reset(atoms.atom_count(), wanted);
        self.workspace.reset();
        for k in 0..atoms.center_count() {
            let Some(center) = atoms.center(k) else { continue };
            self.workspace
                .push(&self.plan, self.kernels, atoms, k, center)
                .map_err(|bad| bad.error(atoms, k, center.atom))?;
            if self.workspace.filled == LANES {
                self.finish_batch(atoms, &mut visit)?;
            }
        }
        self.finish_batch(atoms, &mut visit)?;
        self.tally.check_finite()?;
        self.closest = self.workspace.closest;
        Ok(&self.tally)
    }

    /// Contracts the batch and hands energies and gradients to the tally.
    fn finish_batch<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        visit: &mut impl FnMut(Site<'_, R>),
    ) -> Result<()> {
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

    /// Bytes of memory held by the workspace.
    pub(super) fn memory(&self) -> usize {
        self.workspace.memory() + self.tally.memory()
    }
}

/// A central atom whose energy and gradients are known.
pub(super) struct Site<'a, R: Real> {
    pub(super) plan: &'a Plan,
    pub(super) kernels: Kernels,
    pub(super) workspace: &'a Workspace<R>,
    pub(super) lane: usize,
}

/// Gradients of one central atom, given to the tally; false if they are not finite.
fn finish_lane<R: NeighborWork>(
    plan: &Plan,
    kernels: Kernels,
    workspace: &mut Workspace<R>,
    lane: usize,
    tally: &mut Tally,
) -> bool {
    let Workspace { lanes, sphere_adjoints, gradients, pair_sums, scratch, .. } = workspace;
    let lane = &mut lanes[lane];
    gradients.resize(3 * lane.parts_count(), Block::default());
    pair_sums.fill(Block::default());
    lane.differentiate(plan, kernels, sphere_adjoints, gradients, pair_sums, scratch);
    let mut sums = [Block::default(); 9];
    kernels.sum_lanes::<f64>(pair_sums, 0, &mut sums);
    let scale = lane.center.scale;
    let sums = sums.map(|block| scale * block.0[0]);
    tally.add_center(lane.center.atom, sums);
    let size = record_size(plan.radial.functions);
    let with_virials = tally.wants_virials_of_atoms();
    let gradients = gradients.as_chunks::<3>().0;
    lane.for_each_part(|part, atoms| {
        let [x, y, z] = &gradients[part];
        for (place, atom) in atoms.iter().enumerate() {
            let atom = atom.to_bits() as usize;
            let gradient = [scale * x.0[place], scale * y.0[place], scale * z.0[place]];
            tally.add_neighbor(atom, gradient);
            if with_virials {
                tally.add_pair(lane.center.atom, atom, lane.displacement(size, part, place), gradient);
            }
        }
    });
    sums.iter().all(|sum| sum.is_finite())
}
