//! Sixteen numbers in single precision at a time, with the same instruction sets as the doubles of `simd`.

use super::arithmetic::{Arithmetic, Numbers, Real};
use super::simd::{LANES, Portable, Simd, arithmetic, lanes};

/// Numbers of a vector and of a [`SingleBlock`].
const SINGLE_LANES: usize = 2 * LANES;

/// Sixteen numbers in single precision.
type SingleBlock = Numbers<f32, SINGLE_LANES>;

impl Real for f32 {
    type Block = SingleBlock;
    const PARTS: usize = 2;

    type Vectors<S: Simd> = S::Single;

    #[inline(always)]
    fn vectors<S: Simd>(simd: S) -> S::Single {
        simd.single()
    }
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
pub(crate) struct PortableSingle;

arithmetic! {
    PortableSingle: f32 => [f32; SINGLE_LANES]; lanes! _ _ _ + - * (* +) (* -) (- *);

    type Wide = Portable;

    #[inline(always)]
    fn wide(self) -> Portable {
        Portable
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
