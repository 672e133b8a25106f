//! Status codes, the caller's error struct, and the one place where panics stop.
//!
//! Catching them needs a library that unwinds: one that aborts would end its caller, and does not compile.

use std::any::Any;
use std::ffi::{CStr, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

use mtprs_core::error::{Error, ErrorKind, Result};

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

/// The numbers of kinds are those of the header.
fn status_of(kind: ErrorKind) -> mtprs_status_t {
    kind as mtprs_status_t
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

/// Runs the body of a C function that has no status; `fallback` is what it returns if that panics.
pub(super) fn guarded_value<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(fallback)
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

/// Copies text into a C buffer, cut at a character if too long, always ended by a zero byte. A zero byte in the text, at
/// which C would stop reading, becomes a question mark.
pub(super) fn copy_text(text: &str, buffer: &mut [c_char]) {
    let Some(room) = buffer.len().checked_sub(1) else { return };
    let mut length = text.len().min(room);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    for (to, from) in buffer.iter_mut().zip(text.as_bytes()[..length].iter()) {
        *to = if *from == 0 { b'?' } else { *from } as c_char;
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

/// An array that may be null only if it is empty. Lengths that no array can have are refused.
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
    if length > isize::MAX as usize / size_of::<T>() {
        return Err(bad_argument(format!("{name} has a length of {length}, more than fits into memory")));
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
    fn a_panic_in_a_function_without_status_becomes_its_fallback() {
        assert_eq!(guarded_value(7, || panic!("lost")), 7);
        assert_eq!(guarded_value(7, || 8), 8);
    }

    #[test]
    fn zero_bytes_do_not_hide_the_rest_of_a_message() {
        let mut buffer = [1; 8];
        copy_text("a\0b", &mut buffer);
        assert_eq!(buffer[..4].iter().map(|&byte| byte as u8).collect::<Vec<_>>(), b"a?b\0");
    }

    #[test]
    fn arrays_that_cannot_be_are_refused() {
        let numbers = [0.0_f64; 2];
        // SAFETY: what is read is refused or there.
        unsafe {
            assert_eq!(array(numbers.as_ptr(), 2, "numbers").unwrap(), numbers);
            assert!(array::<f64>(std::ptr::null(), 0, "numbers").unwrap().is_empty());
            let message = |error: Error| error.message().to_owned();
            let missing = array::<f64>(std::ptr::null(), 2, "numbers").unwrap_err();
            assert_eq!(message(missing), "numbers is NULL, expected an array of 2");
            let endless = array(numbers.as_ptr(), usize::MAX / 8, "numbers").unwrap_err();
            assert!(message(endless).contains("more than fits into memory"));
        }
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
