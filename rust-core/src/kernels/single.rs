//! Sixteen numbers in single precision at a time, with the same instruction sets as the doubles of `simd`.

use super::arithmetic::{Arithmetic, Numbers, Real};
use super::simd::{LANES, Portable};

/// Numbers of a vector and of a [`SingleBlock`].
const SINGLE_LANES: usize = 2 * LANES;

/// Sixteen numbers in single precision.
type SingleBlock = Numbers<f32, SINGLE_LANES>;

impl Real for f32 {
    type Block = SingleBlock;
    const PARTS: usize = 2;

    type Portable = PortableSingle;
    #[cfg(target_arch = "x86_64")]
    type Avx2 = x86::Avx2Single;
    #[cfg(target_arch = "x86_64")]
    type Avx512 = x86::Avx512Single;

    #[inline(always)]
    fn nearest(value: f64) -> Self {
        value as Self
    }
    #[inline(always)]
    fn at(block: &SingleBlock, lane: usize) -> f64 {
        f64::from(block.0[lane])
    }
}

/// Plain arrays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PortableSingle(Portable);

impl Arithmetic for PortableSingle {
    type Real = f32;
    type Vector = [f32; SINGLE_LANES];
    type Wide = Portable;

    #[inline(always)]
    unsafe fn assume() -> Self {
        Self(Portable)
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::Vector {
        [value; SINGLE_LANES]
    }
    #[inline(always)]
    fn load(self, block: &SingleBlock) -> Self::Vector {
        block.0
    }
    #[inline(always)]
    fn store(self, vector: Self::Vector, block: &mut SingleBlock) {
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
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] * b[k] + c[k])
    }
    #[inline(always)]
    fn mul_sub(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| a[k] * b[k] - c[k])
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| c[k] - a[k] * b[k])
    }

    #[inline(always)]
    fn wide(self) -> Portable {
        self.0
    }
    #[inline(always)]
    fn widen(self, a: Self::Vector, part: usize) -> [f64; LANES] {
        let first = part * LANES;
        std::array::from_fn(|k| f64::from(a[first + k]))
    }
    #[inline(always)]
    fn narrow(self, parts: [[f64; LANES]; 2]) -> Self::Vector {
        std::array::from_fn(|k| parts[k / LANES][k % LANES] as f32)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::super::arithmetic::Arithmetic;
    use super::super::simd::{Avx2, Avx512};
    use super::SingleBlock;
    use std::arch::x86_64::*;

    /// AVX2 and FMA: two registers of eight numbers.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx2Single(Avx2);

    /// AVX-512F: one register of sixteen numbers.
    #[derive(Clone, Copy, Debug)]
    pub(crate) struct Avx512Single(Avx512);

    // SAFETY of all intrinsics below: a value of the type exists only where the processor has the instructions; the
    // pointers come from references to whole aligned blocks. Measured gain over doubles: see `make bench`.

    impl Arithmetic for Avx512Single {
        type Real = f32;
        type Vector = __m512;
        type Wide = Avx512;

        #[inline(always)]
        unsafe fn assume() -> Self {
            // SAFETY: as the caller promises.
            Self(unsafe { Avx512::assume() })
        }
        #[inline(always)]
        fn splat(self, value: f32) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_set1_ps(value) }
        }
        #[inline(always)]
        fn load(self, block: &SingleBlock) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_load_ps(block.0.as_ptr()) }
        }
        #[inline(always)]
        fn store(self, vector: __m512, block: &mut SingleBlock) {
            // SAFETY: see above.
            unsafe { _mm512_store_ps(block.0.as_mut_ptr(), vector) }
        }
        #[inline(always)]
        fn add(self, a: __m512, b: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_add_ps(a, b) }
        }
        #[inline(always)]
        fn sub(self, a: __m512, b: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_sub_ps(a, b) }
        }
        #[inline(always)]
        fn mul(self, a: __m512, b: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_mul_ps(a, b) }
        }
        #[inline(always)]
        fn mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_fmadd_ps(a, b, c) }
        }
        #[inline(always)]
        fn mul_sub(self, a: __m512, b: __m512, c: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_fmsub_ps(a, b, c) }
        }
        #[inline(always)]
        fn neg_mul_add(self, a: __m512, b: __m512, c: __m512) -> __m512 {
            // SAFETY: see above.
            unsafe { _mm512_fnmadd_ps(a, b, c) }
        }

        #[inline(always)]
        fn wide(self) -> Avx512 {
            self.0
        }
        #[inline(always)]
        fn widen(self, a: __m512, part: usize) -> __m512d {
            // SAFETY: see above.
            unsafe {
                let upper = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(a));
                let half = if part == 0 { _mm512_castps512_ps256(a) } else { _mm256_castpd_ps(upper) };
                _mm512_cvtps_pd(half)
            }
        }
        #[inline(always)]
        fn narrow(self, parts: [__m512d; 2]) -> __m512 {
            // SAFETY: see above.
            unsafe {
                let lower = _mm512_castpd256_pd512(_mm256_castps_pd(_mm512_cvtpd_ps(parts[0])));
                let upper = _mm256_castps_pd(_mm512_cvtpd_ps(parts[1]));
                _mm512_castpd_ps(_mm512_insertf64x4::<1>(lower, upper))
            }
        }
    }

    /// Applies an AVX intrinsic to both halves.
    macro_rules! halves {
        ($intrinsic:expr, $($argument:expr),+) => {
            // SAFETY: see above.
            unsafe { [$intrinsic($($argument[0]),+), $intrinsic($($argument[1]),+)] }
        };
    }

    impl Arithmetic for Avx2Single {
        type Real = f32;
        type Vector = [__m256; 2];
        type Wide = Avx2;

        #[inline(always)]
        unsafe fn assume() -> Self {
            // SAFETY: as the caller promises.
            Self(unsafe { Avx2::assume() })
        }
        #[inline(always)]
        fn splat(self, value: f32) -> Self::Vector {
            // SAFETY: see above.
            unsafe { [_mm256_set1_ps(value); 2] }
        }
        #[inline(always)]
        fn load(self, block: &SingleBlock) -> Self::Vector {
            let pointer = block.0.as_ptr();
            // SAFETY: see above.
            unsafe { [_mm256_load_ps(pointer), _mm256_load_ps(pointer.add(8))] }
        }
        #[inline(always)]
        fn store(self, vector: Self::Vector, block: &mut SingleBlock) {
            let pointer = block.0.as_mut_ptr();
            // SAFETY: see above.
            unsafe {
                _mm256_store_ps(pointer, vector[0]);
                _mm256_store_ps(pointer.add(8), vector[1]);
            }
        }
        #[inline(always)]
        fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_add_ps, a, b)
        }
        #[inline(always)]
        fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_sub_ps, a, b)
        }
        #[inline(always)]
        fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            halves!(_mm256_mul_ps, a, b)
        }
        #[inline(always)]
        fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
            halves!(_mm256_fmadd_ps, a, b, c)
        }
        #[inline(always)]
        fn mul_sub(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
            halves!(_mm256_fmsub_ps, a, b, c)
        }
        #[inline(always)]
        fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
            halves!(_mm256_fnmadd_ps, a, b, c)
        }

        #[inline(always)]
        fn wide(self) -> Avx2 {
            self.0
        }
        #[inline(always)]
        fn widen(self, a: Self::Vector, part: usize) -> [__m256d; 2] {
            let half = if part == 0 { a[0] } else { a[1] };
            // SAFETY: see above.
            unsafe {
                let (lower, upper) = (_mm256_castps256_ps128(half), _mm256_extractf128_ps::<1>(half));
                [_mm256_cvtps_pd(lower), _mm256_cvtps_pd(upper)]
            }
        }
        #[inline(always)]
        fn narrow(self, parts: [[__m256d; 2]; 2]) -> Self::Vector {
            // SAFETY: see above.
            unsafe {
                [
                    _mm256_set_m128(_mm256_cvtpd_ps(parts[0][1]), _mm256_cvtpd_ps(parts[0][0])),
                    _mm256_set_m128(_mm256_cvtpd_ps(parts[1][1]), _mm256_cvtpd_ps(parts[1][0])),
                ]
            }
        }
    }
}
