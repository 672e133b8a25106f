//! What tells a fit, or a search, from another: what was begun goes on only where nothing of it has changed.
//!
//! It is compared entry by entry, so that a message can say what has changed. An option that was left at its default is the
//! same as one that a program does not know: what was begun outlives new options of later releases.

use mtprs_core::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::dataset::Sets;

/// Everything that decides the numbers of a fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// The potential before the fit.
    pub potential: String,
    /// Positions and labels of the training files.
    pub training: String,
    /// The same of the validation files.
    pub validation: String,
    /// Which configurations of the training files validate.
    pub sides: String,
    /// Factors of weights by a feature.
    pub weights: String,
    /// Options.
    pub options: Options,
}

/// Options that decide the numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// All that have a value.
    pub values: Map<String, Value>,
    /// Those of them that have their default.
    pub at_default: Vec<String>,
    /// Those that this program knows.
    #[serde(skip)]
    known: Vec<String>,
}

/// Something that was another one before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What.
    pub what: String,
    /// What it was.
    pub before: String,
    /// What it is.
    pub now: String,
}

impl Identity {
    /// Of a fit of a potential to sets.
    pub fn new(potential: String, sets: &Sets, options: Options) -> Self {
        let contents = sets.contents.clone();
        Self {
            potential,
            training: contents.training,
            validation: contents.validation,
            sides: sets.sides.identity.clone(),
            weights: contents.weights,
            options,
        }
    }

    /// What differs from what it was `before`, the first of all.
    pub fn change_from(&self, before: &Self) -> Option<Change> {
        let entries = |of: &Self| {
            [
                ("training set", of.training.clone()),
                ("validation set", of.validation.clone()),
                ("weights by a feature", of.weights.clone()),
            ]
        };
        // What others follow from comes first: a seed decides the sides, and these the first parameters of the potential.
        let last = |of: &Self| [("sides", of.sides.clone()), ("potential", of.potential.clone())];
        self.options
            .change_from(&before.options)
            .or_else(|| changed(entries(before), entries(self)))
            .or_else(|| changed(last(before), last(self)))
    }
}

/// The first of several texts that differs.
pub fn changed<const N: usize>(before: [(&str, String); N], now: [(&str, String); N]) -> Option<Change> {
    let mut pairs = before.into_iter().zip(now);
    let (before, now) = pairs.find(|(before, now)| before != now)?;
    Some(Change { what: now.0.to_owned(), before: before.1, now: now.1 })
}

impl Options {
    /// Of a table of options that decide the numbers, and of their defaults; what has no value is null.
    pub fn new(mut values: Map<String, Value>, defaults: &Map<String, Value>) -> Self {
        let known = values.keys().cloned().collect();
        values.retain(|_, value| !value.is_null());
        let is_default = |(key, value): &(&String, &Value)| defaults.get(*key) == Some(*value);
        let at_default = values.iter().filter(is_default).map(|(key, _)| key.clone()).collect();
        Self { values, at_default, known }
    }

    /// The first option that differs from what it was `before`.
    fn change_from(&self, before: &Self) -> Option<Change> {
        let text = |value: Option<&Value>| value.map_or("none".into(), Value::to_string);
        let differs = |key: &&String| {
            let is_open = match (before.values.get(*key), self.values.get(*key)) {
                // An option of another release that was not used.
                (Some(_), None) => before.at_default.contains(*key) && !self.known.contains(*key),
                // An option that was not there, and is not used.
                (None, Some(_)) => self.at_default.contains(*key),
                (before, now) => before == now,
            };
            !is_open
        };
        let what = before.values.keys().chain(self.values.keys()).find(differs)?;
        let (before, now) = (text(before.values.get(what)), text(self.values.get(what)));
        Some(Change { what: what.clone(), before, now })
    }
}

impl Change {
    /// Refuses to go on; `subject` is what was begun, as in `the checkpoint belongs to`.
    pub fn refuse(&self, subject: &str, hint: &str) -> Error {
        let Self { what, before, now } = self;
        let message = format!("{subject} another {what}: {before}, not {now}");
        Error::new(ErrorKind::InvalidState, message).hint(hint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(text: &str) -> Options {
        let table = |text: &str| toml::from_str::<Map<String, Value>>(text).unwrap();
        let defaults = table("ridge = 0.0\nseed = 1");
        let mut values = defaults.clone();
        values.extend(table(text));
        Options::new(values, &defaults)
    }

    #[test]
    fn the_option_that_differs_is_named_with_both_values() {
        let (before, now) = (options("ridge = 0.5"), options("seed = 2"));
        let change = now.change_from(&before).unwrap();
        assert_eq!(change, Change { what: "ridge".into(), before: "0.5".into(), now: "0.0".into() });
        let message = change.refuse("the checkpoint belongs to", "remove it").to_string();
        assert!(message.starts_with("the checkpoint belongs to another ridge: 0.5, not 0.0"), "{message}");
        let change = options("").change_from(&options("weight-feature = \"w\"")).unwrap();
        assert_eq!((change.before.as_str(), change.now.as_str()), ("\"w\"", "none"));
    }

    #[test]
    fn options_of_other_releases_matter_only_where_they_are_used() {
        let now = options("");
        // Written before there was an option.
        let mut before = options("");
        before.values.remove("ridge");
        before.at_default.retain(|key| key != "ridge");
        assert_eq!(now.change_from(&before), None);
        assert_eq!(options("ridge = 0.1").change_from(&before).unwrap().what, "ridge");
        // Written by a program that has more options.
        let mut before = options("");
        before.values.insert("dropout".into(), 0.25.into());
        assert_eq!(now.change_from(&before).unwrap().what, "dropout");
        before.at_default.push("dropout".into());
        assert_eq!(now.change_from(&before), None);
    }

    #[test]
    fn every_entry_is_compared_and_survives_a_file() {
        let of = |text: &str| Identity { options: options(text), ..Identity::default() };
        let first = of("ridge = 0.5");
        let again: Identity = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        assert_eq!(first.change_from(&again), None);
        type Entry = fn(&mut Identity) -> &mut String;
        let entries: [(&str, Entry); 5] = [
            ("potential", |identity| &mut identity.potential),
            ("training set", |identity| &mut identity.training),
            ("validation set", |identity| &mut identity.validation),
            ("sides", |identity| &mut identity.sides),
            ("weights by a feature", |identity| &mut identity.weights),
        ];
        for (what, entry) in entries {
            let mut other = first.clone();
            *entry(&mut other) = "another".into();
            assert_eq!(first.change_from(&other).unwrap().what, what);
        }
        assert_eq!(first.change_from(&of("")).unwrap().what, "ridge");
    }
}
