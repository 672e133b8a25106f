//! Random configurations in every kind of cell: periodic in zero to three directions, triclinic, thinner than the
//! cutoff, sparse, with atoms outside the cell.

use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3};

use crate::random::Random;
use crate::vectors::{Matrix3, add_scaled, apply, random_rotation};

/// How atoms fill space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrangement {
    /// Density of a solid.
    Dense,
    /// Density of a solid in a cell of less than 3 Å in its first direction, which the cutoff spans several times, be it periodic
    /// or not.
    Thin,
    /// Clusters of one to four atoms too far apart to see each other (up to a cutoff of 6 Å); the first is a single
    /// atom. Pairs in a cluster are well within the cutoff: near it, forces are differences of nearly equal numbers.
    Sparse,
}

impl Arrangement {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Dense, Self::Thin, Self::Sparse];
}

/// What a random configuration should be like.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// How atoms fill space.
    pub arrangement: Arrangement,
    /// Number of periodic directions.
    pub periodic: usize,
    /// Number of atoms.
    pub atoms: usize,
    /// Number of species; all of them occur if there are as many atoms.
    pub species: usize,
}

/// No two atoms are closer than this, Å; a little less than R_min of the random potentials.
const SHORTEST: f64 = 1.8;

/// Volume of an atom in a solid, Å³.
const VOLUME: f64 = 16.0;

/// Distance between the centers of clusters, Å.
const SPACING: f64 = 14.0;

impl Recipe {
    /// The configuration of a seed.
    ///
    /// # Panics
    /// If the atoms find no place.
    pub fn make(self, seed: u64) -> Configuration {
        let random = &mut Random::new(seed);
        for _ in 0..200 {
            let frame = self.frame(random);
            let Some(positions) = self.positions(random, &frame) else { continue };
            let cell = Cell::new(&frame[..self.periodic]).expect("the frame is far from flat");
            let species = (0..self.atoms).map(|atom| self.species_of(atom, random)).collect::<Vec<_>>();
            let outside = scattered(random, &frame[..self.periodic], positions);
            return Configuration::new(cell, species, outside).expect("one species for each atom");
        }
        panic!("no place for the atoms of {self:?}");
    }

    /// Three edges that the atoms are spread over, in a random orientation; the first ones are the periodic vectors.
    fn frame(&self, random: &mut Random) -> Matrix3 {
        let atoms = self.atoms as f64;
        let lengths = match self.arrangement {
            Arrangement::Dense => [(VOLUME * atoms).cbrt(); 3],
            Arrangement::Thin => {
                let thin = random.between(2.1, 2.4);
                [thin, (VOLUME * atoms / thin).sqrt().max(3.5), (VOLUME * atoms / thin).sqrt().max(3.5)]
            }
            Arrangement::Sparse => [SPACING * atoms, 2.0 * SPACING, 2.0 * SPACING],
        };
        let rotation = random_rotation(random);
        std::array::from_fn(|k| {
            let skew: Vector3 = std::array::from_fn(|_| random.symmetric(0.25));
            let mut edge = skew.map(|component| component * lengths[k].min(lengths[(k + 1) % 3]));
            edge[k] = lengths[k] * random.between(0.95, 1.15);
            apply(&rotation, edge)
        })
    }

    /// Positions inside the frame, none closer than [`SHORTEST`]; `None` if they do not fit.
    fn positions(&self, random: &mut Random, frame: &Matrix3) -> Option<Vec<Vector3>> {
        let cell = Cell::new(&frame[..self.periodic]).ok()?;
        let mut positions = Vec::new();
        let (mut cluster, mut members) = (0, 0);
        for _ in 0..300 * self.atoms {
            positions.push(match self.arrangement {
                Arrangement::Sparse => in_cluster(random, frame, cluster, self.atoms),
                _ => fractional(frame, std::array::from_fn(|_| random.unit())),
            });
            if !is_free(&cell, &positions) {
                positions.pop();
                continue;
            }
            members += 1;
            // one, two, three, four, four … atoms
            if members == (cluster + 1).min(4) {
                (cluster, members) = (cluster + 1, 0);
            }
            if positions.len() == self.atoms {
                return Some(positions);
            }
        }
        None
    }

    fn species_of(&self, atom: usize, random: &mut Random) -> u32 {
        let index = if atom < self.species { atom } else { random.below(self.species) };
        u32::try_from(index).expect("there are few species")
    }
}

/// A place within 2 Å of the center of a cluster; centers are spaced evenly along the first edge.
fn in_cluster(random: &mut Random, frame: &Matrix3, cluster: usize, clusters: usize) -> Vector3 {
    let center = fractional(frame, [(cluster as f64 + 0.5) / clusters as f64, 0.5, 0.5]);
    let offset: Vector3 = std::array::from_fn(|_| random.symmetric(1.15));
    add_scaled(center, 1.0, offset)
}

fn fractional(frame: &Matrix3, coordinates: Vector3) -> Vector3 {
    std::array::from_fn(|k| (0..3).map(|edge| coordinates[edge] * frame[edge][k]).sum())
}

/// Whether the last atom, images included, is far enough from the others.
fn is_free(cell: &Cell, positions: &[Vector3]) -> bool {
    let trial = Configuration::new(cell.clone(), vec![0; positions.len()], positions.to_vec()).unwrap();
    let list = NeighborList::new(&trial, SHORTEST).unwrap();
    list.neighbors(positions.len() - 1).0.is_empty()
}

/// Moves atoms to random images of theirs, up to two cells away.
fn scattered(random: &mut Random, vectors: &[Vector3], positions: Vec<Vector3>) -> Vec<Vector3> {
    let scatter = |mut position: Vector3| {
        for &vector in vectors {
            position = add_scaled(position, random.below(5) as f64 - 2.0, vector);
        }
        position
    };
    positions.into_iter().map(scatter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn neighbor_counts(configuration: &Configuration, cutoff: f64) -> Vec<usize> {
        let list = NeighborList::new(configuration, cutoff).unwrap();
        (0..configuration.len()).map(|atom| list.neighbors(atom).0.len()).collect()
    }

    #[test]
    fn configurations_are_what_the_recipe_says() {
        for arrangement in Arrangement::ALL {
            for periodic in 0..=3 {
                for atoms in [1, 2, 5, 11] {
                    let recipe = Recipe { arrangement, periodic, atoms, species: 2 };
                    let configuration = recipe.make(atoms as u64);
                    assert_eq!(configuration.len(), atoms);
                    assert_eq!(configuration.cell.vectors().len(), periodic);
                    assert_eq!(configuration.species.contains(&1), atoms > 1);
                    assert!(neighbor_counts(&configuration, SHORTEST).iter().all(|&count| count == 0));
                    let neighbors = neighbor_counts(&configuration, 5.0);
                    match arrangement {
                        Arrangement::Sparse => {
                            assert_eq!(neighbors[0], 0);
                            assert_eq!(atoms > 2, neighbors.iter().any(|&count| count > 0));
                            assert_eq!(neighbors, neighbor_counts(&configuration, 6.0));
                        }
                        Arrangement::Dense if periodic == 3 => {
                            let mean = neighbors.iter().sum::<usize>() as f64 / atoms as f64;
                            assert!((15.0..45.0).contains(&mean), "{mean} neighbors");
                        }
                        Arrangement::Thin if periodic > 0 => {
                            assert!(neighbors.iter().all(|&count| count >= 2), "{neighbors:?}");
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}
