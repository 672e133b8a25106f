//! Status codes, the caller's error struct, and the one place where panics stop.

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::error::{Error, ErrorKind, Result};

/// A status code; zero is success.
pub type mtprs_status_t = u32;

const MESSAGE_SIZE: usize = 1016;
const MTPRS_OK: mtprs_status_t = 0;

/// The caller's error struct.
#[repr(C)]
#[derive(Debug)]
pub struct mtprs_error_t {
    /// The status that was returned.
    pub status: mtprs_status_t,
    /// Index of the atom concerned, or −1.
    pub atom: i32,
    /// Message, ended by a zero byte.
    pub message: [c_char; MESSAGE_SIZE],
}

fn status_of(kind: ErrorKind) -> mtprs_status_t {
    match kind {
        ErrorKind::Argument => 1,
        ErrorKind::Io => 2,
        ErrorKind::Syntax => 3,
        ErrorKind::Unsupported => 4,
        ErrorKind::InvalidPotential => 5,
        ErrorKind::InvalidConfiguration => 6,
        ErrorKind::Species => 7,
        ErrorKind::NotFinite => 8,
        ErrorKind::Bug => 9,
        ErrorKind::InvalidState => 10,
    }
}

/// Runs the body of a C function: turns errors and panics into a status and fills `error` if there is one.
///
/// # Safety
/// `error` must be null or valid for writing.
pub(super) unsafe fn guarded(error: *mut mtprs_error_t, body: impl FnOnce() -> Result<()>) -> mtprs_status_t {
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return MTPRS_OK,
        Ok(Err(failure)) => failure,
        Err(payload) => Error::new(ErrorKind::Bug, panic_message(payload.as_ref()))
            .hint("this is a defect of mtprs: please report it with the input that shows it"),
    };
    // SAFETY: the caller promises that `error` is null or valid for writing.
    if let Some(error) = unsafe { error.as_mut() } {
        fill(error, &failure);
    }
    status_of(failure.kind())
}

/// Whether a status means that a panic was caught.
pub(super) fn is_bug(status: mtprs_status_t) -> bool {
    status == status_of(ErrorKind::Bug)
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    format!("internal error: {}", text.unwrap_or("unknown panic"))
}

fn fill(error: &mut mtprs_error_t, failure: &Error) {
    error.status = status_of(failure.kind());
    error.atom = failure.atom().and_then(|atom| i32::try_from(atom).ok()).unwrap_or(-1);
    copy_text(&failure.to_string(), &mut error.message);
}

/// Copies text into a C buffer, cut at a character if too long, always ended by a zero byte.
pub(super) fn copy_text(text: &str, buffer: &mut [c_char]) {
    let Some(room) = buffer.len().checked_sub(1) else { return };
    let mut length = text.len().min(room);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    for (to, from) in buffer.iter_mut().zip(text.as_bytes()[..length].iter()) {
        *to = *from as c_char;
    }
    buffer[length] = 0;
}

/// The error for an argument outside its documented range.
pub(super) fn bad_argument(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Argument, message)
}

/// A pointer that must not be null, as a reference.
///
/// # Safety
/// `pointer` must be null or valid for reading for `'a`.
pub(super) unsafe fn required<'a, T>(pointer: *const T, name: &str) -> Result<&'a T> {
    // SAFETY: the caller promises that the pointer is null or valid.
    unsafe { pointer.as_ref() }.ok_or_else(|| bad_argument(format!("{name} is NULL")))
}

/// A pointer for an output that must not be null.
///
/// # Safety
/// `pointer` must be null or valid for writing for `'a`, and not aliased.
pub(super) unsafe fn required_mut<'a, T>(pointer: *mut T, name: &str) -> Result<&'a mut T> {
    // SAFETY: the caller promises that the pointer is null or valid and not aliased.
    unsafe { pointer.as_mut() }.ok_or_else(|| bad_argument(format!("{name} is NULL")))
}

/// An array that may be null only if it is empty.
///
/// # Safety
/// `pointer` must be null or valid for reading `length` values for `'a`.
pub(super) unsafe fn array<'a, T>(pointer: *const T, length: usize, name: &str) -> Result<&'a [T]> {
    if length == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(bad_argument(format!("{name} is NULL, expected an array of {length}")));
    }
    // SAFETY: not null, and the caller promises `length` readable values.
    Ok(unsafe { std::slice::from_raw_parts(pointer, length) })
}

/// A C string that must be UTF-8.
///
/// # Safety
/// `text` must be null or end with a zero byte and stay valid for `'a`.
pub(super) unsafe fn string<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    if text.is_null() {
        return Err(bad_argument(format!("{name} is NULL")));
    }
    // SAFETY: not null, and the caller promises a terminating zero byte.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| bad_argument(format!("{name} is not UTF-8")))
}

/// Checks the `struct_size` that a caller wrote against the struct that this library knows.
pub(super) fn check_struct_size(name: &str, size: usize, expected: usize) -> Result<()> {
    if size == expected {
        return Ok(());
    }
    let error = bad_argument(format!("struct_size of {name} is {size}, expected {expected}"));
    Err(error.hint("set it with MTPRS_INIT, and compile with the header of this library"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> mtprs_error_t {
        mtprs_error_t { status: 0, atom: 0, message: [0; MESSAGE_SIZE] }
    }

    fn text(error: &mtprs_error_t) -> String {
        // SAFETY: messages always end with a zero byte.
        unsafe { CStr::from_ptr(error.message.as_ptr()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_panic_becomes_a_status_and_a_message() {
        let mut error = empty();
        // SAFETY: `error` is a local.
        let status = unsafe { guarded(&raw mut error, || panic!("lost {}", 3)) };
        assert_eq!(status, 9);
        assert!(text(&error).starts_with("internal error: lost 3"));
        assert_eq!(error.atom, -1);
    }

    #[test]
    fn long_messages_are_cut_at_a_character() {
        let mut error = empty();
        let long = Error::new(ErrorKind::Io, "Å".repeat(1000)).about_atom(7);
        // SAFETY: `error` is a local.
        assert_eq!(unsafe { guarded(&raw mut error, || Err(long)) }, 2);
        assert_eq!(text(&error).chars().count(), 507);
        assert_eq!(error.atom, 7);
        // SAFETY: a null error is allowed.
        assert_eq!(unsafe { guarded(std::ptr::null_mut(), || Ok(())) }, 0);
    }
}
