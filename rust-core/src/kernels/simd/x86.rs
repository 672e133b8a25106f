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
    #[inline(always)]
    fn points(self, points: [&[f64; 3]; LANES]) -> [__m512d; 3] {
        let (low, high) = (four_points([0, 1, 2, 3], &points), four_points([4, 5, 6, 7], &points));
        // SAFETY: see above.
        unsafe {
            let mut columns = [_mm512_setzero_pd(); 3];
            for axis in 0..3 {
                columns[axis] = _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(low[axis]), high[axis]);
            }
            columns
        }
    }

    type Shorts = __m128i;

    #[inline(always)]
    fn shorts(self, values: [&u16; LANES]) -> __m128i {
        short_integers(values)
    }
    #[inline(always)]
    fn equal_shorts(self, a: __m128i, b: u16) -> u8 {
        equal_short_integers(a, b)
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

/// x, y and z of four of eight points.
#[inline(always)]
fn four_points(which: [usize; 4], points: &[&[f64; 3]; LANES]) -> [__m256d; 3] {
    let mut at = [points[0].as_ptr(); 4];
    for k in 0..4 {
        at[k] = points[which[k]].as_ptr();
    }
    // SAFETY: see above; x and y of a point stand side by side, z behind them.
    unsafe {
        let [xy0, xy1, xy2, xy3] =
            [_mm_loadu_pd(at[0]), _mm_loadu_pd(at[1]), _mm_loadu_pd(at[2]), _mm_loadu_pd(at[3])];
        let even = _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(xy0), xy2);
        let odd = _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(xy1), xy3);
        let z01 = _mm_loadh_pd(_mm_load_sd(at[0].add(2)), at[1].add(2));
        let z23 = _mm_loadh_pd(_mm_load_sd(at[2].add(2)), at[3].add(2));
        [
            _mm256_unpacklo_pd(even, odd),
            _mm256_unpackhi_pd(even, odd),
            _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(z01), z23),
        ]
    }
}

#[inline(always)]
fn short_integers(values: [&u16; LANES]) -> __m128i {
    // SAFETY: see above.
    unsafe {
        let mut all = _mm_cvtsi32_si128(i32::from(*values[0]));
        all = _mm_insert_epi16::<1>(all, i32::from(*values[1]));
        all = _mm_insert_epi16::<2>(all, i32::from(*values[2]));
        all = _mm_insert_epi16::<3>(all, i32::from(*values[3]));
        all = _mm_insert_epi16::<4>(all, i32::from(*values[4]));
        all = _mm_insert_epi16::<5>(all, i32::from(*values[5]));
        all = _mm_insert_epi16::<6>(all, i32::from(*values[6]));
        _mm_insert_epi16::<7>(all, i32::from(*values[7]))
    }
}

/// One bit for each that is equal to a number.
#[inline(always)]
fn equal_short_integers(a: __m128i, b: u16) -> u8 {
    // SAFETY: see above.
    unsafe {
        let equal = _mm_cmpeq_epi16(a, _mm_set1_epi16(b as i16));
        _mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())) as u8
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
    #[inline(always)]
    fn points(self, points: [&[f64; 3]; LANES]) -> [Self::Vector; 3] {
        let (low, high) = (four_points([0, 1, 2, 3], &points), four_points([4, 5, 6, 7], &points));
        [[low[0], high[0]], [low[1], high[1]], [low[2], high[2]]]
    }

    type Shorts = __m128i;

    #[inline(always)]
    fn shorts(self, values: [&u16; LANES]) -> __m128i {
        short_integers(values)
    }
    #[inline(always)]
    fn equal_shorts(self, a: __m128i, b: u16) -> u8 {
        equal_short_integers(a, b)
    }
}
