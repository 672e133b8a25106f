//! Which basis functions a moment basis has.

use std::ops::RangeInclusive;

use super::LEVELS;
use super::graph::Graph;
use crate::error::{Error, ErrorKind, Result};

/// The rule that picks basis functions.
///
/// The level of a tensor M\[μ,ν\] is 2 + w_μ μ + w_ν ν, that of a basis function the sum over its tensors. A basis has all
/// functions of at most `max_tensors` tensors with a level of at most `level`, whose tensors have no rank above
/// `ranks[μ]`. With w_μ = 4, w_ν = 1, four tensors and no limit to the ranks these are the levels of MTP (Shapeev 2016,
/// section 3; Novikov et al. 2021, eq. 5). Low ranks make basis functions cheap: M\[μ,ν\] takes 2ν + 1 more sums over all
/// neighbors than M\[μ,ν−1\], a product one multiplication per atom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BasisRule {
    level: usize,
    mu_weight: usize,
    rank_weight: usize,
    ranks: Vec<usize>,
    max_tensors: usize,
}

impl BasisRule {
    /// Levels of a rule that is not just a level of MTP.
    pub const LEVELS: RangeInclusive<usize> = 2..=60;
    /// Weights of μ.
    pub const MU_WEIGHTS: RangeInclusive<usize> = 0..=20;
    /// Weights of ν.
    pub const RANK_WEIGHTS: RangeInclusive<usize> = 1..=10;
    /// Tensors in a basis function: each brings a neighbor, so five of them reach six-body terms.
    pub const MAX_TENSORS: RangeInclusive<usize> = 1..=5;
    /// Most radial functions.
    pub const MAX_FUNCTIONS: usize = 12;
    /// Highest rank.
    pub const MAX_RANK: usize = 12;
    /// Most basis functions: a third more than level 28 has.
    pub const MAX_BASIS_FUNCTIONS: usize = 6000;

    /// The rule of a level of MTP, in [`LEVELS`].
    pub fn of_level(level: usize) -> Result<Self> {
        if !LEVELS.contains(&level) {
            let message = format!("expected a level from {} to {}, got {level}", LEVELS.start(), LEVELS.end());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        let ranks = (0..super::radial_functions(level)).map(|mu| (level / 2).saturating_sub(2 * mu + 2));
        Ok(Self { level, mu_weight: 4, rank_weight: 1, ranks: ranks.collect(), max_tensors: 4 })
    }

    /// The same with at most these ranks, one for each radial function from μ = 0.
    pub fn with_ranks(mut self, ranks: &[usize]) -> Result<Self> {
        if ranks.is_empty() || ranks.len() > Self::MAX_FUNCTIONS {
            let (most, count) = (Self::MAX_FUNCTIONS, ranks.len());
            let message = format!("expected ranks for 1 to {most} radial functions, got {count}");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        for &rank in ranks {
            expect("rank", &(0..=Self::MAX_RANK), rank)?;
        }
        self.ranks = ranks.to_vec();
        Ok(self)
    }

    /// A rule with all its numbers.
    pub fn new(
        level: usize,
        [mu_weight, rank_weight]: [usize; 2],
        ranks: &[usize],
        max_tensors: usize,
    ) -> Result<Self> {
        expect("level", &Self::LEVELS, level)?;
        expect("weight of μ", &Self::MU_WEIGHTS, mu_weight)?;
        expect("weight of the rank", &Self::RANK_WEIGHTS, rank_weight)?;
        expect("number of tensors", &Self::MAX_TENSORS, max_tensors)?;
        let rule = Self { level, mu_weight, rank_weight, ranks: Vec::new(), max_tensors }.with_ranks(ranks)?;
        for mu in 0..rule.ranks.len() {
            let least = 2 + mu_weight * mu;
            if least > level {
                let message = format!(
                    "M[μ={mu}] has level {least} or more, so level {level} has {mu} radial functions; got ranks for {}",
                    rule.ranks.len()
                );
                return Err(Error::new(ErrorKind::Argument, message)
                    .hint("give fewer ranks, a higher level or a smaller weight of μ"));
            }
        }
        Ok(rule)
    }

    /// Highest level of a basis function.
    pub fn level(&self) -> usize {
        self.level
    }

    /// w_μ.
    pub fn mu_weight(&self) -> usize {
        self.mu_weight
    }

    /// w_ν.
    pub fn rank_weight(&self) -> usize {
        self.rank_weight
    }

    /// Highest rank that each radial function may have; tensors of a function may all have less.
    pub fn ranks(&self) -> &[usize] {
        &self.ranks
    }

    /// Number of radial functions.
    pub fn radial_functions(&self) -> usize {
        self.ranks.len()
    }

    /// Most tensors in a basis function.
    pub fn max_tensors(&self) -> usize {
        self.max_tensors
    }

    /// Whether it is the rule of a level of MTP.
    pub fn is_level(&self) -> bool {
        Self::of_level(self.level).is_ok_and(|level| level == *self)
    }

    /// `MTP16` for a level of MTP, else with the ranks and what differs: `MTP14-43211-w1.1-t5`.
    pub fn name(&self) -> String {
        if self.is_level() {
            return format!("MTP{}", self.level - self.level % 2);
        }
        let ranks: Vec<String> = self.ranks.iter().map(ToString::to_string).collect();
        let mut name =
            format!("MTP{}-{}", self.level, ranks.join(if self.highest_rank() > 9 { "." } else { "" }));
        if (self.mu_weight, self.rank_weight) != (4, 1) {
            name += &format!("-w{}.{}", self.mu_weight, self.rank_weight);
        }
        if self.max_tensors != 4 {
            name += &format!("-t{}", self.max_tensors);
        }
        name
    }

    /// Level of a graph.
    pub(super) fn level_of(&self, graph: &Graph) -> usize {
        let mu_sum: usize = graph.colors().iter().map(|&mu| usize::from(mu)).sum();
        2 * graph.len() + self.mu_weight * mu_sum + 2 * self.rank_weight * graph.edge_count()
    }

    /// The highest rank of all.
    pub(super) fn highest_rank(&self) -> usize {
        self.ranks.iter().copied().max().unwrap_or(0)
    }
}

fn expect(what: &str, range: &RangeInclusive<usize>, value: usize) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let message = format!("expected a {what} from {} to {}, got {value}", range.start(), range.end());
    Err(Error::new(ErrorKind::Argument, message))
}
