//! Whether escapes come at random, or some ions, or some times, have far more of them than others.
//!
//! Where there is diffusion, numbers of escapes in long times vary as those in short times add up at random. Waits with
//! heavy tails keep ions where they are for a good part of the run while others go on jumping: numbers in long times vary
//! far more, even though each mean squared displacement is straight (Y. He et al., Phys. Rev. Lett. 101, 058101, 2008).
//! The same is seen where some ions are mobile and others are not, and where the motion dies away.

use super::super::quantiles::chi_squared_above;
use super::escapes::PARTS;

/// How escapes are bunched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mixing {
    /// Variance of the numbers of single ions in quarters of the run, over that of their 32nd parts put together at random.
    pub in_quarters: f64,
    /// The same of the numbers in the whole run.
    pub in_all: f64,
    /// Probability of the less likely of the two, or one less likely still, if escapes come at random.
    pub probability: f64,
}

/// From the numbers of escapes of each ion in each part of the run; none where there are too few to tell.
pub(super) fn mixing(counts: &[[u32; PARTS]]) -> Option<Mixing> {
    let cells = (counts.len() * PARTS) as f64;
    let mean = counts.iter().flatten().map(|count| f64::from(*count)).sum::<f64>() / cells;
    let squares = counts.iter().flatten().map(|count| (f64::from(*count) - mean).powi(2)).sum::<f64>();
    let variance = squares / (cells - 1.0);
    if counts.len() < 4 || variance <= 0.0 {
        return None;
    }
    // Over all ways to exchange the parts, sums of `together` of them have the variance expected here; the sum of their
    // squares is close to a chi-squared variable.
    let bunching = |together: usize| {
        let sums = counts.iter().flat_map(|of| of.chunks(together).map(|part| part.iter().sum::<u32>()));
        let expected = together as f64 * mean;
        let squares = sums.map(|sum| (f64::from(sum) - expected).powi(2)).sum::<f64>();
        let freedom = cells / together as f64 - 1.0;
        let statistic = squares / (together as f64 * variance);
        (statistic / freedom, chi_squared_above(statistic, freedom))
    };
    let ((in_quarters, first), (in_all, second)) = (bunching(PARTS / 4), bunching(PARTS));
    Some(Mixing { in_quarters, in_all, probability: (2.0 * first.min(second)).min(1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn movers_and_sitters_are_told() {
        let apart: Vec<[u32; PARTS]> = (0..20).map(|ion| [ion / 10; PARTS]).collect();
        let found = mixing(&apart).unwrap();
        assert!(found.probability < 1e-6 && found.in_all > 10.0);
    }

    #[test]
    fn times_of_rest_are_told() {
        let part = |ion: usize, k: usize| u32::from((k / 8 + ion).is_multiple_of(4));
        let resting: Vec<[u32; PARTS]> = (0..20).map(|ion| std::array::from_fn(|k| part(ion, k))).collect();
        let found = mixing(&resting).unwrap();
        assert!(found.probability < 1e-6 && found.in_quarters > 5.0 && found.in_all < 0.1);
    }

    #[test]
    fn escapes_at_random_are_not() {
        let random =
            |ion: usize, k: usize| u32::from((ion * PARTS + k).wrapping_mul(2_654_435_761) >> 7 & 7 == 0);
        let at_random: Vec<[u32; PARTS]> =
            (0..20).map(|ion| std::array::from_fn(|k| random(ion, k))).collect();
        assert!(mixing(&at_random).unwrap().probability > 0.05);
        assert!(mixing(&[[0; PARTS]; 9]).is_none());
    }
}
