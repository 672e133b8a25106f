//! Labels that only a part of the configurations has.

use super::finding::{Finding, Kind};
use super::record::{Place, Record};

/// A label by name, and whether a configuration has it.
type Label = (&'static str, fn(&Record) -> bool);

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    let has: [Label; 3] = [
        ("energy", |record| record.energy.is_some()),
        ("forces", |record| record.forces.is_some()),
        ("virial", |record| record.virial.is_some()),
    ];
    let missing = |(name, has): Label| {
        let without: Vec<Place> =
            records.iter().filter(|record| !has(record)).map(|record| record.place).collect();
        // A set without one of the labels altogether was meant so.
        (!without.is_empty() && without.len() < records.len()).then(|| {
            let message = format!("{} of {} configurations have no {name}", without.len(), records.len());
            let hint = "a fit uses only the labels they have: complete them or leave them out";
            Finding::new(Kind::MissingLabels, message, hint, without)
        })
    };
    has.into_iter().filter_map(missing).collect()
}
