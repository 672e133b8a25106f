//! Medians and correlations, which outliers cannot move far.

use faer::Mat;
use faer::linalg::solvers::SolveLstsq;

use crate::statistics::median;

/// Rounds of a robust fit, and how many median distances its values may be away.
const ROUNDS: usize = 6;
const KEPT: f64 = 2.5;
/// Standard deviation of a normal distribution by its median absolute deviation.
const SIGMA_PER_DEVIATION: f64 = 1.4826;

/// Spread as a standard deviation, by the median of the distances from `middle`.
pub(super) fn spread(values: &[f64], middle: f64) -> f64 {
    let distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    SIGMA_PER_DEVIATION * median(&distances)
}

/// Slope of y over x and their correlation; `None` where x or y do not vary.
pub(super) fn regression(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let sum = |term: &dyn Fn(f64, f64) -> f64| points.iter().map(|(a, b)| term(a - x, b - y)).sum::<f64>();
    let (xx, yy, xy) = (sum(&|a, _| a * a), sum(&|_, b| b * b), sum(&|a, b| a * b));
    (xx > 0.0 && yy > 0.0).then(|| (xy / xx, xy / (xx * yy).sqrt()))
}

/// Coefficients of least squares of the values over rows of terms, made again without what they explain worst; `None`
/// where there are too few values. The last coefficient is that of a constant term.
pub(super) fn robust_fit(rows: &[Vec<f64>], values: &[f64]) -> Option<Vec<f64>> {
    let terms = rows.first()?.len() + 1;
    if values.len() < 3 * terms {
        return None;
    }
    let term = |row: usize, column: usize| rows[row].get(column).copied().unwrap_or(1.0);
    let mut kept: Vec<usize> = (0..values.len()).collect();
    let mut found = Vec::new();
    for _ in 0..ROUNDS {
        let matrix = Mat::from_fn(kept.len(), terms, |row, column| term(kept[row], column));
        let right = Mat::from_fn(kept.len(), 1, |row, _| values[kept[row]]);
        let solution = matrix.col_piv_qr().solve_lstsq(&right);
        found = (0..terms).map(|k| solution[(k, 0)]).collect();
        if found.iter().any(|value: &f64| !value.is_finite()) {
            return None;
        }
        let distances = distances(rows, values, &found);
        let limit = KEPT * median(&distances);
        kept = (0..values.len()).filter(|&k| distances[k] <= limit).collect();
        if kept.len() < 2 * terms {
            break;
        }
    }
    Some(found)
}

/// Distances of the values from what the coefficients of [`robust_fit`] make of the rows.
fn distances(rows: &[Vec<f64>], values: &[f64], coefficients: &[f64]) -> Vec<f64> {
    rows.iter().zip(values).map(|(row, value)| (value - combined(row, coefficients)).abs()).collect()
}

/// What the coefficients of [`robust_fit`] make of a row.
pub(super) fn combined(row: &[f64], coefficients: &[f64]) -> f64 {
    let constant = coefficients.last().copied().unwrap_or(0.0);
    constant + row.iter().zip(coefficients).map(|(term, coefficient)| term * coefficient).sum::<f64>()
}

/// Correlation of what virials (xx yy zz yz xz xy) have beside their pressures; 0 where they have nothing.
pub(super) fn shear_correlation(pairs: impl Iterator<Item = ([f64; 6], [f64; 6])>) -> f64 {
    let (mut product, mut first, mut second) = (0.0, 0.0, 0.0);
    for (a, b) in pairs {
        for (component, (a, b)) in without_pressure(a).into_iter().zip(without_pressure(b)).enumerate() {
            // those off the diagonal stand for two
            let count = if component < 3 { 1.0 } else { 2.0 };
            product += count * a * b;
            first += count * a * a;
            second += count * b * b;
        }
    }
    let size = (first * second).sqrt();
    if size > 0.0 { product / size } else { 0.0 }
}

fn without_pressure(virial: [f64; 6]) -> [f64; 6] {
    let mean = virial[..3].iter().sum::<f64>() / 3.0;
    std::array::from_fn(|component| virial[component] - if component < 3 { mean } else { 0.0 })
}
