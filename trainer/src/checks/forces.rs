//! Forces that do not sum to zero, or are of another size than energies suggest.

use super::by_composition;
use super::finding::{Finding, Kind};
use super::record::{Place, Record};
use super::statistics::{median, regression};
use crate::report::number::general;

/// Net force per atom (eV/Å), and as a share of the lengths of all, that rounding and grids do not explain.
const NET: f64 = 0.02;
const NET_SHARE: f64 = 0.03;
/// Excess energy, eV per atom, of configurations whose forces should be visible.
const EXCESS: f64 = 0.03;
/// Configurations that tell something about a composition.
const ENOUGH: usize = 8;
/// Factors of mean square forces by which other units stand out: Ry/bohr and Ha/bohr with a margin.
const SMALL: f64 = 150.0;
/// Compliance, Å²/eV: excess energy per atom by mean square force, in any solid or liquid.
const COMPLIANCE: [f64; 2] = [2e-3, 1.0];
/// Correlation of energies and forces from which the compliance counts.
const CORRELATED: f64 = 0.5;

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = net(records).into_iter().collect();
    for group in by_composition(records.iter().map(|record| (&record.composition, record))).values() {
        let points: Vec<(&Record, f64, f64)> = group
            .iter()
            .filter_map(|record| Some((*record, record.energy_per_atom()?, record.forces?.mean_square)))
            .collect();
        if points.len() >= ENOUGH {
            findings.extend(weak(&points));
            findings.extend(compliance(&points));
        }
    }
    findings
}

fn net(records: &[Record]) -> Option<Finding> {
    let is_off = |record: &&Record| {
        record
            .forces
            .is_some_and(|forces| forces.net > NET * record.atoms() && forces.net > NET_SHARE * forces.total)
    };
    let off: Vec<&Record> = records.iter().filter(is_off).collect();
    let largest =
        off.iter().filter_map(|record| record.forces).map(|forces| forces.net).max_by(f64::total_cmp)?;
    let message = format!(
        "forces of {} configurations do not sum to zero, but to up to {} eV/Å",
        off.len(),
        general(largest, 3)
    );
    let hint = "a drift that was not removed, atoms or columns that were lost, or fixed atoms: no potential can fit it";
    Some(Finding::new(Kind::NetForce, message, hint, places(&off)))
}

/// Configurations with much smaller forces than others of the same energy.
fn weak(points: &[(&Record, f64, f64)]) -> Option<Finding> {
    let lowest = points.iter().map(|point| point.1).min_by(f64::total_cmp)?;
    let excited: Vec<(&Record, f64)> = points
        .iter()
        .filter(|point| point.1 - lowest > EXCESS)
        .map(|(record, energy, square)| (*record, square / (energy - lowest)))
        .collect();
    let middle = median(&excited.iter().map(|point| point.1).collect::<Vec<_>>());
    let weak: Vec<&Record> = excited
        .iter()
        .filter(|point| point.1 > 0.0 && point.1 < middle / SMALL)
        .map(|point| point.0)
        .collect();
    if weak.is_empty() || excited.len() < ENOUGH {
        return None;
    }
    let message = format!(
        "forces of {} configurations are a tenth or less of those of others with the same composition and energy",
        weak.len()
    );
    let hint = "forces in Ha/bohr or Ry/bohr instead of eV/Å (1 Ha/bohr = 51.422 eV/Å)? relaxed structures may look so, too";
    Some(Finding::new(Kind::ForceUnit, message, hint, places(&weak)))
}

/// Energies and forces of a whole composition that do not fit together.
fn compliance(points: &[(&Record, f64, f64)]) -> Option<Finding> {
    let pairs: Vec<(f64, f64)> = points.iter().map(|(_, energy, square)| (*square, *energy)).collect();
    let (slope, correlation) = regression(&pairs)?;
    if correlation < CORRELATED || (COMPLIANCE[0]..COMPLIANCE[1]).contains(&slope) {
        return None;
    }
    let (kind, what) = if slope > COMPLIANCE[1] {
        (Kind::ForceUnit, "forces are too small for the energies: in Ha/bohr or Ry/bohr instead of eV/Å")
    } else {
        (
            Kind::EnergyUnit,
            "energies vary too little for the forces: in Ha or Ry, or per atom instead of the whole",
        )
    };
    let message = format!(
        "{what} ({} configurations of one composition; energy per mean square force {} Å²/eV)",
        points.len(),
        general(slope, 3)
    );
    let records: Vec<&Record> = points.iter().map(|point| point.0).collect();
    Some(Finding::new(
        kind,
        message,
        "energies are eV of the whole configuration, forces eV/Å: convert them",
        places(&records),
    ))
}

fn places(records: &[&Record]) -> Vec<Place> {
    records.iter().map(|record| record.place).collect()
}
