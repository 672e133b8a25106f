//! Gradient of a loss in energy, forces and virial by the parameters, at a cost that does not grow with their number.
//!
//! For a loss L(E, F, W) of one configuration ∂L/∂θ = ∂Φ/∂θ with Φ = ∂L/∂E · E + D E, where D is the derivative along
//! displacements −∂L/∂F_j of the atoms and along an affine displacement of the whole that stands for ∂L/∂W, all these
//! held fixed. One pass over values and tangents and one pass back give ∂Φ/∂M and ∂Φ/∂Ṁ, and from them everything.

use super::gradient_evaluator::GradientEvaluator;
use super::neighborhoods::Neighborhoods;
use super::tally::{Tally, Wanted};
use super::workspace::{Lane, Workspace};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Vector3, Virial};
use crate::kernels::contraction_tangents::{BasisSums, ContractTangents};
use crate::kernels::lanes::{LaneTotals, SumLanes};
use crate::kernels::moment_tangents::{
    FillTangents, ForwardMomentTangents, ReverseMomentTangents, TANGENT_SIZE, tangent_scratch_size,
};
use crate::kernels::radial::{ReverseRadial, record_size};
use crate::kernels::simd::{Block, LANES};
use crate::plan::Plan;
use crate::potential::Potential;

/// Derivatives of a loss by what the potential says of one configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LossDerivatives<'a> {
    /// ∂L/∂E, 1/eV.
    pub energy: f64,
    /// ∂L/∂F_j by atom, Å/eV; empty if the loss has no forces.
    pub forces: &'a [Vector3],
    /// ∂L/∂W for each of the six components, 1/eV.
    pub virial: Virial,
}

impl LossDerivatives<'_> {
    /// The affine displacement A r_ij that stands for the virial W_ab = −Σ r_a g_b, row-major: A_ba = −∂L/∂W_ab.
    fn strain(&self) -> [f64; 9] {
        let Virial { xx, yy, zz, yz, xz, xy } = self.virial;
        [-xx, 0.0, 0.0, -xy, -yy, 0.0, -xz, -yz, -zz]
    }
}

/// Memory of a gradient beside that of an evaluation.
#[derive(Clone, Debug)]
struct LossWorkspace {
    /// Tangents of the records of each lane.
    tangents: [Vec<Block>; LANES],
    moment_tangents: Vec<Block>,
    value_adjoints: Vec<Block>,
    sums: Vec<Block>,
    tangent_sums: Vec<Block>,
    sphere_value_adjoints: Vec<f64>,
    /// e B_α + Ḃ_α, lane by lane.
    basis_sums: Vec<Block>,
    scratch: Vec<Block>,
}

impl LossWorkspace {
    fn new(plan: &Plan) -> Self {
        let moments = vec![Block::default(); plan.contractions.moments_count];
        let sums = vec![Block::default(); plan.sphere.count];
        Self {
            tangents: Default::default(),
            moment_tangents: moments.clone(),
            value_adjoints: moments,
            tangent_sums: sums.clone(),
            sphere_value_adjoints: vec![0.0; sums.len()],
            sums,
            basis_sums: vec![Block::default(); plan.contractions.basis_functions.len()],
            scratch: vec![Block::default(); tangent_scratch_size(&plan.sphere.ranks)],
        }
    }

    /// Bytes of memory held.
    fn memory(&self) -> usize {
        let vectors = [
            &self.moment_tangents,
            &self.value_adjoints,
            &self.sums,
            &self.tangent_sums,
            &self.basis_sums,
            &self.scratch,
        ];
        let blocks = vectors.into_iter().chain(&self.tangents).map(Vec::capacity).sum::<usize>();
        blocks * size_of::<Block>() + self.sphere_value_adjoints.capacity() * size_of::<f64>()
    }
}

/// Evaluates one potential with the gradients of losses by its parameters; clones are independent, one per thread.
#[derive(Clone, Debug)]
pub struct LossEvaluator {
    gradients: GradientEvaluator,
    workspace: LossWorkspace,
}

impl LossEvaluator {
    /// Compiles a trained potential, with the kernels that `MTPRS_KERNEL` asks for or the widest of this processor.
    pub fn new(potential: &Potential) -> Result<Self> {
        Ok(GradientEvaluator::new(potential)?.into())
    }

    /// The evaluator of the derivatives by the parameters.
    pub fn gradients(&mut self) -> &mut GradientEvaluator {
        &mut self.gradients
    }

    /// Takes up other parameters, as many as the layout has.
    pub fn set_parameters(&mut self, parameters: &[f64]) {
        self.gradients.set_parameters(parameters);
    }

    /// Energies, forces and virials alone, at the parameters of [`set_parameters`](Self::set_parameters).
    pub fn evaluate<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        self.gradients.evaluate(atoms, wanted)
    }

    /// Multiply-adds of a gradient for one atom with this number of neighbors.
    pub fn multiply_adds(&self, neighbors: f64) -> f64 {
        self.gradients.evaluator.plan.loss_multiply_adds(neighbors)
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        self.gradients.memory() + self.workspace.memory()
    }

    /// Adds ∂L/∂θ of one configuration to `gradient`, which is as long as the layout.
    ///
    /// `loss` holds the derivatives of L by energy, forces and virial as they are at the parameters of this evaluator.
    /// [`Center::scale`](super::Center::scale) is left out. On failure `gradient` was not touched.
    pub fn loss_gradient<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        loss: &LossDerivatives<'_>,
        gradient: &mut [f64],
    ) -> Result<()> {
        assert_eq!(gradient.len(), self.gradients.layout.len(), "number of parameters");
        assert!(loss.forces.is_empty() || loss.forces.len() == atoms.atom_count(), "number of atoms");
        let mut sum = vec![0.0; gradient.len()];
        if loss.forces.is_empty() && loss.virial == Virial::default() {
            self.gradients.energy_gradient(atoms, Wanted::default(), &mut sum)?;
            sum.iter_mut().for_each(|value| *value *= loss.energy);
        } else {
            self.tangent_gradient(atoms, loss, &mut sum)?;
        }
        if let Some(index) = sum.iter().position(|value| !value.is_finite()) {
            let message = format!("derivative of the loss by parameter {index} is not finite");
            return Err(Error::new(ErrorKind::NotFinite, message));
        }
        gradient.iter_mut().zip(sum).for_each(|(total, value)| *total += value);
        Ok(())
    }

    fn tangent_gradient<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        loss: &LossDerivatives<'_>,
        gradient: &mut [f64],
    ) -> Result<()> {
        self.gradients.radial.clear();
        self.workspace.basis_sums.fill(Block::default());
        self.gradients.evaluator.workspace.reset();
        self.workspace.moment_tangents.fill(Block::default());
        let strain = loss.strain();
        let species_gradient = &mut gradient[self.gradients.layout.species_coeffs()];
        for k in 0..atoms.center_count() {
            let Some(center) = atoms.center(k) else { continue };
            self.gradients.evaluator.gather(atoms, k, center)?;
            self.gradients.evaluator.forward_radial();
            species_gradient[center.species] += loss.energy;
            self.forward_tangents(loss.forces, &strain);
            if self.gradients.evaluator.workspace.filled == LANES {
                self.finish_batch(loss.energy);
            }
        }
        self.finish_batch(loss.energy);
        let kernels = self.gradients.evaluator.kernels;
        for species in 0..self.gradients.radial.species {
            self.gradients.radial.write(kernels, &self.gradients.layout, species, gradient);
        }
        let totals = &mut gradient[self.gradients.layout.moment_coeffs()];
        kernels.run(LaneTotals { blocks: &self.workspace.basis_sums, totals });
        Ok(())
    }

    /// Sums sphere moments and their derivatives of the lane that was loaded.
    fn forward_tangents(&mut self, force_derivatives: &[Vector3], strain: &[f64; 9]) {
        let kernels = self.gradients.evaluator.kernels;
        let plan = &self.gradients.evaluator.plan;
        let Workspace { lanes, filled, moments, .. } = &mut self.gradients.evaluator.workspace;
        let loss = &mut self.workspace;
        let (lane, tangents) = (&lanes[*filled], &mut loss.tangents[*filled]);
        fill_displacements(lane, force_derivatives, tangents);
        let (functions, records) = (plan.radial.functions, &lane.records);
        kernels.run(FillTangents { functions, strain, records, tangents });
        let (sums, tangent_sums) = (&mut loss.sums, &mut loss.tangent_sums);
        sums.fill(Block::default());
        tangent_sums.fill(Block::default());
        let scratch = &mut loss.scratch;
        kernels.run(ForwardMomentTangents {
            sphere: &plan.sphere,
            records,
            tangents,
            sums,
            tangent_sums,
            scratch,
        });
        kernels.run(SumLanes::<f64> { blocks: &loss.sums, totals: moments, lane: *filled });
        let totals = &mut loss.moment_tangents;
        kernels.run(SumLanes::<f64> { blocks: &loss.tangent_sums, totals, lane: *filled });
        *filled += 1;
    }

    /// Contracts the batch and adds to the sums over neighbors and to those over basis functions.
    fn finish_batch(&mut self, energy_weight: f64) {
        let Self { gradients: GradientEvaluator { evaluator, radial, .. }, workspace: loss } = self;
        let (plan, kernels, workspace) = (&evaluator.plan, evaluator.kernels, &mut evaluator.workspace);
        if workspace.filled == 0 {
            return;
        }
        let (moments, adjoints) = workspace.moments.split_at_mut(plan.program.adjoints());
        kernels.run(ContractTangents {
            plan,
            energy_weight,
            moments,
            moment_tangents: &mut loss.moment_tangents,
            adjoints,
            value_adjoints: &mut loss.value_adjoints,
        });
        let (moments, moment_tangents) = (&workspace.moments[..], &loss.moment_tangents[..]);
        let sums = &mut loss.basis_sums;
        kernels.run(BasisSums { plan, energy_weight, moments, moment_tangents, sums });
        for lane in 0..workspace.filled {
            workspace.take_adjoints(plan, lane);
            for (adjoint, block) in loss.sphere_value_adjoints.iter_mut().zip(&loss.value_adjoints) {
                *adjoint = block.0[lane];
            }
            kernels.run(ReverseMomentTangents {
                sphere: &plan.sphere,
                records: &mut workspace.lanes[lane].records,
                tangents: &loss.tangents[lane],
                adjoints: &workspace.sphere_adjoints,
                value_adjoints: &loss.sphere_value_adjoints,
                scratch: &mut loss.scratch,
            });
            let lane = &workspace.lanes[lane];
            let records = lane.records_by_species(record_size(plan.radial.functions));
            for (neighbor, records) in records.enumerate() {
                let sums = radial.pair(lane.center.species, neighbor);
                kernels.run(ReverseRadial::<true> { tables: &plan.radial, records, sums });
            }
        }
        workspace.clear();
        loss.moment_tangents[..loss.sums.len()].fill(Block::default());
    }
}

impl From<GradientEvaluator> for LossEvaluator {
    fn from(gradients: GradientEvaluator) -> Self {
        let workspace = LossWorkspace::new(&gradients.evaluator.plan);
        Self { gradients, workspace }
    }
}

/// Displacements d_j − d_i of the neighbors in the records of a lane, d = −∂L/∂F; zero where a record is not full.
fn fill_displacements(lane: &Lane<f64>, force_derivatives: &[Vector3], tangents: &mut Vec<Block>) {
    tangents.clear();
    tangents.resize(lane.parts_count() * TANGENT_SIZE, Block::default());
    if force_derivatives.is_empty() {
        return;
    }
    let center = force_derivatives[lane.center.atom];
    let tangents = tangents.as_chunks_mut::<TANGENT_SIZE>().0;
    lane.for_each_part(|part, atoms| {
        let [x, y, z, _] = &mut tangents[part];
        let blocks = x.0.iter_mut().zip(&mut y.0).zip(&mut z.0);
        for (((x, y), z), atom) in blocks.zip(atoms) {
            let neighbor = force_derivatives[atom.to_bits() as usize];
            (*x, *y, *z) = (center[0] - neighbor[0], center[1] - neighbor[1], center[2] - neighbor[2]);
        }
    });
}
