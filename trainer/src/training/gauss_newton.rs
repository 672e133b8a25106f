//! The curvature of the loss that Gauss and Newton keep, Σ Jᵀ D J with the Jacobian J of energies, forces and virials and
//! their weights D, as rows whose outer products sum to it.
//!
//! Rows uᵀ √D J with random signs u, one per configuration, cost as much as a gradient each, and the mean of their outer
//! products is that matrix: some few rows per parameter are enough to precondition with (a sketch in the words of
//! D. P. Woodruff, Found. Trends Theor. Comput. Sci. 10, 1 (2014)).

use std::f64::consts::FRAC_1_SQRT_2;

use mtprs_core::Result;
use mtprs_core::evaluate::{LossDerivatives, Wanted};
use mtprs_core::geometry::Virial;

use super::loss::{Huber, Objective, Residuals, weighted};
use super::summation::Worker;
use crate::dataset::Sample;
use crate::random::splitmix;

/// Numbers to be fitted in each configuration beside its forces.
const VIRIAL_AND_ENERGY: usize = 7;

impl Objective<'_> {
    /// Rows whose outer products sum to the Gauss-Newton matrix in the mean, handed to `take` some at a time.
    ///
    /// At least `wanted` rows, and as many for every configuration that takes part. `seed` chooses the signs.
    pub fn sample_rows(
        &self,
        parameters: &[f64],
        wanted: usize,
        seed: u64,
        take: impl FnMut(&[f64]),
    ) -> Result<()> {
        self.set_parameters(parameters)?;
        let configurations = self.set.configurations().max(1);
        let stride = (configurations / wanted.max(1)).max(1);
        let used = configurations.div_ceil(stride);
        let repeats = wanted.div_ceil(used).max(1);
        let scale = (stride as f64 / repeats as f64).sqrt();
        let offset = (splitmix(seed) % stride as u64) as usize;
        // Which sample of this process has the k-th configuration that takes part.
        let mut samples: Vec<Option<&Sample>> = vec![None; used];
        for sample in self.set.samples() {
            let place = sample.index % configurations;
            if place % stride == offset && place / stride < used {
                samples[place / stride] = Some(sample);
            }
        }
        let tasks: Vec<(usize, usize)> =
            (0..used).flat_map(|k| (0..repeats).map(move |repeat| (k, repeat))).collect();
        self.rows(&samples, &tasks, take, |worker, sample, repeat, row| {
            let seed = splitmix(seed ^ splitmix(sample.index as u64)) ^ repeat as u64;
            self.curvatures(worker, sample)?;
            worker.residuals.combine(scale, &mut Signs::new(seed));
            self.row(worker, sample, row)
        })
    }

    /// At most this many numbers are fitted: an energy and six virial components of each configuration, and all forces.
    pub fn most_residuals(&self) -> usize {
        VIRIAL_AND_ENERGY * self.set.configurations() + 3 * self.set.atoms()
    }

    /// The rows √D J of the Gauss-Newton matrix Jᵀ D J, one for each number that is fitted, handed to `take` some at a time.
    pub fn exact_rows(&self, parameters: &[f64], take: impl FnMut(&[f64])) -> Result<()> {
        self.set_parameters(parameters)?;
        // Which sample of this process is the k-th configuration, and how many atoms each has.
        let configurations = self.set.configurations();
        let mut samples: Vec<Option<&Sample>> = vec![None; configurations];
        let mut atoms = vec![0.0; configurations];
        for sample in self.set.samples() {
            samples[sample.index] = Some(sample);
            atoms[sample.index] = sample.len() as f64;
        }
        self.group.sum(&mut atoms)?;
        let rows_of = |k: usize| VIRIAL_AND_ENERGY + 3 * atoms[k] as usize;
        let tasks: Vec<(usize, usize)> =
            (0..configurations).flat_map(|k| (0..rows_of(k)).map(move |residual| (k, residual))).collect();
        self.rows(&samples, &tasks, take, |worker, sample, residual, row| {
            self.curvatures(worker, sample)?;
            let residuals = &mut worker.residuals;
            residuals.select(residual);
            self.row(worker, sample, row)
        })
    }

    /// Second derivatives of the loss by energy, forces and virial.
    fn curvatures(&self, worker: &mut Worker, sample: &Sample) -> Result<()> {
        if self.huber == Huber::default() && !sample.is_pushed {
            worker.residuals.compute_curvatures(sample, self.factor());
        } else {
            let tally = worker.evaluator.evaluate(sample, Wanted::default())?;
            worker.residuals.compute(sample, tally, &self.huber, self.factor());
        }
        Ok(())
    }

    /// Adds to one row the derivative of the combination of energy, forces and virial that the residuals hold.
    fn row(&self, worker: &mut Worker, sample: &Sample, row: &mut [f64]) -> Result<()> {
        let Residuals { energy, forces, virial, .. } = &worker.residuals;
        let loss = LossDerivatives { energy: *energy, forces, virial: *virial };
        worker.evaluator.loss_gradient(sample, &loss, row)
    }
}

impl Residuals {
    /// Fills in the curvatures alone, which without Huber's function do not depend on what the potential says.
    fn compute_curvatures(&mut self, sample: &Sample, factor: f64) {
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
    fn combine(&mut self, scale: f64, signs: &mut Signs) {
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
    fn select(&mut self, number: usize) {
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
}

/// Signs from a counter, the same wherever they are made.
struct Signs {
    state: u64,
    bits: u64,
    left: u32,
}

impl Signs {
    fn new(seed: u64) -> Self {
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
