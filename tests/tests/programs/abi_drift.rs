//! Holds `mtprs.h` and `mtprs_capi` together. The build script lets bindgen read the header and writes one
//! assertion per function and struct, so that a difference in a signature or a layout does not compile.

use std::ffi::c_char;
use std::mem::offset_of;
use std::ptr;

use mtprs_capi as capi;
use mtprs_testing::small_potential::SMALL_POTENTIAL;

#[allow(non_camel_case_types, missing_docs, unreachable_pub, dead_code, clippy::all, unused_qualifications)]
mod header_types {
    include!(concat!(env!("OUT_DIR"), "/header_types.rs"));
}

// Potentials and evaluators are opaque in C: pointers to them may point at what is not FFI-safe.
#[allow(improper_ctypes)]
#[allow(missing_docs, unreachable_pub, dead_code, unused_imports, clippy::all, unused_qualifications)]
mod header_functions {
    include!(concat!(env!("OUT_DIR"), "/header_functions.rs"));
}

/// Both functions fit one function pointer type, whose parameters and result are inferred.
macro_rules! same_signature {
    ($name:ident($($parameter:tt),*)) => {
        const _: () = {
            let _: [unsafe extern "C" fn($($parameter),*) -> _; 2] = [header_functions::$name, capi::$name];
        };
    };
}

/// Both structs have the same size and alignment, and their fields the same offsets and types.
macro_rules! same_layout {
    ($header:ident = $rust:ident { $($field:ident),* }) => {
        const _: () = {
            assert!(size_of::<header_types::$header>() == size_of::<capi::$rust>());
            assert!(align_of::<header_types::$header>() == align_of::<capi::$rust>());
            $(assert!(offset_of!(header_types::$header, $field) == offset_of!(capi::$rust, $field));)*
        };
        const _: fn() = || {
            $(same_type::<header_types::$header, capi::$rust, _>(|it| &it.$field, |it| &it.$field);)*
        };
    };
}

const fn same_type<A, B, Field>(_: fn(&A) -> &Field, _: fn(&B) -> &Field) {}

include!(concat!(env!("OUT_DIR"), "/assertions.rs"));

const _: () = assert!(header_types::MTPRS_ABI_VERSION == capi::MTPRS_ABI_VERSION);

#[test]
fn every_function_and_struct_of_the_header_is_held() {
    let assertions = include_str!(concat!(env!("OUT_DIR"), "/assertions.rs"));
    let header = include_str!("../../../rust-core/capi/include/mtprs.h");
    let starts = |line: &&str| !line.starts_with([' ', '*', '/', '#', '}', 't']) && line.contains("mtprs_");
    let functions = header.lines().filter(starts).filter(|line| line.contains('(')).count();
    let structs =
        header.lines().filter(|line| line.starts_with("typedef struct") && line.ends_with('{')).count();
    assert_eq!(assertions.matches("same_signature!").count(), functions);
    assert_eq!(assertions.matches("same_layout!").count(), structs);
    assert!(functions > 10 && structs > 5, "{functions} functions, {structs} structs");
}

/// Runs a function that fails and gives its status and message.
fn failure(call: impl FnOnce(*mut capi::mtprs_error_t) -> u32) -> (u32, String) {
    let mut error = capi::mtprs_error_t { status: 0, atom: 0, message: [0; 1016] };
    let status = call(&mut error);
    assert_eq!(status, error.status);
    let message: Vec<u8> =
        error.message.iter().map(|&byte| byte as u8).take_while(|&byte| byte != 0).collect();
    (status, String::from_utf8(message).expect("messages are UTF-8"))
}

/// Gives the potential of a text to `then`, or the status of the failure.
fn with_potential(
    text: &str,
    error: *mut capi::mtprs_error_t,
    then: impl FnOnce(*const capi::mtprs_potential_t) -> u32,
) -> u32 {
    let mut potential = ptr::null_mut();
    // SAFETY: all pointers are valid for the calls, and the potential is freed once.
    unsafe {
        let text_start = text.as_ptr().cast::<c_char>();
        let parsed =
            capi::mtprs_potential_parse(text_start, text.len(), c"t.mtp".as_ptr(), &mut potential, error);
        let status = if parsed == 0 { then(potential) } else { parsed };
        capi::mtprs_potential_free(potential);
        status
    }
}

/// Evaluates two atoms of species 0.
fn evaluate_two(text: &str, positions: [[f64; 3]; 2], error: *mut capi::mtprs_error_t) -> u32 {
    with_potential(text, error, |potential| {
        let mut evaluator = ptr::null_mut();
        let mut energy = 0.0;
        let configuration = capi::mtprs_configuration_t {
            struct_size: size_of::<capi::mtprs_configuration_t>(),
            atom_count: 2,
            positions: positions.as_ptr(),
            species: [0, 0].as_ptr(),
            cell_vectors: ptr::null(),
            periodic_count: 0,
        };
        let outputs = capi::mtprs_outputs_t {
            struct_size: size_of::<capi::mtprs_outputs_t>(),
            energy: &mut energy,
            atom_energies: ptr::null_mut(),
            forces: ptr::null_mut(),
            virial: ptr::null_mut(),
            atom_virials: ptr::null_mut(),
            centroid_virials: ptr::null_mut(),
            grades: ptr::null_mut(),
            energy_gradient: ptr::null_mut(),
        };
        // SAFETY: all pointers are valid for the calls, and the evaluator is freed once.
        unsafe {
            assert_eq!(capi::mtprs_evaluator_create(potential, ptr::null(), &mut evaluator, error), 0);
            let status = capi::mtprs_evaluator_compute_cell(evaluator, &configuration, &outputs, error);
            capi::mtprs_evaluator_free(evaluator);
            assert_eq!(status == 0, energy != 0.0, "outputs change if and only if the call succeeds");
            status
        }
    })
}

/// The library's codes are numbers in Rust too; the header's names must mean them.
#[test]
fn status_codes_mean_what_the_header_says() {
    use header_types::*;
    let parse = |text: &str| failure(|error| with_potential(text, error, |_| MTPRS_OK));
    let edited = |from: &str, to: &str| {
        assert!(SMALL_POTENTIAL.contains(from));
        parse(&SMALL_POTENTIAL.replacen(from, to, 1))
    };
    let load = |path: *const c_char| {
        let mut potential = ptr::null_mut();
        // SAFETY: the path is null or ends with a zero byte; the call fails, so that there is nothing to free.
        failure(|error| unsafe { capi::mtprs_potential_load(path, &mut potential, error) })
    };
    let unknown_element = failure(|error| {
        let mut index = 0;
        // SAFETY: all pointers are valid for the call.
        with_potential(SMALL_POTENTIAL, error, |potential| unsafe {
            capi::mtprs_potential_species_index(potential, c"Xe".as_ptr(), &mut index, error)
        })
    });
    let evaluate = |text: &str, positions| failure(|error| evaluate_two(text, positions, error));
    let huge = SMALL_POTENTIAL
        .replace("moment_coeffs = {0.7", "moment_coeffs = {1e308")
        .replace("{0.2, -0.3", "{1e308, -0.3");
    let apart = [[0.0; 3], [2.0, 0.0, 0.0]];

    assert_eq!(parse(SMALL_POTENTIAL), (MTPRS_OK, String::new()));
    assert_eq!(evaluate(SMALL_POTENTIAL, apart), (MTPRS_OK, String::new()));
    for ((status, message), expected, words) in [
        (load(ptr::null()), MTPRS_ERROR_ARGUMENT, "path is NULL"),
        (load(c"/no/such/file.mtp".as_ptr()), MTPRS_ERROR_IO, "/no/such/file.mtp"),
        (edited("{0.2, -0.3", "{0.2, x"), MTPRS_ERROR_SYNTAX, "t.mtp:14:10:"),
        (edited("RBChebyshev", "RBTaylor"), MTPRS_ERROR_UNSUPPORTED, "RBTaylor"),
        (edited("max_dist = 5", "max_dist = 1"), MTPRS_ERROR_INVALID_POTENTIAL, "max_dist"),
        (evaluate(SMALL_POTENTIAL, [[0.0; 3]; 2]), MTPRS_ERROR_INVALID_CONFIGURATION, "same place"),
        (unknown_element, MTPRS_ERROR_SPECIES, "element Xe"),
        (evaluate(&huge, apart), MTPRS_ERROR_NOT_FINITE, "non-finite"),
    ] {
        assert_eq!(status, expected, "{message}");
        assert!(message.contains(words), "{message}");
    }
}
