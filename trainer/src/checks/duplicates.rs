//! Configurations that occur twice, whatever the order of their atoms, their origin and their orientation.

use super::finding::{Finding, Kind};
use super::record::Record;
use crate::report::number::general;

/// Relative difference of invariants up to which configurations are the same.
const SAME: f64 = 1e-7;
/// Difference of energies (eV per atom) up to which duplicates agree.
const AGREE: f64 = 1e-3;

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    let mut order: Vec<&Record> = records.iter().filter(|record| !record.composition.is_empty()).collect();
    order.sort_by(|a, b| a.composition.cmp(&b.composition).then(a.invariants[0].total_cmp(&b.invariants[0])));
    let (mut same, mut other) = (Vec::new(), Vec::new());
    let mut largest: f64 = 0.0;
    for pair in order.windows(2) {
        let [first, second] = pair else { continue };
        if !is_same(first, second) {
            continue;
        }
        match (first.energy_per_atom(), second.energy_per_atom()) {
            (Some(a), Some(b)) if (a - b).abs() > AGREE => {
                largest = largest.max((a - b).abs());
                other.push([first.place, second.place]);
            }
            _ => same.push([first.place, second.place]),
        }
    }
    let mut findings = Vec::new();
    if !same.is_empty() {
        findings.push(Finding::new(
            Kind::Duplicates,
            format!("{} pairs of configurations are the same up to order, shift and orientation", same.len()),
            "they count twice in a fit, and across training and validation they hide overfitting: keep one of each",
            same.concat(),
        ));
    }
    if !other.is_empty() {
        findings.push(Finding::new(
            Kind::Disagreement,
            format!(
                "{} pairs of equal configurations have different energies, up to {} eV per atom",
                other.len(),
                general(largest, 3)
            ),
            "calculations of different settings or references: keep one kind",
            other.concat(),
        ));
    }
    findings
}

/// Whether two configurations are the same but for symmetry.
pub(super) fn is_same(a: &Record, b: &Record) -> bool {
    let close = |a: f64, b: f64| (a - b).abs() <= SAME * (a.abs() + b.abs());
    let volumes = match (a.volume, b.volume) {
        (Some(a), Some(b)) => close(a, b),
        (a, b) => a.is_some() == b.is_some(),
    };
    // A single atom without neighbors has nothing to tell it from another by.
    let scale = a.invariants[0].abs().max(b.invariants[0].abs()).max(1.0);
    a.composition == b.composition
        && volumes
        && a.invariants.iter().zip(b.invariants).all(|(a, b)| (a - b).abs() <= SAME * scale)
}
