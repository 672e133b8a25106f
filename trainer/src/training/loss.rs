//! The loss that a fit minimizes, with its gradient:
//!
//! ```text
//! L(θ) = (1/K) Σ_c L_c(θ) + η Σ_k θ_k²      L_c = a ρ(ΔE) + b Σ_i ρ(|ΔF_i|) + c ρ(|ΔW|)
//! ```
//!
//! over K configurations c and their atoms i. Δ is potential minus reference; |ΔW|² sums nine components; the weights a, b, c
//! of a configuration follow from `--weighting`. ρ(x) = x², or Huber's function (P. J. Huber, Ann. Math. Stat. 35, 73 (1964)):
//! x² up to δ, 2δx − δ² beyond. The ridge η holds radial and moment coefficients back. With squares it is the loss of
//! A. V. Shapeev, Multiscale Model. Simul. 14, 1153 (2016), and I. S. Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021).
//!
//! [`Residuals::compute`] is L_c, [`Objective::evaluate`] the mean over a set, [`ridge`] the last term. How a set is summed over
//! threads and processes stands in [`summation`](super::summation), the curvature in [`gauss_newton`](super::gauss_newton).

use mtprs_core::Result;
use mtprs_core::evaluate::{LossDerivatives, Tally, Wanted};
use mtprs_core::geometry::{Vector3, Virial};
use mtprs_core::potential::ParameterLayout;

use super::figures::{FIGURES, Figures};
use super::summation::Workers;
use crate::dataset::{Sample, TrainingSet};
use crate::processes::Group;

/// Residuals beyond which the loss grows linearly; infinite where it does not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Huber {
    /// eV per atom.
    pub energy: f64,
    /// eV/Å.
    pub force: f64,
    /// Norm of the virial, eV per atom.
    pub stress: f64,
}

impl Default for Huber {
    fn default() -> Self {
        Self { energy: f64::INFINITY, force: f64::INFINITY, stress: f64::INFINITY }
    }
}

/// Loss, gradient and figures at some parameters.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// L; infinite where the potential is not finite.
    pub loss: f64,
    /// ∂L/∂θ; empty unless asked for or where the loss is infinite.
    pub gradient: Vec<f64>,
    /// Sums for the error figures; the terms of the loss are divided by the number of configurations.
    pub figures: Figures,
}

/// The loss over one set.
#[derive(Clone, Copy)]
pub struct Objective<'a> {
    pub(super) set: &'a TrainingSet,
    pub(super) workers: &'a Workers,
    pub(super) group: &'a dyn Group,
    pub(super) huber: Huber,
}

impl<'a> Objective<'a> {
    /// The loss over a set that a group of processes shares.
    pub fn new(set: &'a TrainingSet, workers: &'a Workers, group: &'a dyn Group, huber: Huber) -> Self {
        Self { set, workers, group, huber }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.workers.layout().len()
    }

    /// Blocks of the parameters.
    pub fn layout(&self) -> ParameterLayout {
        self.workers.layout()
    }

    /// The threads.
    pub fn workers(&self) -> &'a Workers {
        self.workers
    }

    /// The processes that share the set.
    pub fn group(&self) -> &'a dyn Group {
        self.group
    }

    /// Factor of the loss of each configuration.
    pub(super) fn factor(&self) -> f64 {
        1.0 / self.set.configurations().max(1) as f64
    }

    /// Loss and figures, and the gradient if it is wanted.
    pub fn evaluate(&self, parameters: &[f64], with_gradient: bool) -> Result<Evaluation> {
        let length = if with_gradient { parameters.len() } else { 0 };
        let factor = self.factor();
        let sums = self.sums(parameters, FIGURES + length, |worker, sample, sums| {
            let (figures, gradient) = sums.split_at_mut(FIGURES);
            let tally = worker.evaluator.evaluate(sample, Wanted::default())?;
            let of_sample = worker.residuals.compute(sample, tally, &self.huber, factor);
            figures.iter_mut().zip(of_sample.to_array()).for_each(|(sum, value)| *sum += value);
            if gradient.is_empty() {
                return Ok(());
            }
            let Residuals { energy, forces, virial, .. } = &worker.residuals;
            let loss = LossDerivatives { energy: *energy, forces, virial: *virial };
            worker.evaluator.loss_gradient(sample, &loss, gradient)
        })?;
        let Some(sums) = sums else {
            return Ok(Evaluation { loss: f64::INFINITY, gradient: Vec::new(), figures: Figures::default() });
        };
        let (figures, gradient) = sums.split_at(FIGURES);
        let mut array = [0.0; FIGURES];
        array.copy_from_slice(figures);
        let figures = Figures::from_array(array);
        let loss = if figures.loss().is_nan() { f64::INFINITY } else { figures.loss() };
        Ok(Evaluation { loss, gradient: gradient.to_vec(), figures })
    }
}

/// Adds the ridge to a loss and, if there is one, its gradient.
pub fn ridge(factor: f64, layout: &ParameterLayout, parameters: &[f64], evaluation: &mut Evaluation) {
    for (index, value) in parameters.iter().enumerate() {
        if factor > 0.0 && is_held_back(layout, index) {
            evaluation.loss += factor * value * value;
            if let Some(slope) = evaluation.gradient.get_mut(index) {
                *slope += 2.0 * factor * value;
            }
        }
    }
}

/// Whether a parameter is one of those that a ridge holds back: the radial and the moment coefficients.
pub(super) fn is_held_back(layout: &ParameterLayout, index: usize) -> bool {
    !layout.species_coeffs().contains(&index)
}

/// Derivatives of the loss by what the potential says, and the curvatures that Gauss and Newton keep.
#[derive(Clone, Debug, Default)]
pub struct Residuals {
    /// ∂L/∂E, 1/eV.
    pub energy: f64,
    /// ∂L/∂F_i, Å/eV; empty without forces.
    pub forces: Vec<Vector3>,
    /// ∂L/∂W, 1/eV.
    pub virial: Virial,
    /// Second derivative by the energy, 1/eV²; zero without one.
    pub energy_curvature: f64,
    /// Second derivative by each component of the forces, by atom, Å²/eV².
    pub force_curvatures: Vec<f64>,
    /// Second derivative by each of the nine components of the virial, 1/eV².
    pub virial_curvature: f64,
}

impl Residuals {
    /// Fills in the derivatives of the loss of one configuration times `factor`, and returns its figures.
    pub fn compute(&mut self, sample: &Sample, tally: &Tally, huber_at: &Huber, factor: f64) -> Figures {
        let mut figures = Figures::default();
        let atoms = sample.len().max(1) as f64;
        let weights = sample.weights;
        *self = Self {
            forces: std::mem::take(&mut self.forces),
            force_curvatures: std::mem::take(&mut self.force_curvatures),
            ..Self::default()
        };
        self.forces.clear();
        self.force_curvatures.clear();
        if let Some(reference) = sample.energy {
            let mut delta = tally.energy - reference;
            if sample.is_pushed {
                // The reference is a lower bound.
                delta = delta.min(0.0);
            }
            let (value, slope) = huber(delta * delta, huber_at.energy * atoms);
            let weight = factor * weights.energy;
            figures.losses[0] = weight * value;
            figures.energies = [1.0, (delta / atoms) * (delta / atoms)];
            self.energy = 2.0 * weight * slope * delta;
            self.energy_curvature = if sample.is_pushed && delta == 0.0 { 0.0 } else { 2.0 * weight * slope };
        }
        if let Some(reference) = &sample.forces {
            self.add_forces(reference, &tally.forces, huber_at.force, factor * weights.force, &mut figures);
        }
        if let Some(reference) = sample.virial {
            let [xx, yy, zz, xy, xz, yz] = tally.virial;
            let delta = difference(Virial { xx, yy, zz, yz, xz, xy }, reference);
            let square = square_norm(delta);
            let (value, slope) = huber(square, huber_at.stress * atoms);
            let weight = factor * weights.virial;
            figures.losses[2] = weight * value;
            let components: f64 = delta.to_cfg_order().iter().map(|x| (x / atoms) * (x / atoms)).sum();
            figures.virials = [6.0, components];
            self.virial = weighted(delta, 2.0 * weight * slope);
            self.virial_curvature = 2.0 * weight * slope;
        }
        if sample.is_pushed { figures.losses_only() } else { figures }
    }

    fn add_forces(
        &mut self,
        reference: &[Vector3],
        forces: &[Vector3],
        threshold: f64,
        weight: f64,
        figures: &mut Figures,
    ) {
        let (mut loss, mut sum) = (0.0, 0.0);
        for (force, expected) in forces.iter().zip(reference) {
            let delta = [force[0] - expected[0], force[1] - expected[1], force[2] - expected[2]];
            let square = delta[0] * delta[0] + delta[1] * delta[1] + delta[2] * delta[2];
            let (value, slope) = huber(square, threshold);
            loss += value;
            sum += square;
            let curvature = 2.0 * weight * slope;
            self.forces.push(delta.map(|x| curvature * x));
            self.force_curvatures.push(curvature);
        }
        figures.losses[1] = weight * loss;
        figures.forces = [3.0 * reference.len() as f64, sum];
    }
}

/// ρ(x) and the factor w in ρ'(x) = 2 w x.
fn huber(square: f64, threshold: f64) -> (f64, f64) {
    if square <= threshold * threshold {
        return (square, 1.0);
    }
    let length = square.sqrt();
    (2.0 * threshold * length - threshold * threshold, threshold / length)
}

/// a − b.
fn difference(a: Virial, b: Virial) -> Virial {
    Virial {
        xx: a.xx - b.xx,
        yy: a.yy - b.yy,
        zz: a.zz - b.zz,
        yz: a.yz - b.yz,
        xz: a.xz - b.xz,
        xy: a.xy - b.xy,
    }
}

/// Sum of the squares of all nine components.
fn square_norm(virial: Virial) -> f64 {
    let Virial { xx, yy, zz, yz, xz, xy } = virial;
    xx * xx + yy * yy + zz * zz + 2.0 * (yz * yz + xz * xz + xy * xy)
}

/// Derivative of `factor`/2 times the sum of nine squares by the six components.
pub(super) fn weighted(virial: Virial, factor: f64) -> Virial {
    let Virial { xx, yy, zz, yz, xz, xy } = virial;
    let (one, two) = (factor, 2.0 * factor);
    Virial { xx: one * xx, yy: one * yy, zz: one * zz, yz: two * yz, xz: two * xz, xy: two * xy }
}
