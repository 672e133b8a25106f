//! Copies among configurations that come one after the other, by the numbers that [`super::duplicates`] compares.

use std::collections::BTreeMap;

use mtprs_core::Result;
use mtprs_core::geometry::Configuration;

use super::duplicates::{AGREE, is_same, range};
use super::record::{Place, Record};

/// Configurations that were seen; of each only some numbers are kept.
#[derive(Debug, Default)]
pub struct Copies {
    /// By composition and the bits of the sum over all pairs, which is not negative: such bits are in the order of the
    /// numbers.
    seen: BTreeMap<(Vec<u32>, u64), Vec<Record>>,
}

/// What a configuration is beside those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sameness {
    /// Like none of them.
    Different,
    /// The same as one but for the order and a shift of the atoms, without labels that this one lacks.
    Same,
    /// The same as one, with another energy.
    OtherEnergy,
}

impl Copies {
    /// Compares a configuration with those before it, and remembers it.
    pub fn add(&mut self, configuration: &Configuration) -> Result<Sameness> {
        let place = Place { file: 0, number: 0, line: 0 };
        let mut record = Record::new(configuration, place, None)?;
        // Sums of the model of the forces are not compared, and are the larger part of a record.
        record.pairs.clear();
        let [low, high] = range(record.invariants[0]).map(f64::to_bits);
        let key = |bits: u64| (record.composition.clone(), bits);
        let near = self.seen.range(key(low)..=key(high)).flat_map(|(_, records)| records);
        let mut sameness = Sameness::Different;
        for known in near.filter(|known| is_same(known, &record)) {
            let agree = match (known.energy_per_atom(), record.energy_per_atom()) {
                (Some(known), Some(own)) => (known - own).abs() <= AGREE,
                _ => true,
            };
            let adds = [
                (known.energy.is_some(), record.energy.is_some()),
                (known.forces.is_some(), record.forces.is_some()),
                (known.virial.is_some(), record.virial.is_some()),
            ];
            if agree && adds.iter().all(|(known, own)| *known || !own) {
                return Ok(Sameness::Same);
            }
            if !agree {
                sameness = Sameness::OtherEnergy;
            }
        }
        let bits = record.invariants[0].to_bits();
        self.seen.entry(key(bits)).or_default().push(record);
        Ok(sameness)
    }
}
