//! Vectors of numbers in either precision: eight doubles, or sixteen numbers in single precision.
//!
//! Kernels of the work per neighbor are written once over [`Arithmetic`]. Sums over neighbors and what else must be
//! double is done with the vectors of doubles that belong to it ([`Arithmetic::wide`]).

use std::fmt::Debug;

use super::simd::{LANES, Simd};

/// Numbers in memory, aligned for the widest load.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub(crate) struct Numbers<T, const N: usize>(pub(crate) [T; N]);

impl<T: Copy + Default, const N: usize> Default for Numbers<T, N> {
    fn default() -> Self {
        Self([T::default(); N])
    }
}

/// Numbers that the work per neighbor is done in.
pub(crate) trait Real: Copy + Debug + Default + 'static {
    /// As many as a vector has lanes.
    type Block: Copy + Debug + Default;
    /// Vectors of doubles that one vector of these is converted to.
    const PARTS: usize;
    /// Lanes of a vector.
    const LANES: usize = LANES * Self::PARTS;

    /// Vectors of these with the instructions of a set.
    type Vectors<S: Simd>: Arithmetic<Real = Self, Wide = S>;

    fn vectors<S: Simd>(simd: S) -> Self::Vectors<S>;
    /// The nearest number.
    fn nearest(value: f64) -> Self;
    /// One number of a block.
    fn at(block: &Self::Block, lane: usize) -> f64;
}

/// The block in memory of a kind of vectors.
pub(crate) type BlockOf<S> = <<S as Arithmetic>::Real as Real>::Block;

/// The vector of doubles that belongs to a kind of vectors.
pub(crate) type WideVector<S> = <<S as Arithmetic>::Wide as Arithmetic>::Vector;

/// Vector arithmetic in one precision.
pub(crate) trait Arithmetic: Copy {
    /// Numbers in the lanes.
    type Real: Real;
    /// One number for each lane, in registers.
    type Vector: Copy;
    /// Doubles with the same instructions.
    type Wide: Simd;

    fn splat(self, value: Self::Real) -> Self::Vector;
    fn load(self, block: &BlockOf<Self>) -> Self::Vector;
    fn store(self, vector: Self::Vector, block: &mut BlockOf<Self>);
    fn add(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn sub(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    fn mul(self, a: Self::Vector, b: Self::Vector) -> Self::Vector;
    /// a·b + c
    fn mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// a·b − c
    fn mul_sub(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;
    /// c − a·b
    fn neg_mul_add(self, a: Self::Vector, b: Self::Vector, c: Self::Vector) -> Self::Vector;

    fn wide(self) -> Self::Wide;
    /// Eight of the lanes as doubles: those of the given part, below [`Real::PARTS`].
    fn widen(self, a: Self::Vector, part: usize) -> WideVector<Self>;
    /// The lanes from doubles, the first this many of `parts` as there are.
    fn narrow(self, parts: [WideVector<Self>; 2]) -> Self::Vector;

    fn zero(self) -> Self::Vector {
        self.splat(Self::Real::default())
    }

    /// The same number in all lanes, rounded to the precision of these.
    fn splat_nearest(self, value: f64) -> Self::Vector {
        self.splat(Self::Real::nearest(value))
    }
}
