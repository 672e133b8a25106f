//! How many neighbors atoms have: shares of atoms by their number.

use std::collections::BTreeMap;

use mtprs_core::geometry::{Configuration, NeighborList, norm};
use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::analysis::Pair;

/// Shares of the atoms of a species by the number of their neighbors of another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coordination {
    /// The pair.
    pub pair: String,
    /// Distance within which neighbors are counted, Å.
    pub within: f64,
    /// In the first frame: share by number of neighbors.
    pub first: BTreeMap<usize, f64>,
    /// In the last part of the run.
    pub last: BTreeMap<usize, f64>,
}

impl Coordination {
    pub(super) fn new(
        pair: &Pair,
        within: f64,
        names: &[String],
        first: &Configuration,
        last: &[&Configuration],
    ) -> Result<Self> {
        let numbers = pair.numbers(names).ok_or_else(|| missing(pair, names))?;
        let shares = |frames: &[&Configuration]| shares(frames, within, numbers);
        let coordination =
            Self { pair: pair.to_string(), within, first: shares(&[first])?, last: shares(last)? };
        if coordination.first.is_empty() { Err(missing(pair, names)) } else { Ok(coordination) }
    }

    /// Neighbors on average.
    pub(super) fn mean(shares: &BTreeMap<usize, f64>) -> f64 {
        shares.iter().map(|(count, share)| *count as f64 * share).sum()
    }
}

fn missing(pair: &Pair, names: &[String]) -> Error {
    let known = if names.is_empty() {
        "have no names, only numbers from 0".into()
    } else {
        format!("are {}", names.join(" "))
    };
    Error::new(ErrorKind::Species, format!("there is no pair {pair}: species {known}"))
}

fn shares(
    frames: &[&Configuration],
    within: f64,
    [center, neighbor]: [Option<usize>; 2],
) -> Result<BTreeMap<usize, f64>> {
    let (mut counts, mut atoms) = (BTreeMap::new(), 0.0);
    for frame in frames {
        let is = |species: Option<usize>, atom: usize| {
            species.is_none_or(|one| frame.species[atom] as usize == one)
        };
        let list = NeighborList::new(frame, within)?;
        for atom in (0..list.len()).filter(|atom| is(center, *atom)) {
            let (others, displacements) = list.neighbors(atom);
            let pairs = others.iter().zip(displacements);
            let count =
                pairs.filter(|(other, d)| norm(**d) < within && is(neighbor, **other as usize)).count();
            *counts.entry(count).or_insert(0.0) += 1.0;
            atoms += 1.0;
        }
    }
    counts.values_mut().for_each(|count| *count /= atoms);
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    #[test]
    fn neighbors_of_rock_salt_are_six() {
        let cell = Cell::new(&[[5.6, 0.0, 0.0], [0.0, 5.6, 0.0], [0.0, 0.0, 5.6]]).unwrap();
        let site = |k: usize| [k % 2, k / 2 % 2, k / 4].map(|x| 2.8 * x as f64);
        let species = (0..8_u32).map(|k| (k % 2 + k / 2 % 2 + k / 4) % 2).collect();
        let mut salt = Configuration::new(cell, species, (0..8).map(site).collect()).unwrap();
        let names = ["Na", "Cl"].map(str::to_owned);
        let moved = salt.clone();
        salt.positions[0][0] += 0.4;
        let found =
            Coordination::new(&"Na-Cl".parse().unwrap(), 3.0, &names, &moved, &[&salt, &moved]).unwrap();
        assert_eq!(found.first, BTreeMap::from([(6, 1.0)]));
        // Half of the frames have one atom of four that lost one neighbor; the other side comes nearer.
        assert_eq!(found.last, BTreeMap::from([(5, 0.125), (6, 0.875)]));
        assert_eq!(Coordination::mean(&found.last), 5.875);
        let error = Coordination::new(&"Na-O".parse().unwrap(), 3.0, &names, &moved, &[&salt]).unwrap_err();
        assert_eq!(error.to_string(), "there is no pair Na-O: species are Na Cl");
    }
}
