//! The caller's output arrays: checked first, added to last.

use std::mem::offset_of;

use super::growing::{self, Growing};
use mtprs_core::error::Result;
use mtprs_core::evaluate::{Tally, Wanted};

/// Where results go.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_outputs_t {
    pub struct_size: usize,
    pub energy: *mut f64,
    pub atom_energies: *mut f64,
    pub forces: *mut [f64; 3],
    pub virial: *mut f64,
    pub atom_virials: *mut [f64; 6],
    pub centroid_virials: *mut [f64; 9],
    pub grades: *mut f64,
    pub energy_gradient: *mut f64,
}

// SAFETY: its size, then pointers. The first headers of version 1 had no grades.
unsafe impl Growing for mtprs_outputs_t {
    const NAME: &'static str = "mtprs_outputs_t";
    const FIRST_SIZE: usize = offset_of!(Self, grades);
}

impl mtprs_outputs_t {
    /// Takes the struct of a caller.
    ///
    /// # Safety
    /// `outputs` is null or readable for its `struct_size`.
    pub(super) unsafe fn checked(outputs: *const Self) -> Result<Self> {
        // SAFETY: as the caller promises.
        unsafe { growing::read(outputs, "outputs") }
    }

    /// Which per-atom virials the caller asks for.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            site_energies: !self.atom_energies.is_null(),
            atom_virials: !self.atom_virials.is_null(),
            centroid_virials: !self.centroid_virials.is_null(),
            grades: !self.grades.is_null(),
            energy_gradient: !self.energy_gradient.is_null(),
        }
    }

    /// Adds the sums to the caller's arrays.
    ///
    /// # Safety
    /// Every array that is not null holds one entry for each atom of the tally (energy 1, virial 6, energy_gradient
    /// one for each parameter).
    pub(super) unsafe fn add(&self, tally: &Tally) {
        // SAFETY: as the caller promises; null arrays are skipped.
        unsafe {
            add_flat(self.energy, &[tally.energy]);
            add_flat(self.virial, &tally.virial);
            add_flat(self.atom_energies, &tally.site_energies);
            add_flat(self.forces.cast(), tally.forces.as_flattened());
            add_flat(self.atom_virials.cast(), tally.atom_virials.as_flattened());
            add_flat(self.centroid_virials.cast(), tally.centroid_virials.as_flattened());
            add_flat(self.grades, &tally.grades);
            add_flat(self.energy_gradient, &tally.energy_gradient);
        }
    }
}

/// # Safety
/// `target` is null or writable for as many values as `values` has.
unsafe fn add_flat(target: *mut f64, values: &[f64]) {
    if target.is_null() || values.is_empty() {
        return;
    }
    // SAFETY: not null, and the caller promises the length.
    let target = unsafe { std::slice::from_raw_parts_mut(target, values.len()) };
    for (sum, value) in target.iter_mut().zip(values) {
        *sum += value;
    }
}
