//! What is worth knowing about a selection state.

use std::collections::BTreeSet;

use mtprs_core::potential::{ParameterLayout, Potential};
use mtprs_core::selection::{RowSource, SelectionState};
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;

use super::{Direction, Kind, describe, log_determinant_of};
use crate::text::{Table, counted, general};

/// A selection state in words and figures.
#[derive(Debug, Serialize)]
pub struct Description {
    file: String,
    mode: &'static str,
    potential: String,
    potential_checksum: String,
    species: Option<Vec<String>>,
    species_count: usize,
    rows: usize,
    supported: usize,
    log10_determinant: f64,
    training_set: String,
    /// Configurations that rows come from, from zero.
    configurations: BTreeSet<usize>,
    /// `None` if the potential is needed to tell, and is not known.
    unsupported: Option<Vec<Direction>>,
}

impl Description {
    /// Describes a state; `potential` is its potential, if known.
    pub fn new(state: &SelectionState, file: &str, potential: Option<&Potential>) -> Result<Self, Error> {
        let set = &state.active_set;
        let layout = potential.map(Potential::parameter_layout);
        let describe = |layout: &ParameterLayout| describe(state, layout, potential);
        Ok(Self {
            file: file.to_owned(),
            mode: state.mode.name(),
            potential: state.identity.name.clone(),
            potential_checksum: format!("{:016x}", state.identity.checksum.value()),
            species: state.identity.species.names().map(<[String]>::to_vec),
            species_count: state.identity.species.count(),
            rows: set.size(),
            supported: set.size() - state.unsupported(),
            log10_determinant: log_determinant_of(set.size(), set.rows()) / std::f64::consts::LN_10,
            training_set: state.training_set.clone(),
            configurations: configurations(state),
            unsupported: layout.as_ref().map(describe).transpose()?,
        })
    }

    /// The description as JSON.
    pub fn to_json(&self) -> Result<String, Error> {
        let failed =
            |error| Error::new(ErrorKind::Bug, format!("cannot write the description as JSON: {error}"));
        Ok(serde_json::to_string_pretty(self).map_err(failed)? + "\n")
    }

    /// The description as a table with the unsupported directions below it.
    pub fn render(&self) -> String {
        let mut facts = Table::new(&["file", &self.file]);
        for (label, value) in self.facts() {
            facts.row(vec![label.into(), value]);
        }
        let mut text = facts.render();
        for (kind, meaning) in [
            (Kind::Absent, "absent from the training set: atoms that have them get large grades"),
            (
                Kind::Open,
                "not distinguished by the training set: atoms that distinguish them get large grades",
            ),
            (Kind::Dependent, "not distinguishable by any atoms, so they never cause large grades"),
        ] {
            let directions = self.unsupported.iter().flatten().filter(|direction| direction.kind == kind);
            for (number, Direction { count, parameters, .. }) in directions.enumerate() {
                if number == 0 {
                    text.push_str(&format!("\n  unsupported, {meaning}:\n"));
                }
                text.push_str(&format!("  {count:>5} x {parameters}\n"));
            }
        }
        text
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let names = self.species.as_ref().map_or("no element names".into(), |names| names.join(" "));
        let unsupported = self.rows - self.supported;
        let known =
            if self.unsupported.is_none() && unsupported > 0 { " (--potential shows which)" } else { "" };
        let mut facts = vec![
            ("mode", self.mode.to_owned()),
            ("potential", format!("{} (checksum {})", self.potential, self.potential_checksum)),
            ("species", format!("{} ({names})", self.species_count)),
            ("parameters", self.rows.to_string()),
            ("supported", format!("{}, {unsupported} unsupported{known}", self.supported)),
            ("log10 |det|", general(self.log10_determinant, 10)),
            ("sources", counted(self.configurations.len() as u64, "configuration")),
        ];
        if !self.training_set.is_empty() {
            facts.push(("training set", self.training_set.clone()));
        }
        facts
    }
}

/// The configurations that rows come from.
pub(super) fn configurations(state: &SelectionState) -> BTreeSet<usize> {
    let index = |source: &RowSource| match source {
        RowSource::Unsupported => None,
        RowSource::Configuration { index, .. } => Some(*index),
    };
    state.sources.iter().filter_map(index).collect()
}
