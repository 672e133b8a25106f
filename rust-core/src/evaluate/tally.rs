//! Sums over atoms that an evaluation fills: energies, forces, virials.
//!
//! Results are collected here first and handed on only when the whole evaluation has succeeded.

use super::Efs;
use super::neighborhoods::Center;
use crate::geometry::{AtomVirial, Vector3, Virial};

/// Which per-atom results an evaluation should collect beside energies and forces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Six components per atom, half of each pair to either atom.
    pub atom_virials: bool,
    /// Nine components per atom, each pair to the neighbor.
    pub centroid_virials: bool,
}

/// Energies, forces and virials of the atoms of one evaluation.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    wanted: Wanted,
    /// Σ V_i, eV.
    pub energy: f64,
    /// V_i by atom, eV; zero for atoms that are not central.
    pub site_energies: Vec<f64>,
    /// Forces by atom, eV/Å.
    pub forces: Vec<Vector3>,
    /// −Σ r_a g_b in the order xx yy zz xy xz yz, eV.
    pub virial: [f64; 6],
    /// Per-atom virials, xx yy zz xy xz yz, eV; empty unless wanted.
    pub atom_virials: Vec<[f64; 6]>,
    /// Centroid virials, xx yy zz xy xz yz yx zx zy, eV; empty unless wanted.
    pub centroid_virials: Vec<[f64; 9]>,
}

impl Tally {
    /// Empties the sums for an evaluation of `atom_count` atoms, keeping the memory.
    pub(super) fn reset(&mut self, atom_count: usize, wanted: Wanted) {
        self.wanted = wanted;
        self.energy = 0.0;
        self.virial = [0.0; 6];
        let sized = |on: bool| if on { atom_count } else { 0 };
        refill(&mut self.site_energies, atom_count, 0.0);
        refill(&mut self.forces, atom_count, [0.0; 3]);
        refill(&mut self.atom_virials, sized(wanted.atom_virials), [0.0; 6]);
        refill(&mut self.centroid_virials, sized(wanted.centroid_virials), [0.0; 9]);
    }

    /// Adds V_i.
    pub(super) fn add_energy(&mut self, center: Center, energy: f64) {
        self.energy += energy;
        self.site_energies[center.atom] += energy;
    }

    /// Adds what follows from g_ij = ∂V_i/∂r_ij (eV/Å) for one neighbor, the force on the central atom aside.
    #[inline(always)]
    pub(super) fn add_gradient(&mut self, center: usize, neighbor: usize, rij: Vector3, gradient: Vector3) {
        let [x, y, z] = rij;
        let [gx, gy, gz] = gradient;
        let force = &mut self.forces[neighbor];
        force[0] -= gx;
        force[1] -= gy;
        force[2] -= gz;
        let pair = [-x * gx, -y * gy, -z * gz, -x * gy, -x * gz, -y * gz];
        for (sum, value) in self.virial.iter_mut().zip(pair) {
            *sum += value;
        }
        if self.wanted.atom_virials {
            for atom in [center, neighbor] {
                for (sum, value) in self.atom_virials[atom].iter_mut().zip(pair) {
                    *sum += 0.5 * value;
                }
            }
        }
        if self.wanted.centroid_virials {
            let [xx, yy, zz, xy, xz, yz] = pair;
            let nine = [xx, yy, zz, xy, xz, yz, -y * gx, -z * gx, -z * gy];
            for (sum, value) in self.centroid_virials[neighbor].iter_mut().zip(nine) {
                *sum += value;
            }
        }
    }

    /// Adds Σ_j g_ij, the force on the central atom.
    #[inline(always)]
    pub(super) fn add_center_force(&mut self, center: usize, force: Vector3) {
        for (sum, value) in self.forces[center].iter_mut().zip(force) {
            *sum += value;
        }
    }

    /// The sums as the result of a configuration; centroid virials must have been collected.
    pub(super) fn to_efs(&self) -> Efs {
        let [xx, yy, zz, xy, xz, yz] = self.virial;
        Efs {
            energy: self.energy,
            site_energies: self.site_energies.clone(),
            forces: self.forces.clone(),
            virial: Virial { xx, yy, zz, yz, xz, xy },
            atom_virials: self
                .centroid_virials
                .iter()
                .map(|&nine| AtomVirial::from_lammps_order(nine))
                .collect(),
        }
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        self.site_energies.capacity() * size_of::<f64>()
            + self.forces.capacity() * size_of::<Vector3>()
            + self.atom_virials.capacity() * size_of::<[f64; 6]>()
            + self.centroid_virials.capacity() * size_of::<[f64; 9]>()
    }
}

fn refill<T: Clone>(values: &mut Vec<T>, length: usize, value: T) {
    values.clear();
    values.resize(length, value);
}
