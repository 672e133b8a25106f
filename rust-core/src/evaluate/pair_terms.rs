//! Pair terms of V_i: what they add to the energy and the gradients of a central atom.

use super::workspace::Workspace;
use crate::geometry::norm;
use crate::kernels::arithmetic::Real;
use crate::kernels::moments::VIRIAL_COMPONENTS;
use crate::kernels::radial::record_size;
use crate::plan::Plan;

/// Adds ½ Σ_j φ(r_ij) of one lane to its gradients g_ij and their sums, and returns it, eV. Almost no atom has neighbors so close.
pub(super) fn add<R: Real>(plan: &Plan, workspace: &mut Workspace<R>, lane: usize) -> f64 {
    let tables = &plan.pair_terms;
    let Workspace { lanes, gradients, pair_sums, .. } = workspace;
    let lane = &lanes[lane];
    if lane.smallest_squared >= tables.cutoff * tables.cutoff {
        return 0.0;
    }
    let size = record_size(plan.radial.functions);
    let mut energy = 0.0;
    lane.for_each_part(|part, atoms| {
        let species = lane.species_of_part(part);
        for place in 0..atoms.len() {
            let displacement = lane.displacement(size, part, place);
            let r = norm(displacement);
            if r >= tables.cutoff {
                continue;
            }
            let (value, derivative) = tables.evaluate(lane.center.species, species, r);
            energy += 0.5 * value;
            let gradient = displacement.map(|x| 0.5 * derivative * x / r);
            for axis in 0..3 {
                gradients[3 * part + axis].0[place] += gradient[axis];
                pair_sums[axis].0[0] += gradient[axis];
            }
            for (component, (a, b)) in VIRIAL_COMPONENTS.into_iter().enumerate() {
                pair_sums[3 + component].0[0] -= displacement[a] * gradient[b];
            }
        }
    });
    energy
}
