//! Quantiles of Student's t and of chi-squared distributions.

use statrs::distribution::{ChiSquared, ContinuousCDF, StudentsT};

/// Standard deviations on either side of the mean of a normal distribution that hold 95 % of it.
pub(super) const NORMAL_95: f64 = 1.959_964;

/// The value that a variable of Student's t distribution stays below with a probability; infinite without freedom.
pub(super) fn student(probability: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(probability))
}

/// The probability that a variable of Student's t distribution is farther from zero than a value, on both sides.
pub(super) fn student_tails(value: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |t| 2.0 * t.sf(value.abs()))
}

/// The value that a chi-squared variable stays below with a probability; zero without freedom.
pub(super) fn chi_squared(probability: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(0.0, |chi| chi.inverse_cdf(probability))
}

/// The probability that a chi-squared variable is above a value; one without freedom.
pub(super) fn chi_squared_above(value: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(1.0, |chi| chi.sf(value.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of printed tables.
    #[test]
    fn quantiles_are_those_of_tables() {
        for (freedom, expected) in [(1.0, 12.7062), (7.0, 2.3646), (31.0, 2.03951), (127.0, 1.97882)] {
            assert!((student(0.975, freedom) - expected).abs() < 1e-4, "{freedom}");
        }
        assert!((chi_squared(0.95, 2.0) - 5.9915).abs() < 1e-4);
        assert!((chi_squared_above(3.8415, 1.0) - 0.05).abs() < 1e-5);
        assert!((student_tails(-2.3646, 7.0) - 0.05).abs() < 1e-4);
        assert!(student(0.975, 0.0).is_infinite());
    }
}
