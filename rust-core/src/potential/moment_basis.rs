//! Index tables of the moments: basic moments, their products, and which moments are basis functions.
//!
//! Moments are numbered: the basic ones first, then the targets of the products. A product {l, r, k, t} adds
//! k · M\[l\] · M\[r\] to M\[t\], in file order. The invariant checked here is that a moment is complete before it is
//! used: every product into it stands before the first product that reads it.

use super::fault::Fault;
use crate::error::Result;

type Checked<T> = std::result::Result<T, Fault>;

/// Largest rank a + b + c of a basic moment.
const MAX_RANK: usize = 30;

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

impl Product {
    /// The same product of moments with other numbers.
    pub(super) fn renumbered(&self, number: impl Fn(u32) -> u32) -> Self {
        let [left, right, target] = [self.left, self.right, self.target].map(number);
        Self { left, right, target, ..*self }
    }
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
        Ok(Self::checked(basic, products, scalar_moments, moments_count)?)
    }

    /// The same, with the entry that is at fault.
    pub(crate) fn checked(
        basic: Vec<BasicMoment>,
        products: Vec<Product>,
        scalar_moments: Vec<u32>,
        moments_count: usize,
    ) -> Checked<Self> {
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

    /// Highest rank of the basic moments of each radial function, from μ = 0; zero where it has none.
    pub fn ranks(&self) -> Vec<usize> {
        highest_ranks(&self.basic)
    }

    /// How many products stand one behind the other in a moment, at most.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.moments_count];
        for product in &self.products {
            let [left, right] = [product.left, product.right].map(|moment| depths[moment as usize]);
            let depth = &mut depths[product.target as usize];
            *depth = (1 + left.max(right)).max(*depth);
        }
        depths.into_iter().max().unwrap_or(0)
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

    fn check_counts(&self) -> Checked<()> {
        let fault = |key, message| Err(Fault::new(key, message));
        let most = self.basic.len() + self.products.len();
        if self.basic.is_empty() {
            let key = "alpha_index_basic";
            return fault(key, format!("{key} is empty: expected at least one basic moment"));
        }
        let key = "alpha_moments_count";
        let (count, basic) = (self.moments_count, self.basic.len());
        if count < basic {
            return fault(key, format!("{key} is {count}, less than the {basic} basic moments"));
        }
        if count > most {
            let products = self.products.len();
            let message = format!(
                "{key} is {count}, but {basic} basic moments and {products} products make at most {most}"
            );
            return fault(key, message);
        }
        Ok(())
    }

    fn check_basic(&self) -> Checked<()> {
        let mut seen = std::collections::HashMap::new();
        for (index, moment) in self.basic.iter().enumerate() {
            if moment.rank() > MAX_RANK {
                let message = format!("basic moment {index} has rank {}, above {MAX_RANK}", moment.rank());
                return Err(Fault::in_entry("alpha_index_basic", index, message).beyond_limit());
            }
            if let Some(first) = seen.insert(moment, index) {
                let message = format!("basic moments {first} and {index} are the same");
                return Err(Fault::in_entry("alpha_index_basic", index, message));
            }
        }
        Ok(())
    }

    fn check_products(&self) -> Checked<()> {
        let fault = |index, message| Err(Fault::in_entry("alpha_index_times", index, message));
        let mut last_target = vec![None; self.moments_count];
        for (index, product) in self.products.iter().enumerate() {
            for moment in [product.left, product.right, product.target] {
                if let Some(excess) = self.out_of_range(moment) {
                    return fault(index, format!("product {index} {excess}"));
                }
            }
            if (product.target as usize) < self.basic.len() {
                let message = format!("product {index} adds to moment {}, which is basic", product.target);
                return fault(index, message);
            }
            last_target[product.target as usize] = Some(index);
        }
        for (index, product) in self.products.iter().enumerate() {
            for moment in [product.left, product.right] {
                if (moment as usize) < self.basic.len() {
                    continue;
                }
                let trouble = match last_target[moment as usize] {
                    None => ", which no product makes".to_owned(),
                    Some(last) if last >= index => {
                        format!(" before it is complete: product {last} still adds to it")
                    }
                    Some(_) => continue,
                };
                return fault(index, format!("product {index} uses moment {moment}{trouble}"));
            }
        }
        Ok(())
    }

    fn check_scalar_moments(&self) -> Checked<()> {
        let key = "alpha_moment_mapping";
        if self.scalar_moments.is_empty() {
            return Err(Fault::new(key, format!("{key} is empty: expected at least one basis function")));
        }
        let mut made = vec![false; self.moments_count];
        for product in &self.products {
            made[product.target as usize] = true;
        }
        made[..self.basic.len()].fill(true);
        for (index, &moment) in self.scalar_moments.iter().enumerate() {
            if let Some(excess) = self.out_of_range(moment) {
                return Err(Fault::in_entry(key, index, format!("entry {index} of {key} {excess}")));
            }
            if !made[moment as usize] {
                let message = format!("entry {index} of {key} is moment {moment}, which no product makes");
                return Err(Fault::in_entry(key, index, message));
            }
        }
        Ok(())
    }

    fn out_of_range(&self, moment: u32) -> Option<String> {
        (moment as usize >= self.moments_count)
            .then(|| format!("names moment {moment}, but there are {} moments (from 0)", self.moments_count))
    }
}

/// Highest rank of the basic moments for each μ.
pub(crate) fn highest_ranks(basic: &[BasicMoment]) -> Vec<usize> {
    let functions = basic.iter().map(|moment| usize::from(moment.mu) + 1).max().unwrap_or(0);
    let mut ranks = vec![0; functions];
    for moment in basic {
        let rank = &mut ranks[usize::from(moment.mu)];
        *rank = (*rank).max(moment.rank());
    }
    ranks
}
