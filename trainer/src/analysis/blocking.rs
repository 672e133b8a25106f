//! Standard errors of averages over samples that follow each other in time and are correlated.
//!
//! Neighboring samples are averaged in pairs again and again (H. Flyvbjerg, H. G. Petersen, J. Chem. Phys. 91, 461 (1989)), until
//! the correlation of neighbors is within chance (G. S. Fishman, Manage. Sci. 24, 510 (1978)). The variance of these blocks gives
//! the error, Student's t the interval.

use super::quantiles::student;

/// Fewest blocks: fewer tell nothing of their correlation.
const FEWEST: usize = 4;

/// Standard deviations by which the correlation of independent neighbors may exceed its mean. Small, so that blocks are rather
/// too long than too short: with half of one, intervals hold the true value in 92 to 96 % of cases.
const CHANCE: f64 = 0.5;

/// Lengths of blocks that must all be correlated before it is said that the samples are: one or two may be so by chance.
const LEAST_LENGTHS: usize = 3;

/// Samples from which on it can be told that they are correlated throughout.
pub const FEWEST_SAMPLES: usize = FEWEST << (LEAST_LENGTHS - 1);

/// What to tell of an error that comes from fewer samples than that.
pub fn too_few(samples: &str) -> String {
    format!(
        "fewer than {FEWEST_SAMPLES} {samples} are too few to detect correlation; if they are correlated, the error is too small"
    )
}

/// Deviations below which samples are equal but for rounding, as a share of their mean.
const ROUNDING: f64 = 1e-11;

/// How far an average may be from what it estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Standard error.
    pub standard_error: f64,
    /// Half of the interval that holds the value in 95 % of cases.
    pub margin_95: f64,
    /// Blocks that it comes from.
    pub blocks: usize,
    /// Whether even the longest blocks are correlated: the error is too small then.
    pub is_correlated: bool,
}

/// The spread of the average of samples in the order of time; nothing for fewer than two.
pub fn spread(samples: &[f64]) -> Option<Spread> {
    if samples.len() < 2 {
        return None;
    }
    let mut blocks = samples.to_vec();
    let (mut level, mut lengths) = (Level::new(&blocks), 1);
    while level.is_correlated && blocks.len() >= 2 * FEWEST {
        blocks = halved(&blocks);
        (level, lengths) = (Level::new(&blocks), lengths + 1);
    }
    let standard_error = (level.variance / (blocks.len() - 1) as f64).sqrt();
    Some(Spread {
        standard_error,
        margin_95: student(0.975, (blocks.len() - 1) as f64) * standard_error,
        blocks: blocks.len(),
        is_correlated: level.is_correlated && lengths >= LEAST_LENGTHS,
    })
}

/// Averages of neighbors; of an odd number the first, which is the oldest, is left out.
fn halved(blocks: &[f64]) -> Vec<f64> {
    blocks[blocks.len() % 2..].chunks(2).map(|pair| 0.5 * (pair[0] + pair[1])).collect()
}

/// Blocks of one length.
struct Level {
    /// Mean square deviation from their mean.
    variance: f64,
    /// Whether neighbors are more alike than chance makes them.
    is_correlated: bool,
}

impl Level {
    fn new(blocks: &[f64]) -> Self {
        let count = blocks.len() as f64;
        let mean = blocks.iter().sum::<f64>() / count;
        let largest = blocks.iter().fold(0.0, |largest: f64, value| largest.max((value - mean).abs()));
        if largest <= ROUNDING * mean.abs() {
            return Self { variance: 0.0, is_correlated: false };
        }
        let variance = blocks.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / count;
        let products = blocks.windows(2).map(|pair| (pair[0] - mean) * (pair[1] - mean));
        let correlation = products.sum::<f64>() / (count * variance);
        // Of independent blocks the mean of this is −1/n, its variance about 1/n.
        Self { variance, is_correlated: correlation + 1.0 / count >= CHANCE / count.sqrt() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    /// A number of the standard normal distribution.
    fn normal(numbers: &mut Sequence) -> f64 {
        (0..12).map(|_| numbers.uniform()).sum::<f64>() - 6.0
    }

    /// Samples with mean zero, each of which keeps this share of the one before.
    fn samples(count: usize, kept: f64, numbers: &mut Sequence) -> Vec<f64> {
        let mut value = normal(numbers);
        let step = |_| {
            value = kept * value + (1.0 - kept * kept).sqrt() * normal(numbers);
            value
        };
        (0..count).map(step).collect()
    }

    /// In how many of a hundred cases the interval holds the true mean, and the share of errors that are known to be too small.
    fn coverage(count: usize, kept: f64) -> (f64, f64) {
        let (mut numbers, cases) = (Sequence::new(17), 2000);
        let (mut held, mut correlated) = (0, 0);
        for _ in 0..cases {
            let samples = samples(count, kept, &mut numbers);
            let mean = samples.iter().sum::<f64>() / count as f64;
            let spread = spread(&samples).unwrap();
            held += u32::from(mean.abs() <= spread.margin_95);
            correlated += u32::from(spread.is_correlated);
        }
        let percent = |number: u32| 100.0 * f64::from(number) / f64::from(cases);
        (percent(held), percent(correlated))
    }

    #[test]
    fn intervals_hold_the_true_mean_in_nineteen_of_twenty_cases() {
        for (count, kept, least) in [
            (64, 0.0, 94.0),
            (48, 0.3, 92.5),
            (64, 0.5, 92.5),
            (64, 0.7, 91.0),
            (8, 0.0, 94.0),
            (5, 0.0, 94.0),
        ] {
            let (held, _) = coverage(count, kept);
            assert!((least..98.0).contains(&held), "{count} samples, {kept} kept: {held} %");
        }
    }

    #[test]
    fn samples_that_are_correlated_throughout_are_told() {
        let (_, correlated) = coverage(64, 0.98);
        assert!(correlated > 50.0, "{correlated} %");
        let (_, correlated) = coverage(64, 0.0);
        assert!(correlated < 6.0, "{correlated} %");
        let drift: Vec<f64> = (0..40).map(f64::from).collect();
        assert!(spread(&drift).unwrap().is_correlated);
    }

    #[test]
    fn few_and_equal_samples_have_the_error_that_they_show() {
        assert_eq!(spread(&[1.0]), None);
        let two = spread(&[1.0, 3.0]).unwrap();
        assert_eq!((two.standard_error, two.blocks, two.is_correlated), (1.0, 2, false));
        assert!((two.margin_95 - 12.7062).abs() < 1e-4);
        let equal = spread(&[0.1 + 0.2, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3]).unwrap();
        assert_eq!((equal.standard_error, equal.is_correlated), (0.0, false));
    }
}
