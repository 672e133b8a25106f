//! The straightforward evaluator: the equations of the model as plain loops, with no thought of speed.
//!
//! Tests hold the compiled evaluator against it, and benchmarks take it as their unit. Each stage stands as in
//! Novikov et al., Mach. Learn.: Sci. Technol. 2, 025002 (2021), eqs. 1 to 6; derivatives by the product rule.

use super::Efs;
use super::neighborhoods::{
    BadNeighbor, ConfigurationNeighborhoods, Neighbor, Neighborhoods, SAME_PLACE_SQUARED, not_finite,
};
use super::tally::{Tally, Wanted};
use crate::error::Result;
use crate::geometry::{Configuration, Vector3};
use crate::plan::pair_terms::PairTables;
use crate::potential::{BasicMoment, Potential};

/// Energies, forces and virials of a configuration.
pub fn evaluate(potential: &Potential, configuration: &Configuration) -> Result<Efs> {
    let atoms = ConfigurationNeighborhoods::of_potential(configuration, potential)?;
    let coefficients = Coefficients::new(potential)?;
    let mut tally = Tally::default();
    let wanted = Wanted { site_energies: true, centroid_virials: true, ..Wanted::default() };
    tally.reset(atoms.atom_count(), wanted);
    let cutoff_squared = potential.cutoff() * potential.cutoff();
    for k in 0..atoms.center_count() {
        let Some(center) = atoms.center(k) else { continue };
        let mut neighbors = Vec::new();
        atoms.visit_neighbors(k, |neighbor| {
            // A distance that is not a number must not pass for one beyond the cutoff.
            let beyond = dot(neighbor.displacement, neighbor.displacement) >= cutoff_squared;
            if !beyond {
                neighbors.push(neighbor);
            }
        });
        if let Some(other) =
            neighbors.iter().find(|n| dot(n.displacement, n.displacement) < SAME_PLACE_SQUARED)
        {
            return Err(BadNeighbor::SamePlace(other.atom).error(&atoms, k, center.atom));
        }
        let (energy, gradients) = coefficients.neighborhood(center.species, &neighbors);
        if !energy.is_finite() {
            return Err(not_finite(&atoms, k, center.atom, potential.radial_basis().min_dist()));
        }
        tally.add_energy(center, center.scale * energy);
        for (neighbor, gradient) in neighbors.iter().zip(gradients) {
            let [gx, gy, gz] = gradient.map(|x| center.scale * x);
            let [x, y, z] = neighbor.displacement;
            let sums = [gx, gy, gz, -x * gx, -y * gy, -z * gz, -x * gy, -x * gz, -y * gz];
            tally.add_center(center.atom, sums);
            tally.add_neighbor(neighbor.atom, [gx, gy, gz]);
            if tally.wants_virials_of_atoms() {
                tally.add_pair(center.atom, neighbor.atom, [x, y, z], [gx, gy, gz]);
            }
        }
    }
    tally.check_finite()?;
    Ok(tally.to_efs())
}

fn dot(a: Vector3, b: Vector3) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A potential with its coefficients at hand.
struct Coefficients<'a> {
    potential: &'a Potential,
    radial_coeffs: &'a [f64],
    species_coeffs: &'a [f64],
    moment_coeffs: &'a [f64],
    pair_terms: PairTables,
}

impl<'a> Coefficients<'a> {
    fn new(potential: &'a Potential) -> Result<Self> {
        let parameters = potential.parameters();
        match (&parameters.radial_coeffs, &parameters.species_coeffs, &parameters.moment_coeffs) {
            (Some(radial_coeffs), Some(species_coeffs), Some(moment_coeffs)) => {
                let pair_terms = PairTables::new(potential);
                Ok(Self { potential, radial_coeffs, species_coeffs, moment_coeffs, pair_terms })
            }
            _ => Err(potential.untrained_error()),
        }
    }

    /// V_i and ∂V_i/∂r_ij for every neighbor.
    fn neighborhood(&self, central: usize, neighbors: &[Neighbor]) -> (f64, Vec<Vector3>) {
        let basis = self.potential.moment_basis();
        let mut moments = vec![0.0; basis.moments_count()];
        for neighbor in neighbors {
            for (moment, &index) in moments.iter_mut().zip(basis.basic()) {
                *moment += self.basic_moment(central, neighbor, index).0;
            }
        }
        for product in basis.products() {
            let value =
                f64::from(product.factor) * moments[product.left as usize] * moments[product.right as usize];
            moments[product.target as usize] += value;
        }
        let mut energy = self.species_coeffs[central];
        for neighbor in neighbors {
            energy += 0.5 * self.pair_term(central, neighbor).0;
        }
        let mut adjoints = vec![0.0; basis.moments_count()];
        for (&moment, &coefficient) in basis.scalar_moments().iter().zip(self.moment_coeffs) {
            energy += coefficient * moments[moment as usize];
            adjoints[moment as usize] += coefficient;
        }
        for product in basis.products().iter().rev() {
            let adjoint = f64::from(product.factor) * adjoints[product.target as usize];
            adjoints[product.left as usize] += adjoint * moments[product.right as usize];
            adjoints[product.right as usize] += adjoint * moments[product.left as usize];
        }
        let gradient = |neighbor: &Neighbor| {
            let mut sum = self.pair_term(central, neighbor).1.map(|x| 0.5 * x);
            for (&index, adjoint) in basis.basic().iter().zip(&adjoints) {
                let derivative = self.basic_moment(central, neighbor, index).1;
                (0..3).for_each(|k| sum[k] += adjoint * derivative[k]);
            }
            sum
        };
        (energy, neighbors.iter().map(gradient).collect())
    }

    /// φ(r_ij) of all pair terms together and its derivative by r_ij.
    fn pair_term(&self, central: usize, neighbor: &Neighbor) -> (f64, Vector3) {
        let r = dot(neighbor.displacement, neighbor.displacement).sqrt();
        let (value, slope) = self.pair_terms.evaluate(central, neighbor.species, r);
        (value, neighbor.displacement.map(|x| slope * x / r))
    }

    /// f_μ(r) x̂^a ŷ^b ẑ^c of one neighbor and its derivative by r_ij.
    fn basic_moment(&self, central: usize, neighbor: &Neighbor, index: BasicMoment) -> (f64, Vector3) {
        let rij = neighbor.displacement;
        let r = dot(rij, rij).sqrt();
        let unit = rij.map(|x| x / r);
        let (f, f_derivative) = self.radial_function(central, neighbor.species, usize::from(index.mu), r);
        let power = |k: usize, lower: i32| unit[k].powi(i32::from(index.powers[k]) - lower);
        let monomial = power(0, 0) * power(1, 0) * power(2, 0);
        // Derivatives of the monomial by x̂, ŷ, ẑ as if these were independent, then projected on the sphere.
        let partial: Vector3 = std::array::from_fn(|k| match index.powers[k] {
            0 => 0.0,
            exponent => f64::from(exponent) * power(k, 1) * power((k + 1) % 3, 0) * power((k + 2) % 3, 0),
        });
        let radial_part = dot(partial, unit);
        let derivative = std::array::from_fn(|k| {
            f_derivative * monomial * unit[k] + f / r * (partial[k] - radial_part * unit[k])
        });
        (f * monomial, derivative)
    }

    /// f_μ(r; z_i, z_j) and its derivative.
    fn radial_function(&self, central: usize, neighbor: usize, mu: usize, r: f64) -> (f64, f64) {
        let range = self.potential.parameter_layout().radial_function(central, neighbor, mu);
        let scaling = self.potential.scaling();
        let (mut f, mut f_derivative) = (0.0, 0.0);
        let functions = self.potential.radial_basis().functions(r);
        for (coefficient, (value, derivative)) in self.radial_coeffs[range].iter().zip(functions) {
            f += coefficient * scaling * value;
            f_derivative += coefficient * scaling * derivative;
        }
        (f, f_derivative)
    }
}
