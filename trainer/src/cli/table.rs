//! Options for the moment table of an untrained potential.

use clap::Args;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::{Error, ErrorKind, Result};

/// Which basis functions a potential has.
#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Moment table")]
pub struct TableArguments {
    /// A recommended table by name (see the list below), or a rule as potentials are named after: 22-4321 is level 22
    /// with ranks 4, 3, 2, 1.
    #[arg(long, value_name = "NAME|RULE", value_parser = parse_rule,
          conflicts_with_all = ["ranks", "max_tensors", "mu_weight", "rank_weight"])]
    pub table: Option<BasisRule>,

    /// Highest rank of each radial function, from μ = 0: as many radial functions as ranks.
    #[arg(long, value_name = "RANK,...", value_delimiter = ',')]
    pub ranks: Option<Vec<usize>>,

    /// Most tensors in a basis function, 1 to 5: each brings one neighbor.
    #[arg(long, value_name = "COUNT")]
    pub max_tensors: Option<usize>,

    /// Weight of μ in the level of a tensor M[μ,ν], 2 + 4μ + ν.
    #[arg(long, value_name = "WEIGHT")]
    pub mu_weight: Option<usize>,

    /// Weight of the rank ν in that level.
    #[arg(long, value_name = "WEIGHT")]
    pub rank_weight: Option<usize>,
}

impl TableArguments {
    /// Whether no option asks for anything but a level.
    pub fn is_level(&self) -> bool {
        let Self { table, ranks, max_tensors, mu_weight, rank_weight } = self;
        let numbers = [max_tensors, mu_weight, rank_weight];
        table.is_none() && ranks.is_none() && numbers.iter().all(|option| option.is_none())
    }

    /// The rule that these options and a level make; there is a level or a table.
    pub fn rule(&self, level: Option<usize>) -> Result<BasisRule> {
        let Self { table, ranks, max_tensors, mu_weight, rank_weight } = self;
        let level = match (table, level) {
            (Some(rule), _) => return Ok(rule.clone()),
            (None, Some(level)) => level,
            (None, None) => return Err(Error::new(ErrorKind::Argument, "expected --level or --table")),
        };
        let [mu, rank] = [mu_weight.unwrap_or(4), rank_weight.unwrap_or(1)];
        if !self.is_level() {
            return BasisRule::new(level, [mu, rank], ranks.as_deref(), max_tensors.unwrap_or(4));
        }
        if level.is_multiple_of(2) {
            return BasisRule::of_level(level);
        }
        // The basis of an odd level would be that of the even one below, which is better said than silently done.
        let message = format!("expected an even level, got {level}");
        Err(Error::new(ErrorKind::Argument, message))
    }
}

/// Reads a rule or the name of a recommended table.
pub fn parse_rule(text: &str) -> Result<BasisRule> {
    text.parse()
}
