//! Forces that do not sum to zero, or are too large for any matter.

use super::finding::{Finding, Kind};
use super::record::{Place, Record};
use crate::constants::units::{BOHR, HARTREE, KILOCALORIE_PER_MOLE, KILOJOULE_PER_MOLE, RYDBERG};
use crate::text::general;

/// Net force per atom (eV/Å), and as a share of the lengths of all, that rounding and grids do not explain.
const NET: f64 = 0.02;
const NET_SHARE: f64 = 0.03;
/// Force on an atom that says atoms are too close or a calculation failed, eV/Å.
const LARGE: f64 = 100.0;
pub(super) const SIGN_HINT: &str =
    "forces are −∂E/∂r in eV/Å: some programs write gradients, which have the other sign";
pub(super) const UNIT_HINT: &str =
    "forces are in eV/Å (1 Ha/bohr = 51.422 eV/Å, 1 kcal/mol/Å = 0.0434 eV/Å): convert them";
/// Other units of forces in eV/Å.
pub(super) const FORCE_UNITS: [(&str, f64); 5] = [
    ("Ha/bohr", HARTREE / BOHR),
    ("Ry/bohr", RYDBERG / BOHR),
    ("kJ/mol/Å", KILOJOULE_PER_MOLE),
    ("kcal/mol/Å", KILOCALORIE_PER_MOLE),
    ("meV/Å", 0.001),
];

pub(super) fn find(records: &[Record]) -> Vec<Finding> {
    net(records).into_iter().chain(large(records)).collect()
}

/// Forces beyond any matter, unless all are so.
fn large(records: &[Record]) -> Option<Finding> {
    let is_large = |record: &&Record| record.forces.is_some_and(|forces| forces.largest > LARGE);
    let large: Vec<&Record> = records.iter().filter(is_large).collect();
    let largest = large.iter().filter_map(|record| record.forces).map(|forces| forces.largest);
    let largest = largest.max_by(f64::total_cmp).filter(|_| 2 * large.len() < records.len())?;
    let message = format!("{} configurations have forces up to {} eV/Å", large.len(), general(largest, 3));
    let hint = "atoms that nearly touch, or failed calculations: they dominate a fit, so leave them out";
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
        "the sum of forces is not zero in {} configurations, but up to {} eV/Å",
        off.len(),
        general(largest, 3)
    );
    let hint = "an uncorrected drift, missing atoms or columns, or fixed atoms: no potential can fit it";
    Some(Finding::new(Kind::NetForce, message, hint, places(&off)))
}

fn places(records: &[&Record]) -> Vec<Place> {
    records.iter().map(|record| record.place).collect()
}
