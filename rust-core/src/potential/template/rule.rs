//! Which basis functions a moment basis has.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use super::graph::Graph;
use super::{LEVELS, RecommendedTable};
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
            let message =
                format!("expected a level from {} to {}, got {level}", LEVELS.start(), LEVELS.end());
            return Err(Error::new(ErrorKind::Argument, message));
        }
        Self::new(level, [4, 1], None, 4)
    }

    /// A rule with all its numbers: the level, w_μ and w_ν, the highest rank of each radial function from μ = 0 (without
    /// them, as many functions and as high ranks as the level allows), and the most tensors in a basis function.
    pub fn new(
        level: usize,
        [mu_weight, rank_weight]: [usize; 2],
        ranks: Option<&[usize]>,
        max_tensors: usize,
    ) -> Result<Self> {
        expect("level", &Self::LEVELS, level)?;
        expect("weight of μ", &Self::MU_WEIGHTS, mu_weight)?;
        expect("weight of the rank", &Self::RANK_WEIGHTS, rank_weight)?;
        expect("number of tensors", &Self::MAX_TENSORS, max_tensors)?;
        let mut rule = Self { level, mu_weight, rank_weight, ranks: Vec::new(), max_tensors };
        rule.ranks = ranks.map_or_else(|| rule.all_ranks(), <[usize]>::to_vec);
        let by_hand = |error: Error| match ranks {
            Some(_) => error,
            None => error.hint("the level allows more than that: give the ranks of the radial functions"),
        };
        if rule.ranks.is_empty() || rule.ranks.len() > Self::MAX_FUNCTIONS {
            let most = Self::MAX_FUNCTIONS;
            // Without ranks, counting ended there.
            let count = ranks.map_or_else(|| "more".to_owned(), |ranks| ranks.len().to_string());
            let message = format!("expected 1 to {most} radial functions, got {count}");
            return Err(by_hand(Error::new(ErrorKind::Argument, message)));
        }
        for &rank in &rule.ranks {
            expect("rank", &(0..=Self::MAX_RANK), rank).map_err(by_hand)?;
        }
        let least = 2 + mu_weight * (rule.ranks.len() - 1);
        if least > level {
            let message = format!(
                "expected ranks for at most {} radial functions, got {}: M[{}] alone has level {least}, above {level}",
                (level - 2) / mu_weight + 1,
                rule.ranks.len(),
                rule.ranks.len() - 1,
            );
            return Err(Error::new(ErrorKind::Argument, message)
                .hint("give fewer ranks, a higher level or a smaller weight of μ"));
        }
        Ok(rule)
    }

    /// For every μ that the level allows, the highest rank of a tensor: M\[μ,ν\] needs ν legs of others, the cheapest of
    /// which is M\[0,ν\].
    fn all_ranks(&self) -> Vec<usize> {
        let levels = (0..=Self::MAX_FUNCTIONS).map(|mu| 2 + self.mu_weight * mu);
        let allowed = levels.take_while(|&level| level <= self.level);
        allowed.map(|level| (self.level - level).saturating_sub(2) / (2 * self.rank_weight)).collect()
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

    /// The name of an untrained potential: `MTP16`, `MTP22-4321`.
    pub fn name(&self) -> String {
        format!("MTP{self}")
    }

    /// Refuses an odd level of MTP: its basis is that of the even one below, which is better said than silently done.
    pub fn not_odd(self) -> Result<Self> {
        if self.level.is_multiple_of(2) || !self.is_level() {
            return Ok(self);
        }
        Err(Error::new(ErrorKind::Argument, format!("expected an even level, got {}", self.level)))
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

/// Whether no rank is above the one before.
fn descends(ranks: &[usize]) -> bool {
    ranks.is_sorted_by(|before, after| before >= after)
}

fn expect(what: &str, range: &RangeInclusive<usize>, value: usize) -> Result<()> {
    if range.contains(&value) {
        return Ok(());
    }
    let message = format!("expected a {what} from {} to {}, got {value}", range.start(), range.end());
    Err(Error::new(ErrorKind::Argument, message))
}

/// `16` for a level of MTP, else with the ranks and what differs: `22-4321`, `14-43210-w1.1-t5` with the weights of μ and ν
/// and the most tensors. Ranks above 9, and ranks of which one is above the one before, have dots between them, and one
/// such rank alone a dot behind it: `30-12.` has rank 12, `30-1.2` ranks 1 and 2.
///
/// A rule is read from such a name, and from that of a [`RecommendedTable`].
impl fmt::Display for BasisRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_level() {
            return write!(f, "{}", self.level - self.level % 2);
        }
        write!(f, "{}-", self.level)?;
        let dot = if self.highest_rank() > 9 || !descends(&self.ranks) { "." } else { "" };
        for (mu, rank) in self.ranks.iter().enumerate() {
            // One rank above 9 alone has a dot behind it.
            let before = if mu > 0 { dot } else { "" };
            let after = if self.ranks.len() == 1 { dot } else { "" };
            write!(f, "{before}{rank}{after}")?;
        }
        if (self.mu_weight, self.rank_weight) != (4, 1) {
            write!(f, "-w{}.{}", self.mu_weight, self.rank_weight)?;
        }
        if self.max_tensors != 4 {
            write!(f, "-t{}", self.max_tensors)?;
        }
        Ok(())
    }
}

impl FromStr for BasisRule {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(recommended) = RecommendedTable::named(text) {
            return recommended.rule();
        }
        let unknown = || {
            let names = RecommendedTable::names();
            let message = format!(
                "expected a moment table: {names}, or such as 16, 22-4321 or 14-43210-w1.1-t5, got {text}"
            );
            Error::new(ErrorKind::Argument, message)
        };
        let number = |text: &str| text.parse::<usize>().map_err(|_| unknown());
        let mut parts = text.split('-').peekable();
        let level = number(parts.next().unwrap_or_default())?;
        if parts.peek().is_none() {
            return Self::of_level(level)?.not_odd();
        }
        let mut ranks = None;
        if let Some(part) = parts.next_if(|part| part.starts_with(|first: char| first.is_ascii_digit())) {
            let digits: Vec<&str> = match part.contains('.') {
                true => part.strip_suffix('.').unwrap_or(part).split('.').collect(),
                false => part.split_inclusive(|_: char| true).collect(),
            };
            let given = digits.into_iter().map(number).collect::<Result<Vec<_>>>()?;
            if !part.contains('.') && !descends(&given) {
                let message = format!("expected ranks that do not ascend, got {part}");
                return Err(Error::new(ErrorKind::Argument, message)
                    .hint("write others with dots: 1.2 for ranks 1 and 2, 12. for one rank of 12"));
            }
            ranks = Some(given);
        }
        let mut weights = [4, 1];
        if let Some(part) = parts.next_if(|part| part.starts_with('w')) {
            let (mu, rank) = part[1..].split_once('.').ok_or_else(unknown)?;
            weights = [number(mu)?, number(rank)?];
        }
        let mut max_tensors = 4;
        if let Some(part) = parts.next_if(|part| part.starts_with('t')) {
            max_tensors = number(&part[1..])?;
        }
        match parts.next() {
            None => Self::new(level, weights, ranks.as_deref(), max_tensors)?.not_odd(),
            Some(_) => Err(unknown()),
        }
    }
}
