//! Contractions of eight atoms side by side: energies from sphere moments, and back the adjoints.
//!
//! In: the array of a [`Program`] with the sphere moments M (one block per moment, one lane per atom). Out: the energy of
//! each lane without its species coefficient, all moments, and the adjoints D = ∂V/∂M. What bounds this are loads, two
//! for a product with nothing in common with others; sums of four outputs at a time share what they can.

use super::dispatch::Kernel;
use super::simd::{Block, LANES, Simd};
use crate::plan::Plan;
use crate::plan::program::Program;
use crate::plan::program::blocks::SIZE;
use crate::plan::program::quads::Products;
use crate::plan::program::sums::Sums;

const _: () = assert!(size_of::<Block>() == SIZE as usize);

/// Fills the array of the program beyond the sphere moments and returns the energy of each lane, eV.
pub(crate) struct Contract<'a> {
    pub(crate) plan: &'a Plan,
    /// The array of the plan's program.
    pub(crate) blocks: &'a mut [Block],
}

impl Kernel for Contract<'_> {
    type Output = [f64; LANES];

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) -> [f64; LANES] {
        let Self { plan: Plan { program, contractions, .. }, blocks } = self;
        assert_eq!(blocks.len(), program.blocks());
        blocks[program.adjoints() - 1] = Block::splat(0.0);
        for stage in program.stages() {
            forward_sums(simd, &stage.sums, blocks);
            multiply::<S, false>(simd, &stage.forward, blocks);
        }
        multiply::<S, false>(simd, program.scalars(), blocks);
        let energy = seed(simd, program, &contractions.energy_moments, blocks);
        for stage in program.stages().iter().rev() {
            multiply::<S, true>(simd, &stage.reverse, blocks);
            reverse_sums(simd, &stage.sums, program.adjoints() * size_of::<Block>(), blocks);
        }
        energy
    }
}

/// M\[target\] = Σ factor · M\[summand\].
#[inline(always)]
fn forward_sums<S: Simd>(simd: S, sums: &Sums, blocks: &mut [Block]) {
    let (mut targets, mut summands) = (&sums.targets[..], &sums.summands[..]);
    for run in &sums.runs {
        for &target in split_off(&mut targets, run.sums) {
            let mut total = simd.zero();
            for &(summand, factor) in split_off(&mut summands, run.summands) {
                total = simd.mul_add(simd.splat(factor), load(simd, blocks, summand.bytes()), total);
            }
            store(simd, total, blocks, target.bytes());
        }
    }
}

/// D\[summand\] += factor · D\[target\], the last run first. `adjoints`: bytes from the first block.
#[inline(always)]
fn reverse_sums<S: Simd>(simd: S, sums: &Sums, adjoints: usize, blocks: &mut [Block]) {
    let (mut targets, mut summands) = (&sums.targets[..], &sums.summands[..]);
    for run in sums.runs.iter().rev() {
        let first = targets.len() - run.sums as usize;
        let first_summand = summands.len() - (run.sums * run.summands) as usize;
        let mut last = &summands[first_summand..];
        for &target in &targets[first..] {
            let adjoint = load(simd, blocks, adjoints + target.bytes());
            for &(summand, factor) in split_off(&mut last, run.summands) {
                let place = adjoints + summand.bytes();
                let sum = simd.mul_add(simd.splat(factor), adjoint, load(simd, blocks, place));
                store(simd, sum, blocks, place);
            }
        }
        (targets, summands) = (&targets[..first], &summands[..first_summand]);
    }
}

/// Sums of products: what stood in the outputs counts if `ADD`, else it is forgotten.
#[inline(always)]
fn multiply<S: Simd, const ADD: bool>(simd: S, products: &Products, blocks: &mut [Block]) {
    let (mut outputs, mut common, mut others, mut apart) =
        (&products.outputs[..], &products.common[..], &products.others[..], &products.apart[..]);
    for run in &products.runs {
        for quad in split_off(&mut outputs, run.quads) {
            let outputs = quad.offsets();
            let mut sums = [simd.zero(); 4];
            if ADD {
                sums = outputs.map(|output| load(simd, blocks, output));
            }
            let columns = split_off(&mut common, run.common).iter().zip(split_off(&mut others, run.common));
            for (factor, others) in columns {
                let factor = load(simd, blocks, factor.bytes());
                let others = others.offsets();
                for k in 0..4 {
                    sums[k] = simd.mul_add(factor, load(simd, blocks, others[k]), sums[k]);
                }
            }
            for [left, right] in split_off(&mut apart, run.apart) {
                let (left, right) = (left.offsets(), right.offsets());
                for k in 0..4 {
                    sums[k] =
                        simd.mul_add(load(simd, blocks, left[k]), load(simd, blocks, right[k]), sums[k]);
                }
            }
            for k in 0..4 {
                store(simd, sums[k], blocks, outputs[k]);
            }
        }
    }
}

/// The energy, and its derivatives by the moments that it reads directly.
#[inline(always)]
fn seed<S: Simd>(simd: S, program: &Program, linear: &[(u32, f64)], blocks: &mut [Block]) -> [f64; LANES] {
    for &place in program.cleared() {
        store(simd, simd.zero(), blocks, place.bytes());
    }
    let adjoints = program.adjoints() * size_of::<Block>();
    let form = program.energy();
    let mut twice_energy = [simd.zero(); 4];
    let (mut moments, mut weights) = (&form.moments[..], &form.weights[..]);
    let mut rows = &form.rows[..];
    for run in &form.runs {
        for rows in split_off(&mut rows, run.fours) {
            let mut sums = [simd.zero(); 4];
            let columns = split_off(&mut moments, run.columns).iter();
            for (moment, weights) in columns.zip(split_off(&mut weights, run.columns)) {
                let moment = load(simd, blocks, moment.bytes());
                for k in 0..4 {
                    sums[k] = simd.mul_add(simd.splat(weights[k]), moment, sums[k]);
                }
            }
            let rows = rows.offsets();
            for k in 0..4 {
                twice_energy[k] = simd.mul_add(sums[k], load(simd, blocks, rows[k]), twice_energy[k]);
                store(simd, sums[k], blocks, adjoints + rows[k]);
            }
        }
    }
    let [a, b, c, d] = twice_energy;
    let twice_energy = simd.add(simd.add(a, b), simd.add(c, d));
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

/// The first this many, which the slice loses.
#[inline(always)]
fn split_off<'a, T>(slice: &mut &'a [T], count: u32) -> &'a [T] {
    let (first, rest) = slice.split_at(count as usize);
    *slice = rest;
    first
}

/// The block this many bytes from the first.
#[inline(always)]
fn load<S: Simd>(simd: S, blocks: &[Block], bytes: usize) -> S::Vector {
    debug_assert!(bytes.is_multiple_of(size_of::<Block>()) && bytes < size_of_val(blocks));
    // SAFETY: all offsets of a program are of blocks below its number of blocks, which [`Contract`] compares with the
    // length. Measured gain: see `make bench`.
    simd.load(unsafe { &*blocks.as_ptr().byte_add(bytes) })
}

#[inline(always)]
fn store<S: Simd>(simd: S, value: S::Vector, blocks: &mut [Block], bytes: usize) {
    debug_assert!(bytes.is_multiple_of(size_of::<Block>()) && bytes < size_of_val(blocks));
    // SAFETY: all offsets of a program are of blocks below its number of blocks, which is the length of the slice.
    simd.store(value, unsafe { &mut *blocks.as_mut_ptr().byte_add(bytes) });
}

#[cfg(test)]
mod tests;
