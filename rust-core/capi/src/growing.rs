//! Structs of the caller that begin with `struct_size`: programs of shorter and of longer headers are understood.
//!
//! A struct is copied before it is read, never farther than its `struct_size`, and written back no farther. Fields that it
//! lacks count as zero. What lies behind the fields of this library must be zero: a program of a newer header that uses
//! none of the new fields.

use std::mem::MaybeUninit;

use super::guard::bad_argument;
use mtprs_core::error::{Error, ErrorKind, Result};

/// No struct will ever be as large: a larger `struct_size` was never set.
const LARGEST: usize = 4096;

/// A struct of the header that may grow.
///
/// # Safety
/// It is `repr(C)` and begins with `struct_size`; it holds whole numbers, floating-point numbers and raw pointers, none of
/// them wider than its alignment, so that bytes of zero are a value of it and sizes that are multiples of the alignment
/// cut no field.
pub(super) unsafe trait Growing: Sized {
    /// Its name in the header.
    const NAME: &'static str;
    /// Its size in the first header of this version of the interface.
    const FIRST_SIZE: usize;
}

/// A copy of a caller's struct, called `argument` in messages.
///
/// # Safety
/// `pointer` is null or readable for as many bytes as the `struct_size` that it begins with.
pub(super) unsafe fn read<T: Growing>(pointer: *const T, argument: &str) -> Result<T> {
    // SAFETY: as the caller promises; `known` is no more than `struct_size`. Bytes of zero are a value of T.
    unsafe {
        let size = checked_size(pointer, argument)?;
        let known = size.min(size_of::<T>());
        let mut value = MaybeUninit::<T>::zeroed();
        std::ptr::copy_nonoverlapping(pointer.cast::<u8>(), value.as_mut_ptr().cast::<u8>(), known);
        Ok(value.assume_init())
    }
}

/// A caller's struct that is to be filled, once it is known that it can be.
#[derive(Debug)]
pub(super) struct Target<T> {
    pointer: *mut T,
    size: usize,
}

impl<T: Growing> Target<T> {
    /// Checks the struct, called `argument` in messages.
    ///
    /// # Safety
    /// `pointer` is null, or readable and writable for as many bytes as the `struct_size` that it begins with, until
    /// [`fill`](Self::fill).
    pub(super) unsafe fn new(pointer: *mut T, argument: &str) -> Result<Self> {
        // SAFETY: as the caller promises.
        Ok(Self { pointer, size: unsafe { checked_size(pointer, argument)? } })
    }

    /// The `struct_size` of the caller.
    pub(super) fn struct_size(&self) -> usize {
        self.size
    }

    /// Writes the fields that the caller's struct has.
    pub(super) fn fill(self, value: &T) {
        let (source, known) = (std::ptr::from_ref(value), self.size.min(size_of::<T>()));
        // SAFETY: `known` bytes were promised by the caller of `new`, and a T has as many.
        unsafe { std::ptr::copy_nonoverlapping(source.cast::<u8>(), self.pointer.cast::<u8>(), known) };
    }
}

/// The `struct_size` of a caller's struct, if this library understands it.
///
/// # Safety
/// `pointer` is null or readable for as many bytes as the `struct_size` that it begins with.
unsafe fn checked_size<T: Growing>(pointer: *const T, argument: &str) -> Result<usize> {
    if pointer.is_null() {
        return Err(bad_argument(format!("{argument} is NULL")));
    }
    // SAFETY: not null, and every struct begins with its size.
    let size = unsafe { pointer.cast::<usize>().read_unaligned() };
    if size < T::FIRST_SIZE || size > LARGEST || !size.is_multiple_of(align_of::<T>()) {
        let message = format!(
            "struct_size of {argument} is {size}, expected {} ({}), or at least {}",
            size_of::<T>(),
            T::NAME,
            T::FIRST_SIZE
        );
        return Err(bad_argument(message).hint("set it with MTPRS_INIT"));
    }
    let tail = size_of::<T>()..size.max(size_of::<T>());
    // SAFETY: the tail ends at `size`, and the caller promises as many bytes.
    let is_used = |&byte: &usize| unsafe { *pointer.cast::<u8>().add(byte) } != 0;
    let Some(byte) = tail.clone().find(is_used) else { return Ok(size) };
    let message = format!(
        "the struct {argument} uses something that this library, version {}, lacks: byte {byte} of {} is not zero, which ends at \
         {} here",
        env!("CARGO_PKG_VERSION"),
        T::NAME,
        size_of::<T>()
    );
    let hint = "the program was compiled with a newer mtprs.h: use a newer library, or set structs to zero with MTPRS_INIT";
    Err(Error::new(ErrorKind::Unsupported, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Debug)]
    struct Small {
        struct_size: usize,
        first: f64,
        second: i32,
        third: i32,
        fourth: usize,
    }

    // SAFETY: numbers alone, the size first.
    unsafe impl Growing for Small {
        const NAME: &'static str = "mtprs_small_t";
        const FIRST_SIZE: usize = 16;
    }

    /// A struct of this many bytes as it stands in a caller's memory, between canaries.
    struct Caller {
        words: Vec<u64>,
        size: usize,
    }

    const CANARY: u64 = 0xdead_beef_dead_beef;

    impl Caller {
        fn new(size: usize, rest: &[u64]) -> Self {
            let mut words = vec![CANARY, size as u64];
            words.extend(rest);
            words.resize(1 + size.div_ceil(8), 0);
            words.push(CANARY);
            Self { words, size }
        }

        fn pointer(&mut self) -> *mut Small {
            self.words[1..].as_mut_ptr().cast()
        }

        fn fields(&self) -> &[u64] {
            assert_eq!([self.words[0], self.words[self.words.len() - 1]], [CANARY; 2]);
            &self.words[2..self.words.len() - 1]
        }

        fn read(&mut self) -> Result<Small> {
            // SAFETY: the words hold the struct.
            unsafe { read(self.pointer(), "it") }
        }

        fn fill(&mut self, value: &Small) -> Result<()> {
            // SAFETY: the words hold the struct.
            unsafe { Target::new(self.pointer(), "it") }.map(|target| target.fill(value))
        }
    }

    #[test]
    fn what_a_short_struct_lacks_is_zero_and_is_not_written() {
        let mut caller = Caller::new(16, &[1.5_f64.to_bits()]);
        let read = caller.read().unwrap();
        assert_eq!((read.struct_size, read.first), (16, 1.5));
        assert_eq!((read.second, read.third, read.fourth), (0, 0, 0));
        let value = Small { struct_size: 16, first: 2.5, second: 3, third: 4, fourth: 5 };
        caller.fill(&value).unwrap();
        assert_eq!(caller.fields(), [2.5_f64.to_bits()]);

        let mut caller = Caller::new(24, &[0, 7 | 8 << 32]);
        let read = caller.read().unwrap();
        assert_eq!((read.second, read.third, read.fourth), (7, 8, 0));
        caller.fill(&value).unwrap();
        assert_eq!(caller.fields(), [2.5_f64.to_bits(), 3 | 4 << 32]);
    }

    #[test]
    fn a_long_struct_is_taken_if_its_tail_is_zero() {
        let mut caller = Caller::new(48, &[1.5_f64.to_bits(), 7 | 8 << 32, 9]);
        assert_eq!(caller.read().unwrap().fourth, 9);
        caller.fill(&Small { struct_size: 48, first: 2.5, second: 3, third: 4, fourth: 5 }).unwrap();
        assert_eq!(caller.fields(), [2.5_f64.to_bits(), 3 | 4 << 32, 5, 0, 0]);
        for byte in 32..48 {
            let mut caller = Caller::new(48, &[0; 3]);
            caller.words[1 + byte / 8] = 1 << (8 * (byte % 8));
            let before = caller.words.clone();
            let value = Small { struct_size: 48, first: 2.5, second: 3, third: 4, fourth: 5 };
            for error in [caller.read().unwrap_err(), caller.fill(&value).unwrap_err()] {
                assert_eq!(error.kind(), ErrorKind::Unsupported);
                let expected = format!("byte {byte} of mtprs_small_t is not zero, which ends at 32 here");
                assert!(error.to_string().contains(&expected), "{error}");
            }
            assert_eq!(caller.words, before);
        }
    }

    #[test]
    fn sizes_that_no_header_ever_had_are_refused() {
        for size in [0, 8, 15, 20, 33, 4104, usize::MAX & !7] {
            let mut caller = Caller::new(32, &[]);
            caller.words[1] = size as u64;
            let error = caller.read().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Argument, "{size}");
            let expected =
                format!("struct_size of it is {size}, expected 32 (mtprs_small_t), or at least 16");
            assert_eq!(error.message(), expected);
            assert_eq!(caller.size, 32);
        }
        // SAFETY: null is allowed.
        let error = unsafe { read::<Small>(std::ptr::null(), "it") }.unwrap_err();
        assert_eq!(error.message(), "it is NULL");
    }
}
