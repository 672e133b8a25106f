//! The loss of one configuration: its value, its derivatives by energy, forces and virial, and the error figures.
//!
//! L_c = a ρ(ΔE) + b Σ_i ρ(|ΔF_i|) + c ρ(|ΔW|) with the weights a, b, c of the configuration; Δ is potential minus
//! reference, |ΔW|² the sum over nine components. ρ(x) = x², or Huber's function: x² up to δ, 2δx − δ² beyond.

use mtprs_core::evaluate::Tally;
use mtprs_core::geometry::{Vector3, Virial};

use crate::dataset::Sample;
use crate::report::history::RmseFigures;

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

/// Sums from which the error figures of a set follow; they can be added.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Terms of the loss: energies, forces, virials.
    pub losses: [f64; 3],
    /// Number of energies, and Σ (ΔE/N)², eV².
    pub energies: [f64; 2],
    /// Number of force components, and Σ ΔF², eV²/Å².
    pub forces: [f64; 2],
    /// Number of virial components (six each), and Σ (ΔW/N)², eV².
    pub virials: [f64; 2],
}

/// Numbers in [`Figures`].
pub const FIGURES: usize = 9;

impl Figures {
    /// As plain numbers, for sums over processes.
    pub fn to_array(self) -> [f64; FIGURES] {
        let Self { losses: [a, b, c], energies: [d, e], forces: [f, g], virials: [h, i] } = self;
        [a, b, c, d, e, f, g, h, i]
    }

    /// From plain numbers.
    pub fn from_array([a, b, c, d, e, f, g, h, i]: [f64; FIGURES]) -> Self {
        Self { losses: [a, b, c], energies: [d, e], forces: [f, g], virials: [h, i] }
    }

    /// Loss without regularization.
    pub fn loss(&self) -> f64 {
        self.losses.iter().sum()
    }

    /// Root mean square errors.
    pub fn rmse(&self) -> RmseFigures {
        RmseFigures {
            energy: root_mean(self.energies),
            force: root_mean(self.forces),
            virial: root_mean(self.virials),
        }
    }
}

fn root_mean([count, sum]: [f64; 2]) -> Option<f64> {
    (count > 0.0).then(|| (sum / count).sqrt())
}

/// ρ(x) and the factor w in ρ'(x) = 2 w x.
fn huber(square: f64, threshold: f64) -> (f64, f64) {
    if square <= threshold * threshold {
        return (square, 1.0);
    }
    let length = square.sqrt();
    (2.0 * threshold * length - threshold * threshold, threshold / length)
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
            let delta = tally.energy - reference;
            let (value, slope) = huber(delta * delta, huber_at.energy * atoms);
            let weight = factor * weights.energy;
            figures.losses[0] = weight * value;
            figures.energies = [1.0, (delta / atoms) * (delta / atoms)];
            self.energy = 2.0 * weight * slope * delta;
            self.energy_curvature = 2.0 * weight * slope;
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
        figures
    }

    /// Fills in the curvatures alone, which without Huber's function do not depend on what the potential says.
    pub fn compute_curvatures(&mut self, sample: &Sample, factor: f64) {
        let weights = sample.weights;
        self.energy_curvature = if sample.energy.is_some() { 2.0 * factor * weights.energy } else { 0.0 };
        self.virial_curvature = if sample.virial.is_some() { 2.0 * factor * weights.virial } else { 0.0 };
        let atoms = sample.forces.as_ref().map_or(0, Vec::len);
        self.forces.clear();
        self.forces.resize(atoms, [0.0; 3]);
        self.force_curvatures.clear();
        self.force_curvatures.resize(atoms, 2.0 * factor * weights.force);
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
