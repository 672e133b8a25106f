//! The method of Levenberg and Marquardt (D. W. Marquardt, J. Soc. Ind. Appl. Math. 11, 431 (1963)), with H. B. Nielsen's
//! rule for the damping (IMM-REP-1999-05, Technical University of Denmark).

use mtprs_core::Error;

use super::curvature::{Curvature, Damping, Gram};
use super::lbfgs::{Function, Lbfgs, Step, dot};

/// Most dampings that one step may try.
const MOST_TRIALS: usize = 25;
/// Smallest damping; close to a minimum without residuals it makes the steps those of Gauss and Newton.
const LEAST_DAMPING: f64 = 1e-12;

/// Takes one step, with the Gauss-Newton matrix at the position and its factors for the present damping. What counts is the
/// damping that was factorized, which is larger where rounding asked for it.
pub fn step<F: Function>(
    state: &mut Lbfgs,
    function: &mut F,
    gram: &Gram,
    factors: &Curvature,
    damping: &mut Damping,
) -> Result<Step, F::Failure>
where
    F::Failure: From<Error>,
{
    let diagonal = gram.diagonal();
    let mut growth = 2.0;
    let mut raised;
    let mut factors = factors;
    damping.value = factors.damping();
    for _ in 0..MOST_TRIALS {
        let mut direction: Vec<f64> = state.gradient.iter().map(|slope| -slope).collect();
        factors.solve(&mut direction);
        function.unify(&mut direction)?;
        let trial: Vec<f64> = state.variables.iter().zip(&direction).map(|(x, along)| x + along).collect();
        let (value, gradient) = function.evaluate(&trial)?;
        // With (G + λD) d = −g the model falls by (λ d·Dd − g·d) / 2.
        let damped: f64 = direction.iter().zip(&diagonal).map(|(x, weight)| weight * x * x).sum();
        let promised = 0.5 * (damping.value * damped - dot(&state.gradient, &direction));
        if value < state.value {
            let gain = (state.value - value) / promised;
            let factor = (1.0 - (2.0 * gain - 1.0).powi(3)).max(1.0 / 3.0);
            damping.value = (damping.value * factor).max(LEAST_DAMPING);
            (state.variables, state.value, state.gradient) = (trial, value, gradient);
            return Ok(Step::Taken(1.0));
        }
        damping.value *= growth;
        growth *= 2.0;
        raised = Curvature::new(gram, damping.value)?;
        factors = &raised;
        damping.value = factors.damping();
    }
    Ok(Step::Stuck)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Residuals 10 (y − x²) and 1 − x (H. H. Rosenbrock, Comput. J. 3, 175 (1960)).
    struct Valley;

    impl Valley {
        fn residuals(x: &[f64]) -> ([f64; 2], [[f64; 2]; 2]) {
            ([10.0 * (x[1] - x[0] * x[0]), 1.0 - x[0]], [[-20.0 * x[0], 10.0], [-1.0, 0.0]])
        }
    }

    impl Function for Valley {
        type Failure = Error;

        fn evaluate(&mut self, x: &[f64]) -> Result<(f64, Vec<f64>), Error> {
            let (r, rows) = Self::residuals(x);
            let gradient = (0..2).map(|k| 2.0 * (r[0] * rows[0][k] + r[1] * rows[1][k])).collect();
            Ok((r[0] * r[0] + r[1] * r[1], gradient))
        }
    }

    #[test]
    fn the_damping_that_was_factorized_judges_the_step() {
        // Of the sum of three variables squared, with the rounding that makes a matrix of rank one indefinite.
        let off = 2.0 + 2e-12;
        let gram = Gram::from_lower(3, &[2.0, off, off, 2.0, off, 2.0]).unwrap();
        let mut damping = Damping { value: 0.0, ..Damping::default() };
        struct Plane;
        impl Function for Plane {
            type Failure = Error;
            fn evaluate(&mut self, x: &[f64]) -> Result<(f64, Vec<f64>), Error> {
                let sum: f64 = x.iter().sum();
                Ok((sum * sum, vec![2.0 * sum; 3]))
            }
        }
        let factors = Curvature::new(&gram, damping.value).unwrap();
        assert!(factors.damping() > 0.0);
        let (value, gradient) = Plane.evaluate(&[1.0, 0.0, 0.0]).unwrap();
        let mut state = Lbfgs::new(vec![1.0, 0.0, 0.0], value, gradient, 0);
        let outcome = step(&mut state, &mut Plane, &gram, &factors, &mut damping).unwrap();
        assert_eq!(outcome, Step::Taken(1.0));
        // The model is exact up to λ: the gain is one and λ falls to a third of what was factorized.
        let expected = (factors.damping() / 3.0).max(LEAST_DAMPING);
        assert!((damping.value / expected - 1.0).abs() < 1e-2, "{} instead of {expected}", damping.value);
    }

    #[test]
    fn a_curved_valley_is_followed_to_its_end_in_few_steps() {
        let start = vec![-1.2, 1.0];
        let (value, gradient) = Valley.evaluate(&start).unwrap();
        let mut state = Lbfgs::new(start, value, gradient, 0);
        let mut damping = Damping { value: 1e-2, ..Damping::default() };
        for _ in 0..30 {
            let mut gram = Gram::new(2);
            let (_, rows) = Valley::residuals(&state.variables);
            gram.add_rows(&rows.as_flattened().iter().map(|x| 2.0_f64.sqrt() * x).collect::<Vec<_>>());
            let before = state.value;
            let factors = Curvature::new(&gram, damping.value).unwrap();
            if step(&mut state, &mut Valley, &gram, &factors, &mut damping).unwrap() == Step::Stuck {
                break;
            }
            assert!(state.value < before);
        }
        assert!(state.value < 1e-20, "{} at {:?}", state.value, state.variables);
    }
}
