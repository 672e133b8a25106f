//! Exchanged labels of species: configurations whose distances fit those of the others under a permutation.
//!
//! The fingerprint is the mean distance from an atom to its nearest one of a species, for every ordered pair of species.

use std::collections::BTreeMap;

use super::finding::{Finding, Kind};
use super::record::{Place, Record};
use super::statistics::spread;
use crate::statistics::median;

/// Species up to which all permutations are tried; above, exchanges of two.
const ALL_PERMUTATIONS: usize = 3;
/// Configurations from which fingerprints are compared.
const ENOUGH: usize = 8;
/// Least spread of a mean distance, Å.
const LEAST_SPREAD: f64 = 0.1;
/// Mean square deviation, in units of the spread, from which labels are doubted, and what a permutation must leave of it.
const DOUBTFUL: f64 = 9.0;
const LEFT: f64 = 0.2;
/// Configurations with the same exchange from which it is believed: in alloys single ones look so by chance.
const REPEATED: usize = 3;
/// Elements that are anions beside metals.
const ANIONS: [&str; 9] = ["N", "O", "F", "S", "Cl", "Se", "Br", "Te", "I"];

/// Mean nearest distance and spread by ordered pair of species.
type Fingerprint = BTreeMap<(u32, u32), (f64, f64)>;

/// Configurations, by their places among the records, whose distances fit those of the others after a renaming.
pub(super) fn suspects(records: &[&Record], names: &[String]) -> Vec<(Vec<u32>, Vec<usize>)> {
    let mut groups: Vec<(Vec<u32>, Vec<usize>)> = Vec::new();
    if records.len() < ENOUGH {
        return groups;
    }
    let fingerprint = fingerprint(records);
    let permutations = permutations(names.len());
    for (k, record) in records.iter().enumerate() {
        let Some(permutation) = better(record, &fingerprint, &permutations) else { continue };
        match groups.iter_mut().find(|(known, _)| known == permutation) {
            Some((_, own)) => own.push(k),
            None => groups.push((permutation.clone(), vec![k])),
        }
    }
    groups.retain(|(_, own)| own.len() >= REPEATED);
    groups
}

/// What distances say alone.
pub(super) fn by_distances(records: &[&Record], names: &[String]) -> Vec<Finding> {
    let places = |own: Vec<usize>| own.into_iter().map(|k| records[k].place).collect();
    let groups = suspects(records, names).into_iter();
    groups.map(|(permutation, own)| exchanged(&permutation, places(own), names)).collect()
}

fn fingerprint(records: &[&Record]) -> Fingerprint {
    let mut all: BTreeMap<(u32, u32), Vec<f64>> = BTreeMap::new();
    for record in records {
        for (&pair, nearest) in &record.nearest {
            all.entry(pair).or_default().push(nearest.mean);
        }
    }
    // What few configurations have is no rule that others could break.
    all.retain(|_, values| 10 * values.len() >= records.len());
    let middle = |values: Vec<f64>| {
        let middle = median(&values);
        (middle, spread(&values, middle).max(LEAST_SPREAD))
    };
    all.into_iter().map(|(pair, values)| (pair, middle(values))).collect()
}

/// The permutation that explains the distances of a configuration much better than its labels.
fn better<'a>(
    record: &Record,
    fingerprint: &Fingerprint,
    permutations: &'a [Vec<u32>],
) -> Option<&'a Vec<u32>> {
    let own = deviation(record, fingerprint, &|species| species)?;
    if own < DOUBTFUL {
        return None;
    }
    let renamed = |permutation: &'a Vec<u32>| {
        let name = |species: u32| permutation.get(species as usize).copied().unwrap_or(species);
        Some((deviation(record, fingerprint, &name)?, permutation))
    };
    let best = permutations.iter().filter_map(renamed).min_by(|a, b| a.0.total_cmp(&b.0))?;
    (best.0 < LEFT * own).then_some(best.1)
}

/// Mean square deviation from the fingerprint with the species renamed.
fn deviation(record: &Record, fingerprint: &Fingerprint, name: &dyn Fn(u32) -> u32) -> Option<f64> {
    let mut sum = 0.0;
    let mut count = 0_u32;
    for (&(a, b), nearest) in &record.nearest {
        let Some((middle, spread)) = fingerprint.get(&(name(a), name(b))) else { continue };
        sum += ((nearest.mean - middle) / spread).powi(2);
        count += 1;
    }
    (count > 0).then(|| sum / f64::from(count))
}

/// All permutations but the identity, or exchanges of two where there are many species.
pub(super) fn permutations(species: usize) -> Vec<Vec<u32>> {
    let identity: Vec<u32> = (0..).take(species).collect();
    let mut all = vec![identity.clone()];
    let exchanges: Vec<(usize, usize)> =
        (0..species).flat_map(|a| (a + 1..species).map(move |b| (a, b))).collect();
    let mut from = 0;
    loop {
        let until = all.len();
        for known in from..until {
            for &(a, b) in &exchanges {
                let mut next = all[known].clone();
                next.swap(a, b);
                if !all.contains(&next) {
                    all.push(next);
                }
            }
        }
        if all.len() == until || species > ALL_PERMUTATIONS {
            break;
        }
        from = until;
    }
    all.retain(|permutation| *permutation != identity);
    all
}

pub(super) fn exchanged(permutation: &[u32], places: Vec<Place>, names: &[String]) -> Finding {
    let renamed: Vec<String> = permutation
        .iter()
        .enumerate()
        .filter(|(species, name)| *species != **name as usize)
        .map(|(species, &name)| format!("{} is {}", names[species], names[name as usize]))
        .collect();
    let message = format!(
        "species are swapped in {} configurations: their distances match those of the others if {}",
        places.len(),
        renamed.join(", ")
    );
    let hint = "use one order of the species everywhere: mtprs convert --input-species";
    Finding::new(Kind::PermutedSpecies, message, hint, places)
}

/// Metals that are closer to each other than to the anion.
pub(super) fn anion(records: &[Record], names: &[String]) -> Option<Finding> {
    let fingerprint = fingerprint(&records.iter().collect::<Vec<_>>());
    let anions: Vec<usize> =
        (0..names.len()).filter(|&species| ANIONS.contains(&names[species].as_str())).collect();
    let [anion] = anions[..] else { return None };
    let anion = u32::try_from(anion).ok()?;
    let distance = |a: u32, b: u32| fingerprint.get(&(a, b)).map(|(middle, _)| *middle);
    let metals = (0..names.len())
        .filter_map(|species| u32::try_from(species).ok())
        .filter(|&species| species != anion);
    let closer = |&metal: &u32| {
        let to_anion = distance(metal, anion)?;
        let others = (0..names.len()).filter_map(|other| u32::try_from(other).ok());
        let to_metal = others.filter(|&other| other != anion).filter_map(|other| distance(metal, other));
        to_metal.min_by(f64::total_cmp).filter(|to_metal| *to_metal < to_anion)
    };
    let metal = metals.into_iter().find(|metal| closer(metal).is_some())?;
    let message = format!(
        "{} is closer to other metals than to {}: species may be swapped",
        names[metal as usize], names[anion as usize]
    );
    let places = records.iter().map(|record| record.place).collect();
    Some(Finding::new(
        Kind::PermutedSpecies,
        message,
        "compare the order of the species with that of the data",
        places,
    ))
}
