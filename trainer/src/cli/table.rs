//! Options for the moment table of an untrained potential.

use clap::Args;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::{Error, ErrorKind, Result};

/// Which basis functions a potential has.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Moment table")]
pub struct TableArguments {
    /// The whole table by its name: tiny, small, medium or large, which are recommended (listed below); or 22-4321, level
    /// 22 with ranks 4, 3, 2 and 1; then -w1.1 for the weights of μ and ν, then -t5 for five tensors. Ranks that ascend
    /// or are above 9 have dots: 30-12.10, 30-1.2, 30-12. for one of 12.
    #[arg(long, value_name = "TABLE", conflicts_with_all = ["ranks", "max_tensors", "mu_weight", "rank_weight"])]
    pub table: Option<BasisRule>,

    /// Highest rank of each radial function, from μ = 0: as many radial functions as ranks [default: all that the level
    /// allows].
    #[arg(long, value_name = "RANK,...", value_delimiter = ',', value_parser = rank)]
    pub ranks: Option<Vec<usize>>,

    /// Most tensors in a basis function, 1 to 5: each brings one neighbor [default: 4].
    #[arg(long, value_name = "COUNT")]
    pub max_tensors: Option<usize>,

    /// Weight of μ in the level of a tensor, 0 to 20 [default: 4].
    #[arg(long, value_name = "WEIGHT")]
    pub mu_weight: Option<usize>,

    /// Weight of the rank ν in that level, 1 to 10 [default: 1].
    #[arg(long, value_name = "WEIGHT")]
    pub rank_weight: Option<usize>,
}

impl TableArguments {
    /// The rule that these options and a level make; there is a level or a table.
    pub fn rule(&self, level: Option<usize>) -> Result<BasisRule> {
        let Self { table, ranks, max_tensors, mu_weight, rank_weight } = self;
        let level = match (table, level) {
            (Some(rule), _) => return Ok(rule.clone()),
            (None, Some(level)) => level,
            (None, None) => return Err(Error::new(ErrorKind::Argument, "expected --level or --table")),
        };
        let numbers = [max_tensors, mu_weight, rank_weight];
        if ranks.is_none() && numbers.iter().all(|option| option.is_none()) {
            return BasisRule::of_level(level)?.not_odd();
        }
        let weights = [mu_weight.unwrap_or(4), rank_weight.unwrap_or(1)];
        BasisRule::new(level, weights, ranks.as_deref(), max_tensors.unwrap_or(4))?.not_odd()
    }
}

fn rank(text: &str) -> std::result::Result<usize, String> {
    const MOST: usize = BasisRule::MAX_RANK;
    text.trim()
        .parse()
        .ok()
        .filter(|rank| *rank <= MOST)
        .ok_or_else(|| format!("expected a rank from 0 to {MOST}"))
}
