//! Index tables of the moments: basic moments, their products, and which moments are basis functions.
//!
//! Moments are numbered: the basic ones first, then the targets of the products. A product {l, r, k, t} adds
//! k · M\[l\] · M\[r\] to M\[t\], in file order. The invariant checked here is that a moment is complete before it is
//! used: every product into it stands before the first product that reads it.

use crate::error::{Error, ErrorKind, Result};

/// Largest rank a + b + c of a basic moment.
pub const MAX_RANK: usize = 30;

/// A basic moment M\[μ; a, b, c\] = Σ_j f_μ x̂^a ŷ^b ẑ^c (an entry of `alpha_index_basic`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BasicMoment {
    /// Index of the radial function.
    pub mu: u16,
    /// Powers of x̂, ŷ, ẑ.
    pub powers: [u8; 3],
}

impl BasicMoment {
    /// Rank ν = a + b + c.
    pub fn rank(&self) -> usize {
        self.powers.iter().map(|&power| usize::from(power)).sum()
    }

    /// Level 2 + 4μ + ν.
    pub fn level(&self) -> usize {
        2 + 4 * usize::from(self.mu) + self.rank()
    }
}

/// A contraction M\[target\] += factor · M\[left\] · M\[right\] (an entry of `alpha_index_times`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Product {
    /// Index of the left moment.
    pub left: u32,
    /// Index of the right moment.
    pub right: u32,
    /// Integer factor.
    pub factor: i32,
    /// Index of the moment that the product is added to.
    pub target: u32,
}

/// The moments of a potential; see the module for the invariant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MomentBasis {
    basic: Vec<BasicMoment>,
    products: Vec<Product>,
    scalar_moments: Vec<u32>,
    moments_count: usize,
}

impl MomentBasis {
    /// Checks and keeps the tables: `basic` moments, `products` in file order, the moments that are basis functions
    /// (`alpha_moment_mapping`) and the number of all moments (`alpha_moments_count`).
    pub fn new(
        basic: Vec<BasicMoment>,
        products: Vec<Product>,
        scalar_moments: Vec<u32>,
        moments_count: usize,
    ) -> Result<Self> {
        let basis = Self { basic, products, scalar_moments, moments_count };
        basis.check_counts()?;
        basis.check_basic()?;
        basis.check_products()?;
        basis.check_scalar_moments()?;
        Ok(basis)
    }

    /// The basic moments.
    pub fn basic(&self) -> &[BasicMoment] {
        &self.basic
    }

    /// The products in file order.
    pub fn products(&self) -> &[Product] {
        &self.products
    }

    /// Moment of each basis function (`alpha_moment_mapping`).
    pub fn scalar_moments(&self) -> &[u32] {
        &self.scalar_moments
    }

    /// Number of all moments, basic ones included.
    pub fn moments_count(&self) -> usize {
        self.moments_count
    }

    /// One more than the largest μ.
    pub fn radial_functions_needed(&self) -> usize {
        self.basic.iter().map(|moment| usize::from(moment.mu) + 1).max().unwrap_or(0)
    }

    /// Largest rank of the basic moments.
    pub fn max_rank(&self) -> usize {
        self.basic.iter().map(BasicMoment::rank).max().unwrap_or(0)
    }

    /// Largest level of the basis functions, if every moment has one: a basic moment 2 + 4μ + ν, a product the sum of
    /// its factors, which all products into a moment must agree on.
    pub fn level(&self) -> Option<usize> {
        let mut levels: Vec<Option<usize>> = self.basic.iter().map(|moment| Some(moment.level())).collect();
        levels.resize(self.moments_count, None);
        for product in &self.products {
            let sum = levels[product.left as usize]?.checked_add(levels[product.right as usize]?)?;
            if *levels[product.target as usize].get_or_insert(sum) != sum {
                return None;
            }
        }
        self.scalar_moments.iter().map(|&moment| levels[moment as usize]).max().flatten()
    }

    fn check_counts(&self) -> Result<()> {
        let most = self.basic.len() + self.products.len();
        if self.basic.is_empty() {
            return invalid("alpha_index_basic is empty: expected at least one basic moment".into());
        }
        if self.moments_count < self.basic.len() {
            return invalid(format!(
                "alpha_moments_count is {}, less than the {} basic moments",
                self.moments_count,
                self.basic.len()
            ));
        }
        if self.moments_count > most {
            return invalid(format!(
                "alpha_moments_count is {}, but {} basic moments and {} products make at most {most}",
                self.moments_count,
                self.basic.len(),
                self.products.len()
            ));
        }
        Ok(())
    }

    fn check_basic(&self) -> Result<()> {
        let mut seen = std::collections::HashMap::new();
        for (index, moment) in self.basic.iter().enumerate() {
            if moment.rank() > MAX_RANK {
                return invalid(format!("basic moment {index} has rank {}, above {MAX_RANK}", moment.rank()));
            }
            if let Some(first) = seen.insert(moment, index) {
                return invalid(format!("basic moments {first} and {index} are the same"));
            }
        }
        Ok(())
    }

    fn check_products(&self) -> Result<()> {
        let mut last_target = vec![None; self.moments_count];
        for (index, product) in self.products.iter().enumerate() {
            for moment in [product.left, product.right, product.target] {
                self.check_index(moment, &format!("product {index}"))?;
            }
            if (product.target as usize) < self.basic.len() {
                return invalid(format!("product {index} adds to moment {}, which is basic", product.target));
            }
            last_target[product.target as usize] = Some(index);
        }
        for (index, product) in self.products.iter().enumerate() {
            for moment in [product.left, product.right] {
                if (moment as usize) < self.basic.len() {
                    continue;
                }
                match last_target[moment as usize] {
                    None => {
                        return invalid(format!(
                            "product {index} uses moment {moment}, which no product makes"
                        ));
                    }
                    Some(last) if last >= index => {
                        return invalid(format!(
                            "product {index} uses moment {moment} before it is complete: product {last} still adds to it"
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(())
    }

    fn check_scalar_moments(&self) -> Result<()> {
        if self.scalar_moments.is_empty() {
            return invalid("alpha_moment_mapping is empty: expected at least one basis function".into());
        }
        let mut seen = vec![false; self.moments_count];
        for product in &self.products {
            seen[product.target as usize] = true;
        }
        seen[..self.basic.len()].fill(true);
        for (index, &moment) in self.scalar_moments.iter().enumerate() {
            self.check_index(moment, &format!("entry {index} of alpha_moment_mapping"))?;
            if !seen[moment as usize] {
                return invalid(format!(
                    "entry {index} of alpha_moment_mapping is moment {moment}, which no product makes"
                ));
            }
        }
        Ok(())
    }

    fn check_index(&self, moment: u32, owner: &str) -> Result<()> {
        if (moment as usize) < self.moments_count {
            return Ok(());
        }
        invalid(format!(
            "{owner} names moment {moment}, but there are {} moments (from 0)",
            self.moments_count
        ))
    }
}

fn invalid<T>(message: String) -> Result<T> {
    Err(Error::new(ErrorKind::InvalidPotential, message))
}
