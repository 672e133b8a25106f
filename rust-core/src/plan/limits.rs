//! Bounds on what compiling and evaluating a potential may cost, checked before anything of that size is made.
//!
//! Potentials come from outside. What level 28 with 89 species would need is far below: 455 sphere moments in 7 radial
//! functions, 180 069 products in the tables of others and 92 664 in ours, chains of 3 products, half a million radial
//! coefficients.

use super::sphere::SphereMoments;
use crate::error::{Error, ErrorKind, Result};
use crate::potential::{MAX_PARAMETERS, Potential};

/// Sphere moments of all radial functions together, Σ (ν_μ + 1)²: ten functions of the highest rank.
const MOST_SPHERE_MOMENTS: usize = 10_000;

/// Radial functions: a record of eight neighbors holds two numbers for each.
const MOST_RADIAL_FUNCTIONS: usize = 250;

/// Products of moments.
const MOST_PRODUCTS: usize = 1_000_000;

/// Products one behind the other.
const MOST_DEPTH: usize = 100;

/// Radial coefficients S² n_μ n_β, n_μ as the kernels count it, which may be more than the potential has.
const MOST_RADIAL_COEFFICIENTS: usize = MAX_PARAMETERS;

/// Fails if a potential asks for more than that.
pub(super) fn check(potential: &Potential) -> Result<()> {
    let basis = potential.moment_basis();
    let ranks = SphereMoments::ranks_of(basis.basic());
    let moments = ranks.iter().map(|rank| (rank + 1) * (rank + 1)).sum();
    let species = potential.species().count();
    let coefficients = species
        .saturating_mul(species)
        .saturating_mul(ranks.len())
        .saturating_mul(potential.radial_basis().size());
    for (what, count, most) in [
        ("sphere moments, the sum of (rank + 1)² over its radial functions", moments, MOST_SPHERE_MOMENTS),
        ("radial functions", ranks.len(), MOST_RADIAL_FUNCTIONS),
        ("products of moments", basis.products().len(), MOST_PRODUCTS),
        ("products of moments one behind the other", basis.depth(), MOST_DEPTH),
        ("radial coefficients", coefficients, MOST_RADIAL_COEFFICIENTS),
    ] {
        if count > most {
            let message = format!("the potential has {count} {what}; up to {most} can be evaluated");
            let hint =
                "the limit keeps memory and time in bounds, far above every potential of levels 2 to 28";
            return Err(Error::new(ErrorKind::Unsupported, message).hint(hint));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Plan;
    use crate::potential::{
        BasicMoment, MomentBasis, Parameters, PotentialParts, Product, RadialBasis, RadialBasisKind,
    };
    use crate::species::Species;

    /// A trained potential of this many species and Chebyshev polynomials, with a radial function for each rank.
    fn potential(species: usize, size: u16, ranks: &[u8], products: Vec<Product>) -> Result<Potential> {
        let functions = ranks.len() as u16;
        let basic: Vec<BasicMoment> =
            (0..functions).zip(ranks).map(|(mu, &rank)| BasicMoment { mu, powers: [0, 0, rank] }).collect();
        let moments = products.iter().map(|product| product.target as usize + 1).max();
        let moments = moments.unwrap_or(basic.len());
        let moment_basis = MomentBasis::new(basic, products, vec![moments as u32 - 1], moments)?;
        let coefficients = species * species * usize::from(functions) * usize::from(size);
        Potential::new(PotentialParts {
            name: String::new(),
            tag: String::new(),
            scaling: 1.0,
            species: Species::unnamed(species),
            radial_basis: RadialBasis::new(
                RadialBasisKind::Chebyshev,
                2.0,
                5.0,
                size.into(),
                functions.into(),
            )?,
            moment_basis,
            parameters: Parameters {
                radial_coeffs: Some(vec![1e-3; coefficients]),
                species_coeffs: Some(vec![0.0; species]),
                moment_coeffs: Some(vec![1.0]),
            },
            pair_terms: Vec::new(),
        })
    }

    fn message(potential: Result<Potential>) -> String {
        let potential = potential.unwrap();
        let [plain, symbolic] = [Plan::new(&potential), Plan::symbolic(&potential)].map(Result::unwrap_err);
        assert_eq!(plain, symbolic);
        assert_eq!(plain.kind(), ErrorKind::Unsupported);
        plain.message().to_owned()
    }

    /// Each moment the square of the one before.
    fn chain(length: u32) -> Vec<Product> {
        (0..length).map(|k| Product { left: k, right: k, factor: 1, target: k + 1 }).collect()
    }

    #[test]
    fn what_is_beyond_a_limit_is_refused_by_name() {
        let text = message(potential(1, 8, &[30; 69], Vec::new()));
        assert!(text.contains("has 66309 sphere moments"), "{text}");
        assert!(text.ends_with("up to 10000 can be evaluated"), "{text}");
        let text = message(potential(1, 8, &[0; 251], Vec::new()));
        assert!(text.starts_with("the potential has 251 radial functions;"), "{text}");
        let text = message(potential(1, 8, &[0], chain(101)));
        assert!(
            text.starts_with("the potential has 101 products of moments one behind the other;"),
            "{text}"
        );
        let copies = vec![Product { left: 0, right: 0, factor: 1, target: 1 }; MOST_PRODUCTS + 1];
        let text = message(potential(1, 8, &[0], copies));
        assert!(text.starts_with("the potential has 1000001 products of moments;"), "{text}");
        // Six functions in the file, seven in the kernels.
        let text = message(potential(256, 11, &[12, 10, 8, 6, 4, 2], Vec::new()));
        assert!(text.starts_with("the potential has 5046272 radial coefficients;"), "{text}");
    }

    #[test]
    fn what_is_at_a_limit_is_compiled() {
        for (species, size, ranks, products) in [
            (1, 8, &[30; 10][..], Vec::new()),
            (1, 8, &[0; 250], Vec::new()),
            (1, 8, &[0], chain(100)),
            (256, 10, &[12, 10, 8, 6, 4, 2], Vec::new()),
        ] {
            let potential = potential(species, size, ranks, products).unwrap();
            Plan::new(&potential).unwrap();
            Plan::symbolic(&potential).unwrap();
        }
    }
}
