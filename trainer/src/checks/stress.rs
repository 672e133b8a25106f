//! Virials of the wrong sign or in another unit, by how pressures follow volumes.
//!
//! Within a composition dP/dV < 0; −V dP/dV is about the bulk modulus.

use super::GPA;
use super::by_composition;
use super::finding::{Finding, Kind};
use super::record::Record;
use super::statistics::regression;
use crate::report::number::general;

/// Configurations of a composition from which a slope counts.
const ENOUGH: usize = 8;
/// Relative standard deviation of volumes from which a slope counts.
const VARIED: f64 = 0.005;
/// Correlation of pressure and volume from which its sign counts.
const CORRELATED: f64 = 0.35;
/// Bulk moduli of condensed matter with a margin, GPa.
const MODULI: [f64; 2] = [0.3, 3000.0];

pub(super) fn find(records: &[Record], files: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut wrong, mut steepness) = (Vec::new(), Vec::new());
    let groups = by_composition(records.iter().map(|record| (&record.composition, record)));
    for group in groups.values() {
        // Files may come from different sources.
        for file in 0..files.len() {
            let own: Vec<&Record> =
                group.iter().copied().filter(|record| record.place.file == file).collect();
            let Some((modulus, correlation)) = modulus(&own) else { continue };
            if correlation > CORRELATED {
                wrong.extend(own.iter().map(|record| record.place));
            } else if correlation < -CORRELATED && !(MODULI[0]..MODULI[1]).contains(&modulus) {
                steepness.push((modulus, own));
            }
        }
    }
    if !wrong.is_empty() {
        let message = format!(
            "pressures of {} configurations rise with the volume: the sign of PlusStress is wrong",
            wrong.len()
        );
        let hint = "PlusStress is the virial in eV, positive under compression, minus the stress times the volume: change the sign";
        findings.push(Finding::new(Kind::StressSign, message, hint, wrong));
    }
    for (modulus, own) in steepness {
        let message = format!(
            "PlusStress of {} configurations means a bulk modulus of {} GPa: it is in another unit",
            own.len(),
            general(modulus, 3)
        );
        let hint =
            "PlusStress is the virial in eV: stress (eV/Å³) times volume; 1 eV/Å³ = 160.22 GPa = 1602.2 kB";
        findings.push(Finding::new(
            Kind::StressUnit,
            message,
            hint,
            own.iter().map(|record| record.place).collect(),
        ));
    }
    findings
}

/// −V dP/dV in GPa and the correlation of pressures and volumes.
fn modulus(records: &[&Record]) -> Option<(f64, f64)> {
    let points: Vec<(f64, f64)> = records
        .iter()
        .filter_map(|record| Some((record.volume_per_atom()?, record.pressure()? * GPA)))
        .collect();
    if points.len() < ENOUGH {
        return None;
    }
    let count = points.len() as f64;
    let volume = points.iter().map(|point| point.0).sum::<f64>() / count;
    let variance = points.iter().map(|point| (point.0 - volume).powi(2)).sum::<f64>() / count;
    if variance.sqrt() < VARIED * volume {
        return None;
    }
    let (slope, correlation) = regression(&points)?;
    Some((-volume * slope, correlation))
}
