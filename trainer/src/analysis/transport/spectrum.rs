//! The spectrum of diffusion: how fast the ions move at each frequency, from sine transforms of their steps.
//!
//! D(k) = ⟨S(k)²⟩ / (T Δt), Å²/ps, has the mean D of Brownian motion at every k, and with independent errors of variance
//! σ² along each axis the mean D + ½ σ² Δt x(k), x(k) = 2 (1 − cos(π k / T)) / Δt²: the squared frequency. Values at
//! different k are uncorrelated, which mean squared displacements at different lags are not; a fit to them weighted by
//! their own size is the generalised least squares fit of MSD = A + 6 D τ.

use super::tracks::Tracks;
use mtprs_fourier::SineTransform;
use std::ops::Range;

/// Values at k = 1, 2, … along the three axes, Å²/ps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spectrum {
    /// Entry k − 1 is D(k) along x, y and z.
    pub(super) values: Vec<[f64; 3]>,
    /// Frames that were transformed.
    pub(super) frames: usize,
    /// Time between frames, ps.
    pub(super) step: f64,
}

impl Spectrum {
    /// Means over the three axes, Å²/ps.
    pub(super) fn means(&self) -> Vec<f64> {
        self.values.iter().map(|parts| parts.iter().sum::<f64>() / 3.0).collect()
    }

    /// Squared frequencies x(k), ps⁻².
    pub(super) fn squared_frequencies(&self) -> Vec<f64> {
        (1..=self.values.len()).map(|k| squared_frequency(k, self.frames, self.step)).collect()
    }
}

/// 2 (1 − cos(π k / T)) / Δt², ps⁻².
fn squared_frequency(k: usize, frames: usize, step: f64) -> f64 {
    let half = std::f64::consts::FRAC_PI_2 * k as f64 / frames as f64;
    (2.0 * half.sin() / step).powi(2)
}

/// Spectra of the single ions, averaged over them, and of their sum, divided by their number.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spectra {
    /// Has the mean D* where k is small.
    pub(super) single: Spectrum,
    /// Has the mean D_J where k is small.
    pub(super) collective: Spectrum,
}

/// Spectra of some of the frames at k up to `count`, or as many as there are; `sums` are those of [`Tracks::collective`].
pub(super) fn spectra(tracks: &Tracks, sums: &[Vec<f64>; 3], frames: Range<usize>, count: usize) -> Spectra {
    let length = frames.len();
    let mut transform = SineTransform::new(length);
    let mut single = vec![vec![0.0; count.min(length.saturating_sub(1))]; 4];
    let mut collective = single.clone();
    let silent = vec![0.0; length];
    let mut values = [Vec::new(), Vec::new()];
    for ion in 0..tracks.ions() {
        for pair in [[0, 1], [2, 3]] {
            for (axis, values) in pair.into_iter().zip(&mut values) {
                values.clear();
                if axis < 3 {
                    values.extend(tracks.track(ion, axis)[frames.clone()].iter().map(|x| f64::from(*x)));
                } else {
                    values.resize(length, 0.0);
                }
            }
            let [first, second, ..] = &mut single[pair[0]..=pair[1]] else { continue };
            transform.add_squares([&values[0], &values[1]], [first, second]);
        }
    }
    let parts = [0, 1, 2].map(|axis: usize| &sums[axis][frames.clone()]);
    for (pair, tracks) in [([0, 1], [parts[0], parts[1]]), ([2, 3], [parts[2], &silent])] {
        let [first, second, ..] = &mut collective[pair[0]..=pair[1]] else { continue };
        transform.add_squares(tracks, [first, second]);
    }
    let step = tracks.step();
    let unit = length as f64 * step * tracks.ions() as f64;
    let finish = |lists: &[Vec<f64>]| {
        let values =
            (0..lists[0].len()).map(|k| [0, 1, 2].map(|axis: usize| lists[axis][k] / unit)).collect();
        Spectrum { values, frames: length, step }
    };
    Spectra { single: finish(&single), collective: finish(&collective) }
}
