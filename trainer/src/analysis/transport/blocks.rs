//! Diffusivities from blocks of the run, with intervals by Student's t.
//!
//! The spectrum of each block is fitted by D + b x; the D of the blocks are independent of each other, and their scatter
//! holds all that makes the mean uncertain: few frequencies, few jumps, ions that move together. Intervals are those of
//! ln D, whose distribution is the less skewed one (diffusivities are positive).

use super::super::quantiles::{student, student_tails};
use super::line::fit;
use super::plateau::Plateau;
use super::spectrum::{Spectra, Spectrum, spectra};
use super::tracks::Tracks;

/// The least number of frequencies of a run that make blocks.
pub(super) const LEAST_WINDOWS: usize = LEAST_BLOCKS * LEAST_FREQUENCIES;
/// Fewer blocks have no scatter to speak of.
const LEAST_BLOCKS: usize = 5;
/// Frequencies of a block that D + b x is fitted to.
const LEAST_FREQUENCIES: usize = 3;

/// A mean with its error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub value: f64,
    /// Its standard deviation.
    pub std_dev: f64,
    /// Its 95 % interval.
    pub interval_95: [f64; 2],
}

impl Estimate {
    /// The same in another unit.
    #[must_use]
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value * factor,
            std_dev: self.std_dev * factor,
            interval_95: self.interval_95.map(|end| end * factor),
        }
    }
}

/// D of every block along x, y and z, Å²/ps.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    /// Of single ions: D*.
    pub(super) single: Vec<[f64; 3]>,
    /// Of their sum: D_J.
    pub(super) collective: Vec<[f64; 3]>,
}

/// Divides the run into blocks and fits each; none if the plateau is too short for five blocks of three
/// frequencies.
pub(super) fn blocks(
    tracks: &Tracks,
    sums: &[Vec<f64>; 3],
    single: &Plateau,
    collective: &Plateau,
) -> Option<Blocks> {
    let used = single.used.min(collective.used);
    if used < LEAST_WINDOWS {
        return None;
    }
    let count =
        ((2.0 * used as f64).sqrt().round() as usize).min(used / LEAST_FREQUENCIES).clamp(LEAST_BLOCKS, 16);
    let length = tracks.frames() / count;
    let mut result = Blocks { single: Vec::new(), collective: Vec::new() };
    for block in 0..count {
        let frames = block * length..(block + 1) * length;
        let Spectra { single: one, collective: all } = spectra(tracks, sums, frames, single.used / count);
        result.single.push(intercept(&one, single)?);
        let mut all = all;
        all.values.truncate(used / count);
        result.collective.push(intercept(&all, collective)?);
    }
    Some(result)
}

/// D along each axis of the spectrum of a block, weighted as the plateau of the whole run says.
fn intercept(spectrum: &Spectrum, plateau: &Plateau) -> Option<[f64; 3]> {
    let squares = spectrum.squared_frequencies();
    let [level, rise] = plateau.coefficients;
    let mean = spectrum.means().iter().sum::<f64>() / squares.len() as f64;
    let sizes: Vec<f64> = squares.iter().map(|x| (level + rise * x).max(1e-3 * mean.abs())).collect();
    let found = fit(&[vec![1.0; squares.len()], squares], &spectrum.means(), &sizes)?;
    let shares = found.shares.row(0);
    Some(
        [0, 1, 2]
            .map(|axis| shares.iter().zip(&spectrum.values).map(|(share, value)| share * value[axis]).sum()),
    )
}

/// The mean of one value for each block; none if it is not positive.
pub(super) fn mean(values: &[f64]) -> Option<Estimate> {
    ratio(values, &vec![1.0; values.len()])
}

/// Ratio of the means of two values for each block, by leaving out one block at a time (jackknife of the logarithm).
pub(super) fn ratio(above: &[f64], below: &[f64]) -> Option<Estimate> {
    let count = above.len() as f64;
    let [sum_above, sum_below] = [above, below].map(|values| values.iter().sum::<f64>());
    let value = sum_above / sum_below;
    if !(value > 0.0 && sum_below > 0.0 && value.is_finite()) || above.len() < 2 {
        return None;
    }
    let relative = |(a, b): (&f64, &f64)| (a / sum_above - b / sum_below).powi(2);
    let error = (above.iter().zip(below).map(relative).sum::<f64>() * count / (count - 1.0)).sqrt();
    let factor = (student(0.975, count - 1.0) * error).exp();
    Some(Estimate { value, std_dev: value * error, interval_95: [value / factor, value * factor] })
}

/// Probability of a difference between the halves of the run as large as that of the blocks, or larger, if there is none.
///
/// Student's t test with the common variance of the blocks of both halves.
pub(super) fn stationarity(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    let (first, second) = (&values[..half], &values[values.len() - half..]);
    let mean = |part: &[f64]| part.iter().sum::<f64>() / half as f64;
    let squares = |part: &[f64]| part.iter().map(|x| (x - mean(part)).powi(2)).sum::<f64>();
    let freedom = 2.0 * (half as f64 - 1.0);
    let error = ((squares(first) + squares(second)) / freedom * 2.0 / half as f64).sqrt();
    student_tails((mean(first) - mean(second)) / error, freedom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_of_blocks() {
        let found = mean(&[1.0, 2.0, 3.0, 2.0]).unwrap();
        assert!((found.value - 2.0).abs() < 1e-12);
        assert!((found.std_dev - (2.0_f64 / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        assert!((found.interval_95[0] * found.interval_95[1] - 4.0).abs() < 1e-9);
        assert!(mean(&[1.0, -3.0]).is_none() && mean(&[1.0]).is_none());
    }

    #[test]
    fn halves_that_differ_are_told() {
        assert!(stationarity(&[4.0, 5.0, 4.5, 1.0, 1.5, 0.5]) < 0.01);
        assert!(stationarity(&[4.0, 1.0, 2.5, 3.0, 1.5, 2.9]) > 0.5);
    }
}
