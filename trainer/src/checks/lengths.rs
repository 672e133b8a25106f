//! Atoms at one place, and lengths in another unit.

use super::by_compositions;
use super::finding::{Finding, Kind};
use super::record::Record;
use crate::constants::elements::covalent_radius;
use crate::constants::units::BOHR;
use crate::statistics::median;
use crate::text::general;

/// Shorter than any bond, Å.
const TOO_CLOSE: f64 = 0.6;
/// Relative tolerance of a ratio of lengths.
const TOLERANCE: f64 = 0.12;

/// Mean nearest distances in covalent radii that any matter has, those of the closest pair of species of each
/// configuration: oxides of highly charged cations 0.75, alkali metals under tension 1.25.
const BONDS: [f64; 2] = [0.6, 1.35];

pub(super) fn find(records: &[Record], names: &[String]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = bonds(records, names).into_iter().collect();
    let close: Vec<&Record> = records
        .iter()
        .filter(|record| record.shortest().is_some_and(|distance| distance < TOO_CLOSE))
        .collect();
    if let Some(shortest) = close.iter().filter_map(|record| record.shortest()).min_by(f64::total_cmp) {
        let message = format!(
            "atoms of {} configurations are closer than any bond, down to {} Å",
            close.len(),
            general(shortest, 3)
        );
        let hint = "duplicated atoms, a missing or wrong cell, or fractional coordinates read as Cartesian";
        let places = close.iter().map(|record| record.place).collect();
        findings.push(Finding::new(Kind::AtomsTooClose, message, hint, places));
    }
    let mut long = Vec::new();
    let mut short = Vec::new();
    for group in by_compositions(records).values() {
        let volumes: Vec<(&Record, f64)> =
            group.iter().filter_map(|record| Some((*record, record.volume_per_atom()?.cbrt()))).collect();
        let length = median(&volumes.iter().map(|(_, length)| *length).collect::<Vec<_>>());
        let shortest = median(&group.iter().filter_map(|record| record.shortest()).collect::<Vec<_>>());
        for (record, own) in volumes {
            let ratios = [own / length, record.shortest().map_or(f64::INFINITY, |own| own / shortest)];
            let fits = |factor: f64, tolerance: f64| (ratios[0] / factor - 1.0).abs() < tolerance;
            // The shortest distance varies more than the size of the cell; neighbors may be out of reach altogether.
            if fits(1.0 / BOHR, TOLERANCE) && ratios[1] > 1.4 {
                long.push(record.place);
            } else if fits(BOHR, TOLERANCE) && ratios[1] < 0.7 {
                short.push(record.place);
            }
        }
    }
    for (places, what) in [(long, "in bohr instead of Å"), (short, "converted from bohr twice")] {
        if !places.is_empty() {
            let message = format!("lengths of {} configurations look as if they were {what}", places.len());
            let hint =
                "cells and positions are in Å (1 bohr = 0.529177 Å): convert them, and forces with them";
            findings.push(Finding::new(Kind::LengthUnit, message, hint, places));
        }
    }
    findings
}

/// Distances of a whole set that the elements do not have.
fn bonds(records: &[Record], names: &[String]) -> Option<Finding> {
    let radius = |species: u32| covalent_radius(names.get(species as usize)?);
    let closest = |record: &Record| {
        let bonds = record
            .nearest
            .iter()
            .filter_map(|(&(a, b), nearest)| Some(nearest.mean / (radius(a)? + radius(b)?)));
        bonds.min_by(f64::total_cmp)
    };
    let ratios: Vec<f64> = records.iter().filter_map(closest).collect();
    let middle = median(&ratios);
    if ratios.is_empty() || (BONDS[0]..BONDS[1]).contains(&middle) {
        return None;
    }
    let what = if middle > 1.0 {
        "longer than bonds: in bohr instead of Å?"
    } else {
        "shorter than bonds: in nm instead of Å?"
    };
    let message = format!("distances are {} times the covalent radii, {what}", general(middle, 3));
    let hint =
        "cells and positions are in Å (1 bohr = 0.529177 Å); or are the species names in another order?";
    Some(Finding::new(Kind::LengthUnit, message, hint, records.iter().map(|record| record.place).collect()))
}
