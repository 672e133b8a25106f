//! What a potential costs, counted: time per atom for energies, forces and virial by the sizes that moves change.
//!
//! Coefficients are those of a least-squares fit to 45 times that `mtprs tables` measured on one core with AVX-512 (levels 8,
//! 12, 16 and 20 and the table 22-4321; 20, 60 and 124 neighbors; 1 and 3 species; 4, 8 and 14 Chebyshev polynomials); they
//! are within 8 % of all of them. What loops over tables take is from pruned potentials with the ranks 4 4 4 0. Moves are
//! compared by them, so that the same data give the same path on every machine; points of a path are measured.

use mtprs_core::evaluate::neighbor_sums;
use mtprs_core::potential::{MomentBasis, Potential};

/// ns for each species.
const SPECIES: f64 = 93.4;
/// ns for each neighbor: its list, distance and force.
const NEIGHBOR: f64 = 5.70;
/// ns for each neighbor, radial function and Chebyshev polynomial.
const RADIAL: f64 = 0.077;
/// ns for each neighbor and sum over neighbors.
const SUM: f64 = 0.146;
/// The same for ranks without kernels of their own.
const SUM_IN_LOOPS: f64 = 0.75;
/// ns for each sum.
const MOMENT: f64 = 5.9;
/// ns for each product.
const PRODUCT: f64 = 0.236;

/// The sizes that cost time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sizes {
    /// Number of species.
    pub species: usize,
    /// Mean number of neighbors of an atom.
    pub neighbors: f64,
    /// Number of radial functions.
    pub radial_functions: usize,
    /// Number of Chebyshev polynomials.
    pub polynomials: usize,
    /// Sums over neighbors.
    pub sums: usize,
    /// Whether there are kernels for the ranks.
    pub has_kernels: bool,
    /// Number of products.
    pub products: usize,
}

impl Sizes {
    /// Of a potential with this many neighbors within its cutoff.
    pub fn of(potential: &Potential, neighbors: f64) -> Self {
        let (basis, radial) = (potential.moment_basis(), potential.radial_basis());
        let all = vec![true; basis.scalar_moments().len()];
        Self::with_functions(basis, &all, potential.species().count(), radial.size(), neighbors)
    }

    /// Of a table with some of its basis functions.
    pub fn with_functions(
        basis: &MomentBasis,
        kept: &[bool],
        species: usize,
        polynomials: usize,
        neighbors: f64,
    ) -> Self {
        let needed = basis.needed_by(kept);
        let mut ranks: Vec<Option<usize>> = vec![None; basis.radial_functions_needed()];
        for (moment, _) in basis.basic().iter().zip(&needed).filter(|(_, needed)| **needed) {
            let rank = &mut ranks[usize::from(moment.mu)];
            *rank = (*rank).max(Some(moment.rank()));
        }
        let ranks: Vec<usize> = ranks.into_iter().flatten().collect();
        let products = basis.products().iter().filter(|product| needed[product.target as usize]).count();
        let (sums, has_kernels) = neighbor_sums(&ranks);
        Self { species, neighbors, radial_functions: ranks.len(), polynomials, sums, has_kernels, products }
    }

    /// Time per atom, µs.
    pub fn microseconds(&self) -> f64 {
        let [functions, polynomials, sums, products, species] =
            [self.radial_functions, self.polynomials, self.sums, self.products, self.species]
                .map(|size| size as f64);
        let sum = if self.has_kernels { SUM } else { SUM_IN_LOOPS };
        let per_neighbor = NEIGHBOR + RADIAL * functions * polynomials + sum * sums;
        1e-3 * (SPECIES * species + self.neighbors * per_neighbor + MOMENT * sums + PRODUCT * products)
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::species::Species;

    use super::*;

    #[test]
    fn times_are_within_a_tenth_of_what_was_measured() {
        // `mtprs tables 8 12 16 20 --neighbors 124 --species 3`, and the same with 20 neighbors of one species.
        for (neighbors, species, measured) in
            [(124.0, 3, [1.40, 2.10, 3.51, 6.40]), (20.0, 1, [0.33, 0.56, 1.18, 2.78])]
        {
            for (level, measured) in [8, 12, 16, 20].into_iter().zip(measured) {
                let species = Species::unnamed(species);
                let potential = Potential::untrained(level, species, 2.0, 7.0, 8).unwrap();
                let time = Sizes::of(&potential, neighbors).microseconds();
                assert!((time / measured - 1.0).abs() < 0.1, "level {level}: {time} for {measured} µs");
            }
        }
    }

    #[test]
    fn a_radial_function_that_nothing_needs_costs_nothing() {
        let species = Species::unnamed(1);
        let potential = Potential::untrained(8, species, 2.0, 5.0, 8).unwrap();
        let basis = potential.moment_basis();
        let functions = basis.scalar_moments().len();
        let only_first: Vec<bool> = (0..functions).map(|function| function == 0).collect();
        let sizes = Sizes::with_functions(basis, &only_first, 1, 8, 50.0);
        assert_eq!((sizes.radial_functions, sizes.sums, sizes.products), (1, 1, 0));
        assert_eq!(Sizes::of(&potential, 50.0).radial_functions, 2);
    }
}
