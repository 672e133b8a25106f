//! Grades of sixteen atoms of one species: the largest |c_k| of c = b A⁻¹ for each.
//!
//! A product of matrices whose result is never stored. Panels of A⁻¹ pass by while sums for eight (or four) columns stay
//! in registers.

use super::dispatch::Kernel;
use super::simd::{Block, Simd};
use crate::plan::grade_matrix::{GradeMatrix, PANEL};

/// Blocks of atoms that are graded together.
pub(crate) const GRADED_BLOCKS: usize = 2;

/// Squares of the grades of sixteen atoms of one species; not finite where one of the c_k is not.
pub(crate) struct SquaredGrades<'a> {
    pub(crate) matrix: &'a GradeMatrix,
    pub(crate) species: usize,
    /// Two blocks for each row of the species (see [`GradeMatrix`]).
    pub(crate) rows: &'a [Block],
}

impl Kernel for SquaredGrades<'_> {
    type Output = [Block; GRADED_BLOCKS];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [Block; GRADED_BLOCKS] {
        let rows = self.rows;
        let mut largest = [simd.zero(); GRADED_BLOCKS];
        for panel in self.matrix.panels(self.species) {
            if S::REGISTERS >= 32 {
                largest = panel_largest::<S, PANEL, GRADED_BLOCKS>(simd, panel, 0, rows, 0, largest);
            } else {
                for first in (0..PANEL).step_by(PANEL / 2) {
                    for block in 0..GRADED_BLOCKS {
                        let known = [largest[block]];
                        largest[block] =
                            panel_largest::<S, { PANEL / 2 }, 1>(simd, panel, first, rows, block, known)[0];
                    }
                }
            }
        }
        let mut squares = [Block::default(); GRADED_BLOCKS];
        for block in 0..GRADED_BLOCKS {
            simd.store(largest[block], &mut squares[block]);
        }
        squares
    }
}

/// The larger of `largest` and of the squares of C columns of c from `first` on, for R blocks of atoms from `block` on.
#[inline(always)]
fn panel_largest<S: Simd, const C: usize, const R: usize>(
    simd: S,
    panel: &[f64],
    first: usize,
    rows: &[Block],
    block: usize,
    mut largest: [S::Vector; R],
) -> [S::Vector; R] {
    let mut sums = [[simd.zero(); C]; R];
    for (coefficients, row) in panel.chunks_exact(PANEL).zip(rows.chunks_exact(GRADED_BLOCKS)) {
        for k in 0..C {
            let coefficient = simd.splat(coefficients[first + k]);
            for r in 0..R {
                sums[r][k] = simd.mul_add(coefficient, simd.load(&row[block + r]), sums[r][k]);
            }
        }
    }
    for r in 0..R {
        // Zero, or not a number if one of the sums is not finite: maxima alone pass over what is not a number.
        let mut fault = simd.zero();
        for k in 0..C {
            largest[r] = simd.max(simd.mul(sums[r][k], sums[r][k]), largest[r]);
            fault = simd.mul_add(sums[r][k], simd.zero(), fault);
        }
        // and once it is not a number it stays so, as the second of every maximum
        largest[r] = simd.add(largest[r], fault);
    }
    largest
}
