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

    /// Adds what a central atom gets from all its neighbors: Σ g_ij (x y z, eV/Å) and −Σ r_a g_b (xx yy zz xy xz yz, eV).
    pub(super) fn add_center(&mut self, center: usize, sums: [f64; 9]) {
        let (force, virial) = sums.split_at(3);
        add(&mut self.forces[center], force);
        add(&mut self.virial, virial);
    }

    /// Adds what one neighbor gets from g_ij = ∂V_i/∂r_ij (eV/Å), and the per-atom virials of the pair.
    #[inline(always)]
    pub(super) fn add_neighbor(
        &mut self,
        center: usize,
        neighbor: usize,
        displacement: impl Fn() -> Vector3,
        gradient: Vector3,
    ) {
        let [gx, gy, gz] = gradient;
        add(&mut self.forces[neighbor], &[-gx, -gy, -gz]);
        if self.wanted == Wanted::default() {
            return;
        }
        let [x, y, z] = displacement();
        let pair = [-x * gx, -y * gy, -z * gz, -x * gy, -x * gz, -y * gz];
        if self.wanted.atom_virials {
            let half = pair.map(|component| 0.5 * component);
            add(&mut self.atom_virials[center], &half);
            add(&mut self.atom_virials[neighbor], &half);
        }
        if self.wanted.centroid_virials {
            let sums = &mut self.centroid_virials[neighbor];
            add(&mut sums[..6], &pair);
            add(&mut sums[6..], &[-y * gx, -z * gx, -z * gy]);
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

#[inline(always)]
fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

fn refill<T: Clone>(values: &mut Vec<T>, length: usize, value: T) {
    values.clear();
    values.resize(length, value);
}
