//! Configurations with atoms pushed together, so that a potential learns to keep atoms apart at distances that the data
//! lack.
//!
//! Up to four neighbors of an atom and the atom approach each other and take along what is around them. All that is asked
//! of the energy is a lower bound: that of the configuration, plus the screened repulsion of nuclei for every pair that is
//! now closer than any of its species in the data, less its value at that shortest distance. What else the move costs, such
//! as bonds, comes on top, and data and potential know it better.

use mtprs_core::geometry::{Configuration, NeighborList, Vector3, norm};
use mtprs_core::potential::{Potential, Zbl};
use mtprs_core::species::atomic_number;
use mtprs_core::{Error, ErrorKind, Result};

use crate::random::{Sequence, splitmix};

/// Configurations for each pair of species.
const PER_PAIR: f64 = 30.0;
/// The most neighbors that approach an atom beside the first one.
const MOST_OTHERS: usize = 3;
/// The new distances in units of the shortest of their pair of species in the data: from, to.
const NEW_DISTANCE: (f64, f64) = (0.6, 0.97);
/// No other distance may fall below this share of the shortest one.
const LEAST_DISTANCE: f64 = 0.55;
/// Neighbors up to this many shortest distances away approach.
const FARTHEST: f64 = 1.5;
/// How far atoms around one that is pushed go with it, Å.
const CARRIED: f64 = 1.5;
/// What this must and may add to the energy, eV: up to far above what thermal motion reaches, low enough to be fitted.
const ADDED: std::ops::RangeInclusive<f64> = 0.3..=30.0;
/// Attempts with one configuration.
const ATTEMPTS: usize = 20;

/// Makes such configurations from those of a training set, which it must have looked at before.
#[derive(Clone, Debug)]
pub(super) struct Repulsion {
    atomic_numbers: Vec<usize>,
    cutoff: f64,
    seed: u64,
    /// By the larger species and the smaller one.
    pairs: Vec<Pair>,
}

/// What is known of a pair of species.
#[derive(Clone, Copy, Debug)]
struct Pair {
    /// Shortest distance, Å.
    shortest: f64,
    /// Configurations that have atoms of both.
    configurations: u64,
    /// How many pushed configurations should have been made so far, and were not.
    owed: f64,
}

impl Repulsion {
    /// For a potential that names its elements, since the repulsion depends on the charges of the nuclei.
    pub(super) fn new(potential: &Potential, seed: u64) -> Result<Self> {
        let Some(names) = potential.species().names() else {
            let message =
                "the repulsion of nuclei depends on the elements, but the potential does not name them";
            let hint = "write them into potential_tag, as in potential_tag = Mg O";
            return Err(Error::new(ErrorKind::Species, message).hint(hint));
        };
        let species = names.len();
        let unknown = Pair { shortest: f64::INFINITY, configurations: 0, owed: 0.0 };
        Ok(Self {
            atomic_numbers: names.iter().filter_map(|name| atomic_number(name)).collect(),
            cutoff: potential.cutoff(),
            seed,
            pairs: vec![unknown; species * (species + 1) / 2],
        })
    }

    /// Takes note of the distances in a configuration of the training set.
    pub(super) fn look_at(&mut self, configuration: &Configuration) -> Result<()> {
        let list = NeighborList::new(configuration, self.cutoff)?;
        let mut seen = vec![false; self.pairs.len()];
        for_each_pair(configuration, &list, |close| {
            let pair = &mut self.pairs[close.pair];
            pair.shortest = pair.shortest.min(close.distance);
            seen[close.pair] = true;
        });
        for (pair, seen) in self.pairs.iter_mut().zip(seen) {
            pair.configurations += u64::from(seen);
        }
        Ok(())
    }

    /// Copies of a configuration of the training set with atoms pushed together; `number` is its place in the set.
    ///
    /// Called for all configurations in their order, this makes about as many copies for every pair of species.
    pub(super) fn push_together(
        &mut self,
        configuration: &Configuration,
        number: u64,
    ) -> Result<Vec<Configuration>> {
        // A file may have changed since it was looked at.
        configuration.check_species(self.atomic_numbers.len())?;
        let list = NeighborList::new(configuration, self.cutoff)?;
        let mut seen = vec![false; self.pairs.len()];
        let mut close = Vec::new();
        for_each_pair(configuration, &list, |neighbor| {
            seen[neighbor.pair] = true;
            let [a, b] = neighbor.atoms;
            if a != b && neighbor.distance < FARTHEST * self.pairs[neighbor.pair].shortest {
                close.push(neighbor);
            }
        });
        if configuration.energy.is_none() {
            return Ok(Vec::new());
        }
        let mut pushed = Vec::new();
        for (pair, _) in seen.iter().enumerate().filter(|(_, seen)| **seen) {
            self.pairs[pair].owed += PER_PAIR / self.pairs[pair].configurations as f64;
            let firsts: Vec<&ClosePair> = close.iter().filter(|neighbor| neighbor.pair == pair).collect();
            let mut random = Sequence::new(splitmix(self.seed ^ splitmix(number)) ^ splitmix(pair as u64));
            let attempts = if firsts.is_empty() { 0 } else { ATTEMPTS };
            for _ in 0..attempts {
                if self.pairs[pair].owed < 1.0 {
                    break;
                }
                let first = firsts[random.below(firsts.len())];
                let around: Vec<&ClosePair> =
                    close.iter().filter(|neighbor| neighbor.atoms[0] == first.atoms[0]).collect();
                let others = random.below(MOST_OTHERS + 1);
                let others = (0..others).map(|_| around[random.below(around.len())]);
                let mut approaching = vec![first];
                for other in others.collect::<Vec<_>>() {
                    if approaching.iter().all(|neighbor| neighbor.atoms[1] != other.atoms[1]) {
                        approaching.push(other);
                    }
                }
                if let Some(copy) = self.pushed(configuration, &list, &approaching, &mut random)? {
                    pushed.push(copy);
                    self.pairs[pair].owed -= 1.0;
                }
            }
        }
        Ok(pushed)
    }

    /// The configuration with neighbors of an atom at about new distances from it, unless anything comes too close.
    fn pushed(
        &self,
        configuration: &Configuration,
        list: &NeighborList,
        approaching: &[&ClosePair],
        random: &mut Sequence,
    ) -> Result<Option<Configuration>> {
        let mut copy = configuration.clone();
        for neighbor in approaching {
            let (from, to) = NEW_DISTANCE;
            let distance = self.pairs[neighbor.pair].shortest * (from + (to - from) * random.uniform());
            // Both ends move, each taken back a little by the other's field.
            let way = 0.5 * (neighbor.distance - distance) / (1.0 - field(neighbor.distance));
            for (atom, sign) in neighbor.atoms.into_iter().zip([1.0, -1.0]) {
                let mut carry = |moved: usize, share: f64| {
                    for (x, along) in copy.positions[moved].iter_mut().zip(neighbor.displacement) {
                        *x += sign * share * way * along / neighbor.distance;
                    }
                };
                carry(atom, 1.0);
                let (indices, displacements) = list.neighbors(atom);
                for (&moved, displacement) in indices.iter().zip(displacements) {
                    carry(moved as usize, field(norm(*displacement)));
                }
            }
        }
        Ok(self.set_bound(&mut copy)?.then_some(copy))
    }

    /// Makes the energy a lower bound and takes away all other labels; false if the bound tells nothing or too much.
    fn set_bound(&self, copy: &mut Configuration) -> Result<bool> {
        let list = NeighborList::new(copy, self.cutoff)?;
        let (mut too_close, mut added) = (false, 0.0);
        for_each_pair(copy, &list, |neighbor| {
            let shortest = self.pairs[neighbor.pair].shortest;
            if neighbor.distance >= shortest {
                return;
            }
            too_close |= neighbor.distance < LEAST_DISTANCE * shortest;
            let numbers = neighbor.atoms.map(|atom| self.atomic_numbers[copy.species[atom] as usize]);
            // Each pair is seen from both ends.
            added += 0.5 * (Zbl::unswitched(numbers, neighbor.distance) - Zbl::unswitched(numbers, shortest));
        });
        copy.energy = copy.energy.map(|energy| energy + added);
        (copy.forces, copy.virial) = (None, None);
        Ok(!too_close && ADDED.contains(&added))
    }
}

/// Share of a push that an atom at this distance (Å) from the pushed one takes part in.
fn field(distance: f64) -> f64 {
    (-0.5 * (distance / CARRIED).powi(2)).exp()
}

/// Two atoms within the cutoff.
#[derive(Clone, Copy, Debug)]
struct ClosePair {
    atoms: [usize; 2],
    /// Number of their pair of species.
    pair: usize,
    /// From the first atom to the second, Å.
    displacement: Vector3,
    distance: f64,
}

/// Visits all pairs of atoms in a neighbor list, each from both ends.
fn for_each_pair(configuration: &Configuration, list: &NeighborList, mut visit: impl FnMut(ClosePair)) {
    for atom in 0..configuration.len() {
        let (neighbors, displacements) = list.neighbors(atom);
        for (&neighbor, &displacement) in neighbors.iter().zip(displacements) {
            let neighbor = neighbor as usize;
            let species = [atom, neighbor].map(|atom| configuration.species[atom] as usize);
            let (small, large) = (species[0].min(species[1]), species[0].max(species[1]));
            visit(ClosePair {
                atoms: [atom, neighbor],
                pair: large * (large + 1) / 2 + small,
                displacement,
                distance: norm(displacement),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;
    use mtprs_core::species::Species;

    use super::*;

    fn potential(species: Species) -> Potential {
        Potential::untrained(2, species, 1.4, 5.0, 4).unwrap()
    }

    /// Rock salt, eight atoms in a cell, each time disturbed in another way.
    fn configurations() -> Vec<Configuration> {
        let mut random = Sequence::new(5);
        (0..6)
            .map(|_| {
                let cell = Cell::new(&[[4.2, 0.0, 0.0], [0.0, 4.2, 0.0], [0.0, 0.0, 4.2]]).unwrap();
                let site = |atom: usize| [atom & 1, atom >> 1 & 1, atom >> 2].map(|k| 2.1 * k as f64);
                let positions = (0..8).map(|atom| site(atom).map(|x| x + 0.3 * random.uniform())).collect();
                let species = (0..8_u32).map(|atom| atom.count_ones() % 2).collect();
                let mut configuration = Configuration::new(cell, species, positions).unwrap();
                configuration.energy = Some(-40.0);
                configuration.forces = Some((0..8).map(|_| [0; 3].map(|_: i32| random.uniform())).collect());
                configuration
            })
            .collect()
    }

    fn distances(configuration: &Configuration) -> Vec<(usize, f64)> {
        let list = NeighborList::new(configuration, 5.0).unwrap();
        let mut distances = Vec::new();
        for_each_pair(configuration, &list, |close| distances.push((close.pair, close.distance)));
        distances
    }

    #[test]
    fn every_pair_of_species_comes_close_and_has_a_bound_above() {
        let mut repulsion = Repulsion::new(&potential(Species::named(&["Mg", "O"]).unwrap()), 1).unwrap();
        let configurations = configurations();
        configurations.iter().for_each(|configuration| repulsion.look_at(configuration).unwrap());
        let shortest: Vec<f64> = repulsion.pairs.iter().map(|pair| pair.shortest).collect();
        let mut closest = [f64::INFINITY; 3];
        let mut made = 0;
        for (number, configuration) in configurations.iter().enumerate() {
            for copy in repulsion.push_together(configuration, number as u64).unwrap() {
                made += 1;
                for (pair, distance) in distances(&copy) {
                    closest[pair] = closest[pair].min(distance / shortest[pair]);
                }
                let added = copy.energy.unwrap() - configuration.energy.unwrap();
                assert!(added > 0.29 && added < 30.01, "{added} eV");
                assert!(copy.forces.is_none() && copy.virial.is_none());
            }
        }
        assert!((60..=90).contains(&made), "{made} configurations");
        assert!(closest.iter().all(|share| (LEAST_DISTANCE..0.8).contains(share)), "{closest:?}");
    }

    #[test]
    fn elements_must_be_known() {
        let message = Repulsion::new(&potential(Species::unnamed(2)), 1).unwrap_err().to_string();
        assert!(message.contains("but the potential does not name them"), "{message}");
    }
}
