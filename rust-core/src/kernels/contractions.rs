//! Contractions of eight atoms side by side: energies from sphere moments, and back the adjoints.
//!
//! In: the array of a [`Program`] with the sphere moments M (one block per moment, one lane per atom). Out: the energy of
//! each lane without its species coefficient, all moments, and the adjoints D = ∂V/∂M. What bounds this are loads, two
//! for a product with nothing in common with others; sums of four outputs at a time share what they can.

use super::simd::{Block, LANES, Simd};
use crate::plan::program::blocks::Four;
use crate::plan::program::quads::Products;
use crate::plan::program::{Program, Stage};

/// Fills the array of the program beyond the sphere moments. `linear` adds Σ coefficient · M\[moment\] to the energy.
/// Returns the energy of each lane, eV.
#[inline(always)]
pub(crate) fn contract<S: Simd, F: Four>(
    simd: S,
    program: &Program<F>,
    linear: &[(u32, f64)],
    blocks: &mut [Block],
) -> [f64; LANES] {
    assert_eq!(blocks.len(), program.blocks());
    blocks[program.adjoints() - 1] = Block::splat(0.0);
    for stage in program.stages() {
        add_up(simd, stage, blocks);
        multiply::<S, F, false>(simd, &stage.forward, blocks);
    }
    multiply::<S, F, false>(simd, program.scalars(), blocks);
    let energy = seed(simd, program, linear, blocks);
    for stage in program.stages().iter().rev() {
        multiply::<S, F, true>(simd, &stage.reverse, blocks);
        hand_back(simd, stage, program.adjoints(), blocks);
    }
    energy
}

/// M\[target\] = Σ factor · M\[summand\].
#[inline(always)]
fn add_up<S: Simd, F>(simd: S, stage: &Stage<F>, blocks: &mut [Block]) {
    let mut start = 0;
    for sum in &stage.sums {
        let mut total = simd.zero();
        for &(summand, factor) in &stage.summands[start..sum.end as usize] {
            total = simd.mul_add(simd.splat(factor), simd.load(&blocks[summand as usize]), total);
        }
        simd.store(total, &mut blocks[sum.target as usize]);
        start = sum.end as usize;
    }
}

/// D\[summand\] += factor · D\[target\], the last sum first.
#[inline(always)]
fn hand_back<S: Simd, F>(simd: S, stage: &Stage<F>, adjoints: usize, blocks: &mut [Block]) {
    for (index, sum) in stage.sums.iter().enumerate().rev() {
        let start = if index == 0 { 0 } else { stage.sums[index - 1].end as usize };
        let adjoint = simd.load(&blocks[adjoints + sum.target as usize]);
        for &(summand, factor) in &stage.summands[start..sum.end as usize] {
            let block = &mut blocks[adjoints + summand as usize];
            simd.store(simd.mul_add(simd.splat(factor), adjoint, simd.load(block)), block);
        }
    }
}

/// Sums of products: what stood in the outputs counts if `ADD`, else it is forgotten.
#[inline(always)]
fn multiply<S: Simd, F: Four, const ADD: bool>(simd: S, products: &Products<F>, blocks: &mut [Block]) {
    let (mut common, mut apart) = (0, 0);
    for quad in &products.quads {
        let outputs = quad.outputs.unpack();
        let mut sums = [simd.zero(); 4];
        if ADD {
            sums = outputs.map(|output| load(simd, blocks, output));
        }
        let columns = common..quad.common_end as usize;
        for (&factor, others) in products.common[columns.clone()].iter().zip(&products.others[columns]) {
            let factor = load(simd, blocks, factor as usize);
            let others = others.unpack();
            for k in 0..4 {
                sums[k] = simd.mul_add(factor, load(simd, blocks, others[k]), sums[k]);
            }
        }
        for [left, right] in &products.apart[apart..quad.apart_end as usize] {
            let (left, right) = (left.unpack(), right.unpack());
            for k in 0..4 {
                sums[k] = simd.mul_add(load(simd, blocks, left[k]), load(simd, blocks, right[k]), sums[k]);
            }
        }
        for k in 0..4 {
            simd.store(sums[k], &mut blocks[outputs[k]]);
        }
        (common, apart) = (quad.common_end as usize, quad.apart_end as usize);
    }
}

/// The energy, and its derivatives by the moments that it reads directly.
#[inline(always)]
fn seed<S: Simd, F: Four>(
    simd: S,
    program: &Program<F>,
    linear: &[(u32, f64)],
    blocks: &mut [Block],
) -> [f64; LANES] {
    for &block in program.cleared() {
        blocks[block as usize] = Block::splat(0.0);
    }
    let form = program.energy();
    let mut twice_energy = simd.zero();
    let mut start = 0;
    for rows in &form.rows {
        let columns = start..rows.end as usize;
        start = rows.end as usize;
        let mut sums = [simd.zero(); 4];
        for (&moment, weights) in form.moments[columns.clone()].iter().zip(&form.weights[columns]) {
            let moment = load(simd, blocks, moment as usize);
            for k in 0..4 {
                sums[k] = simd.mul_add(simd.splat(weights[k]), moment, sums[k]);
            }
        }
        let moments = rows.moments.unpack();
        for k in 0..4 {
            twice_energy = simd.mul_add(sums[k], load(simd, blocks, moments[k]), twice_energy);
            simd.store(sums[k], &mut blocks[program.adjoints() + moments[k]]);
        }
    }
    let mut energy = simd.mul(simd.splat(0.5), twice_energy);
    for &(moment, coefficient) in linear {
        let coefficient = simd.splat(coefficient);
        energy = simd.mul_add(coefficient, simd.load(&blocks[moment as usize]), energy);
        let adjoint = &mut blocks[program.adjoints() + moment as usize];
        simd.store(simd.add(simd.load(adjoint), coefficient), adjoint);
    }
    let mut lanes = Block::default();
    simd.store(energy, &mut lanes);
    lanes.0
}

#[inline(always)]
fn load<S: Simd>(simd: S, blocks: &[Block], number: usize) -> S::Vector {
    debug_assert!(number < blocks.len());
    // SAFETY: all numbers of a program are below its number of blocks, which `contract` compares with the length.
    // Measured gain: see `make bench`.
    simd.load(unsafe { blocks.get_unchecked(number) })
}

#[cfg(test)]
mod tests;
