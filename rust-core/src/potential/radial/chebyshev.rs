//! `RBChebyshev`: Chebyshev polynomials with a quadratic cutoff (Novikov et al. 2021, eq. 4).
//!
//! Q_β(r) = T_β(x) s², s = R_cut − r, x = (2r − (R_min + R_cut)) / (R_cut − R_min), for r < R_cut; the factor `scaling` is
//! that of the potential. Below R_min the same formula holds.

use super::RadialBasis;

/// As files name it.
pub(super) const KEYWORD: &str = "RBChebyshev";

/// Slope and offset of x = r · slope + offset.
pub(crate) fn interval(basis: &RadialBasis) -> (f64, f64) {
    let (low, high) = (basis.min_dist(), basis.max_dist());
    (2.0 / (high - low), -(low + high) / (high - low))
}

/// Q_β(r) and its derivative for all β, r < R_cut.
pub(super) fn functions(basis: &RadialBasis, r: f64) -> impl Iterator<Item = (f64, f64)> {
    let ((slope, offset), s) = (interval(basis), basis.max_dist() - r);
    let x = r * slope + offset;
    // T_0 = 1, T_1 = x, T_{β+1} = 2x T_β − T_{β−1}, and the same differentiated by x.
    let first = ([1.0, x], [0.0, 1.0]);
    let polynomials = std::iter::successors(Some(first), move |&([t, t_next], [d, d_next])| {
        let after = 2.0 * x * t_next - t;
        Some(([t_next, after], [d_next, 2.0 * t_next + 2.0 * x * d_next - d]))
    });
    polynomials.take(basis.size()).map(move |([t, _], [d, _])| (t * s * s, d * slope * s * s - 2.0 * t * s))
}

/// Coefficients on the interval of one basis of a Chebyshev series on that of another with the same cutoff: the same function,
/// as T_β(a x + b) is a polynomial of the same degree.
pub(super) fn carried(series: &[f64], from: &RadialBasis, to: &RadialBasis) -> Vec<f64> {
    let a = (to.max_dist() - to.min_dist()) / (from.max_dist() - from.min_dist());
    let b = 1.0 - a;
    let size = series.len();
    let mut sum = vec![0.0; size];
    // T_β(a x + b) as a series in x: T_{β+1} = 2 (a x + b) T_β − T_{β−1}, and x T_k = (T_{k+1} + T_{|k−1|}) / 2.
    let (mut before, mut now) = (vec![0.0; size], vec![0.0; size]);
    now[0] = 1.0;
    for (degree, coefficient) in series.iter().enumerate() {
        for (sum, term) in sum.iter_mut().zip(&now) {
            *sum += coefficient * term;
        }
        // T_1 is half of what the recurrence would give.
        let twice = if degree == 0 { 1.0 } else { 2.0 };
        let mut after: Vec<f64> =
            before.iter().zip(&now).map(|(before, now)| twice * b * now - before).collect();
        for (k, term) in now.iter().enumerate() {
            for place in [k + 1, k.abs_diff(1)] {
                // What is beyond the end belongs to a degree that the series does not have.
                if let Some(after) = after.get_mut(place) {
                    *after += twice * a * term / 2.0;
                }
            }
        }
        before = std::mem::replace(&mut now, after);
    }
    sum
}

/// Coefficients of the derivative of a Chebyshev series by x, as many as the series has: d_{k−1} = d_{k+1} + 2 k c_k
/// (J. C. Mason, D. C. Handscomb, Chebyshev Polynomials, eq. 2.52).
pub(crate) fn differentiate(series: &[f64]) -> Vec<f64> {
    let mut derivative = vec![0.0; series.len() + 1];
    for k in (1..series.len()).rev() {
        derivative[k - 1] = derivative.get(k + 1).copied().unwrap_or(0.0) + 2.0 * k as f64 * series[k];
    }
    derivative[0] *= 0.5;
    derivative.truncate(series.len());
    derivative
}

#[cfg(test)]
mod tests {
    use super::super::RadialBasisKind;
    use super::*;

    #[test]
    fn a_series_is_the_same_function_on_another_interval() {
        let basis = |min_dist| RadialBasis::new(RadialBasisKind::Chebyshev, min_dist, 6.0, 9, 1).unwrap();
        let series = [0.7, -0.4, 0.3, 0.9, -0.2, 0.1, 0.5, -0.6, 0.25];
        for (first, second) in [(2.0, 1.4), (1.4, 2.3), (2.0, 2.0)] {
            let (from, to) = (basis(first), basis(second));
            let moved = carried(&series, &from, &to);
            for step in 0..60 {
                let r = 1.0 + f64::from(step) / 12.0;
                let value = |basis: &RadialBasis, series: &[f64]| -> f64 {
                    functions(basis, r).zip(series).map(|((value, _), coefficient)| coefficient * value).sum()
                };
                let (expected, got) = (value(&from, &series), value(&to, &moved));
                assert!(
                    (got - expected).abs() < 1e-11 * (1.0 + expected.abs()),
                    "{got} for {expected} at {r}"
                );
            }
        }
        assert_eq!(carried(&series, &basis(2.0), &basis(2.0)), series);
    }

    #[test]
    fn derivative_series_are_those_of_the_polynomials() {
        // T_3 = 4x³ − 3x, T_3' = 12x² − 3 = 6 T_2 + 3 T_0; T_1' = T_0.
        assert_eq!(differentiate(&[5.0, 1.0, 0.0, 1.0]), [4.0, 0.0, 6.0, 0.0]);
        assert_eq!(differentiate(&[2.0]), [0.0]);
    }
}
