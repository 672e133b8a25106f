//! Derivatives of the loss of one configuration by energy, forces and virial, and combinations of them that sample its
//! curvature.

use std::f64::consts::FRAC_1_SQRT_2;

use mtprs_core::evaluate::Tally;
use mtprs_core::geometry::{Vector3, Virial};

use super::loss::{Figures, Huber, huber};
use crate::dataset::Sample;
use crate::random::splitmix;

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

    /// Puts in place of the derivatives those of a sum of energy, forces and virial with random signs and the roots of
    /// their curvatures.
    pub(super) fn combine(&mut self, scale: f64, signs: &mut Signs) {
        self.energy = scale * signs.next() * self.energy_curvature.sqrt();
        for (force, curvature) in self.forces.iter_mut().zip(&self.force_curvatures) {
            let size = scale * curvature.sqrt();
            *force = [size * signs.next(), size * signs.next(), size * signs.next()];
        }
        let size = scale * self.virial_curvature.sqrt();
        // Of nine components three pairs are equal, and together count twice.
        let [xx, yy, zz] = [signs.next(), signs.next(), signs.next()];
        let [yz, xz, xy] = [signs.next(), signs.next(), signs.next()].map(|sign| FRAC_1_SQRT_2 * sign);
        self.virial = weighted(Virial { xx, yy, zz, yz, xz, xy }, size);
    }

    /// Puts in place of the derivatives that of one number: the energy, one of six components of the virial, or one of
    /// a force, times the root of its curvature.
    pub(super) fn select(&mut self, number: usize) {
        self.energy = if number == 0 { self.energy_curvature.sqrt() } else { 0.0 };
        let only = |component: usize, value: f64| if number == component { value } else { 0.0 };
        let [xx, yy, zz] = [1, 2, 3].map(|component| only(component, 1.0));
        let [yz, xz, xy] = [4, 5, 6].map(|component| only(component, FRAC_1_SQRT_2));
        self.virial = weighted(Virial { xx, yy, zz, yz, xz, xy }, self.virial_curvature.sqrt());
        self.forces.fill([0.0; 3]);
        if let Some(place) = number.checked_sub(7)
            && let Some(curvature) = self.force_curvatures.get(place / 3)
        {
            self.forces[place / 3][place % 3] = curvature.sqrt();
        }
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
fn weighted(virial: Virial, factor: f64) -> Virial {
    let Virial { xx, yy, zz, yz, xz, xy } = virial;
    let (one, two) = (factor, 2.0 * factor);
    Virial { xx: one * xx, yy: one * yy, zz: one * zz, yz: two * yz, xz: two * xz, xy: two * xy }
}

/// Signs from a counter, the same wherever they are made.
pub(super) struct Signs {
    state: u64,
    bits: u64,
    left: u32,
}

impl Signs {
    pub(super) fn new(seed: u64) -> Self {
        Self { state: splitmix(seed), bits: 0, left: 0 }
    }

    fn next(&mut self) -> f64 {
        if self.left == 0 {
            self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            (self.bits, self.left) = (splitmix(self.state), 64);
        }
        let sign = if self.bits & 1 == 0 { 1.0 } else { -1.0 };
        self.bits >>= 1;
        self.left -= 1;
        sign
    }
}
