//! How close atoms of two species may come where a cut brings them together.

use std::collections::BTreeSet;

use mtprs_core::geometry::norm;

use super::parent::{CLOSE, Parent};

/// Distances that the user gave, Å, for pairs of species; shape (a, b), symmetric.
#[derive(Clone, Debug, PartialEq)]
pub struct GivenDistances {
    species: usize,
    given: Vec<Option<f64>>,
    /// The potential's `min_dist`, Å, below which it extrapolates.
    min_dist: f64,
}

impl GivenDistances {
    /// None are given for this many species.
    pub fn new(species: usize, min_dist: f64) -> Self {
        Self { species, given: vec![None; species * species], min_dist }
    }

    /// Number of species.
    pub fn species(&self) -> usize {
        self.species
    }

    /// Sets the distance of all pairs.
    pub fn set_all(&mut self, distance: f64) {
        self.given.fill(Some(distance));
    }

    /// Sets the distance of a pair of species.
    pub fn set(&mut self, a: usize, b: usize, distance: f64) {
        self.given[a * self.species + b] = Some(distance);
        self.given[b * self.species + a] = Some(distance);
    }
}

/// Smallest distances that are allowed, Å.
#[derive(Clone, Debug, PartialEq)]
pub struct LeastDistances {
    species: usize,
    least: Vec<f64>,
    /// The largest of them.
    pub(super) largest: f64,
}

impl LeastDistances {
    /// How much closer than the closest of the parent atoms may be: relaxing sets them apart, and taking out every atom that is
    /// a little too close would leave holes.
    pub(super) const CLOSER: f64 = 0.9;

    /// Those given; else 0.9 times the shortest in the parent between atoms that are not in `core`, but not below `min_dist`.
    /// What extrapolates may do so because atoms are too close, so the core is no measure where others can tell.
    pub(super) fn new(parent: &Parent<'_>, core: &BTreeSet<usize>, given: &GivenDistances) -> Self {
        let GivenDistances { species, ref given, min_dist } = *given;
        let count = species * species;
        let (mut outside, mut anywhere) = (vec![f64::INFINITY; count], vec![f64::INFINITY; count]);
        for (atom, &of_atom) in parent.configuration.species.iter().enumerate() {
            let (neighbors, displacements) = parent.close_pairs.neighbors(atom);
            for (&other, displacement) in neighbors.iter().zip(displacements) {
                let pair = of_atom as usize * species + parent.configuration.species[other as usize] as usize;
                let distance = norm(*displacement);
                anywhere[pair] = distance.min(anywhere[pair]);
                if !core.contains(&atom) && !core.contains(&(other as usize)) {
                    outside[pair] = distance.min(outside[pair]);
                }
            }
        }
        let least: Vec<f64> = (0..count)
            .map(|pair| {
                let found = [outside[pair], anywhere[pair], CLOSE].into_iter().find(|x| x.is_finite());
                given[pair].unwrap_or((Self::CLOSER * found.unwrap_or(CLOSE)).max(min_dist))
            })
            .collect();
        let largest = least.iter().copied().fold(0.0, f64::max);
        Self { species, least, largest }
    }

    /// Number of species.
    pub(super) fn species(&self) -> usize {
        self.species
    }

    /// That of two species, Å.
    pub fn of(&self, a: u32, b: u32) -> f64 {
        self.least[a as usize * self.species + b as usize]
    }
}
