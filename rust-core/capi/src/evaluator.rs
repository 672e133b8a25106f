//! Evaluators across the C ABI.

use std::mem::offset_of;

use super::atoms::{LammpsNeighborhoods, configuration, mtprs_atoms_t, mtprs_configuration_t};
use super::growing::{self, Growing};
use super::guard::{
    bad_argument, guarded, guarded_value, is_bug, mtprs_error_t, mtprs_status_t, required, required_mut,
};
use super::outputs::mtprs_outputs_t;
use super::potential::mtprs_potential_t;
use super::selection::mtprs_selection_t;
use mtprs_core::error::{Error, ErrorKind, Result};
use mtprs_core::evaluate::{Evaluator, Precision};

/// Double precision throughout.
const MTPRS_PRECISION_DOUBLE: i32 = 0;
/// Single precision per neighbor.
const MTPRS_PRECISION_MIXED: i32 = 1;

/// Opaque: a compiled potential with its workspace.
#[derive(Debug)]
pub struct mtprs_evaluator_t {
    evaluator: Evaluator,
    /// Species of LAMMPS's atoms, written anew by each evaluation.
    species: Vec<u16>,
    poisoned: bool,
    /// The place of a central atom at which computations panic.
    #[cfg(test)]
    pub(super) panics_at: Option<usize>,
}

/// Choices for making an evaluator.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_evaluator_options_t {
    pub struct_size: usize,
    pub threads: i32,
    pub precision: i32,
    pub selection: *const mtprs_selection_t,
}

// SAFETY: its size, then numbers and a pointer. The first headers of version 1 had no selection.
unsafe impl Growing for mtprs_evaluator_options_t {
    const NAME: &'static str = "mtprs_evaluator_options_t";
    const FIRST_SIZE: usize = offset_of!(Self, selection);
}

/// Compiles a potential.
///
/// # Safety
/// As the header says: `potential` is readable, `options` null or readable, its `selection` likewise, `evaluator` writable, `error` null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_create(
    potential: *const mtprs_potential_t,
    options: *const mtprs_evaluator_options_t,
    evaluator: *mut *mut mtprs_evaluator_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let potential = &required(potential, "potential")?.0;
            let mut choices = Evaluator::builder(potential);
            if !options.is_null() {
                let options = growing::read(options, "options")?;
                choices = choices.threads(thread_count(options.threads)?);
                choices = choices.precision(known_precision(options.precision)?);
                if let Some(selection) = options.selection.as_ref() {
                    choices = choices.selection(&selection.0);
                }
            }
            let evaluator = required_mut(evaluator, "evaluator")?;
            *evaluator = Box::into_raw(Box::new(mtprs_evaluator_t {
                evaluator: choices.build()?,
                species: Vec::new(),
                poisoned: false,
                #[cfg(test)]
                panics_at: None,
            }));
            Ok(())
        })
    }
}

/// The number of threads that a caller means; 0 is the default, one.
fn thread_count(threads: i32) -> Result<usize> {
    let most = Evaluator::MOST_THREADS;
    match usize::try_from(threads) {
        Ok(threads) if threads <= most => Ok(threads.max(1)),
        _ => Err(bad_argument(format!("threads is {threads}, expected 0 to {most}"))),
    }
}

/// The precision that a caller means.
fn known_precision(number: i32) -> Result<Precision> {
    match number {
        MTPRS_PRECISION_DOUBLE => Ok(Precision::Double),
        MTPRS_PRECISION_MIXED => Ok(Precision::Mixed),
        _ => Err(bad_argument(format!("precision is {number}, expected 0 (double) or 1 (mixed)"))),
    }
}

/// Frees an evaluator.
///
/// # Safety
/// `evaluator` is null or was made by this library and not freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_free(evaluator: *mut mtprs_evaluator_t) {
    guarded_value((), || {
        if !evaluator.is_null() {
            // SAFETY: made by Box::into_raw above, and freed once.
            drop(unsafe { Box::from_raw(evaluator) });
        }
    });
}

/// Memory held by an evaluator, bytes.
///
/// # Safety
/// `evaluator` is null or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_memory(evaluator: *const mtprs_evaluator_t) -> usize {
    guarded_value(0, || {
        // SAFETY: as the header asks.
        let evaluator = unsafe { evaluator.as_ref() };
        evaluator.map_or(0, |it| it.evaluator.memory() + it.species.capacity() * size_of::<u16>())
    })
}

/// The closest pair of the last successful evaluation, if it was closer than `min_dist`.
///
/// # Safety
/// `evaluator` is null or readable; `distance` and `atoms` (two entries) are null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_closest_pair(
    evaluator: *const mtprs_evaluator_t,
    distance: *mut f64,
    atoms: *mut i32,
) -> i32 {
    guarded_value(0, || {
        // SAFETY: as the header asks.
        let evaluator = unsafe { evaluator.as_ref() };
        let Some(pair) = evaluator.and_then(|evaluator| evaluator.evaluator.closest_pair()) else {
            return 0;
        };
        // SAFETY: as the header asks; null is skipped.
        unsafe {
            if let Some(distance) = distance.as_mut() {
                *distance = pair.distance;
            }
            if !atoms.is_null() {
                *atoms = pair.center as i32;
                *atoms.add(1) = pair.neighbor as i32;
            }
        }
        1
    })
}

/// Adds energies, forces and virials of atoms with neighbor lists to the outputs.
///
/// # Safety
/// As the header says: arrays have the documented lengths, outputs do not overlap inputs, `error` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_compute(
    evaluator: *mut mtprs_evaluator_t,
    atoms: *const mtprs_atoms_t,
    outputs: *const mtprs_outputs_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded_evaluation(evaluator, error, |evaluator| {
            let outputs = mtprs_outputs_t::checked(outputs)?;
            #[cfg(test)]
            let panics_at = evaluator.panics_at;
            let mtprs_evaluator_t { evaluator, species, .. } = evaluator;
            let atoms = LammpsNeighborhoods::new(atoms, evaluator.species_count(), species)?;
            #[cfg(test)]
            let atoms = atoms.panicking_at(panics_at);
            outputs.add(evaluator.tally(&atoms, outputs.wanted())?);
            Ok(())
        })
    }
}

/// Adds energies, forces and virials of a configuration to the outputs.
///
/// # Safety
/// As the header says: arrays have the documented lengths, outputs do not overlap inputs, `error` is null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_evaluator_compute_cell(
    evaluator: *mut mtprs_evaluator_t,
    source: *const mtprs_configuration_t,
    outputs: *const mtprs_outputs_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded_evaluation(evaluator, error, |evaluator| {
            let outputs = mtprs_outputs_t::checked(outputs)?;
            let configuration = configuration(source)?;
            let evaluator = &mut evaluator.evaluator;
            let atoms = evaluator.neighborhoods(&configuration)?;
            outputs.add(evaluator.tally(&atoms, outputs.wanted())?);
            Ok(())
        })
    }
}

/// Runs an evaluation unless the evaluator is poisoned; poisons it if a panic was caught.
///
/// # Safety
/// `evaluator` is null or valid and not aliased; `error` is null or writable.
unsafe fn guarded_evaluation(
    evaluator: *mut mtprs_evaluator_t,
    error: *mut mtprs_error_t,
    body: impl FnOnce(&mut mtprs_evaluator_t) -> Result<()>,
) -> mtprs_status_t {
    // SAFETY: as the caller promises; the reference ends before the pointer is used again below.
    let status = unsafe {
        guarded(error, || {
            let evaluator = required_mut(evaluator, "evaluator")?;
            if evaluator.poisoned {
                let error = Error::new(ErrorKind::Bug, "the evaluator is unusable after an internal error");
                return Err(error.hint("free it and make a new one"));
            }
            body(evaluator)
        })
    };
    if is_bug(status) {
        // SAFETY: as the caller promises.
        if let Some(evaluator) = unsafe { evaluator.as_mut() } {
            evaluator.poisoned = true;
        }
    }
    status
}
