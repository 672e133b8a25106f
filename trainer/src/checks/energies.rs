//! Energies that do not belong to the rest: outliers, other units, other references.
//!
//! What is expected of an energy follows from the composition and, where that explains more, from what the forces suggest.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::pair_model::PairModel;
use super::record::{Place, Record};
use super::shares;
use super::statistics::{combined, robust_fit, spread};
use crate::constants::units::{HARTREE, KILOCALORIE_PER_MOLE, KILOJOULE_PER_MOLE, RYDBERG};
use crate::statistics::composition::robust_species_energies;
use crate::statistics::median;
use crate::text::general;

/// Distance from the rest that no disorder makes: eV per atom, and in units of the spread.
const FAR: f64 = 0.5;
const FAR_SPREAD: f64 = 12.0;
/// Gap between two groups of energies, eV per atom, and in units of the spread within the groups.
const GAP: f64 = 0.1;
const GAP_SPREAD: f64 = 3.0;
/// Configurations of a composition from which the model of the forces corrects the expectation.
const ENOUGH: usize = 8;
/// The same for the volume beside it.
const ENOUGH_FOR_VOLUMES: usize = 40;
/// Configurations that make a group, and the share of a composition that it has at least.
const GROUP: usize = 4;
/// Relative tolerance of a factor between units.
const FACTOR_TOLERANCE: f64 = 0.1;
/// Energy of an atom, eV, below which a whole set is suspicious, and of a whole configuration above which it is.
const WEAK: f64 = 0.3;
/// Other units of energies in eV.
pub(super) const ENERGY_UNITS: [(&str, f64); 5] = [
    ("Ry", RYDBERG),
    ("Ha", HARTREE),
    ("kJ/mol", KILOJOULE_PER_MOLE),
    ("kcal/mol", KILOCALORIE_PER_MOLE),
    ("meV", 0.001),
];

/// A record with its energy and what the energies of the others suggest, eV per atom.
struct Energy<'a> {
    record: &'a Record,
    value: f64,
    expected: f64,
}

impl Energy<'_> {
    fn deviation(&self) -> f64 {
        self.value - self.expected
    }
}

pub(super) fn find(records: &[Record], species: usize, model: Option<&PairModel>) -> Vec<Finding> {
    let mut energies = with_expectations(records, species);
    if let Some(model) = model {
        follow_forces(&mut energies, model);
    }
    if energies.len() < GROUP {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let deviations: Vec<f64> = energies.iter().map(|energy| energy.deviation()).collect();
    let limit = FAR.max(FAR_SPREAD * spread(&deviations, 0.0));
    let far = energies.into_iter().filter(|energy| energy.deviation().abs() > limit);
    let mut rest = Vec::new();
    let mut by_unit: Vec<(String, Vec<Place>)> = Vec::new();
    for energy in far {
        match unit(&energy) {
            None => rest.push(energy),
            Some(unit) => match by_unit.iter_mut().find(|(known, _)| *known == unit) {
                Some((_, places)) => places.push(energy.record.place),
                None => by_unit.push((unit, vec![energy.record.place])),
            },
        }
    }
    findings.extend(by_unit.into_iter().map(|(unit, places)| {
        let message = format!("energies of {} configurations look as if they were {unit}", places.len());
        Finding::new(
            Kind::EnergyUnit,
            message,
            "Energy must be that of the whole configuration in eV: convert them",
            places,
        )
    }));
    let (shifted, rest) = shifted(rest, GAP.max(GAP_SPREAD * spread(&deviations, 0.0)));
    findings.extend(shifted);
    findings.extend(outliers(rest).filter(|_| deviations.len() >= ENOUGH));
    findings
}

/// Energies beside what compositions suggest and the middle of each composition corrects.
fn with_expectations(records: &[Record], species: usize) -> Vec<Energy<'_>> {
    let labeled: Vec<&Record> = records.iter().filter(|record| record.energy_per_atom().is_some()).collect();
    let shares: Vec<Vec<f64>> = labeled.iter().map(|record| shares(record, species)).collect();
    let pairs: Vec<(&[f64], f64)> = labeled
        .iter()
        .zip(&shares)
        .map(|(record, shares)| (shares.as_slice(), record.energy_per_atom().unwrap_or(0.0)))
        .collect();
    let species_energies = robust_species_energies(&pairs, species);
    let expected: Vec<f64> =
        shares.iter().map(|shares| shares.iter().zip(&species_energies).map(|(c, e)| c * e).sum()).collect();
    let deviations: Vec<f64> =
        pairs.iter().zip(&expected).map(|((_, value), expected)| value - expected).collect();
    let shift = median(&deviations);
    labeled
        .into_iter()
        .zip(expected)
        .map(|(record, expected)| Energy {
            record,
            value: record.energy_per_atom().unwrap_or(0.0),
            expected: expected + shift,
        })
        .collect()
}

/// Corrects the expectations by the energies that the forces suggest, in compositions where that explains more.
fn follow_forces(energies: &mut [Energy<'_>], model: &PairModel) {
    let mut groups: BTreeMap<&[u32], Vec<usize>> = BTreeMap::new();
    for (k, energy) in energies.iter().enumerate() {
        if energy.record.forces.is_some() {
            groups.entry(&energy.record.composition).or_default().push(k);
        }
    }
    for group in groups.values().filter(|group| group.len() >= ENOUGH) {
        let terms = |&k: &usize| {
            let record = energies[k].record;
            let volume = record.volume_per_atom().unwrap_or(0.0);
            let terms = [model.energy_per_atom(record), volume, volume * volume];
            terms[..if group.len() < ENOUGH_FOR_VOLUMES { 1 } else { 3 }].to_vec()
        };
        let rows: Vec<Vec<f64>> = group.iter().map(terms).collect();
        let values: Vec<f64> = group.iter().map(|&k| energies[k].value).collect();
        let Some(coefficients) = robust_fit(&rows, &values) else { continue };
        let suggested: Vec<f64> = rows.iter().map(|row| combined(row, &coefficients)).collect();
        let rest: Vec<f64> =
            values.iter().zip(&suggested).map(|(value, suggested)| value - suggested).collect();
        if spread(&rest, 0.0) < spread(&values, median(&values)) {
            for (&k, suggested) in group.iter().zip(suggested) {
                energies[k].expected = suggested;
            }
        }
    }
}

/// A whole set whose energies are too small to be energies of atoms.
pub(super) fn weak(records: &[Record]) -> Option<Finding> {
    let labeled: Vec<(&Record, f64)> =
        records.iter().filter_map(|record| Some((record, record.energy_per_atom()?))).collect();
    let middle = median(&labeled.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    if labeled.len() < ENOUGH
        || middle.abs() >= WEAK
        || labeled.iter().any(|(record, _)| record.atoms() < 4.0)
    {
        return None;
    }
    let message = format!(
        "the median energy is {} eV per atom, less than any bond: are energies per atom, or in other units",
        general(middle, 3)
    );
    let hint =
        "Energy must be that of the whole configuration in eV; formation energies are fine, then ignore this";
    let places = labeled.iter().map(|(record, _)| record.place).collect();
    Some(Finding::new(Kind::EnergyUnit, message, hint, places))
}

/// The unit in which an energy would fit the rest.
fn unit(energy: &Energy<'_>) -> Option<String> {
    let factor = energy.expected / energy.value;
    let fits = |expected: f64| (factor / expected - 1.0).abs() < FACTOR_TOLERANCE;
    let atoms = energy.record.atoms();
    // Where the count of atoms is close to a factor between units, the simpler mistake is named.
    if fits(atoms) && atoms > 1.0 {
        return Some("per atom instead of the whole".to_owned());
    }
    ENERGY_UNITS.iter().find(|(_, unit)| fits(*unit)).map(|(name, _)| format!("in {name} instead of eV"))
}

/// Energies that are all off by the same, up to `width`, and what is left.
fn shifted(far: Vec<Energy<'_>>, width: f64) -> (Option<Finding>, Vec<Energy<'_>>) {
    let deviations: Vec<f64> = far.iter().map(Energy::deviation).collect();
    let middle = median(&deviations);
    let (shifted, rest): (Vec<Energy<'_>>, Vec<Energy<'_>>) =
        far.into_iter().partition(|energy| (energy.deviation() - middle).abs() < width);
    if shifted.len() < GROUP || shifted.len() < rest.len() {
        return (None, shifted.into_iter().chain(rest).collect());
    }
    let message = format!(
        "energies of {} configurations are off by {} eV per atom, all by the same amount within {}",
        shifted.len(),
        general(middle, 3),
        general(width, 2)
    );
    let places = shifted.iter().map(|energy| energy.record.place).collect();
    let hint = "another functional, pseudopotential or energy reference? use the same for all";
    (Some(Finding::new(Kind::EnergyReference, message, hint, places)), rest)
}

fn outliers(far: Vec<Energy<'_>>) -> Option<Finding> {
    let worst = far.iter().max_by(|a, b| a.deviation().abs().total_cmp(&b.deviation().abs()))?;
    let message = format!(
        "energies of {} configurations are far from what their composition suggests, by up to {} eV per atom",
        far.len(),
        general(worst.deviation(), 4)
    );
    let hint =
        "failed calculations, other units, or another energy reference: inspect them, or leave them out";
    Some(Finding::new(
        Kind::EnergyOutliers,
        message,
        hint,
        far.iter().map(|energy| energy.record.place).collect(),
    ))
}
