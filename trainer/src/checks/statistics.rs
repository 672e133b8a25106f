//! Medians and correlations, which outliers cannot move far.

/// Standard deviation of a normal distribution by its median absolute deviation.
const SIGMA_PER_DEVIATION: f64 = 1.4826;

/// The middle value; zero if there is none.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

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
