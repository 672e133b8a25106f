//! Configurations that occur twice, whatever the order of their atoms and their origin.
//!
//! What differs by orientation only, as strains along equivalent axes, is not counted: sets have such on purpose.

use super::finding::{Finding, Kind};
use super::record::{Place, Record};
use crate::report::number::general;

/// Relative difference of invariants up to which configurations are the same.
const SAME: f64 = 1e-7;
/// Difference of energies (eV per atom) up to which duplicates agree.
pub(super) const AGREE: f64 = 1e-3;

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    let mut order: Vec<&Record> = records.iter().filter(|record| !record.composition.is_empty()).collect();
    order.sort_by(|a, b| a.composition.cmp(&b.composition).then(a.invariants[0].total_cmp(&b.invariants[0])));
    let (mut same, mut other) = (Vec::new(), Vec::new());
    let mut largest: f64 = 0.0;
    for (k, first) in order.iter().enumerate() {
        let near = order[k + 1..].iter().take_while(|second| is_near(first, second));
        for second in near.filter(|second| is_same(first, second)) {
            let pair = [first.place, second.place];
            match (first.energy_per_atom(), second.energy_per_atom()) {
                (Some(a), Some(b)) if (a - b).abs() > AGREE => {
                    largest = largest.max((a - b).abs());
                    other.push(pair);
                }
                _ => same.push(pair),
            }
        }
    }
    let mut findings = Vec::new();
    if !same.is_empty() {
        findings.push(Finding::new(
            Kind::Duplicates,
            format!("{} pairs of configurations are the same but for the order and a shift of their atoms", same.len()),
            "they count twice in a fit, and across training and validation they hide overfitting: keep one of each",
            distinct(&same),
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
            distinct(&other),
        ));
    }
    findings
}

/// The places of pairs, each once and in their order.
fn distinct(pairs: &[[Place; 2]]) -> Vec<Place> {
    let mut places = pairs.concat();
    places.sort_by_key(|place| (place.file, place.number));
    places.dedup();
    places
}

/// Whether later records of the order can be the same as the first.
fn is_near(a: &Record, b: &Record) -> bool {
    a.composition == b.composition && is_close(a, b, 0)
}

/// Whether two configurations are the same but for the order and a shift of their atoms.
pub(super) fn is_same(a: &Record, b: &Record) -> bool {
    let volumes = match (a.volume, b.volume) {
        (Some(a), Some(b)) => (a - b).abs() <= SAME * (a + b),
        (a, b) => a.is_some() == b.is_some(),
    };
    volumes && (0..a.invariants.len()).all(|k| is_close(a, b, k))
}

/// Sums over all pairs between which configurations can be the same as one with this sum.
pub(super) fn range(sum: f64) -> [f64; 2] {
    let tolerance = 1.1 * SAME * sum.abs().max(1.0);
    [(sum - tolerance).max(0.0), sum + tolerance]
}

/// Whether one of the invariants is the same beside the sum over all pairs.
fn is_close(a: &Record, b: &Record, invariant: usize) -> bool {
    let (first, second) = (a.invariants[invariant], b.invariants[invariant]);
    let scale = [first, second, a.invariants[0], b.invariants[0]].map(f64::abs);
    // A single atom without neighbors has nothing to tell it from another by.
    (first - second).abs() <= SAME * scale.into_iter().fold(1.0, f64::max)
}
