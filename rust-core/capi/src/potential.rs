//! Potentials across the C ABI.

use std::ffi::c_char;
use std::path::Path;

use super::growing::{Growing, Target};
use super::guard::{
    array, bad_argument, copy_text, guarded, guarded_value, mtprs_error_t, mtprs_status_t, required,
    required_mut, string,
};
use mtprs_core::format;
use mtprs_core::potential::Potential;

/// Opaque: a validated potential.
#[derive(Debug)]
pub struct mtprs_potential_t(pub(super) Potential);

/// Facts of a potential.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_potential_facts_t {
    pub struct_size: usize,
    pub species_count: usize,
    pub parameter_count: usize,
    pub basis_function_count: usize,
    pub cutoff: f64,
    pub min_dist: f64,
    pub has_species_names: i32,
    pub is_trained: i32,
}

// SAFETY: its size, then numbers.
unsafe impl Growing for mtprs_potential_facts_t {
    const NAME: &'static str = "mtprs_potential_facts_t";
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// Reads the text of an `.mtp` file.
///
/// # Safety
/// As the header says: `text` holds `length` bytes, `file_name` ends with a zero byte, `potential` is writable,
/// `error` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_parse(
    text: *const c_char,
    length: usize,
    file_name: *const c_char,
    potential: *mut *mut mtprs_potential_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let text = array(text.cast::<u8>(), length, "text")?;
            let file_name = string(file_name, "file_name")?;
            let potential = required_mut(potential, "potential")?;
            *potential =
                Box::into_raw(Box::new(mtprs_potential_t(format::parse_potential(text, file_name)?)));
            Ok(())
        })
    }
}

/// Reads an `.mtp` file.
///
/// # Safety
/// As the header says: `path` ends with a zero byte, `potential` is writable, `error` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_load(
    path: *const c_char,
    potential: *mut *mut mtprs_potential_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let path = string(path, "path")?;
            let potential = required_mut(potential, "potential")?;
            *potential = Box::into_raw(Box::new(mtprs_potential_t(format::load_potential(Path::new(path))?)));
            Ok(())
        })
    }
}

/// Frees a potential.
///
/// # Safety
/// `potential` is null or was made by this library and not freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_free(potential: *mut mtprs_potential_t) {
    guarded_value((), || {
        if !potential.is_null() {
            // SAFETY: made by Box::into_raw above, and freed once.
            drop(unsafe { Box::from_raw(potential) });
        }
    });
}

/// Fills in the facts of a potential.
///
/// # Safety
/// As the header says: `potential` is readable, `facts` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_describe(
    potential: *const mtprs_potential_t,
    facts: *mut mtprs_potential_facts_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let potential = &required(potential, "potential")?.0;
            let facts = Target::new(facts, "facts")?;
            let found = mtprs_potential_facts_t {
                struct_size: facts.struct_size(),
                species_count: potential.species().count(),
                parameter_count: potential.parameter_layout().len(),
                basis_function_count: potential.moment_basis().scalar_moments().len(),
                cutoff: potential.cutoff(),
                min_dist: potential.radial_basis().min_dist(),
                has_species_names: i32::from(potential.species().names().is_some()),
                is_trained: i32::from(potential.is_trained()),
            };
            facts.fill(&found);
            Ok(())
        })
    }
}

/// Level of a potential; 0 if it has none.
///
/// # Safety
/// `potential` is null or readable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_level(potential: *const mtprs_potential_t) -> i32 {
    guarded_value(0, || {
        // SAFETY: as the header asks.
        let potential = unsafe { potential.as_ref() };
        let level = potential.and_then(|potential| potential.0.moment_basis().level());
        level.and_then(|level| i32::try_from(level).ok()).unwrap_or(0)
    })
}

/// Index of the species that a user calls `word`.
///
/// # Safety
/// As the header says: `potential` is readable, `word` ends with a zero byte, `index` is writable, `error` null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_species_index(
    potential: *const mtprs_potential_t,
    word: *const c_char,
    index: *mut i32,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let potential = &required(potential, "potential")?.0;
            let word = string(word, "word")?;
            let index = required_mut(index, "index")?;
            *index = potential.species().resolve(word)? as i32;
            Ok(())
        })
    }
}

/// Name of a species.
///
/// # Safety
/// As the header says: `potential` is readable, `name` holds `size` bytes, `error` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_potential_species_name(
    potential: *const mtprs_potential_t,
    index: usize,
    name: *mut c_char,
    size: usize,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let species = required(potential, "potential")?.0.species();
            if index >= species.count() {
                return Err(bad_argument(format!("species {index} does not exist ({})", species.describe())));
            }
            if name.is_null() || size == 0 {
                return Err(bad_argument("name is NULL or size is 0"));
            }
            copy_text(&species.label(index), std::slice::from_raw_parts_mut(name, size));
            Ok(())
        })
    }
}
