//! Vectors on x86-64: AVX-512 and AVX2.

use super::super::arithmetic::{Arithmetic, Real};
use super::super::dispatch::Kernel;
use super::{LANES, Simd, align_frame};
use std::arch::x86_64::*;

/// AVX2 and FMA: two registers of four doubles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2(());

/// AVX2 and FMA: two registers of eight numbers in single precision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx2Single(Avx2);

/// AVX-512F: one register of eight doubles.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512(());

/// AVX-512F: one register of sixteen numbers in single precision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Avx512Single(Avx512);

// A value of these types exists only where the processor has the instructions. Measured gain over the portable path: see
// `make bench`.

impl Avx2 {
    /// # Safety
    /// The processor must have the instructions.
    #[inline(always)]
    pub(crate) unsafe fn assume() -> Self {
        Self(())
    }
}

impl Avx512 {
    /// # Safety
    /// The processor must have the instructions.
    #[inline(always)]
    pub(crate) unsafe fn assume() -> Self {
        Self(())
    }
}

/// Applies an intrinsic to vectors of one register.
macro_rules! whole {
    // A spilled register is a cache line: kernels gain 3 % at a level of 12.
    (begin) => { align_frame() };
    // SAFETY: the pointer is that of a whole aligned block; `self` proves that the instructions are there.
    (load $intrinsic:path, $block:ident) => { unsafe { $intrinsic($block.0.as_ptr()) } };
    // SAFETY: the pointer is that of a whole aligned block; `self` proves that the instructions are there.
    (store $intrinsic:path, $block:ident, $vector:ident) => { unsafe { $intrinsic($block.0.as_mut_ptr(), $vector) } };
    (splat $intrinsic:path, $value:ident) => { whole!($intrinsic, $value) };
    // SAFETY: `self` proves that the instructions are there.
    ($intrinsic:path, $($argument:ident),+) => { unsafe { $intrinsic($($argument),+) } };
}

/// Applies an intrinsic to both halves.
macro_rules! halves {
    (begin) => {};
    (load $intrinsic:path, $block:ident) => {{
        let (pointer, half) = ($block.0.as_ptr(), $block.0.len() / 2);
        // SAFETY: the pointer is that of a whole aligned block; `self` proves that the instructions are there.
        unsafe { [$intrinsic(pointer), $intrinsic(pointer.add(half))] }
    }};
    (store $intrinsic:path, $block:ident, $vector:ident) => {{
        let (pointer, half) = ($block.0.as_mut_ptr(), $block.0.len() / 2);
        // SAFETY: the pointer is that of a whole aligned block; `self` proves that the instructions are there.
        unsafe {
            $intrinsic(pointer, $vector[0]);
            $intrinsic(pointer.add(half), $vector[1]);
        }
    }};
    // SAFETY: `self` proves that the instructions are there.
    (splat $intrinsic:path, $value:ident) => { unsafe { [$intrinsic($value); 2] } };
    ($intrinsic:path, $($argument:ident),+) => {
        // SAFETY: `self` proves that the instructions are there.
        unsafe { [$intrinsic($($argument[0]),+), $intrinsic($($argument[1]),+)] }
    };
}

arithmetic! {
    Avx512: f64 => __m512d; whole! _mm512_set1_pd _mm512_load_pd _mm512_store_pd _mm512_add_pd _mm512_sub_pd
    _mm512_mul_pd _mm512_fmadd_pd _mm512_fmsub_pd _mm512_fnmadd_pd;

    already_wide!();
}

arithmetic! {
    Avx2: f64 => [__m256d; 2]; halves! _mm256_set1_pd _mm256_load_pd _mm256_store_pd _mm256_add_pd _mm256_sub_pd
    _mm256_mul_pd _mm256_fmadd_pd _mm256_fmsub_pd _mm256_fnmadd_pd;

    already_wide!();
}

arithmetic! {
    Avx512Single: f32 => __m512; whole! _mm512_set1_ps _mm512_load_ps _mm512_store_ps _mm512_add_ps _mm512_sub_ps
    _mm512_mul_ps _mm512_fmadd_ps _mm512_fmsub_ps _mm512_fnmadd_ps;

    type Wide = Avx512;

    #[inline(always)]
    fn wide(self) -> Avx512 {
        self.0
    }
    #[inline(always)]
    fn widen(self, a: __m512, part: usize) -> __m512d {
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            let upper = _mm512_extractf64x4_pd::<1>(_mm512_castps_pd(a));
            let half = if part == 0 { _mm512_castps512_ps256(a) } else { _mm256_castpd_ps(upper) };
            _mm512_cvtps_pd(half)
        }
    }
    #[inline(always)]
    fn narrow(self, parts: [__m512d; 2]) -> __m512 {
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            let lower = _mm512_castpd256_pd512(_mm256_castps_pd(_mm512_cvtpd_ps(parts[0])));
            let upper = _mm256_castps_pd(_mm512_cvtpd_ps(parts[1]));
            _mm512_castpd_ps(_mm512_insertf64x4::<1>(lower, upper))
        }
    }
}

arithmetic! {
    Avx2Single: f32 => [__m256; 2]; halves! _mm256_set1_ps _mm256_load_ps _mm256_store_ps _mm256_add_ps _mm256_sub_ps
    _mm256_mul_ps _mm256_fmadd_ps _mm256_fmsub_ps _mm256_fnmadd_ps;

    type Wide = Avx2;

    #[inline(always)]
    fn wide(self) -> Avx2 {
        self.0
    }
    #[inline(always)]
    fn widen(self, a: Self::Vector, part: usize) -> [__m256d; 2] {
        let half = if part == 0 { a[0] } else { a[1] };
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            let (lower, upper) = (_mm256_castps256_ps128(half), _mm256_extractf128_ps::<1>(half));
            [_mm256_cvtps_pd(lower), _mm256_cvtps_pd(upper)]
        }
    }
    #[inline(always)]
    fn narrow(self, parts: [[__m256d; 2]; 2]) -> Self::Vector {
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            [
                _mm256_set_m128(_mm256_cvtpd_ps(parts[0][1]), _mm256_cvtpd_ps(parts[0][0])),
                _mm256_set_m128(_mm256_cvtpd_ps(parts[1][1]), _mm256_cvtpd_ps(parts[1][0])),
            ]
        }
    }
}

/// Operations of [`Simd`] that differ in the intrinsic only, and masks of one bit for each lane.
macro_rules! operations {
    ($features:literal, $single:ident, $apply:ident! $div:ident $sqrt:ident $max:ident $min:ident) => {
        type Single = $single;

        #[inline(always)]
        fn single(self) -> $single {
            $single(self)
        }
        #[inline(always)]
        fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
            #[inline(never)]
            #[target_feature(enable = $features)]
            fn run<S: Simd, K: Kernel>(simd: S, kernel: K) -> K::Output {
                $apply!(begin);
                kernel.run(simd)
            }
            // SAFETY: `self` proves that the processor has these features.
            unsafe { run(self, kernel) }
        }
        #[inline(always)]
        fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            $apply!($div, a, b)
        }
        #[inline(always)]
        fn sqrt(self, a: Self::Vector) -> Self::Vector {
            $apply!($sqrt, a)
        }
        #[inline(always)]
        fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            $apply!($max, a, b)
        }
        #[inline(always)]
        fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
            $apply!($min, a, b)
        }

        type Mask = u8;

        #[inline(always)]
        fn both(self, a: u8, b: u8) -> u8 {
            a & b
        }
        #[inline(always)]
        fn count(self, mask: u8) -> usize {
            mask.count_ones() as usize
        }

        type Shorts = __m128i;

        #[inline(always)]
        fn shorts(self, values: [&u16; LANES]) -> __m128i {
            // SAFETY: both are eight short integers.
            unsafe { std::mem::transmute(values.map(|value| *value)) }
        }
        #[inline(always)]
        fn equal_shorts(self, a: __m128i, b: u16) -> u8 {
            // SAFETY: `self` proves that the instructions are there.
            unsafe {
                let equal = _mm_cmpeq_epi16(a, _mm_set1_epi16(b as i16));
                _mm_movemask_epi8(_mm_packs_epi16(equal, _mm_setzero_si128())) as u8
            }
        }
    };
}

impl Simd for Avx512 {
    const REGISTERS: usize = 32;

    operations!("avx512f,avx2,fma,popcnt", Avx512Single, whole! _mm512_div_pd _mm512_sqrt_pd _mm512_max_pd _mm512_min_pd);

    #[inline(always)]
    fn sum(self, a: __m512d) -> f64 {
        whole!(_mm512_reduce_add_pd, a)
    }
    #[inline(always)]
    fn not_at_least(self, a: __m512d, b: __m512d) -> u8 {
        whole!(_mm512_cmp_pd_mask::<_CMP_NGE_UQ>, a, b)
    }
    // Packed in a register first: packing while storing is many times slower on some processors.
    #[inline(always)]
    fn pack(self, a: __m512d, mask: __mmask8, target: &mut [f64]) {
        assert!(target.len() == LANES);
        // SAFETY: `self` proves that the instructions are there; the target has eight places.
        unsafe { _mm512_storeu_pd(target.as_mut_ptr(), _mm512_maskz_compress_pd(mask, a)) }
    }
    #[inline(always)]
    fn smallest(self, a: __m512d) -> f64 {
        whole!(_mm512_reduce_min_pd, a)
    }
    #[inline(always)]
    fn points(self, [p0, p1, p2, p3, p4, p5, p6, p7]: [&[f64; 3]; LANES]) -> [__m512d; 3] {
        let (low, high) = (four_points([p0, p1, p2, p3]), four_points([p4, p5, p6, p7]));
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            let mut columns = [_mm512_setzero_pd(); 3];
            for axis in 0..3 {
                columns[axis] = _mm512_insertf64x4::<1>(_mm512_castpd256_pd512(low[axis]), high[axis]);
            }
            columns
        }
    }
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
    // SAFETY: called where a value of `Avx2` is; a row of the table is as long as a register.
    unsafe {
        let order = _mm256_loadu_si256(order.as_ptr().cast());
        _mm256_castps_pd(_mm256_permutevar8x32_ps(_mm256_castpd_ps(a), order))
    }
}

/// x, y and z of four points.
#[inline(always)]
fn four_points([p0, p1, p2, p3]: [&[f64; 3]; 4]) -> [__m256d; 3] {
    // SAFETY: called where a value of either set is. Pairs of x and y that stand side by side are loaded together.
    unsafe {
        let even = _mm256_set_pd(p2[1], p2[0], p0[1], p0[0]);
        let odd = _mm256_set_pd(p3[1], p3[0], p1[1], p1[0]);
        let z = _mm256_set_pd(p3[2], p2[2], p1[2], p0[2]);
        [_mm256_unpacklo_pd(even, odd), _mm256_unpackhi_pd(even, odd), z]
    }
}

impl Simd for Avx2 {
    const REGISTERS: usize = 8;

    operations!("avx2,fma,popcnt", Avx2Single, halves! _mm256_div_pd _mm256_sqrt_pd _mm256_max_pd _mm256_min_pd);

    #[inline(always)]
    fn sum(self, a: Self::Vector) -> f64 {
        // SAFETY: `self` proves that the instructions are there.
        unsafe {
            let four = _mm256_add_pd(a[0], a[1]);
            let two = _mm_add_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd::<1>(four));
            _mm_cvtsd_f64(_mm_add_sd(two, _mm_unpackhi_pd(two, two)))
        }
    }
    #[inline(always)]
    fn not_at_least(self, a: Self::Vector, b: Self::Vector) -> u8 {
        let halves = halves!(_mm256_cmp_pd::<_CMP_NGE_UQ>, a, b);
        let [low, high] = halves!(_mm256_movemask_pd, halves);
        (low | high << 4) as u8
    }
    #[inline(always)]
    fn pack(self, a: Self::Vector, mask: u8, target: &mut [f64]) {
        assert!(target.len() == LANES);
        let (low, high) = (mask & 15, mask >> 4);
        // SAFETY: `self` proves that the instructions are there; the target has eight places, of which the first half takes at most four.
        unsafe {
            let packed = [pack_half(a[0], low), pack_half(a[1], high)];
            _mm256_storeu_pd(target.as_mut_ptr(), packed[0]);
            _mm256_storeu_pd(target.as_mut_ptr().add(low.count_ones() as usize), packed[1]);
        }
    }
    #[inline(always)]
    fn points(self, [p0, p1, p2, p3, p4, p5, p6, p7]: [&[f64; 3]; LANES]) -> [Self::Vector; 3] {
        let (low, high) = (four_points([p0, p1, p2, p3]), four_points([p4, p5, p6, p7]));
        [[low[0], high[0]], [low[1], high[1]], [low[2], high[2]]]
    }
}
