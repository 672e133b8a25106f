//! Selection states across the C ABI.

use std::ffi::c_char;

use super::growing::{Growing, Target};
use super::guard::{
    array, bad_argument, guarded, guarded_value, mtprs_error_t, mtprs_status_t, required, required_mut,
    string,
};
use super::potential::mtprs_potential_t;
use mtprs_core::format;
use mtprs_core::selection::{GradeMode, SelectionState};

/// Opaque: a selection state that belongs to a potential.
#[derive(Debug)]
pub struct mtprs_selection_t(pub(super) SelectionState);

/// Facts of a selection state.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_selection_facts_t {
    pub struct_size: usize,
    pub parameter_count: usize,
    pub unsupported_count: usize,
    pub is_neighborhood_mode: i32,
}

// SAFETY: its size, then numbers.
unsafe impl Growing for mtprs_selection_facts_t {
    const NAME: &'static str = "mtprs_selection_facts_t";
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// Reads the bytes of a selection state and checks that it belongs to the potential.
///
/// # Safety
/// As the header says: `bytes` holds `length` bytes, `file_name` ends with a zero byte, `potential` is readable,
/// `selection` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_selection_parse(
    bytes: *const c_char,
    length: usize,
    file_name: *const c_char,
    potential: *const mtprs_potential_t,
    selection: *mut *mut mtprs_selection_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let bytes = array(bytes.cast::<u8>(), length, "bytes")?;
            let file_name = string(file_name, "file_name")?;
            let potential = &required(potential, "potential")?.0;
            let selection = required_mut(selection, "selection")?;
            let state = format::parse_state(bytes, file_name)?;
            state.check_potential(potential).map_err(|error| error.in_file(file_name))?;
            *selection = Box::into_raw(Box::new(mtprs_selection_t(state)));
            Ok(())
        })
    }
}

/// Frees a selection state.
///
/// # Safety
/// `selection` is null or was made by this library and not freed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_selection_free(selection: *mut mtprs_selection_t) {
    guarded_value((), || {
        if !selection.is_null() {
            // SAFETY: made by Box::into_raw above, and freed once.
            drop(unsafe { Box::from_raw(selection) });
        }
    });
}

/// Fills in the facts of a selection state.
///
/// # Safety
/// As the header says: `selection` is readable, `facts` writable, `error` null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_selection_describe(
    selection: *const mtprs_selection_t,
    facts: *mut mtprs_selection_facts_t,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let state = &required(selection, "selection")?.0;
            let facts = Target::new(facts, "facts")?;
            let found = mtprs_selection_facts_t {
                struct_size: facts.struct_size(),
                parameter_count: state.active_set.size(),
                unsupported_count: state.unsupported(),
                is_neighborhood_mode: i32::from(state.mode == GradeMode::Neighborhood),
            };
            facts.fill(&found);
            Ok(())
        })
    }
}

/// The grade of one row.
///
/// # Safety
/// As the header says: `selection` is readable, `row` holds `length` numbers, `grade` is writable, `error` null or
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn mtprs_selection_grade(
    selection: *const mtprs_selection_t,
    row: *const f64,
    length: usize,
    grade: *mut f64,
    error: *mut mtprs_error_t,
) -> mtprs_status_t {
    // SAFETY: the pointers are what the header asks for; null is checked.
    unsafe {
        guarded(error, || {
            let active_set = &required(selection, "selection")?.0.active_set;
            if length != active_set.size() {
                return Err(bad_argument(format!("length is {length}, expected {}", active_set.size())));
            }
            let row = array(row, length, "row")?;
            let grade = required_mut(grade, "grade")?;
            *grade = active_set.grade(row)?;
            Ok(())
        })
    }
}
