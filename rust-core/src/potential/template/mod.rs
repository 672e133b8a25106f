//! Untrained potentials: the moment basis of any level, and of other rules.
//!
//! A basis function is a full contraction of tensors M\[μ,ν\]: a multigraph whose nodes are the tensors. Its level is
//! the sum of 2 + 4μ + ν over the nodes; a basis of level L has all multigraphs of at most four nodes and level at most
//! L (Shapeev 2016, section 3; the limit of four is that of the potentials in use: five-body terms). Levels of full
//! contractions are even, so an odd level gives the basis of the even one below it. Other rules weigh μ and ν in another
//! way, limit the ranks, or take up to five tensors ([`BasisRule`]).
//!
//! `graph` and `scalars` list the basis functions, `tensor` and `split` say how they can be put together from products,
//! `catalog` holds all the ways, `schedule` chooses, and `numbering` writes the tables.

mod catalog;
mod graph;
mod monomials;
mod numbering;
mod recommended;
mod rule;
mod scalars;
mod schedule;
mod split;
mod tensor;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;

use super::{MomentBasis, Parameters, Potential, PotentialParts, RadialBasis, RadialBasisKind};
use crate::error::Result;
use crate::species::Species;
use catalog::Catalog;
pub use recommended::{RECOMMENDED, RecommendedTable};
pub use rule::BasisRule;
use schedule::Schedule;

/// Levels for which there is a template.
pub const LEVELS: RangeInclusive<usize> = 2..=28;

/// The moment basis of a level in [`LEVELS`].
pub fn moment_basis(level: usize) -> Result<MomentBasis> {
    moment_basis_of(&BasisRule::of_level(level)?)
}

/// The moment basis of a rule. The order of the basis functions is by level, then by number of connected parts; the same
/// rule always gives the same tables.
pub fn moment_basis_of(rule: &BasisRule) -> Result<MomentBasis> {
    let connected = scalars::connected_graphs(rule)?;
    let functions = scalars::basis_functions(rule, &connected)?;
    let catalog = Catalog::new(&connected)?;
    let schedule = Schedule::new(&catalog, connected.len());
    numbering::moment_basis(&catalog, &schedule, &functions)
}

/// Number of radial functions of a level: one for every μ with 2 + 4μ ≤ level, none below level 2.
pub fn radial_functions(level: usize) -> usize {
    (level + 2) / 4
}

impl Potential {
    /// An untrained potential of a level in [`LEVELS`], named after the level (`MTP16`); distances in Å. Element names
    /// of the species become the tag.
    pub fn untrained(
        level: usize,
        species: Species,
        min_dist: f64,
        max_dist: f64,
        radial_basis_size: usize,
    ) -> Result<Self> {
        Self::untrained_of(&BasisRule::of_level(level)?, species, [min_dist, max_dist], radial_basis_size)
    }

    /// An untrained potential with the moment basis of a rule, named after it (`MTP16`, `MTP22-4321` with the ranks);
    /// the shortest distance and the cutoff in Å.
    pub fn untrained_of(
        rule: &BasisRule,
        species: Species,
        [min_dist, max_dist]: [f64; 2],
        radial_basis_size: usize,
    ) -> Result<Self> {
        let moment_basis = moment_basis_of(rule)?;
        let radial_basis = RadialBasis::new(
            RadialBasisKind::Chebyshev,
            min_dist,
            max_dist,
            radial_basis_size,
            rule.radial_functions(),
        )?;
        Self::new(PotentialParts {
            name: rule.name(),
            tag: species.names().map(|names| names.join(" ")).unwrap_or_default(),
            scaling: 1.0,
            species,
            radial_basis,
            moment_basis,
            parameters: Parameters::default(),
            pair_terms: Vec::new(),
        })
    }
}
