//! Single virials with a fault, by all their components: how likely they are beside those of the others as they are, and with
//! the other sign or unit.
//!
//! Forces and volumes suggest the components; what they leave of them is taken as normally distributed, with the covariance
//! of the middle of a composition. Half the difference of two squared distances is the logarithm of a ratio of likelihoods.

use faer::Mat;
use faer::Side;
use faer::linalg::solvers::{Llt, Solve};

use super::pair_model::PairModel;
use super::record::{Place, Record};
use super::statistics::{combined, robust_fit, spread};
use super::stress::faults;
use crate::median::median;

/// Components of a virial.
const COMPONENTS: usize = 6;
type Tensor = [f64; COMPONENTS];
/// Share of the configurations, those nearest to what is suggested, that make the covariance, and how often it is made.
const NEAREST: f64 = 0.75;
const ROUNDS: usize = 8;
/// Median of the squared distance of six normally distributed numbers.
const MIDDLE: f64 = 5.348;
/// Variance of a component beside that of the largest that counts for nothing.
const NOTHING: f64 = 1e-6;

/// Logarithm of the ratio of likelihoods from which a fault is believed.
const LIKELIER: f64 = 8.0;
/// Squared distance up to which a mended virial fits; one of 40 that are sound is farther.
const FITS: f64 = 14.4;
/// The same where mending takes three quarters of the distance.
const FITS_BETTER: f64 = 40.0;
const REDUCED: f64 = 4.0;

/// Virials that do not follow forces and volumes, with the fault that explains them; `None` where that cannot be told.
pub(super) fn strange(group: &[&Record], model: &PairModel) -> Option<Vec<(&'static str, Place)>> {
    let labeled: Vec<(&Record, Tensor)> =
        group.iter().filter_map(|record| Some((*record, record.virial_components_per_atom()?))).collect();
    let suggested = suggested(&labeled, model)?;
    let rests: Vec<Tensor> =
        labeled.iter().zip(&suggested).map(|((_, value), suggested)| less(value, suggested)).collect();
    let distances = Distances::robust(&rests)?;
    let fault = |k: usize| {
        let (record, value) = labeled[k];
        let before = distances.of(&rests[k]);
        let mended = |factor: f64| distances.of(&less(&value.map(|x| factor * x), &suggested[k]));
        let all = faults(record)?.map(|(fault, factor)| (fault, factor, mended(factor)));
        let (fault, factor, after) = all.min_by(|a, b| a.2.total_cmp(&b.2))?;
        // Any virial that is too large fits better once it is next to nothing.
        let before = if factor.abs() < 1.0 { before.min(mended(0.0)) } else { before };
        let fits = after < FITS || (after < FITS_BETTER && REDUCED * after < before);
        (fits && before - after > 2.0 * LIKELIER).then_some((fault, record.place))
    };
    Some((0..labeled.len()).filter_map(fault).collect())
}

fn less(a: &Tensor, b: &Tensor) -> Tensor {
    std::array::from_fn(|k| a[k] - b[k])
}

/// What forces and volumes suggest, component by component.
fn suggested(labeled: &[(&Record, Tensor)], model: &PairModel) -> Option<Vec<Tensor>> {
    let modeled: Vec<Tensor> =
        labeled.iter().map(|(record, _)| model.virial_components_per_atom(record)).collect();
    let volumes = labeled.iter().map(|(record, _)| record.volume_per_atom()).collect::<Option<Vec<f64>>>()?;
    let traces: Vec<f64> = modeled.iter().map(|[xx, yy, zz, ..]| (xx + yy + zz) / 3.0).collect();
    let mut suggested = vec![[0.0; COMPONENTS]; labeled.len()];
    for component in 0..COMPONENTS {
        let own: Vec<f64> = modeled.iter().map(|tensor| tensor[component]).collect();
        let columns = if component < 3 { vec![&own, &traces, &volumes] } else { vec![&own] };
        let columns: Vec<&Vec<f64>> = columns.into_iter().filter(|column| varies(column)).collect();
        let rows: Vec<Vec<f64>> =
            (0..labeled.len()).map(|k| columns.iter().map(|column| column[k]).collect()).collect();
        let values: Vec<f64> = labeled.iter().map(|(_, tensor)| tensor[component]).collect();
        let coefficients = robust_fit(&rows, &values)?;
        for (row, tensor) in rows.iter().zip(&mut suggested) {
            tensor[component] = combined(row, &coefficients);
        }
    }
    Some(suggested)
}

/// Whether a column can be told from a constant.
fn varies(column: &[f64]) -> bool {
    let largest = column.iter().map(|x| x.abs()).fold(0.0, f64::max);
    let (low, high) =
        column.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    high - low > 1e-9 * largest
}

/// Squared distances from zero in units of a covariance.
struct Distances {
    factors: Llt<f64>,
    scale: f64,
}

impl Distances {
    /// By the covariance of the middle of all, in units in which their median is that of a normal distribution.
    fn robust(rests: &[Tensor]) -> Option<Self> {
        let spreads: Tensor =
            std::array::from_fn(|k| spread(&rests.iter().map(|rest| rest[k]).collect::<Vec<_>>(), 0.0));
        let floor = NOTHING * spreads.iter().map(|x| x * x).fold(0.0, f64::max);
        let diagonal = |k: usize| spreads[k] * spreads[k];
        let first =
            Mat::from_fn(COMPONENTS, COMPONENTS, |a, b| if a == b { diagonal(a) + floor } else { 0.0 });
        let mut distances = Self { factors: first.llt(Side::Lower).ok()?, scale: 1.0 };
        let count = (NEAREST * rests.len() as f64).ceil() as usize;
        for _ in 0..ROUNDS {
            let mut order: Vec<(f64, usize)> =
                (0..rests.len()).map(|k| (distances.of(&rests[k]), k)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let nearest: Vec<&Tensor> = order[..count].iter().map(|(_, k)| &rests[*k]).collect();
            let mean =
                |component: usize| nearest.iter().map(|rest| rest[component]).sum::<f64>() / count as f64;
            let means: Tensor = std::array::from_fn(mean);
            let product = |a: usize, b: usize| {
                nearest.iter().map(|rest| (rest[a] - means[a]) * (rest[b] - means[b])).sum::<f64>()
                    / count as f64
            };
            let matrix =
                Mat::from_fn(COMPONENTS, COMPONENTS, |a, b| product(a, b) + if a == b { floor } else { 0.0 });
            distances.factors = matrix.llt(Side::Lower).ok()?;
        }
        let all: Vec<f64> = rests.iter().map(|rest| distances.of(rest)).collect();
        distances.scale = MIDDLE / median(&all);
        distances.scale.is_finite().then_some(distances)
    }

    fn of(&self, rest: &Tensor) -> f64 {
        let column = Mat::from_fn(COMPONENTS, 1, |k, _| rest[k]);
        let solved = self.factors.solve(&column);
        self.scale * (0..COMPONENTS).map(|k| rest[k] * solved[(k, 0)]).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Normally distributed numbers by sums of uniform ones.
    fn normal(random: &mut u64) -> f64 {
        let uniform = |random: &mut u64| {
            *random = crate::random::splitmix(*random);
            *random as f64 / u64::MAX as f64
        };
        (0..12).map(|_| uniform(random)).sum::<f64>() - 6.0
    }

    #[test]
    fn distances_are_those_of_a_normal_distribution_whatever_a_tenth_of_all_is() {
        let mut random = 5;
        let mut rests: Vec<Tensor> = (0..600)
            .map(|_| {
                let common = normal(&mut random);
                std::array::from_fn(|k| 3.0 * common + 0.1 * (k + 1) as f64 * normal(&mut random))
            })
            .collect();
        let clean = Distances::robust(&rests).unwrap();
        rests.iter_mut().step_by(10).for_each(|rest| rest[1] += 50.0);
        let robust = Distances::robust(&rests).unwrap();
        let sound: Vec<&Tensor> =
            rests.iter().enumerate().filter(|(k, _)| k % 10 != 0).map(|(_, r)| r).collect();
        let far = |distances: &Distances| {
            sound.iter().filter(|rest| distances.of(rest) > FITS).count() as f64 / sound.len() as f64
        };
        // Of six normally distributed numbers 2.5 % are farther; the spread between seeds is about one percent.
        for distances in [&clean, &robust] {
            assert!((0.005..0.06).contains(&far(distances)), "{}", far(distances));
        }
        assert!(rests.iter().step_by(10).all(|rest| robust.of(rest) > 100.0));
    }
}
