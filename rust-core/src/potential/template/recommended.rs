//! Moment tables that are good for what they cost.

use super::BasisRule;
use crate::error::Result;

/// A moment table with a name: of many tables that were fitted to several sets of data, the one with the smallest errors
/// for about its time (`docs/src/theory.md`, "Recommended tables").
///
/// A name always stands for the same table; a better one gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecommendedTable {
    /// What [`BasisRule`] is read from, as well as from its own name.
    pub name: &'static str,
    /// The own name of the rule.
    pub table: &'static str,
    /// When to take it, in a few words.
    pub purpose: &'static str,
}

/// All of them, from the cheapest to the dearest.
pub const RECOMMENDED: [RecommendedTable; 4] = [
    RecommendedTable {
        name: "tiny",
        table: "16-210",
        purpose: "a sixth more time than level 8, 20 to 31 % less force error",
    },
    RecommendedTable {
        name: "small",
        table: "14-3210-w1.1",
        purpose: "the time of level 12, 4 to 20 % less force error",
    },
    RecommendedTable {
        name: "medium",
        table: "20-44200",
        purpose: "half the time of level 20, 1 to 5 % more force error",
    },
    RecommendedTable {
        name: "large",
        table: "24-6420",
        purpose: "a tenth less time than level 20, about the same force error",
    },
];

impl RecommendedTable {
    /// The table with this name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        RECOMMENDED.into_iter().find(|table| table.name == name)
    }

    /// The recommended table with this rule, if it is one.
    pub fn of(rule: &BasisRule) -> Option<Self> {
        let own = rule.to_string();
        RECOMMENDED.into_iter().find(|table| table.table == own)
    }

    /// Its rule.
    pub fn rule(self) -> Result<BasisRule> {
        self.table.parse()
    }

    /// All names as a list: `tiny, small, medium, large`.
    pub fn names() -> String {
        RECOMMENDED.map(|table| table.name).join(", ")
    }
}
