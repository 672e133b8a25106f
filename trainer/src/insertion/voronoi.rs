//! Vertices of the Voronoi tessellation (G. Voronoi, J. reine angew. Math. 134, 198 (1908)) of atoms in a periodic cell of any
//! shape: the points that four or more atoms have at the same distance, with none nearer.
//!
//! Cell after cell, as in C. H. Rycroft, Chaos 19, 041111 (2009): around each atom a polyhedron is cut by the planes halfway to
//! its neighbors, images included, the nearest first. Neighbors beyond twice the distance of the farthest corner cut nothing.

use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3, dot, norm};
use mtprs_core::{Error, ErrorKind, Result};
use rayon::prelude::*;

use super::polyhedron::Polyhedron;

/// First guess of how far neighbors cut, in edges of the cube that an atom has for itself.
const FIRST_REACH: f64 = 2.5;
/// How much farther the next guess may be.
const FARTHER: f64 = 1.5;
/// Corners of cells no farther apart are one vertex, Å.
const SAME: f64 = 1e-4;

/// A point as far from the nearest atoms as any near it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Vertex {
    /// Where it is, Å; it may lie outside the cell.
    pub position: Vector3,
    /// Distance of the atoms that are nearest, Å.
    pub radius: f64,
}

/// The vertices of all atoms of a cell that repeats in three directions, each once, those with the most room first.
pub fn vertices(configuration: &Configuration) -> Result<Vec<Vertex>> {
    let cells = cells(configuration)?;
    let corners = cells.iter().zip(&configuration.positions).flat_map(|(cell, center)| {
        let vertex = |corner: &Vector3| Vertex {
            position: std::array::from_fn(|k| center[k] + corner[k]),
            radius: norm(*corner),
        };
        cell.corners().iter().map(vertex)
    });
    let mut corners: Vec<Vertex> = corners.collect();
    corners.sort_by(|a, b| b.radius.total_cmp(&a.radius));
    thinned(&configuration.cell, &corners, SAME)
}

/// Takes out each vertex within a distance (Å) of one that stands before it and stays.
pub(super) fn thinned(cell: &Cell, vertices: &[Vertex], distance: f64) -> Result<Vec<Vertex>> {
    let positions: Vec<Vector3> = vertices.iter().map(|vertex| vertex.position).collect();
    let points = Configuration::new(cell.clone(), vec![0; positions.len()], positions)?;
    let near = NeighborList::new(&points, distance)?;
    let mut stays = vec![true; vertices.len()];
    for index in 0..vertices.len() {
        if stays[index] {
            let later = near.neighbors(index).0.iter().map(|&other| other as usize);
            later.filter(|&other| other > index).for_each(|other| stays[other] = false);
        }
    }
    Ok(vertices.iter().zip(stays).filter(|(_, stays)| *stays).map(|(vertex, _)| *vertex).collect())
}

/// The cell of each atom, with the atom in the origin.
fn cells(configuration: &Configuration) -> Result<Vec<Polyhedron>> {
    let volume = configuration.cell.volume().filter(|_| !configuration.is_empty()).ok_or_else(|| {
        let message = "a Voronoi tessellation needs atoms in a cell that is periodic in three directions";
        Error::new(ErrorKind::InvalidConfiguration, message)
    })?;
    // No point is farther from all images of an atom than this.
    let half = 0.5 * configuration.cell.vectors().iter().map(|vector| norm(*vector)).sum::<f64>();
    let mut cutoff = FIRST_REACH * (volume / configuration.len() as f64).cbrt();
    loop {
        let neighbors = NeighborList::new(configuration, cutoff)?;
        let cell = |atom: usize| {
            let mut displacements = neighbors.neighbors(atom).1.to_vec();
            displacements.sort_by(|a, b| dot(*a, *a).total_cmp(&dot(*b, *b)));
            cell_among(&displacements, half)
        };
        let cells: Vec<Polyhedron> = (0..configuration.len()).into_par_iter().map(cell).collect();
        let needed = 2.0 * cells.iter().map(Polyhedron::reach).fold(0.0, f64::max);
        if needed <= cutoff {
            return Ok(cells);
        }
        // A little more than needed: a corner on a plane may lie some rounding behind it.
        cutoff = (needed * (1.0 + 1e-9)).min(FARTHER * cutoff);
    }
}

/// The cell among neighbors, the nearest first, in a cube.
fn cell_among(displacements: &[Vector3], half: f64) -> Polyhedron {
    let mut cell = Polyhedron::cube(half);
    for other in displacements {
        if norm(*other) > 2.0 * cell.reach() {
            break;
        }
        cell.cut(*other);
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    fn crystal(vectors: [Vector3; 3], fractional: &[Vector3]) -> Configuration {
        let cell = Cell::new(&vectors).unwrap();
        let positions: Vec<Vector3> = fractional.iter().map(|s| cell.cartesian(*s).unwrap()).collect();
        Configuration::new(cell, vec![0; positions.len()], positions).unwrap()
    }

    fn at_random(vectors: [Vector3; 3], atoms: usize) -> Configuration {
        let mut numbers = Sequence::new(4);
        let places: Vec<Vector3> =
            (0..atoms).map(|_| std::array::from_fn(|_| 3.0 * numbers.uniform() - 1.0)).collect();
        crystal(vectors, &places)
    }

    const TRICLINIC: [Vector3; 3] = [[7.0, 0.3, -0.2], [-3.1, 6.0, 0.4], [2.5, 2.8, 5.0]];

    #[test]
    fn lattices_have_the_holes_that_textbooks_list() {
        let radii = |vectors, fractional: &[Vector3]| {
            vertices(&crystal(vectors, fractional)).unwrap().iter().map(|vertex| vertex.radius).collect()
        };
        let cube = |a: f64| [[a, 0.0, 0.0], [0.0, a, 0.0], [0.0, 0.0, a]];
        let near = |got: Vec<f64>, expected: &[f64]| {
            assert_eq!(got.len(), expected.len(), "{got:?}");
            assert!(got.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6), "{got:?}");
        };
        near(radii(cube(3.0), &[[0.1, 0.2, 0.3]]), &[1.5 * 3.0_f64.sqrt()]);
        // The same lattice by another choice of vectors.
        near(
            radii([[3.0, 0.0, 0.0], [9.0, 3.0, 0.0], [-6.0, 3.0, 3.0]], &[[0.0; 3]]),
            &[1.5 * 3.0_f64.sqrt()],
        );
        // Body-centered: six tetrahedral holes for each atom.
        near(radii(cube(4.0), &[[0.0; 3], [0.5; 3]]), &[5.0_f64.sqrt(); 12]);
        // Face-centered: an octahedral hole for each atom, and two tetrahedral ones.
        let faces = [[0.0; 3], [0.5, 0.5, 0.0], [0.5, 0.0, 0.5], [0.0, 0.5, 0.5]];
        let tetrahedral = 3.0_f64.sqrt();
        near(radii(cube(4.0), &faces), &[&[2.0; 4][..], &[tetrahedral; 8]].concat());
        let primitive = [[2.0, 2.0, 0.0], [2.0, 0.0, 2.0], [0.0, 2.0, 2.0]];
        near(radii(primitive, &[[0.7, 0.1, 0.4]]), &[2.0, tetrahedral, tetrahedral]);
    }

    #[test]
    fn every_vertex_is_an_empty_sphere_with_four_atoms_on_it() {
        for atoms in [1, 2, 9, 60] {
            let host = at_random(TRICLINIC, atoms);
            let vertices = vertices(&host).unwrap();
            let mut all = host.clone();
            all.positions.extend(vertices.iter().map(|vertex| vertex.position));
            all.species.resize(all.positions.len(), 1);
            let largest = vertices[0].radius;
            let list = NeighborList::new(&all, largest + 1e-6).unwrap();
            for (k, vertex) in vertices.iter().enumerate() {
                let (indices, displacements) = list.neighbors(atoms + k);
                let of_atoms = indices.iter().zip(displacements).filter(|(j, _)| (**j as usize) < atoms);
                let distances: Vec<f64> = of_atoms.map(|(_, displacement)| norm(*displacement)).collect();
                assert!(distances.iter().all(|distance| *distance > vertex.radius - 2e-5));
                let on = distances.iter().filter(|distance| **distance < vertex.radius + 2e-5).count();
                assert!(on >= 4, "{atoms} atoms: {on} atoms on the sphere of {vertex:?}");
            }
        }
    }

    #[test]
    fn no_vertex_is_missing() {
        // Euler: vertices − edges + faces − cells = 0 in a torus, and four edges meet in each vertex.
        for atoms in [3, 9, 60, 150] {
            let host = at_random(TRICLINIC, atoms);
            let faces: usize = cells(&host).unwrap().iter().map(Polyhedron::faces).sum();
            assert_eq!(faces % 2, 0);
            assert_eq!(vertices(&host).unwrap().len(), faces / 2 - atoms, "{atoms} atoms");
        }
    }

    #[test]
    fn what_does_not_repeat_is_refused() {
        let molecule = Configuration::new(Cell::open(), vec![0], vec![[0.0; 3]]).unwrap();
        let message = vertices(&molecule).unwrap_err().to_string();
        assert!(message.contains("periodic in three directions"), "{message}");
    }
}
