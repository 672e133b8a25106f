//! What `mtprs filter` asks of configurations.

use std::path::PathBuf;

use super::{Files, Typed, usage_error};
use crate::cli::{FilterArguments, Label, ReadingArguments};

/// One thing that is asked of a configuration.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// A number between two limits, both included.
    Between(Quantity, [f64; 2]),
    /// Shortest distance of two atoms, Å.
    Distance(f64),
    /// Atoms of each species.
    Composition(Vec<(String, usize)>),
    /// A species that must be there.
    With(String),
    /// A species that must not be there.
    Without(String),
    /// A feature, with its value if that matters.
    Feature(String, Option<String>),
    /// A label.
    Label(Label),
}

/// A number of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Energy per atom, eV.
    Energy,
    /// Length of the largest force, eV/Å.
    Force,
    /// Number of atoms.
    Atoms,
    /// Extrapolation grade of the feature `MV_grade`.
    Grade,
}

impl Typed for FilterArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.inputs.clone(), &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        let write = self.common.write;
        inputs.cfg_only().makes([&write.output(&self.output)]).makes(&write.optional(&self.rejected))
    }

    fn check(&self) -> Result<(), clap::Error> {
        criteria(self).map(drop)
    }
}

/// What kept configurations are like.
pub fn criteria(arguments: &FilterArguments) -> Result<Vec<Condition>, clap::Error> {
    let whole = |count: Option<usize>| count.map(|count| count as f64);
    let mut criteria = Vec::new();
    for (quantity, name, [low, high]) in [
        (Quantity::Energy, "energy", [arguments.min_energy, arguments.max_energy]),
        (Quantity::Force, "force", [arguments.min_force, arguments.max_force]),
        (Quantity::Atoms, "atoms", [whole(arguments.min_atoms), whole(arguments.max_atoms)]),
        (Quantity::Grade, "grade", [arguments.min_grade, arguments.max_grade]),
    ] {
        let limits = [low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)];
        if limits.iter().any(|limit| limit.is_nan()) || limits[0] > limits[1] {
            let message =
                format!("--min-{name} and --max-{name}: nothing is between {} and {}", limits[0], limits[1]);
            return Err(usage_error(message));
        }
        if low.is_some() || high.is_some() {
            criteria.push(Condition::Between(quantity, limits));
        }
    }
    if let Some(distance) = arguments.min_distance {
        if !(distance > 0.0 && distance.is_finite()) {
            let message = format!("--min-distance: expected a number above 0, got {distance}");
            return Err(usage_error(message));
        }
        criteria.push(Condition::Distance(distance));
    }
    criteria
        .extend(arguments.composition.as_deref().map(composition).transpose()?.map(Condition::Composition));
    criteria.extend(words(arguments.with.as_deref()).map(Condition::With));
    criteria.extend(words(arguments.without.as_deref()).map(Condition::Without));
    criteria.extend(arguments.feature.iter().map(|text| match text.split_once('=') {
        Some((key, value)) => Condition::Feature(key.to_owned(), Some(value.to_owned())),
        None => Condition::Feature(text.clone(), None),
    }));
    criteria.extend(arguments.labels.iter().copied().map(Condition::Label));
    if criteria.is_empty() {
        return Err(usage_error("expected at least one criterion, such as --max-force"));
    }
    Ok(criteria)
}

fn words(text: Option<&str>) -> impl Iterator<Item = String> {
    let words = text.unwrap_or_default().split([',', ' ']).filter(|word| !word.is_empty());
    words.map(str::to_owned)
}

fn composition(text: &str) -> Result<Vec<(String, usize)>, clap::Error> {
    let entry = |word: String| {
        let (name, count) = word.split_once(':')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    let entries: Option<Vec<(String, usize)>> = words(Some(text)).map(entry).collect();
    entries.filter(|entries| !entries.is_empty()).ok_or_else(|| {
        let message = format!("--composition: expected counts like Mg:12,V:24,O:60, got {text}");
        usage_error(message)
    })
}
