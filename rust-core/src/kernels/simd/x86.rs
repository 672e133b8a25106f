//! Eight doubles at a time on x86-64: AVX-512 and AVX2.

use super::super::arithmetic::Arithmetic;
use super::{Block, LANES, Simd};
use std::arch::x86_64::*;

/// AVX2 and FMA: two registers of four doubles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

/// AVX-512F: one register of eight doubles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

// SAFETY of all intrinsics below: a value of the type exists only where the processor has the instructions; the
// pointers come from references to whole aligned blocks. Measured gain over the portable path: see `make bench`.

impl Arithmetic for Avx512 {
    type Real = f64;
    type Vector = __m512d;
    type Wide = Self;

    #[inline(always)]
    unsafe fn assume() -> Self {
        Self(())
    }
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
    fn mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_fmadd_pd(a, b, c) }
    }
    #[inline(always)]
    fn mul_sub(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_fmsub_pd(a, b, c) }
    }
    #[inline(always)]
    fn neg_mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_fnmadd_pd(a, b, c) }
    }

    already_wide!();
}

impl Simd for Avx512 {
    const REGISTERS: usize = 32;

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
    fn sum(self, a: __m512d) -> f64 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_add_pd(a) }
    }

    type Mask = __mmask8;

    #[inline(always)]
    fn not_at_least(self, a: __m512d, b: __m512d) -> __mmask8 {
        // SAFETY: see above.
        unsafe { _mm512_cmp_pd_mask::<_CMP_NGE_UQ>(a, b) }
    }
    #[inline(always)]
    fn equal(self, a: __m512d, b: __m512d) -> __mmask8 {
        // SAFETY: see above.
        unsafe { _mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b) }
    }
    #[inline(always)]
    fn both(self, a: __mmask8, b: __mmask8) -> __mmask8 {
        a & b
    }
    #[inline(always)]
    fn count(self, mask: __mmask8) -> usize {
        mask.count_ones() as usize
    }
    // Packed in a register first: packing while storing is many times slower on some processors.
    #[inline(always)]
    fn pack(self, a: __m512d, mask: __mmask8, target: &mut [f64]) {
        assert!(target.len() == LANES);
        // SAFETY: see above; the target has eight places.
        unsafe { _mm512_storeu_pd(target.as_mut_ptr(), _mm512_maskz_compress_pd(mask, a)) }
    }
    #[inline(always)]
    fn max(self, a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_max_pd(a, b) }
    }
    #[inline(always)]
    fn min(self, a: __m512d, b: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_min_pd(a, b) }
    }
    #[inline(always)]
    fn smallest(self, a: __m512d) -> f64 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_min_pd(a) }
    }
}

/// Applies an AVX intrinsic to both halves.
macro_rules! halves {
    ($intrinsic:expr, $($argument:expr),+) => {
        // SAFETY: see above.
        unsafe { [$intrinsic($($argument[0]),+), $intrinsic($($argument[1]),+)] }
    };
}

/// The mask of two comparisons, one bit for each lane.
#[inline(always)]
fn bits(halves: [__m256d; 2]) -> u8 {
    // SAFETY: see above.
    let [low, high] = unsafe { [_mm256_movemask_pd(halves[0]), _mm256_movemask_pd(halves[1])] };
    (low | high << 4) as u8
}

/// For each mask of four lanes which halves of lanes (32 bits each) come first.
const PACKING: [[i32; 8]; 16] = {
    let mut table = [[0; 8]; 16];
    let mut mask = 0;
    while mask < 16 {
        let mut next = 0;
        let mut lane = 0;
        while lane < 4 {
            if mask >> lane & 1 == 1 {
                table[mask][next] = 2 * lane;
                table[mask][next + 1] = 2 * lane + 1;
                next += 2;
            }
            lane += 1;
        }
        mask += 1;
    }
    table
};

/// The lanes of a mask below 16 at the front.
#[inline(always)]
fn pack_half(a: __m256d, mask: u8) -> __m256d {
    let order = &PACKING[usize::from(mask & 15)];
    // SAFETY: see above; a row of the table is as long as a register.
    unsafe {
        let order = _mm256_loadu_si256(order.as_ptr().cast());
        _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(a), order))
    }
}

impl Arithmetic for Avx2 {
    type Real = f64;
    type Vector = [__m256d; 2];
    type Wide = Self;

    #[inline(always)]
    unsafe fn assume() -> Self {
        Self(())
    }
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
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        halves!(_mm256_fmadd_pd, a, b, c)
    }
    #[inline(always)]
    fn mul_sub(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        halves!(_mm256_fmsub_pd, a, b, c)
    }
    #[inline(always)]
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector {
        halves!(_mm256_fnmadd_pd, a, b, c)
    }

    already_wide!();
}

impl Simd for Avx2 {
    const REGISTERS: usize = 8;

    #[inline(always)]
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        halves!(_mm256_div_pd, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: Self::Vector) -> Self::Vector {
        halves!(_mm256_sqrt_pd, a)
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

    /// One bit for each lane.
    type Mask = u8;

    #[inline(always)]
    fn not_at_least(self, a: Self::Vector, b: Self::Vector) -> u8 {
        bits(halves!(_mm256_cmp_pd::<_CMP_NGE_UQ>, a, b))
    }
    #[inline(always)]
    fn equal(self, a: Self::Vector, b: Self::Vector) -> u8 {
        bits(halves!(_mm256_cmp_pd::<_CMP_EQ_OQ>, a, b))
    }
    #[inline(always)]
    fn both(self, a: u8, b: u8) -> u8 {
        a & b
    }
    #[inline(always)]
    fn count(self, mask: u8) -> usize {
        mask.count_ones() as usize
    }
    #[inline(always)]
    fn pack(self, a: Self::Vector, mask: u8, target: &mut [f64]) {
        assert!(target.len() == LANES);
        let (low, high) = (mask & 15, mask >> 4);
        // SAFETY: see above; the target has eight places, of which the first half takes at most four.
        unsafe {
            let packed = [pack_half(a[0], low), pack_half(a[1], high)];
            _mm256_storeu_pd(target.as_mut_ptr(), packed[0]);
            _mm256_storeu_pd(target.as_mut_ptr().add(low.count_ones() as usize), packed[1]);
        }
    }
    #[inline(always)]
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        halves!(_mm256_max_pd, a, b)
    }
    #[inline(always)]
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        halves!(_mm256_min_pd, a, b)
    }
}
