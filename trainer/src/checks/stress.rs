//! Virials of the wrong sign or in another unit, by how pressures follow volumes and forces.
//!
//! Within a composition dP/dV < 0; −V dP/dV is about the bulk modulus. Single virials are compared with what volume and
//! the model of the forces suggest: where only the opposite, or another unit, fits the rest, they are named.

use super::finding::{Finding, Kind};
use super::pair_model::PairModel;
use super::record::{Place, Record};
use super::statistics::{combined, regression, robust_fit, spread};
use super::{GPA, groups, tensors};
use crate::median::median;
use crate::report::number::general;

/// Configurations of a composition from which a slope counts.
const ENOUGH: usize = 8;
/// Relative standard deviation of volumes from which a slope counts.
const VARIED: f64 = 0.005;
/// Correlation of pressure and volume from which its sign counts.
const CORRELATED: f64 = 0.35;
/// Correlation of virials with those that the forces suggest from which their sign is right.
const FOLLOWING: f64 = 0.5;
/// Bulk moduli of condensed matter with a margin, GPa.
const MODULI: [f64; 2] = [0.3, 3000.0];

/// Distance from what is suggested, in units of the spread, that single virials have with a fault, and without it.
const STRANGE: f64 = 6.0;
const EXPLAINED: f64 = 3.0;
/// Ratio of the largest components of virials below which one vanishes, and of mean square forces up to which
/// configurations are alike.
const VANISHING: f64 = 100.0;
const LIKE_FORCES: f64 = 4.0;
/// Smallest factor between units that shows.
const FACTOR: f64 = 3.0;
/// Configurations with the same fault from which it is believed: single ones look so by chance.
const REPEATED: usize = 3;

pub(super) const SIGN_HINT: &str = "PlusStress is the virial in eV, positive under compression: minus the stress (positive under \
                                    tension) times the volume; change the sign";
pub(super) const UNIT_HINT: &str =
    "PlusStress is the virial in eV: stress (eV/Å³) times volume; 1 eV/Å³ = 160.22 GPa = 1602.2 kbar";

pub(super) fn find(records: &[Record], files: &[String], model: Option<&PairModel>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut wrong, mut steepness) = (Vec::new(), Vec::new());
    let groups = groups(records);
    for group in groups.values() {
        // Files may come from different sources.
        for file in 0..files.len() {
            let own: Vec<&Record> =
                group.iter().copied().filter(|record| record.place.file == file).collect();
            let Some((modulus, correlation)) = modulus(&own) else { continue };
            // Volumes say less than forces, where these say anything.
            if correlation > CORRELATED && !follows_forces(&own, model) {
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
        findings.push(Finding::new(Kind::StressSign, message, SIGN_HINT, wrong));
    }
    for (modulus, own) in steepness {
        let message = format!(
            "PlusStress of {} configurations means a bulk modulus of {} GPa: it is in another unit",
            own.len(),
            general(modulus, 3)
        );
        findings.push(Finding::new(
            Kind::StressUnit,
            message,
            UNIT_HINT,
            own.iter().map(|record| record.place).collect(),
        ));
    }
    let known: Vec<Place> = findings.iter().flat_map(|finding| &finding.places).copied().collect();
    let strange: Vec<(&'static str, Place)> = groups
        .values()
        .flat_map(|group| strange(group, model))
        .filter(|(_, place)| !known.contains(place))
        .collect();
    findings.extend(single(&strange));
    findings.extend(vanishing(groups.values()));
    findings
}

/// Virials that are next to nothing although the forces are like those of others.
fn vanishing<'a>(groups: impl Iterator<Item = &'a Vec<&'a Record>>) -> Option<Finding> {
    let mut places = Vec::new();
    for group in groups {
        let size = |record: &Record| Some((record.largest_virial()?, record.forces?.mean_square));
        let sizes: Vec<(f64, f64)> = group.iter().filter_map(|record| size(record)).collect();
        let virial = median(&sizes.iter().map(|(virial, _)| *virial).collect::<Vec<_>>());
        let force = median(&sizes.iter().map(|(_, force)| *force).collect::<Vec<_>>());
        let vanishes = |record: &&&Record| {
            size(record).is_some_and(|(own, forces)| own < virial / VANISHING && forces > force / LIKE_FORCES)
        };
        if sizes.len() >= ENOUGH {
            places.extend(group.iter().filter(vanishes).map(|record| record.place));
        }
    }
    let message = format!(
        "virials of {} configurations are next to nothing beside those of others with like forces",
        places.len()
    );
    let hint =
        format!("stresses in eV/Å³ that were not multiplied with the volume, or not computed? {UNIT_HINT}");
    (places.len() >= REPEATED).then(|| Finding::new(Kind::StressUnit, message, hint, places))
}

/// Whether virials vary as the forces suggest.
fn follows_forces(records: &[&Record], model: Option<&PairModel>) -> bool {
    let point = |record: &&Record| Some((model?.virial_per_atom(record), record.virial_per_atom()?));
    let points: Vec<(f64, f64)> = records.iter().filter_map(point).collect();
    regression(&points).is_some_and(|(_, correlation)| correlation > FOLLOWING)
}

/// Virials that do not follow volume and forces, with the fault that explains them.
fn strange(group: &[&Record], model: Option<&PairModel>) -> Vec<(&'static str, Place)> {
    if let Some(found) = model.and_then(|model| tensors::strange(group, model)) {
        return found;
    }
    let labeled: Vec<(&Record, f64, f64)> = group
        .iter()
        .filter_map(|record| Some((*record, record.virial_per_atom()?, record.volume_per_atom()?)))
        .collect();
    let terms = |(record, _, volume): &(&Record, f64, f64)| {
        let suggested = model.map(|model| model.virial_per_atom(record));
        suggested.into_iter().chain([*volume]).collect::<Vec<f64>>()
    };
    let rows: Vec<Vec<f64>> = labeled.iter().map(terms).collect();
    let values: Vec<f64> = labeled.iter().map(|(_, value, _)| *value).collect();
    let Some(coefficients) = robust_fit(&rows, &values) else { return Vec::new() };
    let suggested: Vec<f64> = rows.iter().map(|row| combined(row, &coefficients)).collect();
    let rest: Vec<f64> = values.iter().zip(&suggested).map(|(value, suggested)| value - suggested).collect();
    let spread = spread(&rest, 0.0);
    let fault = |k: usize| {
        let (record, value, _) = labeled[k];
        let distance = |factor: f64| (factor * value - suggested[k]).abs();
        let best = faults(record)?.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))?;
        let is_fault = rest[k].abs() > STRANGE * spread && distance(best.1) < EXPLAINED * spread;
        is_fault.then_some((best.0, record.place))
    };
    (0..labeled.len()).filter_map(fault).collect()
}

/// Faults that virials may have, with the factors that mend them; what changes a virial little cannot be told.
pub(super) fn faults(record: &Record) -> Option<impl Iterator<Item = (&'static str, f64)>> {
    let volume = record.volume?;
    let all = [
        ("sign", -1.0),
        ("stresses in eV/Å³", volume),
        ("stresses in GPa", volume / GPA),
        ("stresses in kbar", volume / GPA / 10.0),
    ];
    let is_told = |(_, factor): &(&str, f64)| *factor < 0.0 || factor.ln().abs() > FACTOR.ln();
    Some(all.into_iter().filter(is_told))
}

/// Findings of faults that more than one configuration has.
fn single(strange: &[(&'static str, Place)]) -> Vec<Finding> {
    let mut faults: Vec<&str> = strange.iter().map(|(fault, _)| *fault).collect();
    faults.sort_unstable();
    faults.dedup();
    let finding = |fault: &str| {
        let places: Vec<Place> =
            strange.iter().filter(|(own, _)| *own == fault).map(|(_, place)| *place).collect();
        if places.len() < REPEATED {
            return None;
        }
        Some(if fault == "sign" {
            let message = format!(
                "virials of at least {} configurations fit volumes and forces with the opposite sign only",
                places.len()
            );
            Finding::new(Kind::StressSign, message, SIGN_HINT, places)
        } else {
            let message =
                format!("virials of at least {} configurations look as if they were {fault}", places.len());
            Finding::new(Kind::StressUnit, message, UNIT_HINT, places)
        })
    };
    faults.into_iter().filter_map(finding).collect()
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
