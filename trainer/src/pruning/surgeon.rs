//! What the loss rises by if parameters are removed and all others take their best values, in the quadratic model that a
//! Gauss-Newton matrix is: the optimal brain surgeon (B. Hassibi and D. G. Stork, NIPS 5, 164 (1993)) for groups of
//! parameters.
//!
//! With the matrix H and the minimum θ of the model, to set the parameters R to zero costs ½ θ_Rᵀ [(H⁻¹)_RR]⁻¹ θ_R and moves
//! the others by −(H⁻¹)_·R [(H⁻¹)_RR]⁻¹ θ_R.

use faer::linalg::solvers::{Llt, Solve};
use faer::{Mat, Side};
use mtprs_core::Result;

use crate::optimizer::{Curvature, Gram};

/// Damping of the matrix with a unit diagonal: directions that the data say nothing of.
const DAMPING: f64 = 1e-7;

/// The quadratic model with some parameters removed.
#[derive(Clone, Debug)]
pub struct Surgeon {
    /// 1/√H_kk; zero where the loss does not depend on a parameter.
    scale: Vec<f64>,
    /// The inverse of the matrix with a unit diagonal, less what belongs to removed parameters.
    inverse: Mat<f64>,
    /// The minimum, in units in which the diagonal is one.
    minimum: Vec<f64>,
    /// Parameters that the loss does not depend on, or that keep their values, as they were.
    others: Vec<f64>,
}

impl Surgeon {
    /// At parameters with this gradient.
    pub fn new(gram: &Gram, parameters: &[f64], gradient: &[f64]) -> Result<Self> {
        let curvature = Curvature::new(gram, DAMPING)?;
        let (inverse, scale) = curvature.inverse();
        let (scale, size) = (scale.to_vec(), scale.len());
        let slopes = Mat::from_fn(size, 1, |row, _| scale[row] * gradient[row]);
        let step = &inverse * slopes;
        let place = |row: usize| if scale[row] > 0.0 { parameters[row] / scale[row] } else { 0.0 };
        let minimum = (0..size).map(|row| place(row) - step[(row, 0)]).collect();
        let other = |row: usize| if scale[row] > 0.0 { 0.0 } else { parameters[row] };
        let others = (0..size).map(other).collect();
        Ok(Self { scale, inverse, minimum, others })
    }

    /// By how much the loss rises if these parameters are removed from what is left.
    pub fn rise(&self, removed: &[usize]) -> f64 {
        match removed {
            [] => 0.0,
            &[only] => 0.5 * self.minimum[only] * self.minimum[only] / self.inverse[(only, only)],
            _ => match self.multipliers(removed) {
                Some(multipliers) => {
                    let terms =
                        removed.iter().enumerate().map(|(k, &row)| self.minimum[row] * multipliers[(k, 0)]);
                    0.5 * terms.sum::<f64>()
                }
                None => f64::INFINITY,
            },
        }
    }

    /// Removes parameters; whether the rest could be found.
    pub fn remove(&mut self, removed: &[usize]) -> bool {
        let Some(factors) = self.factors(removed) else { return false };
        let size = self.minimum.len();
        let across = Mat::from_fn(size, removed.len(), |row, k| self.inverse[(row, removed[k])]);
        // [(H⁻¹)_RR]⁻¹ (H⁻¹)_R·.
        let weights = factors.solve(across.transpose());
        let before: Vec<f64> = removed.iter().map(|&index| self.minimum[index]).collect();
        for (row, value) in self.minimum.iter_mut().enumerate() {
            *value -= before.iter().enumerate().map(|(k, place)| weights[(k, row)] * place).sum::<f64>();
        }
        self.inverse -= &across * &weights;
        for &index in removed {
            (self.minimum[index], self.others[index]) = (0.0, 0.0);
        }
        true
    }

    /// The parameters at the minimum; removed ones are zero.
    pub fn parameters(&self) -> Vec<f64> {
        let places = self.minimum.iter().zip(&self.scale).map(|(value, scale)| value * scale);
        places.zip(&self.others).map(|(place, other)| place + other).collect()
    }

    fn factors(&self, removed: &[usize]) -> Option<Llt<f64>> {
        let count = removed.len();
        Mat::from_fn(count, count, |row, column| self.inverse[(removed[row], removed[column])])
            .llt(Side::Lower)
            .ok()
    }

    fn multipliers(&self, removed: &[usize]) -> Option<Mat<f64>> {
        let right = Mat::from_fn(removed.len(), 1, |row, _| self.minimum[removed[row]]);
        Some(self.factors(removed)?.solve(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Least squares of twelve numbers in five parameters: the matrix, and value and gradient anywhere.
    struct Squares(Vec<f64>);

    impl Squares {
        fn new() -> Self {
            Self((0..72).map(|k| f64::sin(1.7 * f64::from(k * k))).collect())
        }

        fn gram(&self) -> Gram {
            let mut gram = Gram::new(5);
            self.0.chunks(6).for_each(|row| gram.add_rows(&row[..5]));
            gram
        }

        fn residual(row: &[f64], at: &[f64]) -> f64 {
            row[..5].iter().zip(at).map(|(a, b)| a * b).sum::<f64>() - row[5]
        }

        fn loss(&self, at: &[f64]) -> f64 {
            self.0.chunks(6).map(|row| 0.5 * Self::residual(row, at).powi(2)).sum()
        }

        fn gradient(&self, at: &[f64]) -> Vec<f64> {
            let slope = |k: usize| self.0.chunks(6).map(|row| row[k] * Self::residual(row, at)).sum();
            (0..5).map(slope).collect()
        }

        /// The least loss with these parameters alone, by cyclic steps in each.
        fn least(&self, free: &[usize]) -> f64 {
            let (mut at, gram) = (vec![0.0; 5], self.gram());
            for _ in 0..4000 {
                for &k in free {
                    at[k] -= self.gradient(&at)[k] / gram.diagonal()[k];
                }
            }
            self.loss(&at)
        }
    }

    #[test]
    fn rises_are_those_of_fits_without_the_parameters() {
        let squares = Squares::new();
        let start = [0.3, -1.0, 0.2, 2.0, 0.7];
        let surgeon = Surgeon::new(&squares.gram(), &start, &squares.gradient(&start)).unwrap();
        let whole = squares.least(&[0, 1, 2, 3, 4]);
        assert!((squares.loss(&surgeon.parameters()) - whole).abs() < 1e-6 * whole);
        for (removed, left) in
            [(vec![2], vec![0, 1, 3, 4]), (vec![0, 3], vec![1, 2, 4]), (vec![4, 1, 0], vec![2, 3])]
        {
            let expected = squares.least(&left) - whole;
            let rise = surgeon.rise(&removed);
            assert!((rise - expected).abs() < 1e-5 * expected, "{removed:?}: {rise} for {expected}");
            let mut after = surgeon.clone();
            assert!(after.remove(&removed));
            let parameters = after.parameters();
            assert!(removed.iter().all(|&index| parameters[index] == 0.0));
            assert!((squares.loss(&parameters) - squares.least(&left)).abs() < 1e-6 * expected);
        }
    }

    #[test]
    fn one_after_the_other_is_both_together() {
        let squares = Squares::new();
        let surgeon = Surgeon::new(&squares.gram(), &[0.0; 5], &squares.gradient(&[0.0; 5])).unwrap();
        let (mut first, mut both) = (surgeon.clone(), surgeon.clone());
        let rise = surgeon.rise(&[1]);
        first.remove(&[1]);
        let rise = rise + first.rise(&[3]);
        first.remove(&[3]);
        both.remove(&[1, 3]);
        assert!((rise - surgeon.rise(&[3, 1])).abs() < 1e-9 * rise);
        assert!(first.parameters().iter().zip(both.parameters()).all(|(a, b)| (a - b).abs() < 1e-9));
    }

    #[test]
    fn removals_are_the_same_on_any_number_of_threads() {
        let size = 400;
        let mut gram = Gram::new(size);
        let rows: Vec<f64> = (0..2 * size * size).map(|k| (0.37 * k as f64 * k as f64).sin()).collect();
        gram.add_rows(&rows);
        let parameters: Vec<f64> = (0..size).map(|k| (k as f64).cos()).collect();
        let after = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut surgeon = Surgeon::new(&gram, &parameters, &vec![0.1; size]).unwrap();
                assert!(surgeon.remove(&(0..90).collect::<Vec<_>>()));
                surgeon.parameters().into_iter().map(f64::to_bits).collect::<Vec<_>>()
            })
        };
        let one = after(1);
        for threads in [2, 3, 8] {
            assert!(after(threads) == one, "{threads} threads");
        }
    }

    #[test]
    fn what_the_loss_does_not_depend_on_is_removed_for_nothing() {
        let mut gram = Gram::new(2);
        gram.add_rows(&[1.0, 0.0]);
        let mut surgeon = Surgeon::new(&gram, &[2.0, 5.0], &[0.0, 0.0]).unwrap();
        assert_eq!(surgeon.rise(&[1]), 0.0);
        assert!((surgeon.parameters()[1] - 5.0).abs() < 1e-12);
        assert!((surgeon.rise(&[0]) - 2.0).abs() < 1e-6);
        assert!(surgeon.remove(&[1]));
        assert!((surgeon.parameters()[0] - 2.0).abs() < 1e-12);
        assert_eq!(surgeon.parameters()[1], 0.0);
    }
}
