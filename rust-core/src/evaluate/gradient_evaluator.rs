//! Derivatives by the parameters: the rows from which extrapolation grades and active sets are made.
//!
//! Beside energy and forces almost nothing has to be done: ∂V_i/∂ξ_α = B_α is a moment, and ∂V_i/∂c\[z_i, z, μ, β\] =
//! Σ_j Q_β(r_ij) P_μ(r̂_ij) over the neighbors of species z reads the adjoint polynomials P_μ that the forces need anyway.
//! Gradients of a training loss stand in `loss_evaluator`.

use super::neighborhoods::{Center, ConfigurationNeighborhoods, Neighborhoods};
use super::sites::{Site, SiteEvaluator};
use super::tally::{Tally, Wanted};
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Configuration;
use crate::kernels::InstructionSet;
use crate::kernels::dispatch::Kernels;
use crate::kernels::lanes::LaneTotals;
use crate::kernels::radial::{ReverseRadial, record_size};
use crate::kernels::simd::Block;
use crate::plan::Plan;
use crate::potential::{ParameterLayout, Potential};

/// Evaluates one potential with derivatives by its parameters θ; clones are independent, one per thread.
///
/// θ is the flat vector of [`ParameterLayout`]; a derivative by θ has its unit divided by that of the parameter.
/// Parameters can be exchanged without compiling again. Energies and forces alone are faster with [`Evaluator`](super::Evaluator).
#[derive(Clone, Debug)]
pub struct GradientEvaluator {
    pub(super) layout: ParameterLayout,
    pub(super) evaluator: SiteEvaluator<f64>,
    pub(super) radial: RadialSums,
    row: Vec<f64>,
}

impl GradientEvaluator {
    /// Compiles a trained potential, with the kernels that `MTPRS_KERNEL` asks for or the widest of this processor.
    pub fn new(potential: &Potential) -> Result<Self> {
        Self::with_instruction_set(potential, InstructionSet::from_environment()?)
    }

    /// Compiles a trained potential, with kernels of a set that this processor must have.
    pub fn with_instruction_set(potential: &Potential, set: InstructionSet) -> Result<Self> {
        let plan = Plan::symbolic(potential)?;
        let layout = potential.parameter_layout();
        Ok(Self {
            layout,
            radial: RadialSums::new(&plan),
            evaluator: SiteEvaluator::new(plan, set)?,
            row: vec![0.0; layout.len()],
        })
    }

    /// Where each block of parameters stands in a row.
    pub fn layout(&self) -> ParameterLayout {
        self.layout
    }

    /// The kernels in use.
    pub fn instruction_set(&self) -> InstructionSet {
        self.evaluator.kernels.instruction_set()
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        self.evaluator.memory()
            + self.radial.sums.capacity() * size_of::<Block>()
            + (self.radial.totals.capacity() + self.row.capacity()) * size_of::<f64>()
    }

    /// Multiply-adds of one atom with this number of neighbors, its row among them.
    pub fn row_multiply_adds(&self, neighbors: f64) -> f64 {
        self.evaluator.plan.row_multiply_adds(neighbors)
    }

    /// Takes up other parameters, as many as the layout has.
    pub fn set_parameters(&mut self, parameters: &[f64]) {
        assert_eq!(parameters.len(), self.layout.len(), "number of parameters");
        std::sync::Arc::make_mut(&mut self.evaluator.plan).set_parameters(&self.layout, parameters);
    }

    /// The neighborhoods of a configuration, by our own neighbor search.
    pub fn neighborhoods<'a>(
        &self,
        configuration: &'a Configuration,
    ) -> Result<ConfigurationNeighborhoods<'a>> {
        let plan = &self.evaluator.plan;
        ConfigurationNeighborhoods::new(configuration, plan.cutoff, plan.species_count)
    }

    /// Energies, forces and virials alone, at the parameters of [`set_parameters`](Self::set_parameters).
    pub fn evaluate<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        self.evaluator.visit(atoms, wanted, |_| {})
    }

    /// Energies, forces and virials, and for each central atom its row ∂V_i/∂θ, in the order of the central atoms.
    ///
    /// Rows are those of V_i itself: [`Center::scale`] is left out.
    pub fn site_gradients<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
        mut visit: impl FnMut(Center, &[f64]),
    ) -> Result<&Tally> {
        let Self { layout, evaluator, radial, row, .. } = self;
        row.fill(0.0);
        evaluator.visit(atoms, wanted, |site| {
            let center = site.center();
            radial.clear_species(center.species);
            radial.add_values(&site, center.species);
            radial.write(site.kernels, layout, center.species, row);
            row[layout.species_coeffs()][center.species] = 1.0;
            for (value, basis) in row[layout.moment_coeffs()].iter_mut().zip(site.basis_functions()) {
                *value = basis;
            }
            visit(center, row);
            row[layout.species_coeffs()][center.species] = 0.0;
            radial.erase(layout, center.species, row);
        })
    }

    /// Energies, forces and virials; adds ∂E/∂θ = Σ_i ∂V_i/∂θ to `gradient`, which is as long as the layout.
    pub fn energy_gradient<N: Neighborhoods>(
        &mut self,
        atoms: &N,
        wanted: Wanted,
        gradient: &mut [f64],
    ) -> Result<&Tally> {
        assert_eq!(gradient.len(), self.layout.len(), "number of parameters");
        let Self { layout, evaluator, radial, row, .. } = self;
        radial.clear();
        let sum = &mut row[..];
        sum.fill(0.0);
        let kernels = evaluator.kernels;
        let tally = evaluator.visit(atoms, wanted, |site| {
            let center = site.center();
            radial.add_values(&site, center.species);
            sum[layout.species_coeffs()][center.species] += 1.0;
            for (value, basis) in sum[layout.moment_coeffs()].iter_mut().zip(site.basis_functions()) {
                *value += basis;
            }
        })?;
        for species in 0..radial.species {
            radial.write(kernels, layout, species, sum);
        }
        if let Some(index) = sum.iter().position(|value| !value.is_finite()) {
            let message = format!("the derivative of the energy by parameter {index} (from 0) is not finite");
            return Err(Error::new(ErrorKind::NotFinite, message));
        }
        gradient.iter_mut().zip(sum).for_each(|(total, value)| *total += *value);
        Ok(tally)
    }
}

impl Site<'_, f64> {
    pub(super) fn center(&self) -> Center {
        self.workspace.lanes[self.lane].center
    }

    /// B_α(i) for all α.
    pub(super) fn basis_functions(&self) -> impl Iterator<Item = f64> {
        let moments = &self.workspace.moments;
        let functions = &self.plan.contractions.basis_functions;
        functions.iter().map(move |&(moment, _)| moments[moment as usize].0[self.lane])
    }
}

/// Sums over neighbors that are derivatives by the radial coefficients, not yet summed over the lanes.
#[derive(Clone, Debug)]
pub(super) struct RadialSums {
    pub(super) species: usize,
    functions: usize,
    size: usize,
    /// Shape (z_i, z_j, β, n_μ).
    sums: Vec<Block>,
    totals: Vec<f64>,
}

impl RadialSums {
    fn new(plan: &Plan) -> Self {
        let (species, functions, size) = (plan.species_count, plan.radial.functions, plan.radial.size);
        let one_species = species * size * functions;
        Self {
            species,
            functions,
            size,
            sums: vec![Block::default(); species * one_species],
            totals: vec![0.0; one_species],
        }
    }

    pub(super) fn clear(&mut self) {
        self.sums.fill(Block::default());
    }

    /// Clears the sums of one central species.
    pub(super) fn clear_species(&mut self, central: usize) {
        let length = self.totals.len();
        self.sums[central * length..(central + 1) * length].fill(Block::default());
    }

    /// The sums of one pair of species, shape (β, n_μ).
    pub(super) fn pair(&mut self, central: usize, neighbor: usize) -> &mut [Block] {
        let length = self.size * self.functions;
        let start = (central * self.species + neighbor) * length;
        &mut self.sums[start..start + length]
    }

    /// Adds Σ_j Q_β P_μ of one central atom.
    pub(super) fn add_values(&mut self, site: &Site<'_, f64>, central: usize) {
        let lane = &site.workspace.lanes[site.lane];
        let size = record_size(self.functions);
        for (neighbor, records) in lane.records_by_species(size).enumerate() {
            let (tables, sums) = (&site.plan.radial, self.pair(central, neighbor));
            site.kernels.run(ReverseRadial::<false> { tables, records, sums });
        }
    }

    /// The sums of one central species, shape (z_j, β, n_μ).
    pub(super) fn totals(&mut self, kernels: Kernels, central: usize) -> &[f64] {
        let length = self.totals.len();
        let blocks = &self.sums[central * length..(central + 1) * length];
        kernels.run(LaneTotals { blocks, totals: &mut self.totals });
        &self.totals
    }

    /// Writes the sums of one central species to their places in a row.
    pub(super) fn write(
        &mut self,
        kernels: Kernels,
        layout: &ParameterLayout,
        central: usize,
        row: &mut [f64],
    ) {
        self.totals(kernels, central);
        for neighbor in 0..self.species {
            for mu in 0..self.functions.min(layout.radial_functions()) {
                let first = neighbor * self.size * self.functions + mu;
                let totals = self.totals[first..].iter().step_by(self.functions);
                row[layout.radial_function(central, neighbor, mu)]
                    .iter_mut()
                    .zip(totals)
                    .for_each(|(value, &total)| *value = total);
            }
        }
    }

    /// Sets the places of one central species in a row to zero.
    fn erase(&self, layout: &ParameterLayout, central: usize, row: &mut [f64]) {
        let first = layout.radial_function(central, 0, 0).start;
        let last = layout.radial_function(central, self.species - 1, layout.radial_functions() - 1).end;
        row[first..last].fill(0.0);
    }
}
