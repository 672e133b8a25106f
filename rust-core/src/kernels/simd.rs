//! Eight doubles at a time on any processor.
//!
//! [`Simd`] is implemented for AVX-512 (one register), AVX2 with FMA (two registers) and plain arrays, which compilers
//! vectorize for whatever the target has. A value of an implementing type is the proof that the processor can run it.

/// Lanes of a vector and of a [`Block`].
pub(crate) const LANES: usize = 8;

/// Eight doubles in memory, aligned for the widest load.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Block(pub(crate) [f64; LANES]);

impl Block {
    /// The same value in all lanes.
    pub(crate) const fn splat(value: f64) -> Self {
        Self([value; LANES])
    }
}

/// Doubles of a mutable slice of blocks, block after block.
pub(crate) fn flat_mut(blocks: &mut [Block]) -> &mut [f64] {
    // SAFETY: a Block is eight doubles without padding (size 64, asserted below).
    unsafe { std::slice::from_raw_parts_mut(blocks.as_mut_ptr().cast(), blocks.len() * LANES) }
}

const _: () = assert!(size_of::<Block>() == LANES * size_of::<f64>());

/// Vector arithmetic on eight doubles.
pub(crate) trait Simd: Copy {
    /// Eight doubles in registers.
    type Vector: Copy;

    fn splat(self, value: f64) -> Self::Vector;
    fn load(self, block: &Block) -> Self::Vector;
    fn store(self, vector: Self::Vector, block: &mut Block);
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// a·b + c
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c − a·b
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// Sum of the lanes.
    fn sum(self, a: Self::Vector) -> f64;

    fn zero(self) -> Self::Vector {
        self.splat(0.0)
    }
}

/// Plain arrays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

impl Simd for Portable {
    type Vector = [f64; LANES];

    #[inline(always)]
    fn splat(self, value: f64) -> Self::Vector {
        [value; LANES]
    }
    #[inline(always)]
    fn load(self, block: &Block) -> Self::Vector {
        block.0
    }
    #[inline(always)]
    fn store(self, vector: Self::Vector, block: &mut Block) {
        block.0 = vector;
    }
    #[inline(always)]
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] + b[k])
    }
    #[inline(always)]
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] - b[k])
    }
    #[inline(always)]
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] * b[k])
    }
    #[inline(always)]
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] / b[k])
    }
    #[inline(always)]
    fn sqrt(self, a: Self::Vector) -> Self::Vector {
        a.map(f64::sqrt)
    }
    // Not f64::mul_add: without the instruction that is a call into the C library, many times slower.
    #[inline(always)]
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] * b[k] + c[k])
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| c[k] - a[k] * b[k])
    }
    #[inline(always)]
    fn sum(self, a: Self::Vector) -> f64 {
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Block, Simd};
    use std::arch::x86_64::*;

    /// AVX2 and FMA: two registers of four doubles.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx2(());

    /// AVX-512F: one register of eight doubles.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx512(());

    impl Avx2 {
        /// # Safety
        /// The processor must have AVX2 and FMA.
        #[inline(always)]
        pub(crate) unsafe fn assume() -> Self {
            Self(())
        }
    }

    impl Avx512 {
        /// # Safety
        /// The processor must have AVX-512F.
        #[inline(always)]
        pub(crate) unsafe fn assume() -> Self {
            Self(())
        }
    }

    // SAFETY of all intrinsics below: a value of the type exists only where the processor has the instructions; the
    // pointers come from references to whole aligned blocks. Measured gain over the portable path: see `make bench`.

    impl Simd for Avx512 {
        type Vector = __m512d;

        #[inline(always)]
        fn splat(self, value: f64) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_set1_pd(value) }
        }
        #[inline(always)]
        fn load(self, block: &Block) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_load_pd(block.0.as_ptr()) }
        }
        #[inline(always)]
        fn store(self, vector: __m512d, block: &mut Block) {
            // SAFETY: see above.
            unsafe { _mm512_store_pd(block.0.as_mut_ptr(), vector) }
        }
        #[inline(always)]
        fn add(self, a: __m512d, b: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_add_pd(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m512d, b: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_sub_pd(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: __m512d, b: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_mul_pd(a, b) }
        }
        #[inline(always)]
        fn div(self, a: __m512d, b: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_div_pd(a, b) }
        }
        #[inline(always)]
        fn sqrt(self, a: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_sqrt_pd(a) }
        }
        #[inline(always)]
        fn mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_fmadd_pd(a, b, c) }
        }
        #[inline(always)]
        fn neg_mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
            // SAFETY: see above.
            unsafe { _mm512_fnmadd_pd(a, b, c) }
        }
        #[inline(always)]
        fn sum(self, a: __m512d) -> f64 {
            // SAFETY: see above.
            unsafe { _mm512_reduce_add_pd(a) }
        }
    }

    /// Applies an AVX intrinsic to both halves.
    macro_rules! halves {
        ($intrinsic:ident, $($argument:expr),+) => {
            // SAFETY: see above.
            unsafe { [$intrinsic($($argument[0]),+), $intrinsic($($argument[1]),+)] }
        };
    }

    impl Simd for Avx2 {
        type Vector = [__m256d; 2];

        #[inline(always)]
        fn splat(self, value: f64) -> Self::Vector {
            // SAFETY: see above.
            unsafe { [_mm256_set1_pd(value); 2] }
        }
        #[inline(always)]
        fn load(self, block: &Block) -> Self::Vector {
            let pointer = block.0.as_ptr();
            // SAFETY: see above.
            unsafe { [_mm256_load_pd(pointer), _mm256_load_pd(pointer.add(4))] }
        }
        #[inline(always)]
        fn store(self, vector: Self::Vector, block: &mut Block) {
            let pointer = block.0.as_mut_ptr();
            // SAFETY: see above.
            unsafe {
                _mm256_store_pd(pointer, vector[0]);
                _mm256_store_pd(pointer.add(4), vector[1]);
            }
        }
        #[inline(always)]
        fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_add_pd, a, b)
        }
        #[inline(always)]
        fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_sub_pd, a, b)
        }
        #[inline(always)]
        fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_mul_pd, a, b)
        }
        #[inline(always)]
        fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_div_pd, a, b)
        }
        #[inline(always)]
        fn sqrt(self, a: Self::Vector) -> Self::Vector {
            halves!(_mm256_sqrt_pd, a)
        }
        #[inline(always)]
        fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
            halves!(_mm256_fmadd_pd, a, b, c)
        }
        #[inline(always)]
        fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
            halves!(_mm256_fnmadd_pd, a, b, c)
        }
        #[inline(always)]
        fn sum(self, a: Self::Vector) -> f64 {
            // SAFETY: see above.
            unsafe {
                let four = _mm256_add_pd(a[0], a[1]);
                let two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd::<1>(four));
                _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
            }
        }
    }
}
