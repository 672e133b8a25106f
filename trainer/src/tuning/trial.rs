//! What tells the trials of a search apart, and which error decides between them.

use std::fmt;

use mtprs_core::potential::Potential;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::species::Species;
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::figures::RmseFigures;

/// Which error a Pareto front is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Criterion {
    /// RMS error of the energy per atom.
    Energy,
    /// RMS error of the force components.
    #[default]
    Force,
    /// The loss, with the first weight of each list.
    Loss,
}

impl Criterion {
    /// The error that decides, of a validation; missing where its set has no such label.
    pub fn of(self, validation: &RmseFigures, loss: f64) -> Option<f64> {
        match self {
            Self::Energy => validation.energy,
            Self::Force => validation.force,
            Self::Loss => Some(loss),
        }
    }

    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Energy => "validation energy error",
            Self::Force => "validation force error",
            Self::Loss => "validation loss",
        }
    }
}

/// What tells the trials of a search apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TrialSettings {
    /// Moment table of the potential; as its name in files. Earlier searches kept the number of a level.
    #[serde(alias = "level", serialize_with = "name_of", deserialize_with = "named")]
    pub table: BasisRule,
    /// Cutoff, Å.
    pub cutoff: f64,
    /// Number of Chebyshev polynomials.
    pub radial_basis_size: usize,
    /// Weight of energies in the loss, 1/eV².
    pub energy_weight: f64,
    /// Weight of forces, Å²/eV².
    pub force_weight: f64,
    /// Weight of virials, 1/eV².
    pub stress_weight: f64,
}

impl TrialSettings {
    /// The name of the trial's folder; different settings have different names.
    pub fn name(&self) -> String {
        let [energy, force, stress] = self.weights().map(shortest);
        let (kind, table) = (self.kind(), &self.table);
        let (cutoff, size) = (shortest(self.cutoff), self.radial_basis_size);
        format!("{kind}{table}-cutoff{cutoff}-size{size}-energy{energy}-force{force}-stress{stress}")
    }

    /// The settings in words.
    pub fn describe(&self) -> String {
        let weights = self.weights().map(shortest).join(", ");
        let (kind, table) = (self.kind(), &self.table);
        let (cutoff, size) = (shortest(self.cutoff), self.radial_basis_size);
        format!("{kind} {table}, cutoff {cutoff} Å, {size} Chebyshev polynomials, weights {weights}")
    }

    /// What the name of its moment table is.
    fn kind(&self) -> &'static str {
        if self.table.is_level() { "level" } else { "table" }
    }

    /// Of energies, forces and virials.
    pub fn weights(&self) -> [f64; 3] {
        [self.energy_weight, self.force_weight, self.stress_weight]
    }

    /// A potential with these settings and no parameters.
    pub fn untrained(&self, species: &Species, min_dist: f64) -> Result<Potential, mtprs_core::Error> {
        let distances = [min_dist, self.cutoff];
        Potential::untrained_of(&self.table, species.clone(), distances, self.radial_basis_size)
    }
}

fn name_of<S: Serializer>(table: &BasisRule, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(table)
}

fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BasisRule, D::Error> {
    deserializer.deserialize_any(TableName)
}

/// Reads the name of a moment table, or the number of a level.
struct TableName;

impl Visitor<'_> for TableName {
    type Value = BasisRule;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a moment table such as 16 or 22-4321")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<BasisRule, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, level: u64) -> Result<BasisRule, E> {
        self.visit_str(&level.to_string())
    }
}

/// The fewest digits from which the same number is read.
fn shortest(value: f64) -> String {
    if value == 0.0 || (1e-4..1e6).contains(&value) { value.to_string() } else { format!("{value:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(table: &str) -> TrialSettings {
        TrialSettings {
            table: table.parse().unwrap(),
            cutoff: 5.0,
            radial_basis_size: 8,
            energy_weight: 1.0,
            force_weight: 0.01,
            stress_weight: 0.0,
        }
    }

    #[test]
    fn names_tell_tables_apart_and_those_of_levels_stay() {
        let name = |table: &str| settings(table).name();
        assert_eq!(name("16"), "level16-cutoff5-size8-energy1-force0.01-stress0");
        assert_eq!(name("22-4321"), "table22-4321-cutoff5-size8-energy1-force0.01-stress0");
        let names =
            ["16", "16-642", "18-6.4.2.1.1", "16-210", "16-210-t5", "16-210-w3.1", "30-12.", "30-1.2"]
                .map(name);
        let different: std::collections::BTreeSet<_> = names.iter().collect();
        assert_eq!(different.len(), names.len(), "{names:?}");
        // All ranks of the level are the level.
        assert_eq!(settings("16-6420"), settings("16"));
    }

    #[test]
    fn settings_are_read_back_and_so_are_those_that_had_a_level() {
        for table in ["16", "22-4321", "14-43210-w1.1-t5"] {
            let text = serde_json::to_string(&settings(table)).unwrap();
            assert!(text.contains(&format!("\"table\":\"{table}\"")), "{text}");
            assert_eq!(serde_json::from_str::<TrialSettings>(&text).unwrap(), settings(table));
        }
        let text = serde_json::to_string(&settings("16")).unwrap();
        let earlier = text.replace("\"table\":\"16\"", "\"level\":16");
        assert_ne!(earlier, text);
        assert_eq!(serde_json::from_str::<TrialSettings>(&earlier).unwrap(), settings("16"));
        for (wrong, expected) in [
            ("\"level\":40", "expected a level from 2 to 28, got 40"),
            ("\"level\":7", "expected an even level, got 7"),
            ("\"table\":\"16-x\"", "expected a moment table: tiny, small, medium, large, or such as 16"),
            ("\"table\":true", "expected a moment table such as 16 or 22-4321"),
            ("\"level\":16,\"table\":\"16\"", "duplicate field"),
        ] {
            let text = text.replace("\"table\":\"16\"", wrong);
            let message = serde_json::from_str::<TrialSettings>(&text).unwrap_err().to_string();
            assert!(message.contains(expected), "{wrong}: {message}");
        }
    }
}
