//! Sums over atoms that an evaluation fills: energies, forces, virials.
//!
//! Results are collected here first and handed on only when the whole evaluation has succeeded.

use super::Efs;
use super::neighborhoods::Center;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{AtomVirial, Vector3, Virial};

/// Which per-atom results an evaluation should collect beside forces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// V_i.
    pub site_energies: bool,
    /// Six components per atom, half of each pair to either atom.
    pub atom_virials: bool,
    /// Nine components per atom, each pair to the neighbor.
    pub centroid_virials: bool,
    /// Extrapolation grades of the neighborhoods; the evaluator must have been given an active set.
    pub grades: bool,
    /// ∂E/∂θ, from which the grade of a configuration follows; likewise.
    pub energy_gradient: bool,
}

impl Wanted {
    /// Whether derivatives by the parameters are needed.
    pub(super) fn parameters(&self) -> bool {
        self.grades || self.energy_gradient
    }
}

/// Energies, forces and virials of the atoms of one evaluation.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    wanted: Wanted,
    /// Σ V_i, eV.
    pub energy: f64,
    /// V_i by atom, eV; zero for atoms that are not central; empty unless wanted.
    pub site_energies: Vec<f64>,
    /// Forces by atom, eV/Å.
    pub forces: Vec<Vector3>,
    /// −Σ r_a g_b in the order xx yy zz xy xz yz, eV.
    pub virial: [f64; 6],
    /// Per-atom virials, xx yy zz xy xz yz, eV; empty unless wanted.
    pub atom_virials: Vec<[f64; 6]>,
    /// Centroid virials, xx yy zz xy xz yz yx zx zy, eV; empty unless wanted.
    pub centroid_virials: Vec<[f64; 9]>,
    /// Grades of the neighborhoods by atom; zero for atoms that are not central; empty unless wanted.
    pub grades: Vec<f64>,
    /// ∂E/∂θ in the order of [`ParameterLayout`](crate::potential::ParameterLayout), of the unscaled V_i; empty unless
    /// wanted.
    pub energy_gradient: Vec<f64>,
}

impl Tally {
    /// Empties the sums for an evaluation of `atom_count` atoms, keeping the memory.
    pub(super) fn reset(&mut self, atom_count: usize, wanted: Wanted) {
        self.wanted = wanted;
        self.energy = 0.0;
        self.virial = [0.0; 6];
        let sized = |on: bool| if on { atom_count } else { 0 };
        refill(&mut self.site_energies, sized(wanted.site_energies), 0.0);
        refill(&mut self.forces, atom_count, [0.0; 3]);
        refill(&mut self.atom_virials, sized(wanted.atom_virials), [0.0; 6]);
        refill(&mut self.centroid_virials, sized(wanted.centroid_virials), [0.0; 9]);
        refill(&mut self.grades, sized(wanted.grades), 0.0);
        self.energy_gradient.clear();
    }

    /// Adds V_i.
    pub(super) fn add_energy(&mut self, center: Center, energy: f64) {
        self.energy += energy;
        if self.wanted.site_energies {
            self.site_energies[center.atom] += energy;
        }
    }

    /// Adds what a central atom gets from all its neighbors: Σ g_ij (x y z, eV/Å) and −Σ r_a g_b (xx yy zz xy xz yz, eV).
    pub(super) fn add_center(&mut self, center: usize, sums: [f64; 9]) {
        let (force, virial) = sums.split_at(3);
        add(&mut self.forces[center], force);
        add(&mut self.virial, virial);
    }

    /// Adds what one neighbor gets from g_ij = ∂V_i/∂r_ij (eV/Å).
    #[inline(always)]
    pub(super) fn add_neighbor(&mut self, neighbor: usize, gradient: Vector3) {
        let [gx, gy, gz] = gradient;
        add(&mut self.forces[neighbor], &[-gx, -gy, -gz]);
    }

    /// Whether per-atom virials are to be collected.
    pub(super) fn wants_virials_of_atoms(&self) -> bool {
        self.wanted.atom_virials || self.wanted.centroid_virials
    }

    /// Adds the per-atom virials of a pair with this r_j − r_i (Å) and g_ij.
    pub(super) fn add_pair(
        &mut self,
        center: usize,
        neighbor: usize,
        displacement: Vector3,
        gradient: Vector3,
    ) {
        let [gx, gy, gz] = gradient;
        let [x, y, z] = displacement;
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

    /// Fails if sums over atoms that are finite are not: each atom was checked when it was added.
    pub(super) fn check_finite(&self) -> Result<()> {
        let whole = [self.energy].into_iter().chain(self.virial).all(f64::is_finite);
        let what = if !whole {
            "the energy or virial of all atoms together"
        } else if !self.forces.as_flattened().iter().all(|force| force.is_finite()) {
            "the force on an atom"
        } else {
            return Ok(());
        };
        Err(Error::new(ErrorKind::NotFinite, format!("{what} is not finite: single terms are too large")))
    }

    /// The sums as the result of a configuration; site energies and centroid virials must have been
    /// collected.
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

    /// Adds the energy and the virial of another part of the same atoms.
    pub(super) fn add_totals(&mut self, other: &Self) {
        self.energy += other.energy;
        add(&mut self.virial, &other.virial);
        add(&mut self.energy_gradient, &other.energy_gradient);
    }

    /// The per-atom sums in `count` ranges of about equal length.
    pub(super) fn split_atoms(&mut self, count: usize) -> Vec<AtomRange<'_>> {
        let atoms = self.forces.len();
        let mut rest = AtomRange {
            first: 0,
            site_energies: &mut self.site_energies,
            forces: &mut self.forces,
            atom_virials: &mut self.atom_virials,
            centroid_virials: &mut self.centroid_virials,
            grades: &mut self.grades,
        };
        (1..=count)
            .map(|k| {
                let length = atoms * k / count - rest.first;
                rest.take(length)
            })
            .collect()
    }

    /// Bytes of memory held.
    pub fn memory(&self) -> usize {
        self.site_energies.capacity() * size_of::<f64>()
            + self.forces.capacity() * size_of::<Vector3>()
            + self.atom_virials.capacity() * size_of::<[f64; 6]>()
            + self.centroid_virials.capacity() * size_of::<[f64; 9]>()
            + (self.grades.capacity() + self.energy_gradient.capacity()) * size_of::<f64>()
    }
}

/// Per-atom sums of a range of atoms; those that are not wanted are empty.
pub(super) struct AtomRange<'a> {
    first: usize,
    site_energies: &'a mut [f64],
    forces: &'a mut [Vector3],
    atom_virials: &'a mut [[f64; 6]],
    centroid_virials: &'a mut [[f64; 9]],
    grades: &'a mut [f64],
}

impl<'a> AtomRange<'a> {
    /// Takes the first atoms off.
    fn take(&mut self, length: usize) -> Self {
        let first = self.first;
        self.first += length;
        Self {
            first,
            site_energies: take_first(&mut self.site_energies, length),
            forces: take_first(&mut self.forces, length),
            atom_virials: take_first(&mut self.atom_virials, length),
            centroid_virials: take_first(&mut self.centroid_virials, length),
            grades: take_first(&mut self.grades, length),
        }
    }

    /// Adds the same atoms of another tally.
    pub(super) fn add(&mut self, other: &Tally) {
        let first = self.first;
        add_range(self.site_energies, &other.site_energies, first);
        add_range(self.forces.as_flattened_mut(), other.forces.as_flattened(), 3 * first);
        add_range(self.atom_virials.as_flattened_mut(), other.atom_virials.as_flattened(), 6 * first);
        add_range(self.centroid_virials.as_flattened_mut(), other.centroid_virials.as_flattened(), 9 * first);
        add_range(self.grades, &other.grades, first);
    }
}

/// Takes the first values off a slice, or none if it is empty.
fn take_first<'a, T>(values: &mut &'a mut [T], length: usize) -> &'a mut [T] {
    let length = length.min(values.len());
    values.split_off_mut(..length).unwrap_or_default()
}

/// Adds the values from `first` on, as many as there are sums.
fn add_range(sums: &mut [f64], values: &[f64], first: usize) {
    if !sums.is_empty() {
        add(sums, &values[first..first + sums.len()]);
    }
}

#[inline(always)]
fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}

/// Fills with `length` equal values. The number of ghost atoms goes up and down by a few: there is room for some more, but
/// not twice as much, as a vector would take by itself.
fn refill<T: Clone>(values: &mut Vec<T>, length: usize, value: T) {
    values.clear();
    if values.capacity() < length {
        values.reserve_exact(length + length / 16);
    }
    values.resize(length, value);
}
