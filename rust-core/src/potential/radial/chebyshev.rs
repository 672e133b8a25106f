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
    use super::*;

    #[test]
    fn derivative_series_are_those_of_the_polynomials() {
        // T_3 = 4x³ − 3x, T_3' = 12x² − 3 = 6 T_2 + 3 T_0; T_1' = T_0.
        assert_eq!(differentiate(&[5.0, 1.0, 0.0, 1.0]), [4.0, 0.0, 6.0, 0.0]);
        assert_eq!(differentiate(&[2.0]), [0.0]);
    }
}
