//! Virials of the wrong sign or in another unit, by how pressures follow volumes and forces.
//!
//! Within a composition dP/dV < 0; −V dP/dV is about the bulk modulus. Single virials are compared with what volume and
//! the model of the forces suggest: where only the opposite, or another unit, fits the rest, they are named.

use super::by_compositions;
use super::finding::{Finding, Kind};
use super::pair_model::PairModel;
use super::record::Record;
use super::statistics::{regression, shear_correlation};
use crate::constants::units::GIGAPASCAL;
use crate::statistics::median;
use crate::text::general;

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

/// Ratio of the largest components of virials below which one vanishes, and of mean square forces up to which
/// configurations are alike.
const VANISHING: f64 = 100.0;
const LIKE_FORCES: f64 = 4.0;
/// Configurations with the same fault from which it is believed: single ones look so by chance.
const REPEATED: usize = 3;

pub(super) const SIGN_HINT: &str = "PlusStress is the virial in eV, positive under compression: minus the stress (positive under \
                                    tension) times the volume; change the sign";
pub(super) const UNIT_HINT: &str =
    "PlusStress is the virial in eV: stress (eV/Å³) times volume; 1 eV/Å³ = 160.22 GPa = 1602.2 kbar";

pub(super) fn find(records: &[Record], files: &[String], model: Option<&PairModel>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let (mut wrong, mut steepness) = (Vec::new(), Vec::new());
    let groups = by_compositions(records);
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
        "virials of {} configurations are almost zero compared with those of others with similar forces",
        places.len()
    );
    let hint =
        format!("stresses in eV/Å³ that were not multiplied by the volume, or not computed? {UNIT_HINT}");
    (places.len() >= REPEATED).then(|| Finding::new(Kind::StressUnit, message, hint, places))
}

/// Whether virials vary as the forces suggest.
fn follows_forces(records: &[&Record], model: Option<&PairModel>) -> bool {
    let point = |record: &&Record| Some((model?.virial_per_atom(record), record.virial_per_atom()?));
    let points: Vec<(f64, f64)> = records.iter().filter_map(point).collect();
    let of_pressures = regression(&points).map_or(0.0, |(_, correlation)| correlation);
    // Where pressures hang on temperatures the rest of the virials still has its sign.
    let components = |record: &&Record| {
        Some((model?.virial_components_per_atom(record), record.virial_components_per_atom()?))
    };
    of_pressures.max(shear_correlation(records.iter().filter_map(components))) > FOLLOWING
}

/// −V dP/dV in GPa and the correlation of pressures and volumes.
fn modulus(records: &[&Record]) -> Option<(f64, f64)> {
    let points: Vec<(f64, f64)> = records
        .iter()
        .filter_map(|record| Some((record.volume_per_atom()?, record.pressure()? * GIGAPASCAL)))
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
