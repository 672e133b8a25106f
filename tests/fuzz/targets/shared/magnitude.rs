//! How large the terms are that an energy and its forces are summed from: what rounding errors are measured by.
//!
//! The equations of the model with every number replaced by a bound of its magnitude: |T_n(x)| ≤ 1 within the range and
//! cosh(n arcosh|x|) outside, components of unit vectors by one.

use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;

/// Sums of magnitudes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Magnitudes {
    /// Of the terms of the energy.
    pub(crate) energy: f64,
    /// Of those of all forces.
    pub(crate) force: f64,
}

impl Magnitudes {
    /// Of atoms without periodic images; the potential must be trained.
    pub(crate) fn of(potential: &Potential, atoms: &Configuration) -> Self {
        let mut sum = Self { energy: 0.0, force: 0.0 };
        for center in 0..atoms.len() {
            let Self { energy, force } = Self::of_center(potential, atoms, center);
            sum = Self { energy: sum.energy + energy, force: sum.force + force };
        }
        sum
    }

    pub(crate) fn are_below(self, bound: f64) -> bool {
        self.energy < bound && self.force < bound
    }

    fn of_center(potential: &Potential, atoms: &Configuration, center: usize) -> Self {
        let (basis, parameters) = (potential.moment_basis(), potential.parameters());
        let (Some(species), Some(coefficients)) = (&parameters.species_coeffs, &parameters.moment_coeffs)
        else {
            panic!("only trained potentials are evaluated");
        };
        let mut moments = vec![0.0; basis.moments_count()];
        let mut slopes = vec![0.0; basis.moments_count()];
        for neighbor in (0..atoms.len()).filter(|&neighbor| neighbor != center) {
            let apart: f64 = (0..3)
                .map(|axis| (atoms.positions[neighbor][axis] - atoms.positions[center][axis]).powi(2))
                .sum::<f64>()
                .sqrt();
            let pair = [center, neighbor].map(|atom| atoms.species[atom] as usize);
            for (k, moment) in basis.basic().iter().enumerate() {
                let [value, slope] = radial(potential, pair, moment.mu.into(), apart);
                moments[k] += value;
                slopes[k] += slope + 2.0 * moment.rank() as f64 * value / apart;
            }
        }
        for product in basis.products() {
            let [left, right, target] = [product.left, product.right, product.target].map(|k| k as usize);
            let factor = f64::from(product.factor).abs();
            moments[target] += factor * moments[left] * moments[right];
            slopes[target] += factor * (moments[left] * slopes[right] + slopes[left] * moments[right]);
        }
        let mut sum = Self { energy: species[atoms.species[center] as usize].abs(), force: 0.0 };
        for (&moment, coefficient) in basis.scalar_moments().iter().zip(coefficients) {
            sum.energy += coefficient.abs() * moments[moment as usize];
            sum.force += coefficient.abs() * slopes[moment as usize];
        }
        sum
    }
}

/// Of a radial function and its derivative.
fn radial(potential: &Potential, pair: [usize; 2], mu: usize, apart: f64) -> [f64; 2] {
    let basis = potential.radial_basis();
    let (low, high) = (basis.min_dist(), basis.max_dist());
    if apart >= high {
        return [0.0; 2];
    }
    let x = ((2.0 * apart - (low + high)) / (high - low)).abs();
    let (inside, step) = (high - apart, 2.0 / (high - low));
    let range = potential.parameter_layout().radial_function(pair[0], pair[1], mu);
    let coefficients = potential.parameters().radial_coeffs.as_deref().expect("the potential is trained");
    let mut sums = [0.0; 2];
    for (n, coefficient) in coefficients[range].iter().enumerate() {
        let order = n as f64;
        let polynomial = if x > 1.0 { (order * x.acosh()).cosh() } else { 1.0 };
        let factor = (coefficient * potential.scaling()).abs() * polynomial;
        sums[0] += factor * inside * inside;
        sums[1] += factor * inside * (order * order * step * inside + 2.0);
    }
    sums
}
