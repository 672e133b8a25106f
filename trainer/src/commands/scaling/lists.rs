//! Neighbor lists as LAMMPS holds them: numbers of atoms, of which those behind the own ones are ghosts at places of their own.
//!
//! The kernels take longer with such lists than with our own, which hold the displacements in the order of use.

use std::collections::HashMap;

use mtprs_core::Result;
use mtprs_core::evaluate::{Center, ListedNeighbors, Neighbor, Neighborhoods};
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, norm};

/// Bits that LAMMPS leaves for the number of an atom.
const NEIGHBOR_MASK: u32 = 0x1FFF_FFFF;
/// Images farther apart than this, Å, are different ones.
const APART: f64 = 0.01;

/// Atoms, ghosts and lists.
pub(super) struct LammpsLists {
    positions: Vec<Vector3>,
    species: Vec<u16>,
    centers: Vec<usize>,
    /// Entries of the k-th central atom begin at `begins[k]` and end at `begins[k + 1]`.
    begins: Vec<usize>,
    entries: Vec<u32>,
}

impl LammpsLists {
    /// Lists of some atoms of a configuration with all others up to a distance, Å.
    pub(super) fn new(configuration: &Configuration, centers: Vec<usize>, range: f64) -> Result<Self> {
        let list = NeighborList::new(configuration, range)?;
        let short = |species: u32| u16::try_from(species).unwrap_or(u16::MAX);
        let mut lists = Self {
            positions: configuration.positions.clone(),
            species: configuration.species.iter().map(|&species| short(species)).collect(),
            centers,
            begins: vec![0],
            entries: Vec::new(),
        };
        // Images of each atom that are there already.
        let mut images: HashMap<u32, Vec<usize>> = HashMap::new();
        for k in 0..lists.centers.len() {
            let origin = lists.positions[lists.centers[k]];
            let (atoms, displacements) = list.neighbors(lists.centers[k]);
            for (&atom, displacement) in atoms.iter().zip(displacements) {
                let place = std::array::from_fn(|axis| origin[axis] + displacement[axis]);
                let known = images.entry(atom).or_insert_with(|| vec![atom as usize]);
                let is_it = |&&image: &&usize| {
                    norm(std::array::from_fn(|axis| lists.positions[image][axis] - place[axis])) < APART
                };
                let image = known.iter().find(is_it).copied().unwrap_or_else(|| {
                    lists.positions.push(place);
                    lists.species.push(lists.species[atom as usize]);
                    known.push(lists.positions.len() - 1);
                    lists.positions.len() - 1
                });
                lists.entries.push(u32::try_from(image).unwrap_or(NEIGHBOR_MASK) & NEIGHBOR_MASK);
            }
            lists.begins.push(lists.entries.len());
        }
        Ok(lists)
    }

    /// Mean number of entries.
    pub(super) fn mean_entries(&self) -> f64 {
        self.entries.len() as f64 / self.centers.len().max(1) as f64
    }

    /// The first of the central atoms.
    pub(super) fn first(&self, count: usize) -> FirstCenters<'_> {
        FirstCenters { lists: self, count: count.min(self.centers.len()) }
    }
}

/// Neighborhoods of the first of the central atoms.
pub(super) struct FirstCenters<'a> {
    lists: &'a LammpsLists,
    count: usize,
}

impl FirstCenters<'_> {
    fn entries(&self, k: usize) -> &[u32] {
        &self.lists.entries[self.lists.begins[k]..self.lists.begins[k + 1]]
    }
}

impl Neighborhoods for FirstCenters<'_> {
    fn atom_count(&self) -> usize {
        self.lists.positions.len()
    }

    fn center_count(&self) -> usize {
        self.count
    }

    fn center(&self, k: usize) -> Option<Center> {
        let atom = self.lists.centers[k];
        Some(Center { atom, species: usize::from(self.lists.species[atom]), scale: 1.0 })
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.entries(k).len()
    }

    fn visit_neighbors(&self, k: usize, mut visit: impl FnMut(Neighbor)) {
        let LammpsLists { positions, species, centers, .. } = self.lists;
        let origin = positions[centers[k]];
        for &entry in self.entries(k) {
            let atom = entry as usize;
            let displacement = std::array::from_fn(|axis| positions[atom][axis] - origin[axis]);
            visit(Neighbor { atom, species: usize::from(species[atom]), displacement });
        }
    }

    fn listed_neighbors(&self, k: usize) -> Option<ListedNeighbors<'_>> {
        let LammpsLists { positions, species, centers, .. } = self.lists;
        Some(ListedNeighbors {
            points: positions,
            species,
            entries: self.entries(k),
            mask: NEIGHBOR_MASK,
            in_order: false,
            origin: positions[centers[k]],
        })
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    /// A cell smaller than the range: neighbors are images, several of each atom.
    #[test]
    fn ghosts_are_where_the_images_are() {
        let cell = Cell::new(&[[3.0, 0.0, 0.0], [0.5, 3.2, 0.0], [0.0, 0.0, 3.4]]).unwrap();
        let atoms = Configuration::new(cell, vec![0, 1], vec![[0.1, 0.2, 0.3], [1.6, 1.7, 1.9]]).unwrap();
        let lists = LammpsLists::new(&atoms, vec![1, 0], 5.0).unwrap();
        let expected = NeighborList::new(&atoms, 5.0).unwrap();
        let all = lists.first(2);
        for (k, atom) in [1, 0].into_iter().enumerate() {
            assert_eq!(all.center(k).map(|center| (center.atom, center.species)), Some((atom, atom)));
            let mut places = Vec::new();
            all.visit_neighbors(k, |neighbor| places.push((neighbor.species, neighbor.displacement)));
            let (numbers, displacements) = expected.neighbors(atom);
            assert_eq!(places.len(), numbers.len());
            for ((species, place), (&number, displacement)) in
                places.iter().zip(numbers.iter().zip(displacements))
            {
                assert_eq!(*species, number as usize);
                assert!(norm(std::array::from_fn(|axis| place[axis] - displacement[axis])) < 1e-12);
            }
        }
        // Every ghost is at a place of its own.
        for (k, a) in lists.positions.iter().enumerate() {
            let is_near = |b: &Vector3| norm(std::array::from_fn(|axis| a[axis] - b[axis])) < 0.1;
            assert_eq!(lists.positions.iter().filter(|b| is_near(b)).count(), 1, "{k}");
        }
        assert_eq!((lists.first(1).center_count(), lists.first(9).center_count()), (1, 2));
    }
}
