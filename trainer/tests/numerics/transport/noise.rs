//! Random numbers: normal, exponential, with heavy tails, and vibrations.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of random numbers.
pub(super) struct Noise {
    source: ChaCha8Rng,
    spare: Option<f64>,
}

impl Noise {
    pub(super) fn new(seed: u64) -> Self {
        Self { source: ChaCha8Rng::seed_from_u64(seed), spare: None }
    }

    /// From zero to below one.
    pub(super) fn uniform(&mut self) -> f64 {
        self.source.random::<f64>()
    }

    /// Below a number.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((self.uniform() * count as f64) as usize).min(count - 1)
    }

    /// Normal, mean zero, variance one (G. E. P. Box, M. E. Muller, 1958).
    pub(super) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }

    pub(super) fn normals(&mut self, width: f64) -> [f64; 3] {
        [0; 3].map(|_: usize| width * self.normal())
    }

    /// Exponential with a mean.
    pub(super) fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.uniform()).ln()
    }

    /// A wait t with the probability (1 + t / scale)^(−α) to be longer.
    pub(super) fn heavy_wait(&mut self, scale: f64, alpha: f64) -> f64 {
        scale * ((1.0 - self.uniform()).powf(-1.0 / alpha) - 1.0)
    }

    /// A jump of some length along one of six directions.
    pub(super) fn jump(&mut self, length: f64) -> [f64; 3] {
        let mut jump = [0.0; 3];
        let direction = self.below(6);
        jump[direction / 2] = if direction.is_multiple_of(2) { length } else { -length };
        jump
    }

    /// Positions of an oscillator that forgets within `relaxation` ps (Ornstein, Uhlenbeck), of a width along each axis.
    pub(super) fn vibration(
        &mut self,
        frames: usize,
        step: f64,
        width: f64,
        relaxation: f64,
    ) -> Vec<[f64; 3]> {
        let keep = (-step / relaxation).exp();
        let fresh = width * (1.0 - keep * keep).sqrt();
        let mut position = self.normals(width);
        let mut result = Vec::with_capacity(frames);
        for _ in 0..frames {
            result.push(position);
            let kick = self.normals(fresh);
            position = [0, 1, 2].map(|axis| keep * position[axis] + kick[axis]);
        }
        result
    }
}
