//! Fits of a few functions to a spectrum, each value weighted by its own expected size.

use nalgebra::{DMatrix, DVector};

/// Coefficients of a fit, and what their scatter follows from.
pub(super) struct Fit {
    /// One for each function.
    pub(super) coefficients: Vec<f64>,
    /// (Xᵀ W X)⁻¹: covariance of the coefficients for values with a relative variance of one.
    pub(super) covariance: DMatrix<f64>,
    /// What each coefficient takes of each value: row j is that of coefficient j.
    pub(super) shares: DMatrix<f64>,
}

/// Fits Σ_j c_j f_j to values whose standard deviations are in proportion to `sizes`; none if the functions are not
/// independent of each other on these values.
pub(super) fn fit(functions: &[Vec<f64>], values: &[f64], sizes: &[f64]) -> Option<Fit> {
    let design =
        DMatrix::from_fn(values.len(), functions.len(), |row, column| functions[column][row] / sizes[row]);
    let scales: Vec<f64> = design.column_iter().map(|column| column.norm()).collect();
    if scales.iter().any(|scale| !(scale.is_finite() && *scale > 0.0)) {
        return None;
    }
    let scaled = DMatrix::from_fn(design.nrows(), design.ncols(), |row, column| {
        design[(row, column)] / scales[column]
    });
    let inverse = (scaled.transpose() * &scaled).cholesky()?.inverse();
    if inverse.diagonal().max() > 1e9 {
        return None;
    }
    let covariance =
        DMatrix::from_fn(inverse.nrows(), inverse.ncols(), |i, j| inverse[(i, j)] / (scales[i] * scales[j]));
    let mut shares = &covariance * design.transpose();
    for (mut column, size) in shares.column_iter_mut().zip(sizes) {
        column /= *size;
    }
    let coefficients = (&shares * DVector::from_column_slice(values)).iter().copied().collect();
    Some(Fit { coefficients, covariance, shares })
}

/// Fits as [`fit`] does where the sizes are those of the fit itself, found by going round a few times.
///
/// Sizes stay above a thousandth of the mean, so that values near zero do not take all the weight.
pub(super) fn fit_by_own_size(functions: &[Vec<f64>], values: &[f64]) -> Option<(Fit, Vec<f64>)> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let mut sizes = vec![mean; values.len()];
    for _ in 0..8 {
        let found = fit(functions, values, &sizes)?;
        for (row, size) in sizes.iter_mut().enumerate() {
            let model: f64 = found.coefficients.iter().zip(functions).map(|(c, f)| c * f[row]).sum();
            *size = model.max(1e-3 * mean);
        }
    }
    Some((fit(functions, values, &sizes)?, sizes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_values_are_fitted_exactly() {
        let x: Vec<f64> = (1..9).map(f64::from).collect();
        let values: Vec<f64> = x.iter().map(|x| 2.0 + 0.5 * x).collect();
        let (found, sizes) = fit_by_own_size(&[vec![1.0; 8], x], &values).unwrap();
        assert!((found.coefficients[0] - 2.0).abs() < 1e-10 && (found.coefficients[1] - 0.5).abs() < 1e-10);
        assert!((sizes[3] - 4.0).abs() < 1e-9);
        let of_constant: f64 = found.shares.row(0).iter().sum();
        assert!((of_constant - 1.0).abs() < 1e-10);
    }

    #[test]
    fn functions_that_are_the_same_are_refused() {
        let x = vec![1.0; 5];
        assert!(fit(&[x.clone(), x.clone()], &x, &x).is_none());
        assert!(fit(&[vec![0.0; 5]], &x, &x).is_none());
    }
}
