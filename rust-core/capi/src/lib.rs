//! The C ABI of `include/mtprs.h`, which is its manual: check, call, translate, nothing else.
//!
//! Every function goes through [`guard`], the one place that catches panics. Structs here mirror the header field by
//! field, and are read and written by [`growing`] alone; a test holds layouts and signatures of both together.

#![allow(unsafe_code, non_camel_case_types)]

#[cfg(panic = "abort")]
compile_error!(
    "mtprs-capi must be compiled with panic = \"unwind\": its C interface promises callers that a defect becomes an error \
     code, and with panic = \"abort\" it would end their programs instead"
);

mod atoms;
mod evaluator;
mod growing;
mod guard;
mod outputs;
mod potential;
mod selection;
#[cfg(test)]
mod tests;

pub use atoms::{mtprs_atoms_t, mtprs_configuration_t};
pub use evaluator::{
    mtprs_evaluator_closest_pair, mtprs_evaluator_compute, mtprs_evaluator_compute_cell,
    mtprs_evaluator_create, mtprs_evaluator_free, mtprs_evaluator_memory, mtprs_evaluator_options_t,
    mtprs_evaluator_t,
};
pub use guard::{mtprs_error_t, mtprs_status_t};
pub use outputs::mtprs_outputs_t;
pub use potential::{
    mtprs_potential_describe, mtprs_potential_facts_t, mtprs_potential_free, mtprs_potential_level,
    mtprs_potential_load, mtprs_potential_parse, mtprs_potential_species_index, mtprs_potential_species_name,
    mtprs_potential_t,
};
pub use selection::{
    mtprs_selection_describe, mtprs_selection_facts_t, mtprs_selection_free, mtprs_selection_grade,
    mtprs_selection_parse, mtprs_selection_t,
};

use std::ffi::{CStr, c_char};

use guard::guarded_value;

/// Number of this interface, `MTPRS_ABI_VERSION` in the header.
pub const MTPRS_ABI_VERSION: u32 = 1;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("the version holds a zero byte"),
};

/// Number of the interface that the library was compiled with.
#[unsafe(no_mangle)]
pub extern "C" fn mtprs_abi_version() -> u32 {
    guarded_value(0, || MTPRS_ABI_VERSION)
}

/// Version of the library.
#[unsafe(no_mangle)]
pub extern "C" fn mtprs_version() -> *const c_char {
    guarded_value(c"".as_ptr(), || VERSION.as_ptr())
}
