//! Radial functions with a shorter cutoff or fewer Chebyshev polynomials.

use faer::Mat;
use faer::linalg::solvers::SolveLstsq;
use mtprs_core::Result;
use mtprs_core::potential::{Potential, RadialBasis};

/// Distances at which two radial functions are compared, for each polynomial.
const DISTANCES: usize = 8;

/// The potential with another cutoff, Å, whose radial functions are as close as its polynomials allow to those that it had:
/// by least squares with the weight r² of the number of neighbors at a distance, over Chebyshev nodes.
pub fn with_cutoff(potential: &Potential, cutoff: f64) -> Result<Potential> {
    let old = *potential.radial_basis();
    let new = RadialBasis::new(old.kind(), old.min_dist(), cutoff, old.size(), old.functions_count())?;
    let (count, size) = (DISTANCES * old.size(), old.size());
    let width = new.max_dist() - new.min_dist();
    // Dense at the ends, where polynomials go astray.
    let distance = |k: usize| {
        let x = (std::f64::consts::PI * (k as f64 + 0.5) / count as f64).cos();
        new.min_dist() + 0.5 * width * (1.0 - x)
    };
    let distances: Vec<f64> = (0..count).map(distance).collect();
    let values = |basis: &RadialBasis| -> Vec<Vec<f64>> {
        let at = |&r: &f64| basis.functions(r).map(|(value, _)| r * value).collect();
        distances.iter().map(at).collect()
    };
    let (of_old, of_new) = (values(&old), values(&new));
    let factors = Mat::from_fn(count, size, |row, column| of_new[row][column]).qr();
    let mut parts = potential.clone().into_parts();
    if let Some(radial) = &mut parts.parameters.radial_coeffs {
        let functions = radial.len() / size;
        let wanted = Mat::from_fn(count, functions, |row, function| {
            of_old[row].iter().zip(&radial[function * size..]).map(|(value, c)| value * c).sum::<f64>()
        });
        let solved = factors.solve_lstsq(wanted);
        for (index, value) in radial.iter_mut().enumerate() {
            *value = solved[(index % size, index / size)];
        }
    }
    parts.radial_basis = new;
    Potential::new(parts)
}

/// The potential with its first Chebyshev polynomials alone.
pub fn with_polynomials(potential: &Potential, size: usize) -> Result<Potential> {
    let old = *potential.radial_basis();
    let mut parts = potential.clone().into_parts();
    parts.radial_basis =
        RadialBasis::new(old.kind(), old.min_dist(), old.max_dist(), size, old.functions_count())?;
    if let Some(radial) = &mut parts.parameters.radial_coeffs {
        *radial = radial.chunks(old.size()).flat_map(|function| function[..size].to_vec()).collect();
    }
    Potential::new(parts)
}

#[cfg(test)]
mod tests {
    use mtprs_core::species::Species;

    use super::*;

    fn potential() -> Potential {
        let untrained = Potential::untrained(4, Species::unnamed(2), 2.0, 6.0, 9).unwrap();
        let layout = untrained.parameter_layout();
        // Smooth functions, as those of trained potentials.
        let value = |k: usize| (1.3 * k as f64).sin() * (-0.8 * (k % 9) as f64).exp();
        let values: Vec<f64> = (0..layout.len()).map(value).collect();
        untrained.with_parameters(&values).unwrap()
    }

    /// A radial function at a distance.
    fn value(potential: &Potential, function: usize, r: f64) -> f64 {
        let size = potential.radial_basis().size();
        let radial = potential.parameters().radial_coeffs.as_ref().unwrap();
        let coefficients = &radial[function * size..][..size];
        potential.radial_basis().functions(r).zip(coefficients).map(|((value, _), c)| value * c).sum()
    }

    #[test]
    fn radial_functions_stay_close_within_the_shorter_cutoff() {
        let long = potential();
        let short = with_cutoff(&long, 5.5).unwrap();
        assert_eq!(short.cutoff(), 5.5);
        for function in 0..4 {
            let scale = value(&long, function, 2.0).abs();
            for r in [2.0, 2.7, 3.4, 4.1] {
                let (before, after) = (value(&long, function, r), value(&short, function, r));
                assert!((before - after).abs() < 0.05 * scale, "{function} at {r}: {after} for {before}");
            }
            assert_eq!(value(&short, function, 5.5), 0.0);
        }
        // The same cutoff is the same function.
        let same = with_cutoff(&long, 6.0).unwrap();
        assert!((value(&same, 1, 3.3) - value(&long, 1, 3.3)).abs() < 1e-10);
    }

    #[test]
    fn polynomials_that_have_no_coefficient_can_be_left_out() {
        let mut parts = potential().into_parts();
        for function in parts.parameters.radial_coeffs.as_mut().unwrap().chunks_mut(9) {
            function[7..].fill(0.0);
        }
        let long = Potential::new(parts).unwrap();
        let short = with_polynomials(&long, 7).unwrap();
        assert_eq!(short.radial_basis().size(), 7);
        assert!((0..4).all(|k| (value(&short, k, 3.1) - value(&long, k, 3.1)).abs() < 1e-14));
    }
}
