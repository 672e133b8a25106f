//! The plateau of a spectrum: up to which frequency it is D + b x, and whether it stays level towards zero.
//!
//! Vibrations and jumps back raise D(ω) above D in proportion to ω² where ω is small, whatever they are in detail. Where
//! the ions still slow down (MSD growing as τ^α, α < 1), D(ω) falls as ω^(1−α) to the lowest frequency there is.

use super::super::quantiles::chi_squared_above;
use super::line::{fit, fit_by_own_size};
use super::spectrum::Spectrum;

/// Misfits as bad as this or worse, as a probability, are no fit.
const MISFIT: f64 = 0.03;
/// The shortest part of a spectrum, in values, that is tried.
const SHORTEST: usize = 8;

/// What was found of a spectrum.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plateau {
    /// Values at k = 1 to this one are used: two fifths of those that D + b x fits.
    pub(super) used: usize,
    /// D, Å²/ps, and b, Å² ps.
    pub(super) coefficients: [f64; 2],
    /// Relative variance of a single value.
    pub(super) variance: f64,
    /// Exponent α of MSD ∝ τ^α towards long lags.
    pub(super) exponent: f64,
    /// Its standard deviation.
    pub(super) exponent_std_dev: f64,
}

/// The longest part of a spectrum that D + b x fits; `ions` are those whose motion is averaged in each value.
pub(super) fn plateau(spectrum: &Spectrum, ions: usize) -> Option<Plateau> {
    let (values, squares) = (spectrum.means(), spectrum.squared_frequencies());
    let least = 2.0 / (3.0 * ions as f64);
    let shorter = |last: &usize| Some(last - last.div_ceil(6)).filter(|last| *last >= SHORTEST);
    let mut lasts = std::iter::successors(Some(values.len()).filter(|last| *last >= SHORTEST), shorter);
    lasts.find_map(|last| up_to(&values[..last], &squares[..last], least))
}

/// What is known from these values, unless D + b x does not fit them.
fn up_to(values: &[f64], squares: &[f64], least: f64) -> Option<Plateau> {
    let count = values.len();
    let ([level, rise], sizes) = line(values, squares)?;
    // Few jumps scatter more than the vibrations of all ions do, so it is asked where D outweighs b x.
    let low = squares.iter().filter(|x| rise * **x <= level).count().max(16).min(count);
    let variance = scatter(&values[..low], &sizes[..low]).max(least);
    let limits = edges(count);
    let misfit: f64 = std::iter::once(0)
        .chain(limits.iter().copied())
        .zip(&limits)
        .map(|(from, to)| deviance(&values[from..*to], &sizes[from..*to], variance))
        .sum();
    if chi_squared_above(misfit, limits.len() as f64 - 2.0) < MISFIT {
        return None;
    }
    // What D + b x leaves out grows as the fourth power of the frequency: in two fifths of the range it is a fortieth.
    let used = 2 * count / 5;
    let (values, squares) = (&values[..used], &squares[..used]);
    let (coefficients, sizes) = line(values, squares)?;
    let (exponent, exponent_std_dev) = exponent(values, squares, &sizes, variance)?;
    Some(Plateau { used, coefficients, variance, exponent, exponent_std_dev })
}

/// D and b, neither below zero, and the sizes of D + b x.
fn line(values: &[f64], squares: &[f64]) -> Option<([f64; 2], Vec<f64>)> {
    let one = vec![1.0; values.len()];
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
    let level = mean(values);
    if level <= 0.0 {
        return None;
    }
    let (found, sizes) = fit_by_own_size(&[one.clone(), squares.to_vec()], values)?;
    match (found.coefficients[0], found.coefficients[1]) {
        (_, rise) if rise <= 0.0 => Some(([level, 0.0], vec![level; values.len()])),
        (level, _) if level <= 0.0 => {
            let rise = mean(&values.iter().zip(squares).map(|(value, x)| value / x).collect::<Vec<_>>());
            Some(([0.0, rise], squares.iter().map(|x| rise * x).collect()))
        }
        (level, rise) => Some(([level, rise], sizes)),
    }
}

/// Ends of bands of half an octave: 1, 2, 3, 4, 6, 8, 12, 16, … and `count`.
fn edges(count: usize) -> Vec<usize> {
    let mut result = vec![1, 2, 3];
    let mut power = 4;
    while power <= count {
        result.extend([power, power + power / 2]);
        power *= 2;
    }
    result.retain(|edge| *edge < count);
    result.push(count);
    result
}

/// Relative variance of a value, from differences of neighbors, which what is smooth does not raise.
fn scatter(values: &[f64], sizes: &[f64]) -> f64 {
    let relative: Vec<f64> = values.iter().zip(sizes).map(|(value, size)| value / size).collect();
    let squares: f64 = relative.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum();
    squares / (2.0 * (values.len() - 1) as f64)
}

/// How far the mean of a band is from the fit, as a chi-squared variable: the deviance of a gamma distribution, since each
/// value is a mean of squares.
fn deviance(values: &[f64], sizes: &[f64], variance: f64) -> f64 {
    let count = values.len() as f64;
    let ratio = values.iter().zip(sizes).map(|(value, size)| value / size).sum::<f64>() / count;
    if ratio <= 0.0 { f64::INFINITY } else { 2.0 * count / variance * (ratio - 1.0 - ratio.ln()) }
}

/// α and its error from D (1 + (1 − α) ln(k / k₀)) + b x, which is what D k^(1−α) begins with.
fn exponent(values: &[f64], squares: &[f64], sizes: &[f64], variance: f64) -> Option<(f64, f64)> {
    let logarithms: Vec<f64> = (1..=values.len()).map(|k| (k as f64).ln()).collect();
    let middle = logarithms.iter().sum::<f64>() / values.len() as f64;
    let centered = logarithms.iter().map(|x| x - middle).collect();
    let found = fit(&[vec![1.0; values.len()], centered, squares.to_vec()], values, sizes)?;
    let level = found.coefficients[0];
    let error = (variance * found.covariance[(1, 1)]).sqrt() / level;
    (level > 0.0).then(|| (1.0 - found.coefficients[1] / level, error))
}
