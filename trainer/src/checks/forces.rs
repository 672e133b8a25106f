//! Forces that do not sum to zero, are too large for any matter, or are of another size than in like configurations.

use super::finding::{Finding, Kind};
use super::groups;
use super::pair_model::{DESCRIBED, PairModel};
use super::record::{Place, Record};
use crate::median::median;
use crate::report::number::general;

/// Net force per atom (eV/Å), and as a share of the lengths of all, that rounding and grids do not explain.
const NET: f64 = 0.02;
const NET_SHARE: f64 = 0.03;
/// Force on an atom that says atoms are too close or a calculation failed, eV/Å.
const LARGE: f64 = 100.0;
/// Least excess energy that is told from none, eV per atom.
const EXCESS: f64 = 0.03;
/// Configurations that tell something about a composition.
const ENOUGH: usize = 8;
/// Ratio of mean square forces to excess energies beside the middle, from which another unit is thought of: squares of
/// Ry/bohr and of kcal/mol/Å with a margin.
const STRANGE: f64 = 100.0;
/// Factor up to which the projection on the model of the forces is that of a unit.
const NEAR: f64 = 3.0;
/// Ratio of mean square forces down to which configurations are alike.
const LIKE: f64 = 4.0;
/// Configurations with turned forces from which it is believed.
const REPEATED: usize = 3;
pub(super) const SIGN_HINT: &str =
    "forces are −∂E/∂r in eV/Å: some programs write gradients, which have the other sign";
/// Other units of forces in eV/Å.
pub(super) const FORCE_UNITS: [(&str, f64); 5] = [
    ("Ha/bohr", 51.422_067),
    ("Ry/bohr", 25.711_034),
    ("kJ/mol/Å", 0.010_364),
    ("kcal/mol/Å", 0.043_364),
    ("meV/Å", 0.001),
];

pub(super) fn find(records: &[Record], model: Option<&PairModel>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = net(records).into_iter().collect();
    let mut strange = Vec::new();
    for group in groups(records).values() {
        strange.extend(strange_units(group, model));
    }
    findings.extend(large(records, &strange));
    findings.extend(units(&strange));
    findings.extend(turned(records, model));
    findings
}

/// Forces of the wrong sign among others of the right one.
fn turned(records: &[Record], model: Option<&PairModel>) -> Option<Finding> {
    let model = model?;
    let mut turned: Vec<&Record> = Vec::new();
    for group in groups(records).values() {
        let squares: Vec<f64> = group.iter().filter_map(|record| Some(record.forces?.mean_square)).collect();
        let least = median(&squares) / LIKE;
        let is_turned = |record: &&Record| {
            record.forces.is_some_and(|forces| forces.mean_square > least)
                && model.projection(record).is_some_and(|p| (DESCRIBED[0]..DESCRIBED[1]).contains(&-p))
        };
        turned.extend(group.iter().copied().filter(|_| model.describes(group)).filter(is_turned));
    }
    let message =
        format!("forces of {} configurations point against those of like configurations", turned.len());
    (turned.len() >= REPEATED).then(|| Finding::new(Kind::ForceUnit, message, SIGN_HINT, places(&turned)))
}

/// Forces beyond any matter, unless a unit explains them or all are so.
fn large(records: &[Record], explained: &[(&Record, &str)]) -> Option<Finding> {
    let is_large = |record: &&Record| {
        let is_explained = explained.iter().any(|(known, _)| known.place == record.place);
        !is_explained && record.forces.is_some_and(|forces| forces.largest > LARGE)
    };
    let large: Vec<&Record> = records.iter().filter(is_large).collect();
    let largest = large.iter().filter_map(|record| record.forces).map(|forces| forces.largest);
    let largest = largest.max_by(f64::total_cmp).filter(|_| 2 * large.len() < records.len())?;
    let message = format!("{} configurations have forces up to {} eV/Å", large.len(), general(largest, 3));
    let hint =
        "atoms that nearly touch, or calculations that failed: a fit spends itself on them, leave them out";
    Some(Finding::new(Kind::ForceOutliers, message, hint, places(&large)))
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

/// Configurations whose forces are strange for their energy, with the unit that explains their size.
fn strange_units<'a>(group: &[&'a Record], model: Option<&PairModel>) -> Vec<(&'a Record, &'static str)> {
    let energies = group.iter().filter_map(|record| record.energy_per_atom());
    let Some((lowest, model)) = energies.min_by(f64::total_cmp).zip(model) else { return Vec::new() };
    let ratio = |record: &Record| {
        let excess = record.energy_per_atom()? - lowest;
        Some((record.forces?.mean_square / excess.max(EXCESS), excess > EXCESS))
    };
    let ratios: Vec<f64> = group.iter().filter_map(|record| Some(ratio(record)?.0)).collect();
    let middle = median(&ratios);
    if ratios.len() < ENOUGH {
        return Vec::new();
    }
    let unit = |record: &'a Record| {
        let (ratio, is_excited) = ratio(record)?;
        let is_strange = (is_excited && ratio < middle / STRANGE) || ratio > middle * STRANGE;
        let projection = model.projection(record).filter(|projection| is_strange && *projection > 0.0)?;
        let distance = |unit: f64| (projection / unit).ln().abs();
        let nearest = FORCE_UNITS.into_iter().min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))?;
        (distance(nearest.1) < NEAR.ln()).then_some((record, nearest.0))
    };
    group.iter().filter_map(|record| unit(record)).collect()
}

fn units(strange: &[(&Record, &'static str)]) -> Vec<Finding> {
    let of_unit = |(unit, _): (&'static str, f64)| {
        let records: Vec<&Record> =
            strange.iter().filter(|(_, own)| *own == unit).map(|(record, _)| *record).collect();
        let message = format!("forces of {} configurations look as if they were in {unit}", records.len());
        let hint = "forces are in eV/Å (1 Ha/bohr = 51.422 eV/Å, 1 kcal/mol/Å = 0.0434 eV/Å): convert them";
        (!records.is_empty()).then(|| Finding::new(Kind::ForceUnit, message, hint, places(&records)))
    };
    FORCE_UNITS.into_iter().filter_map(of_unit).collect()
}

fn places(records: &[&Record]) -> Vec<Place> {
    records.iter().map(|record| record.place).collect()
}
