//! Configurations that occur twice, whatever the order of their atoms and their origin.
//!
//! What differs by orientation only, as strains along equivalent axes, is not counted: sets have such on purpose.

use super::finding::{Finding, Kind};
use super::record::{Place, Record};
use crate::text::{counted, general};

/// Relative difference of invariants up to which configurations are the same.
const SAME: f64 = 1e-7;
/// Difference of energies (eV per atom) up to which duplicates agree.
pub(super) const AGREE: f64 = 1e-3;

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    let mut order: Vec<&Record> = records.iter().filter(|record| !record.composition.is_empty()).collect();
    order.sort_by(|a, b| a.composition.cmp(&b.composition).then(a.invariants[0].total_cmp(&b.invariants[0])));
    // Of each kind the first one is compared with, so that many copies do not take the square of their number.
    let mut firsts: Vec<&Record> = Vec::new();
    let mut copies: Vec<[Place; 2]> = Vec::new();
    let mut disagreeing: Vec<[Place; 2]> = Vec::new();
    let mut largest: f64 = 0.0;
    for record in order {
        let near = firsts.iter().rev().take_while(|first| is_near(first, record));
        let Some(first) = near.copied().find(|first| is_same(first, record)) else {
            firsts.push(record);
            continue;
        };
        let difference = first.energy_per_atom().zip(record.energy_per_atom()).map(|(a, b)| (a - b).abs());
        let pair = [first.place, record.place];
        match difference.filter(|difference| *difference > AGREE) {
            Some(difference) => {
                largest = largest.max(difference);
                disagreeing.push(pair);
            }
            None => copies.push(pair),
        }
    }
    let mut findings = Vec::new();
    if !copies.is_empty() {
        findings.push(Finding::new(
            Kind::Duplicates,
            format!(
                "{} {} identical to others except for the order and a shift of their atoms",
                counted(copies.len() as u64, "configuration"),
                if copies.len() == 1 { "is" } else { "are" }
            ),
            "they count twice in a fit, and hide overfitting if they are in both training and validation sets: mtprs merge --deduplicate",
            distinct(&copies),
        ));
    }
    if !disagreeing.is_empty() {
        findings.push(Finding::new(
            Kind::Disagreement,
            format!(
                "{} are identical to others, but their energies differ by up to {} eV per atom",
                counted(disagreeing.len() as u64, "configuration"),
                general(largest, 3)
            ),
            "calculations with different settings or energy references: keep one kind",
            distinct(&disagreeing),
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
