//! The two transforms of a track: sine transform of its steps, and sums over all pairs of frames with one lag.
//!
//! A track is one coordinate of an atom, in Å, frame by frame. rustfft is generic, so that it is compiled where it is called.
//! Here that happens once; in the trainer it would for the command, its tests, benchmarks and MPI each.

use rustfft::num_complex::Complex;
use rustfft::{Fft, FftPlanner};
use std::sync::Arc;

/// Sine transform of the steps of two tracks at a time.
///
/// S(k) = Σ_t (x(t) − x(t−1)) sin(π k t / T), t from 1 to T − 1, for a track of T frames. The steps of Brownian motion
/// that is seen with independent errors are uncorrelated in it (C. L. Vestergaard, P. C. Blainey, H. Flyvbjerg,
/// Phys. Rev. E 89, 022726, 2014).
pub struct SineTransform {
    frames: usize,
    transform: Arc<dyn Fft<f64>>,
    buffer: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl SineTransform {
    /// For tracks of a number of frames.
    pub fn new(frames: usize) -> Self {
        let transform = FftPlanner::new().plan_fft_forward(2 * frames.max(1));
        let scratch = vec![Complex::default(); transform.get_inplace_scratch_len()];
        Self { frames, transform, buffer: vec![Complex::default(); 2 * frames.max(1)], scratch }
    }

    /// Adds S(k)², Å², of each track to a list, k from 1 on for as long as the list is; the tracks are as long as `frames`.
    pub fn add_squares(&mut self, tracks: [&[f64]; 2], to: [&mut [f64]; 2]) {
        let period = 2 * self.frames;
        self.buffer.fill(Complex::default());
        let steps = tracks[0].windows(2).zip(tracks[1].windows(2));
        for (t, (first, second)) in (1..self.frames).zip(steps) {
            let step = Complex::new(first[1] - first[0], second[1] - second[0]);
            self.buffer[t] = step;
            self.buffer[period - t] = -step;
        }
        self.transform.process_with_scratch(&mut self.buffer, &mut self.scratch);
        // The odd continuation of x + iy becomes −2i S_x + 2 S_y.
        let [first, second] = to;
        for (value, to) in self.buffer[1..self.frames].iter().zip(first) {
            *to += 0.25 * value.im * value.im;
        }
        for (value, to) in self.buffer[1..self.frames].iter().zip(second) {
            *to += 0.25 * value.re * value.re;
        }
    }
}

/// Mean squared displacements of tracks over every lag, by fast Fourier transform.
///
/// Σ_t (x(t+m) − x(t))² = Σ_t (x(t+m)² + x(t)²) − 2 Σ_t x(t+m) x(t); the last sum is the autocorrelation, which takes
/// T log T operations (V. Calandrini et al., Collection SFN 12, 201, 2011).
pub struct Lags {
    frames: usize,
    forward: Arc<dyn Fft<f64>>,
    back: Arc<dyn Fft<f64>>,
    buffer: Vec<Complex<f64>>,
    scratch: Vec<Complex<f64>>,
}

impl Lags {
    /// For tracks of a number of frames.
    pub fn new(frames: usize) -> Self {
        let length = smooth(2 * frames.max(1));
        let mut planner = FftPlanner::new();
        let (forward, back) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
        let scratch = forward.get_inplace_scratch_len().max(back.get_inplace_scratch_len());
        let [buffer, scratch] = [length, scratch].map(|size| vec![Complex::default(); size]);
        Self { frames, forward, back, buffer, scratch }
    }

    /// ⟨(x(t+m) − x(t))²⟩ over t, Å², for every lag m from zero on.
    pub fn squared_displacements(&mut self, track: &[f64]) -> Vec<f64> {
        let frames = self.frames.min(track.len());
        let mean = track.iter().sum::<f64>() / frames.max(1) as f64;
        let products = self.autocorrelation(track, mean);
        let square = |t: usize| (track[t] - mean).powi(2);
        let mut squares = 2.0 * (0..frames).map(square).sum::<f64>();
        let mut result = Vec::with_capacity(frames);
        for lag in 0..frames {
            if lag > 0 {
                squares -= square(lag - 1) + square(frames - lag);
            }
            result.push(((squares - 2.0 * products[lag].re) / (frames - lag) as f64).max(0.0));
        }
        if let Some(first) = result.first_mut() {
            *first = 0.0;
        }
        result
    }

    /// Σ_t (x(t+m) − mean) (x(t) − mean), Å², the real parts, for every lag m.
    fn autocorrelation(&mut self, track: &[f64], mean: f64) -> &[Complex<f64>] {
        self.buffer.fill(Complex::default());
        for (to, x) in self.buffer.iter_mut().zip(track) {
            to.re = x - mean;
        }
        self.forward.process_with_scratch(&mut self.buffer, &mut self.scratch);
        let length = self.buffer.len() as f64;
        for value in &mut self.buffer {
            *value = Complex::new(value.norm_sqr() / length, 0.0);
        }
        self.back.process_with_scratch(&mut self.buffer, &mut self.scratch);
        &self.buffer
    }
}

/// The least number from `least` on that has no prime factors but 2, 3 and 5: transforms of such lengths are quick.
fn smooth(least: usize) -> usize {
    let is_smooth = |mut n: usize| {
        for factor in [2, 3, 5] {
            while n.is_multiple_of(factor) {
                n /= factor;
            }
        }
        n == 1
    };
    (least.max(1)..).find(|n| is_smooth(*n)).unwrap_or(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wavy(frames: usize, pace: f64) -> Vec<f64> {
        (0..frames).map(|t| (pace * t as f64).sin() * 3.0 + (t * t % 17) as f64).collect()
    }

    #[test]
    fn sine_transform_is_the_sum_it_says() {
        for frames in [2, 7, 30] {
            let (a, b) = (wavy(frames, 0.3), wavy(frames, 1.1));
            let (mut of_a, mut of_b) = (vec![0.0; frames - 1], vec![0.0; frames - 1]);
            SineTransform::new(frames).add_squares([&a, &b], [&mut of_a, &mut of_b]);
            for (track, squares) in [(&a, &of_a), (&b, &of_b)] {
                for k in 1..frames {
                    let angle = std::f64::consts::PI * k as f64 / frames as f64;
                    let step = |t: usize| (track[t] - track[t - 1]) * (angle * t as f64).sin();
                    let sum = (1..frames).map(step).sum::<f64>();
                    assert!((squares[k - 1] - sum * sum).abs() < 1e-9 * (1.0 + sum * sum));
                }
            }
        }
    }

    #[test]
    fn squared_displacements_are_the_mean_they_say() {
        for frames in [1, 2, 31] {
            let track = wavy(frames, 0.7);
            let found = Lags::new(frames).squared_displacements(&track);
            for lag in 0..frames {
                let square = |t: usize| (track[t + lag] - track[t]).powi(2);
                let mean = (0..frames - lag).map(square).sum::<f64>() / (frames - lag) as f64;
                assert!((found[lag] - mean).abs() < 1e-9 * (1.0 + mean), "{frames} {lag}");
            }
        }
    }
}
