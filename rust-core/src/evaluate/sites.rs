//! From neighborhoods to energies and forces: the algorithm, stage by stage.
//!
//! ```text
//! gather             the neighbors j of atom i within R_cut, by species
//! forward_radial     f_μ(r_ij) = Σ_β c[z_i,z_j,μ,β] Q_β(r_ij), and f'_μ
//! forward_moments    M[μ;a,b,c] = Σ_j f_μ(r_ij) x̂^a ŷ^b ẑ^c
//! contract           V_i = s[z_i] + Σ_α ξ_α B_α(M), and back the adjoints ∂V_i/∂M
//! reverse_moments    g_ij = ∂V_i/∂r_ij from the adjoints
//! pair_terms         V_i += ½ Σ_j φ(r_ij), if the potential has pair terms; g_ij likewise
//! scatter            F_i += g_ij, F_j −= g_ij, W −= r_ij ⊗ g_ij
//! ```
//!
//! The contractions run over eight central atoms side by side; all else is done for one at a time. The arithmetic of each
//! stage is a kernel (see `kernels`); equations: Novikov et al. (2021), eqs. 2 to 4.

use std::sync::Arc;

use super::close_pair::ClosePair;
use super::neighborhoods::{BadNeighbor, Center, Neighborhoods, not_finite};
use super::pair_terms;
use super::tally::{Tally, Wanted};
use super::workspace::Workspace;
use crate::error::Result;
use crate::kernels::arithmetic::Real;
use crate::kernels::contractions::Contract;
use crate::kernels::dispatch::Kernels;
use crate::kernels::gather::Gather;
use crate::kernels::lanes::SumLanes;
use crate::kernels::moments::{ForwardMoments, ReverseMoments};
use crate::kernels::radial::{ForwardRadial, record_size};
use crate::kernels::simd::{Block, LANES};
use crate::kernels::unrolled::NeighborWork;
use crate::kernels::{InstructionSet, ListedNeighbors};
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

/// A central atom whose energy and gradients are known.
pub(super) struct Site<'a, R: Real> {
    pub(super) plan: &'a Plan,
    pub(super) kernels: Kernels,
    pub(super) workspace: &'a Workspace<R>,
    pub(super) lane: usize,
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
            self.gather(atoms, k, center)?;
            self.forward_radial();
            self.forward_moments();
            if self.workspace.filled == LANES {
                self.finish_batch(atoms, &mut visit)?;
            }
        }
        self.finish_batch(atoms, &mut visit)?;
        self.tally.check_finite()?;
        self.closest = self.workspace.closest;
        Ok(&self.tally)
    }

    /// Energies of the batch from its moments, and forces.
    fn finish_batch<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        visit: &mut impl FnMut(Site<'_, R>),
    ) -> Result<()> {
        if self.workspace.filled == 0 {
            return Ok(());
        }
        let energies = self.contract();
        for lane in 0..self.workspace.filled {
            let center = self.workspace.lanes[lane].center;
            self.reverse_moments(lane);
            let pairs = pair_terms::add(&self.plan, &mut self.workspace, lane);
            let energy = self.plan.species_coeffs[center.species] + energies[lane] + pairs;
            self.tally.add_energy(center, center.scale * energy);
            let finite = self.scatter(lane);
            if !(energy.is_finite() && finite) {
                return Err(not_finite(atoms, self.workspace.lanes[lane].k, center.atom, self.plan.min_dist));
            }
            visit(Site { plan: &self.plan, kernels: self.kernels, workspace: &self.workspace, lane });
        }
        self.workspace.clear();
        Ok(())
    }

    /// Sorts the neighbors of a central atom within the cutoff into buckets by species.
    pub(super) fn gather<N: Neighborhoods>(&mut self, atoms: &N, k: usize, center: Center) -> Result<()> {
        let Workspace { candidates, buckets, lanes, filled, closest, .. } = &mut self.workspace;
        let lane = &mut lanes[*filled];
        (lane.k, lane.center) = (k, center);
        let list = atoms.listed_neighbors(k).unwrap_or_else(|| {
            candidates.clear();
            atoms.visit_neighbors(k, |neighbor| {
                let atom = u32::try_from(neighbor.atom).unwrap_or(u32::MAX);
                candidates.push(
                    neighbor.displacement,
                    atom,
                    ListedNeighbors::species_entry(neighbor.species),
                );
            });
            candidates.list()
        });
        let smallest = self.kernels.run(Gather { cutoff: self.plan.cutoff, parts: R::PARTS, list, buckets });
        lane.smallest_squared = smallest.unwrap_or(f64::INFINITY);
        smallest
            .ok_or(BadNeighbor::Unknown)
            .and_then(|smallest| ClosePair::note(closest, self.plan.min_dist, smallest, atoms, k, center))
            .map_err(|bad| bad.error(atoms, k, center.atom))
    }

    /// Fills the records of the gathered neighbors: directions, distances, radial functions and their derivatives.
    pub(super) fn forward_radial(&mut self) {
        let Workspace { buckets, lanes, filled, .. } = &mut self.workspace;
        let lane = &mut lanes[*filled];
        let (tables, central) = (&self.plan.radial, lane.center.species);
        let size = record_size(tables.functions);
        lane.take_up(buckets, size);
        for (neighbor, (bucket, records)) in buckets.iter().zip(lane.records_by_species_mut(size)).enumerate()
        {
            let coefficients = R::coefficients(tables, central, neighbor);
            let displacements = bucket.displacements(bucket.len().div_ceil(R::LANES) * R::PARTS);
            self.kernels.run(ForwardRadial { tables, coefficients, displacements, records });
        }
    }

    /// Sums the sphere moments of the next lane over its neighbors.
    fn forward_moments(&mut self) {
        let Workspace { lanes, filled, moments, sums, scratch, .. } = &mut self.workspace;
        sums.fill(R::Block::default());
        let records = &lanes[*filled].records;
        self.kernels.run(ForwardMoments::<R> { sphere: &self.plan.sphere, records, sums, scratch });
        self.kernels.run(SumLanes::<R> { blocks: sums, totals: moments, lane: *filled });
        *filled += 1;
    }

    /// V_i − s\[z_i\] of each lane, eV, and the adjoints of its moments.
    fn contract(&mut self) -> [f64; LANES] {
        self.kernels.run(Contract { plan: &self.plan, blocks: &mut self.workspace.moments })
    }

    /// Gradients g_ij of one lane from the adjoints of its moments.
    fn reverse_moments(&mut self, lane: usize) {
        self.workspace.take_adjoints(&self.plan, lane);
        let Workspace { lanes, sphere_adjoints, gradients, pair_sums, scratch, .. } = &mut self.workspace;
        let lane = &mut lanes[lane];
        gradients.resize(3 * lane.parts_count(), Block::default());
        pair_sums.fill(Block::default());
        let [x, y, z] = &lane.displacements;
        let (sphere, records) = (&self.plan.sphere, &mut lane.records[..]);
        let (displacements, adjoints) = ([&x[..], &y[..], &z[..]], &sphere_adjoints[..]);
        self.kernels.run(ReverseMoments {
            sphere,
            records,
            displacements,
            adjoints,
            gradients,
            pair_sums,
            scratch,
        });
    }

    /// Gives the gradients of one lane to the atoms; false if they are not finite.
    fn scatter(&mut self, lane: usize) -> bool {
        let Workspace { lanes, gradients, pair_sums, .. } = &self.workspace;
        let (lane, tally) = (&lanes[lane], &mut self.tally);
        let mut totals = [Block::default(); 9];
        self.kernels.run(SumLanes::<f64> { blocks: pair_sums, totals: &mut totals, lane: 0 });
        let Center { atom: center, scale, .. } = lane.center;
        let sums = totals.map(|block| scale * block.0[0]);
        tally.add_center(center, sums);
        let size = record_size(self.plan.radial.functions);
        let with_virials = tally.wants_virials_of_atoms();
        let gradients = gradients.as_chunks::<3>().0;
        lane.for_each_part(|part, atoms| {
            let [x, y, z] = &gradients[part];
            for (place, atom) in atoms.iter().enumerate() {
                let atom = atom.to_bits() as usize;
                let gradient = [scale * x.0[place], scale * y.0[place], scale * z.0[place]];
                tally.add_neighbor(atom, gradient);
                if with_virials {
                    tally.add_pair(center, atom, lane.displacement(size, part, place), gradient);
                }
            }
        });
        sums.iter().all(|sum| sum.is_finite())
    }

    /// Bytes of memory held by the workspace.
    pub(super) fn memory(&self) -> usize {
        self.workspace.memory() + self.tally.memory()
    }
}
