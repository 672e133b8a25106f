//! One labeled configuration as training keeps it: positions, labels and a compact neighbor list.
//!
//! A neighbor takes eight bytes, its atom and the number of cells between; displacements are formed as they are read.

use std::sync::Arc;

use mtprs_core::evaluate::{Center, Neighbor, Neighborhoods};
use mtprs_core::geometry::{Configuration, NeighborList, Vector3, Virial, dot, norm};
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::Weights;

/// A neighbor: its atom and in which copy of the cell it lies.
#[derive(Clone, Copy, Debug)]
struct CompactNeighbor {
    atom: u32,
    cells: [i8; 4],
}

/// A labeled configuration with the neighbors of its atoms.
#[derive(Clone, Debug)]
pub struct Sample {
    species: Vec<u32>,
    positions: Vec<Vector3>,
    lattice: Vec<Vector3>,
    offsets: Vec<usize>,
    neighbors: Vec<CompactNeighbor>,
    /// Energy of the reference, eV.
    pub energy: Option<f64>,
    /// Forces of the reference, eV/Å.
    pub forces: Option<Vec<Vector3>>,
    /// Virial of the reference, eV.
    pub virial: Option<Virial>,
    /// Factors of its terms in the loss.
    pub weights: Weights,
    /// Shortest distance between two atoms, Å; infinite if no two are within the cutoff.
    pub shortest_distance: f64,
    /// Whether atoms were pushed together: the energy is a lower bound then, and no error figure counts it.
    pub is_pushed: bool,
    /// Place in its set, from zero.
    pub index: usize,
    /// Where it was read, if that is known.
    pub origin: Option<Origin>,
}

/// Where a configuration stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Name of the file.
    pub file: Arc<str>,
    /// Line of its beginning, from one.
    pub line: usize,
    /// Configuration in the file, from one.
    pub number: usize,
}

impl Origin {
    /// File and line.
    pub fn place(&self) -> Place {
        Place { file: self.file.to_string(), line: self.line, column: 0 }
    }

    /// The error with file, line and number.
    pub fn explain(&self, error: Error) -> Error {
        error.within(&format!("configuration {}", self.number)).at(self.place())
    }
}

impl Sample {
    /// The error with the place that the configuration was read from.
    pub fn explain(&self, error: Error) -> Error {
        match &self.origin {
            Some(origin) => origin.explain(error),
            None => error.within(&format!("configuration {}", self.index + 1)),
        }
    }

    /// Takes up a configuration whose species the potential has.
    pub fn new(configuration: &Configuration, cutoff: f64, weights: Weights, index: usize) -> Result<Self> {
        let list = NeighborList::new(configuration, cutoff)?;
        let lattice = configuration.cell.vectors().to_vec();
        let duals = configuration.cell.duals();
        let positions = wrapped(&configuration.positions, &lattice, &duals);
        let mut sample = Self {
            species: configuration.species.clone(),
            positions,
            lattice,
            offsets: vec![0],
            neighbors: Vec::new(),
            energy: configuration.energy,
            forces: configuration.forces.clone(),
            virial: configuration.virial,
            weights,
            shortest_distance: f64::INFINITY,
            is_pushed: false,
            index,
            origin: None,
        };
        for atom in 0..configuration.len() {
            sample.add_neighbors(&list, &duals, atom)?;
        }
        sample.neighbors.shrink_to_fit();
        Ok(sample)
    }

    fn add_neighbors(&mut self, list: &NeighborList, duals: &[Vector3], atom: usize) -> Result<()> {
        let (indices, displacements) = list.neighbors(atom);
        for (&neighbor, displacement) in indices.iter().zip(displacements) {
            let between = difference(self.positions[neighbor as usize], self.positions[atom]);
            let mut cells = [0_i8; 4];
            for (count, dual) in cells.iter_mut().zip(duals) {
                let exact = dot(difference(*displacement, between), *dual).round();
                if exact.abs() > f64::from(i8::MAX) {
                    let message = format!("atom {} has a neighbor {exact} cells away", atom + 1);
                    return Err(Error::new(ErrorKind::InvalidConfiguration, message));
                }
                *count = exact as i8;
            }
            self.shortest_distance = self.shortest_distance.min(norm(*displacement));
            self.neighbors.push(CompactNeighbor { atom: neighbor, cells });
        }
        self.offsets.push(self.neighbors.len());
        Ok(())
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.species.len()
    }

    /// Whether there is no atom.
    pub fn is_empty(&self) -> bool {
        self.species.is_empty()
    }

    /// Species of the atoms.
    pub fn species(&self) -> &[u32] {
        &self.species
    }
}

impl Neighborhoods for Sample {
    fn atom_count(&self) -> usize {
        self.len()
    }

    fn center_count(&self) -> usize {
        self.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        Some(Center { atom: k, species: self.species[k] as usize, scale: 1.0 })
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.offsets[k + 1] - self.offsets[k]
    }

    #[inline(always)]
    fn visit_neighbors(&self, k: usize, mut visit: impl FnMut(Neighbor)) {
        let center = self.positions[k];
        for neighbor in &self.neighbors[self.offsets[k]..self.offsets[k + 1]] {
            let atom = neighbor.atom as usize;
            let mut displacement = difference(self.positions[atom], center);
            for (vector, &cells) in self.lattice.iter().zip(&neighbor.cells) {
                let cells = f64::from(cells);
                for (x, along) in displacement.iter_mut().zip(vector) {
                    *x += cells * along;
                }
            }
            visit(Neighbor { atom, species: self.species[atom] as usize, displacement });
        }
    }
}

/// Positions moved into the cell.
fn wrapped(positions: &[Vector3], lattice: &[Vector3], duals: &[Vector3]) -> Vec<Vector3> {
    let mut positions = positions.to_vec();
    for position in &mut positions {
        for (vector, dual) in lattice.iter().zip(duals) {
            let turns = dot(*position, *dual).floor();
            for (x, along) in position.iter_mut().zip(vector) {
                *x -= turns * along;
            }
        }
    }
    positions
}

fn difference(a: Vector3, b: Vector3) -> Vector3 {
    [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
}

#[cfg(test)]
mod tests {
    use mtprs_core::evaluate::ConfigurationNeighborhoods;
    use mtprs_core::geometry::Cell;

    use super::*;

    /// Neighbors of an atom in an order of their own.
    fn sorted<N: Neighborhoods>(atoms: &N, k: usize) -> Vec<(usize, Vector3)> {
        let mut found = Vec::new();
        atoms.visit_neighbors(k, |neighbor| found.push((neighbor.atom, neighbor.displacement)));
        found.sort_by(|a, b| a.partial_cmp(b).unwrap());
        found
    }

    #[test]
    fn neighbors_are_those_of_the_configuration_in_cells_of_any_dimension() {
        let vectors = [[3.1, 0.0, 0.2], [-0.7, 4.0, 0.0], [0.3, -0.4, 5.0]];
        let positions = vec![[0.1, 0.2, 0.3], [11.7, -7.1, 2.4], [-1.0, 1.5, 21.0]];
        for periodic in 0..=3 {
            let cell = Cell::new(&vectors[..periodic]).unwrap();
            let configuration = Configuration::new(cell, vec![0, 1, 0], positions.clone()).unwrap();
            let expected = ConfigurationNeighborhoods::new(&configuration, 6.0, 2).unwrap();
            let sample = Sample::new(&configuration, 6.0, Weights::default(), 0).unwrap();
            let mut shortest = f64::INFINITY;
            for k in 0..3 {
                let (got, expected) = (sorted(&sample, k), sorted(&expected, k));
                assert_eq!(got.len(), expected.len(), "{periodic} periodic directions, atom {k}");
                for ((atom, displacement), (expected_atom, expected)) in got.iter().zip(&expected) {
                    assert_eq!(atom, expected_atom);
                    let error = difference(*displacement, *expected);
                    assert!(norm(error) < 1e-13, "{displacement:?} instead of {expected:?}");
                    shortest = shortest.min(norm(*expected));
                }
            }
            assert!(
                sample.shortest_distance == shortest || (sample.shortest_distance - shortest).abs() < 1e-13
            );
        }
    }
}
