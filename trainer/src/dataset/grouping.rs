//! Which configurations stay on one side when a set is divided: what users write after `--group`.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::Kept;

/// What stays together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub enum Grouping {
    /// Consecutive frames, where configurations look like it.
    #[default]
    Auto,
    /// Nothing.
    None,
    /// Blocks of this many consecutive configurations of a file.
    Blocks(u64),
    /// Configurations with the same value of a feature.
    Feature(String),
}

/// What was kept on one side, as reports in JSON say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Groups {
    /// What stays together.
    pub by: Grouping,
    /// Configurations that stay together with others.
    pub configurations: usize,
    /// Groups of two and more.
    pub groups: usize,
    /// Configurations of the largest group.
    pub largest: usize,
}

impl Kept {
    /// For a report, if anything was put together.
    pub fn groups(&self, grouping: &Grouping) -> Option<Groups> {
        let &Self { together: configurations, groups, largest, .. } = self;
        (groups > 0).then(|| Groups { by: grouping.clone(), configurations, groups, largest })
    }

    /// How many values the feature has that configurations are grouped by.
    pub fn values(&self) -> usize {
        self.groups + self.configurations - self.together - self.without
    }
}

impl FromStr for Grouping {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let expected = || format!("expected auto, none, blocks:COUNT or the name of a feature, got {text:?}");
        match (text, text.split_once(':')) {
            ("auto", _) => Ok(Self::Auto),
            ("none", _) => Ok(Self::None),
            (_, Some(("blocks", length))) => {
                length.parse().ok().filter(|&length| length > 0).map(Self::Blocks).ok_or_else(expected)
            }
            (_, Some(("feature", name))) if !name.is_empty() => Ok(Self::Feature(name.to_owned())),
            ("" | "blocks", _) => Err(expected()),
            (name, _) => Ok(Self::Feature(name.to_owned())),
        }
    }
}

impl fmt::Display for Grouping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::None => formatter.write_str("none"),
            Self::Blocks(length) => write!(formatter, "blocks:{length}"),
            // A feature may be called as one of the others.
            Self::Feature(name) if name.parse() == Ok(self.clone()) => formatter.write_str(name),
            Self::Feature(name) => write!(formatter, "feature:{name}"),
        }
    }
}

impl From<Grouping> for String {
    fn from(grouping: Grouping) -> Self {
        grouping.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for (text, expected) in [
            ("auto", Grouping::Auto),
            ("none", Grouping::None),
            ("blocks:20", Grouping::Blocks(20)),
            ("run", Grouping::Feature("run".into())),
            ("feature:none", Grouping::Feature("none".into())),
            ("feature:blocks:3", Grouping::Feature("blocks:3".into())),
        ] {
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
            assert_eq!(expected.to_string(), text);
        }
        for wrong in ["", "blocks", "blocks:", "blocks:0", "blocks:x"] {
            assert!(wrong.parse::<Grouping>().is_err(), "{wrong}");
        }
    }
}
