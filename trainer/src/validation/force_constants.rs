//! Force constants of a crystal without end, from finite displacements of each atom of its primitive cell.
//!
//! The force on an atom depends on the neighborhoods that it belongs to, so two atoms influence each other up to two cutoffs. An
//! atom is displaced in a cluster of that radius; of the energies V_j only those of neighborhoods that hold the displaced atom
//! change, and only they are evaluated. The difference of the forces is that in a crystal without end: there are no images whose
//! force constants would add up, as in a supercell below four cutoffs.

use std::collections::BTreeMap;

use mtprs_core::evaluate::{Center, ConfigurationNeighborhoods, ListedNeighbors, Neighbor, Neighborhoods};
use mtprs_core::geometry::{Cell, Configuration, Vector3, duals, norm};
use rayon::prelude::*;

use super::calculator::{Calculator, larger};
use super::lattice::{combined, difference, sum, vectors};
use crate::Failure;

/// Room for displacements around cutoffs, Å.
const ROOM: f64 = 0.2;

/// A matrix for two atoms, eV/Å².
pub(super) type Matrix = [Vector3; 3];
/// An atom of the first cell, and one of the cell that is this many vectors away.
type Pair = (usize, usize, [i32; 3]);
/// What the displacements of an atom do to all others, and the largest grade on the way.
type Column = (Vec<(Pair, Matrix)>, Option<f64>);

/// Φ: the derivative of the energy by the places of two atoms.
#[derive(Clone, Debug, Default)]
pub(super) struct ForceConstants {
    /// By pair: rows belong to the second atom.
    pub(super) matrices: BTreeMap<Pair, Matrix>,
    /// Largest difference between Φ_ij and Φ_ji before both were averaged, eV/Å².
    pub(super) asymmetry: f64,
    /// Largest sum over all atoms, before it was made zero, eV/Å².
    pub(super) sum_rule: f64,
    /// Largest grade of a neighborhood.
    pub(super) grade: Option<f64>,
}

/// An atom with its surroundings, and the work that its displacements make.
struct Cluster {
    atoms: Configuration,
    /// Atom of the primitive cell and number of the cell of each atom; the displaced one comes first.
    origins: Vec<(usize, [i32; 3])>,
    /// Atoms whose neighborhoods hold the displaced one.
    centers: Vec<usize>,
}

impl Cluster {
    fn around(crystal: &Configuration, atom: usize, cutoff: f64) -> Result<Self, Failure> {
        let Some(vectors) = vectors(&crystal.cell) else { return Ok(Self::empty()) };
        let radius = 2.0 * cutoff + ROOM;
        let heart = crystal.positions[atom];
        // Atoms may lie outside of their cell, by as much as the farthest of them.
        let spread =
            crystal.positions.iter().map(|&place| norm(difference(place, heart))).fold(0.0, f64::max);
        let reach = duals(&vectors).map(|dual| ((radius + spread) * norm(dual)).ceil() as i32);
        let mut found = vec![(atom, [0; 3], heart)];
        for a in -reach[0]..=reach[0] {
            for b in -reach[1]..=reach[1] {
                for c in -reach[2]..=reach[2] {
                    let shift = combined(&vectors, [a, b, c]);
                    let places = crystal.positions.iter().map(|&place| sum(place, shift)).enumerate();
                    let is_near = |&(other, place): &(usize, Vector3)| {
                        (other, [a, b, c]) != (atom, [0; 3]) && norm(difference(place, heart)) < radius
                    };
                    found.extend(places.filter(is_near).map(|(other, place)| (other, [a, b, c], place)));
                }
            }
        }
        let is_center = |place: Vector3| norm(difference(place, heart)) < cutoff + ROOM;
        Ok(Self {
            centers: (0..found.len()).filter(|&index| is_center(found[index].2)).collect(),
            origins: found.iter().map(|&(other, cell, _)| (other, cell)).collect(),
            atoms: Configuration::new(
                Cell::open(),
                found.iter().map(|&(other, ..)| crystal.species[other]).collect(),
                found.iter().map(|&(.., place)| place).collect(),
            )?,
        })
    }

    fn empty() -> Self {
        Self { atoms: Configuration::default(), origins: Vec::new(), centers: Vec::new() }
    }

    /// Forces of the neighborhoods that hold the first atom, with this atom displaced, and their largest grade.
    fn forces(
        &mut self,
        calculator: &mut Calculator,
        displacement: Vector3,
    ) -> Result<(Vec<Vector3>, Option<f64>), Failure> {
        let place = self.atoms.positions[0];
        self.atoms.positions[0] = sum(place, displacement);
        let all =
            ConfigurationNeighborhoods::new(&self.atoms, calculator.cutoff(), calculator.species_count())?;
        let some = Nearby { all, centers: &self.centers };
        let forces = calculator.tally(&some)?.forces.clone();
        let grade = calculator.grade_of(&some)?;
        self.atoms.positions[0] = place;
        Ok((forces, grade))
    }
}

/// Some of the neighborhoods of a configuration.
struct Nearby<'a> {
    all: ConfigurationNeighborhoods<'a>,
    centers: &'a [usize],
}

impl Neighborhoods for Nearby<'_> {
    fn atom_count(&self) -> usize {
        self.all.atom_count()
    }

    fn center_count(&self) -> usize {
        self.centers.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        self.all.center(self.centers[k])
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.all.neighbor_bound(self.centers[k])
    }

    fn visit_neighbors(&self, k: usize, visit: impl FnMut(Neighbor)) {
        self.all.visit_neighbors(self.centers[k], visit);
    }

    fn listed_neighbors(&self, k: usize) -> Option<ListedNeighbors<'_>> {
        self.all.listed_neighbors(self.centers[k])
    }
}

/// How large the work is: atoms and neighborhoods of the largest cluster.
pub(super) fn size_of_work(crystal: &Configuration, cutoff: f64) -> Result<(usize, usize), Failure> {
    let mut largest = (0, 0);
    for atom in 0..crystal.len() {
        let cluster = Cluster::around(crystal, atom, cutoff)?;
        largest = largest.max((cluster.atoms.len(), cluster.centers.len()));
    }
    Ok(largest)
}

impl ForceConstants {
    /// Displaces each atom by this much, Å, along x, y and z, in both directions.
    pub(super) fn of(
        crystal: &Configuration,
        calculator: &Calculator,
        displacement: f64,
    ) -> Result<Self, Failure> {
        let cutoff = calculator.cutoff();
        let columns: Vec<Result<Column, Failure>> = (0..crystal.len())
            .into_par_iter()
            .with_max_len(1)
            .map(|atom| {
                let mut cluster = Cluster::around(crystal, atom, cutoff)?;
                column(&mut cluster, &mut calculator.clone(), atom, displacement)
            })
            .collect();
        let mut found = Self::default();
        for column in columns {
            let (matrices, grade) = column?;
            found.matrices.extend(matrices);
            found.grade = larger(found.grade, grade);
        }
        found.symmetrize();
        found.keep_momentum(crystal.len());
        Ok(found)
    }

    /// Makes Φ_ij and Φ_ji one.
    fn symmetrize(&mut self) {
        let measured = self.matrices.clone();
        for (&(i, j, cell), matrix) in &mut self.matrices {
            // Clusters end sharply: at their rims one of both may be missing, where both are zero.
            let back = measured.get(&(j, i, cell.map(|n| -n))).copied().unwrap_or_default();
            for row in 0..3 {
                for column in 0..3 {
                    let apart = matrix[row][column] - back[column][row];
                    self.asymmetry = self.asymmetry.max(apart.abs());
                    matrix[row][column] -= 0.5 * apart;
                }
            }
        }
    }

    /// Makes a translation of all atoms cost nothing: what is left of the sum is taken from the atom itself.
    fn keep_momentum(&mut self, atoms: usize) {
        for atom in 0..atoms {
            let mut total = Matrix::default();
            for (_, matrix) in self.matrices.range((atom, 0, [i32::MIN; 3])..(atom + 1, 0, [i32::MIN; 3])) {
                total = std::array::from_fn(|row| sum(total[row], matrix[row]));
            }
            self.sum_rule = total.iter().flatten().fold(self.sum_rule, |most, left| most.max(left.abs()));
            let Some(own) = self.matrices.get_mut(&(atom, atom, [0; 3])) else { continue };
            for row in 0..3 {
                for column in 0..3 {
                    own[row][column] -= 0.5 * (total[row][column] + total[column][row]);
                }
            }
        }
    }
}

/// What the displacements of one atom do to all others.
fn column(
    cluster: &mut Cluster,
    calculator: &mut Calculator,
    atom: usize,
    displacement: f64,
) -> Result<Column, Failure> {
    let mut matrices = vec![Matrix::default(); cluster.origins.len()];
    let mut grade = None;
    for axis in 0..3 {
        let along = |size: f64| std::array::from_fn(|k| if k == axis { size } else { 0.0 });
        let (plus, one) = cluster.forces(calculator, along(displacement))?;
        let (minus, other) = cluster.forces(calculator, along(-displacement))?;
        grade = larger(grade, larger(one, other));
        for (matrix, (plus, minus)) in matrices.iter_mut().zip(plus.iter().zip(&minus)) {
            for row in 0..3 {
                matrix[row][axis] = -(plus[row] - minus[row]) / (2.0 * displacement);
            }
        }
    }
    let pairs = cluster.origins.iter().map(|&(other, cell)| (atom, other, cell));
    Ok((pairs.zip(matrices).collect(), grade))
}
