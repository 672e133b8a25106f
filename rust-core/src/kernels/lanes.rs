//! Sums of the lanes of blocks.

use super::arithmetic::{Arithmetic, Real};
use super::dispatch::Kernel;
use super::simd::{Block, LANES, Simd};

/// Sums the lanes of each block, as doubles, into one lane of the totals.
pub(crate) struct SumLanes<'a, R: Real> {
    pub(crate) blocks: &'a [R::Block],
    /// At least as many as blocks.
    pub(crate) totals: &'a mut [Block],
    /// The lane of the totals.
    pub(crate) lane: usize,
}

impl<R: Real> Kernel for SumLanes<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        debug_assert!(self.lane < LANES);
        let vectors = R::vectors(simd);
        for (block, total) in self.blocks.iter().zip(self.totals) {
            let block = vectors.load(block);
            let mut eight = vectors.widen(block, 0);
            for part in 1..R::PARTS {
                eight = simd.add(eight, vectors.widen(block, part));
            }
            total.0[self.lane] = simd.sum(eight);
        }
    }
}

/// Sums the lanes of each block.
pub(crate) struct LaneTotals<'a> {
    pub(crate) blocks: &'a [Block],
    /// At least as many as blocks.
    pub(crate) totals: &'a mut [f64],
}

impl Kernel for LaneTotals<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (block, total) in self.blocks.iter().zip(self.totals) {
            *total = simd.sum(simd.load(block));
        }
    }
}
