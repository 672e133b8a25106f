//! Mean squared displacements over lags: of the single ions (MSD) and of their center (MSCD), with errors.
//!
//! MSD(τ) = ⟨|r_i(t+τ) − r_i(t)|²⟩ over ions i and times t; MSCD(τ) = N ⟨|R(t+τ) − R(t)|²⟩ with R the mean of the N
//! ions. They grow as 6 D* τ and 6 D_J τ where there is diffusion.

use serde::Serialize;

use super::tracks::Tracks;
use mtprs_fourier::Lags;

/// A mean squared displacement over lags; entry m belongs to a lag of m frames.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SquaredDisplacement {
    /// Sum over the axes, Å².
    pub total: Vec<f64>,
    /// Along x, y and z, Å².
    pub components: Vec<[f64; 3]>,
    /// Standard deviation of the sum, Å².
    pub std_dev: Vec<f64>,
}

/// The slope of ln MSD over ln τ from a lag to twice that lag: one of diffusion, zero in a cage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Octave {
    /// The shorter lag, ps.
    pub lag: f64,
    /// The slope.
    pub exponent: f64,
    /// Its standard deviation, from the scatter between ions.
    pub std_dev: f64,
}

/// Both mean squared displacements.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Displacements {
    /// Of the single ions.
    pub msd: SquaredDisplacement,
    /// Of their center, times their number.
    pub mscd: SquaredDisplacement,
    /// Local slopes of the first.
    pub octaves: Vec<Octave>,
}

/// Mean squared displacements over lags of 0 to `longest` frames, or as many as there are.
pub(super) fn displacements(tracks: &Tracks, longest: usize) -> Displacements {
    let frames = tracks.frames();
    let count = frames.min(longest + 1);
    let octave_lags: Vec<usize> =
        std::iter::successors(Some(1), |lag| Some(2 * lag)).take_while(|lag| *lag < count).collect();
    let mut lags = Lags::new(frames);
    let mut single = Scatter::new(count, octave_lags.len());
    let mut values = Vec::with_capacity(frames);
    for ion in 0..tracks.ions() {
        let axes = [0, 1, 2].map(|axis| {
            values.clear();
            values.extend(tracks.track(ion, axis).iter().map(|x| f64::from(*x)));
            lags.squared_displacements(&values)
        });
        single.add(&axes, &octave_lags);
    }
    let center = [0, 1, 2].map(|axis| lags.squared_displacements(&tracks.collective(axis)));
    let octaves = single.octaves(&octave_lags, tracks.step());
    Displacements { msd: single.finish(frames), mscd: of_center(&center, count, tracks.ions()), octaves }
}

/// The squared displacement of the sum of the ions, divided by their number.
fn of_center(axes: &[Vec<f64>; 3], count: usize, ions: usize) -> SquaredDisplacement {
    let frames = axes[0].len();
    let mut result = SquaredDisplacement::default();
    for lag in 0..count {
        let parts = [0, 1, 2].map(|axis| axes[axis][lag] / ions as f64);
        result.total.push(parts.iter().sum());
        result.components.push(parts);
        result.std_dev.push(brownian_variance(parts, lag, frames).sqrt());
    }
    result
}

/// Sums over ions, and the scatter between them.
struct Scatter {
    ions: usize,
    sums: Vec<[f64; 3]>,
    /// Sums of squares of the displacements over all axes, Å⁴.
    squares: Vec<f64>,
    /// For each ion its displacement at the lags of the octaves.
    at_octaves: Vec<Vec<f64>>,
}

impl Scatter {
    fn new(count: usize, octaves: usize) -> Self {
        Self {
            ions: 0,
            sums: vec![[0.0; 3]; count],
            squares: vec![0.0; count],
            at_octaves: vec![Vec::new(); octaves],
        }
    }

    fn add(&mut self, axes: &[Vec<f64>; 3], octave_lags: &[usize]) {
        self.ions += 1;
        for (lag, (sums, square)) in self.sums.iter_mut().zip(&mut self.squares).enumerate() {
            for axis in 0..3 {
                sums[axis] += axes[axis][lag];
            }
            *square += (axes[0][lag] + axes[1][lag] + axes[2][lag]).powi(2);
        }
        for (lag, of_ions) in octave_lags.iter().zip(&mut self.at_octaves) {
            of_ions.push(axes.iter().map(|axis| axis[*lag]).sum());
        }
    }

    fn octaves(&self, lags: &[usize], step: f64) -> Vec<Octave> {
        let count = self.ions as f64;
        let slope = |(pair, lag): (&[Vec<f64>], &usize)| {
            let [short, long] = [0, 1].map(|k| pair[k].iter().sum::<f64>() / count);
            let scatter =
                pair[0].iter().zip(&pair[1]).map(|(s, l)| (l / long - s / short).powi(2)).sum::<f64>();
            let std_dev = (scatter / (count * (count - 1.0))).sqrt() / std::f64::consts::LN_2;
            Octave { lag: *lag as f64 * step, exponent: (long / short).log2(), std_dev }
        };
        self.at_octaves.windows(2).zip(lags).map(slope).filter(|octave| octave.exponent.is_finite()).collect()
    }

    /// The larger of two variances: that of the scatter between ions, and that of Brownian motion, which holds for one
    /// ion, too.
    fn finish(self, frames: usize) -> SquaredDisplacement {
        let count = self.ions as f64;
        let mut result = SquaredDisplacement::default();
        for (lag, (sums, square)) in self.sums.iter().zip(&self.squares).enumerate() {
            let parts = sums.map(|sum| sum / count);
            let total: f64 = parts.iter().sum();
            let between = if self.ions > 1 { (square / count - total * total) / (count - 1.0) } else { 0.0 };
            let within = brownian_variance(parts, lag, frames) / count;
            result.total.push(total);
            result.components.push(parts);
            result.std_dev.push(between.max(within).sqrt());
        }
        result
    }
}

/// Variance, Å⁴, of a mean over time of squared displacements along the axes if the motion is Brownian.
///
/// Displacements over n frames that begin m frames apart share n − m steps, so that their squares have the covariance
/// 2 ((n − m)/n)² of their mean squared (H. Qian, M. P. Sheetz, E. L. Elson, Biophys. J. 60, 910, 1991).
fn brownian_variance(parts: [f64; 3], lag: usize, frames: usize) -> f64 {
    if lag == 0 || lag >= frames {
        return 0.0;
    }
    let (n, windows) = (lag as f64, (frames - lag) as f64);
    let last = n.min(windows) - 1.0;
    let first_power = last * (last + 1.0) / 2.0;
    let second_power = first_power * (2.0 * last + 1.0) / 3.0;
    let third_power = first_power * first_power;
    let pairs = n * n * windows * last - (n * n + 2.0 * n * windows) * first_power
        + (windows + 2.0 * n) * second_power
        - third_power;
    let share = (n * n * windows + 2.0 * pairs) / (n * n * windows * windows);
    parts.iter().map(|part| 2.0 * part * part * share).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variance_is_the_double_sum() {
        let frames = 23_usize;
        for lag in 1..frames {
            let windows = frames - lag;
            let mut sum = 0.0;
            for i in 0..windows {
                for j in 0..windows {
                    let shared = lag.saturating_sub(i.abs_diff(j)) as f64 / lag as f64;
                    sum += 2.0 * shared * shared;
                }
            }
            let expected = sum / (windows * windows) as f64;
            assert!((brownian_variance([1.0, 0.0, 0.0], lag, frames) - expected).abs() < 1e-12, "{lag}");
        }
    }

    /// Ions that move evenly: MSD = v² τ², MSCD N times that of the mean velocity.
    #[test]
    fn even_motion() {
        let mut tracks = Tracks::new(2, 8).unwrap();
        for frame in 0..8 {
            let t = f64::from(frame);
            tracks.push(0.5 * t, &[[t, 0.0, 1.0], [3.0 * t, 2.0, 0.0]]).unwrap();
        }
        let found = displacements(&tracks, 5);
        assert_eq!(found.msd.total.len(), 6);
        for lag in 0..6 {
            let squared = (lag * lag) as f64;
            assert!((found.msd.total[lag] - 5.0 * squared).abs() < 1e-9);
            assert!((found.mscd.components[lag][0] - 8.0 * squared).abs() < 1e-9);
        }
        assert_eq!(found.octaves.len(), 2);
        assert!((found.octaves[0].exponent - 2.0).abs() < 1e-9 && found.octaves[0].lag == 0.5);
    }
}
