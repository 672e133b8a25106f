//! Eight doubles at a time on any processor.
//!
//! [`Simd`] is implemented for AVX-512 (one register), AVX2 with FMA (two registers) and plain arrays, which compilers
//! vectorize for whatever the target has. A value of an implementing type is the proof that the processor can run it.
//! What doubles share with numbers in single precision (`single`) stands in [`Arithmetic`].

use std::mem::MaybeUninit;

use super::arithmetic::{Arithmetic, Numbers, Real};
use super::dispatch::Kernel;
use super::single::PortableSingle;
use super::unrolled::UnrolledKernels;

/// Doubles of a vector and of a [`Block`], and central atoms of a batch.
pub(crate) const LANES: usize = 8;

/// Eight doubles.
pub(crate) type Block = Numbers<f64, LANES>;

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

/// Lets the calling function begin its frame where a cache line begins. Vectors that do not fit into registers are kept
/// in the frame, and LLVM leaves it to chance whether they lie across two lines each: then the unrolled kernels take up
/// to half as long again. A block in the frame takes the chance away. With AVX2, kernels that are called for every few
/// neighbors do without: they keep little in the frame, and it would cost a level of 8 one instruction in a hundred.
#[inline(always)]
pub(crate) fn align_frame() {
    let mut block = MaybeUninit::<Block>::uninit();
    std::hint::black_box(block.as_mut_ptr());
}

const _: () = assert!(size_of::<Block>() == LANES * size_of::<f64>());

impl Real for f64 {
    type Block = Block;
    const PARTS: usize = 1;

    type Vectors<S: Simd> = S;

    #[inline(always)]
    fn vectors<S: Simd>(simd: S) -> S {
        simd
    }
    #[inline(always)]
    fn nearest(value: f64) -> Self {
        value
    }
    #[inline(always)]
    fn at(block: &Block, lane: usize) -> f64 {
        block.0[lane]
    }
}

/// An instruction set: vector arithmetic on eight doubles, what neighbors are chosen with, and the way to the vectors in
/// single precision.
pub(crate) trait Simd: Arithmetic<Real = f64, Wide = Self> + UnrolledKernels {
    /// Sixteen numbers in single precision with the same instructions.
    type Single: Arithmetic<Real = f32, Wide = Self>;

    fn single(self) -> Self::Single;

    /// Runs a kernel as a function of its own that is compiled for this set.
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output;

    /// Vectors that registers hold at once.
    const REGISTERS: usize;

    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sqrt(self, a: Self::Vector) -> Self::Vector;
    /// Sum of the lanes.
    fn sum(self, a: Self::Vector) -> f64;

    /// One truth value for each lane.
    type Mask: Copy;

    /// Whether not a >= b; true where one is not a number.
    fn not_at_least(self, a: Self::Vector, b: Self::Vector) -> Self::Mask;
    fn both(self, a: Self::Mask, b: Self::Mask) -> Self::Mask;
    /// Number of lanes in which a mask is true.
    fn count(self, mask: Self::Mask) -> usize;
    /// Writes the lanes in which a mask is true to the beginning of `target`, which has eight places; the others may
    /// receive anything.
    fn pack(self, a: Self::Vector, mask: Self::Mask, target: &mut [f64]);
    /// The larger in each lane; b where a is not a number.
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// The smaller in each lane; b where a is not a number.
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;

    /// x, y and z of eight points.
    fn points(self, points: [&[f64; 3]; LANES]) -> [Self::Vector; 3];

    /// Eight short integers.
    type Shorts: Copy;

    fn shorts(self, values: [&u16; LANES]) -> Self::Shorts;
    fn equal_shorts(self, a: Self::Shorts, b: u16) -> Self::Mask;

    /// The smallest lane.
    fn smallest(self, a: Self::Vector) -> f64 {
        let mut lanes = Block::default();
        self.store(a, &mut lanes);
        lanes.0.into_iter().fold(f64::INFINITY, f64::min)
    }
}

/// Implements [`Arithmetic`] but for the conversions. The operations are given in the order of the trait, for `$apply!` to
/// apply to all registers or lanes of a vector.
macro_rules! arithmetic {
    ($name:ident: $real:ty => $vector:ty; $apply:ident! $splat:tt $load:tt $store:tt $add:tt $sub:tt $mul:tt
     $mul_add:tt $mul_sub:tt $neg_mul_add:tt; $($rest:tt)*) => {
        impl Arithmetic for $name {
            type Real = $real;
            type Vector = $vector;

            #[inline(always)]
            fn splat(self, value: $real) -> $vector {
                $apply!(splat $splat, value)
            }
            #[inline(always)]
            fn load(self, block: &<$real as Real>::Block) -> $vector {
                $apply!(load $load, block)
            }
            #[inline(always)]
            fn store(self, vector: $vector, block: &mut <$real as Real>::Block) {
                $apply!(store $store, block, vector);
            }
            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                $apply!($add, a, b)
            }
            #[inline(always)]
            fn sub(self, a: $vector, b: $vector) -> $vector {
                $apply!($sub, a, b)
            }
            #[inline(always)]
            fn mul(self, a: $vector, b: $vector) -> $vector {
                $apply!($mul, a, b)
            }
            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                $apply!($mul_add, a, b, c)
            }
            #[inline(always)]
            fn mul_sub(self, a: $vector, b: $vector, c: $vector) -> $vector {
                $apply!($mul_sub, a, b, c)
            }
            #[inline(always)]
            fn neg_mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                $apply!($neg_mul_add, a, b, c)
            }

            $($rest)*
        }
    };
}
pub(super) use arithmetic;

/// Conversions of doubles to doubles.
macro_rules! already_wide {
    () => {
        type Wide = Self;

        #[inline(always)]
        fn wide(self) -> Self {
            self
        }
        #[inline(always)]
        fn widen(self, a: Self::Vector, _part: usize) -> Self::Vector {
            a
        }
        #[inline(always)]
        fn narrow(self, parts: [Self::Vector; 2]) -> Self::Vector {
            parts[0]
        }
    };
}

/// Plain arrays, lane by lane. Not f64::mul_add: without the instruction that is a call into the C library, many times
/// slower.
macro_rules! lanes {
    (splat _, $value:ident) => { [$value; _] };
    (load _, $block:ident) => { $block.0 };
    (store _, $block:ident, $vector:ident) => { $block.0 = $vector };
    ((* +), $a:ident, $b:ident, $c:ident) => { std::array::from_fn(|k| $a[k] * $b[k] + $c[k]) };
    ((* -), $a:ident, $b:ident, $c:ident) => { std::array::from_fn(|k| $a[k] * $b[k] - $c[k]) };
    ((- *), $a:ident, $b:ident, $c:ident) => { std::array::from_fn(|k| $c[k] - $a[k] * $b[k]) };
    ($operator:tt, $a:ident, $b:ident) => { std::array::from_fn(|k| $a[k] $operator $b[k]) };
}
pub(super) use lanes;

/// Plain arrays.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Portable;

arithmetic! {
    Portable: f64 => [f64; LANES]; lanes! _ _ _ + - * (* +) (* -) (- *);

    already_wide!();
}

impl Simd for Portable {
    type Single = PortableSingle;

    #[inline(always)]
    fn single(self) -> PortableSingle {
        PortableSingle
    }
    #[inline(never)]
    fn vectorize<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    // of 16 bytes: 16 on x86-64, 32 on AArch64
    const REGISTERS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 4 };

    #[inline(always)]
    fn div(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        lanes!(/, a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: Self::Vector) -> Self::Vector {
        a.map(f64::sqrt)
    }
    #[inline(always)]
    fn sum(self, a: Self::Vector) -> f64 {
        ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]))
    }

    type Mask = [bool; LANES];

    #[inline(always)]
    fn not_at_least(self, a: Self::Vector, b: Self::Vector) -> Self::Mask {
        // A comparison with something that is not a number is false.
        std::array::from_fn(|k| {
            let at_least = a[k] >= b[k];
            !at_least
        })
    }
    #[inline(always)]
    fn both(self, a: Self::Mask, b: Self::Mask) -> Self::Mask {
        std::array::from_fn(|k| a[k] & b[k])
    }
    #[inline(always)]
    fn count(self, mask: Self::Mask) -> usize {
        mask.into_iter().map(usize::from).sum()
    }
    #[inline(always)]
    fn pack(self, a: Self::Vector, mask: Self::Mask, target: &mut [f64]) {
        let mut next = 0;
        for (value, taken) in a.into_iter().zip(mask) {
            // Never beyond the eighth place: at most k lanes were taken before the k-th.
            target[next] = value;
            next += usize::from(taken);
        }
    }
    #[inline(always)]
    fn max(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| if a[k] > b[k] { a[k] } else { b[k] })
    }
    #[inline(always)]
    fn min(self, a: Self::Vector, b: Self::Vector) -> Self::Vector {
        std::array::from_fn(|k| if a[k] < b[k] { a[k] } else { b[k] })
    }
    #[inline(always)]
    fn points(self, points: [&[f64; 3]; LANES]) -> [Self::Vector; 3] {
        std::array::from_fn(|axis| std::array::from_fn(|k| points[k][axis]))
    }

    type Shorts = [u16; LANES];

    #[inline(always)]
    fn shorts(self, values: [&u16; LANES]) -> [u16; LANES] {
        values.map(|value| *value)
    }
    #[inline(always)]
    fn equal_shorts(self, a: [u16; LANES], b: u16) -> Self::Mask {
        a.map(|value| value == b)
    }
}

#[cfg(target_arch = "x86_64")]
pub(crate) use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86;
