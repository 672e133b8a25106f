//! The kernels of `tangents` with every loop over monomials unrolled, for the ranks that templates have.

// Conditions on the constants of `for_each_constant` are true or false for some of them.
#![allow(clippy::absurd_extreme_comparisons, unused_comparisons)]

use super::radial::{RECORD_HEAD, record_size};
use super::simd::{Block, Simd};
use super::tangents::{Dual, PolynomialPair, TANGENT_SIZE};
use super::unrolled::{MAX_UNROLLED_RANK, for_each_constant, moment_index, moments_count};
use crate::plan::sphere::functions_of_rank;

/// See `tangents::accumulate_tangents`.
#[inline(always)]
pub(crate) fn accumulate_tangents<S: Simd, const N: usize>(
    simd: S,
    records: &[Block],
    tangents: &[Block],
    sums: &mut [Block],
    tangent_sums: &mut [Block],
) {
    let functions = functions_of_rank(N);
    assert!(sums.len() == moments_count(N) && tangent_sums.len() == moments_count(N));
    let records = records.chunks_exact(record_size(functions));
    for (record, tangent) in records.zip(tangents.chunks_exact(TANGENT_SIZE)) {
        let [x, y, z] = directions(simd, record, tangent);
        let stretch = simd.load(&tangent[3]);
        let mut factors = [[Dual { value: simd.zero(), tangent: simd.zero() }; MAX_UNROLLED_RANK / 2 + 1]; 2];
        for mu in 0..functions {
            let slope = simd.load(&record[RECORD_HEAD + functions + mu]);
            let value = simd.load(&record[RECORD_HEAD + mu]);
            factors[0][mu] = Dual { value, tangent: simd.mul(slope, stretch) };
            factors[1][mu] = factors[0][mu].times(simd, z);
        }
        let mut row_head = Dual::one(simd);
        for_each_constant!(B, {
            if const { B <= N } {
                let mut power = row_head;
                for_each_constant!(A, {
                    if const { A + B <= N } {
                        for mu in 0..=(N - A - B) / 2 {
                            for part in 0..2 {
                                if A + B + part <= N - 2 * mu {
                                    let index = moment_index(N, mu, part, B, A);
                                    let factor = factors[part][mu];
                                    let sum = &mut sums[index];
                                    simd.store(simd.mul_add(factor.value, power.value, simd.load(sum)), sum);
                                    let sum = &mut tangent_sums[index];
                                    let total = simd.mul_add(factor.tangent, power.value, simd.load(sum));
                                    simd.store(simd.mul_add(factor.value, power.tangent, total), sum);
                                }
                            }
                        }
                        power = power.times(simd, x);
                    }
                });
                row_head = row_head.times(simd, y);
            }
        });
    }
}

/// See `tangents::radial_adjoints`.
#[inline(always)]
pub(crate) fn radial_adjoints<S: Simd, const N: usize>(
    simd: S,
    records: &mut [Block],
    tangents: &[Block],
    adjoints: &[f64],
    value_adjoints: &[f64],
) {
    let functions = functions_of_rank(N);
    assert!(adjoints.len() == moments_count(N) && value_adjoints.len() == moments_count(N));
    let records = records.chunks_exact_mut(record_size(functions));
    for (record, tangent) in records.zip(tangents.chunks_exact(TANGENT_SIZE)) {
        let [x, y, _] = directions(simd, record, tangent);
        let mut polynomials = [PolynomialPair::zero(simd); MAX_UNROLLED_RANK / 2 + 1];
        let mut row_head = Dual::one(simd);
        for_each_constant!(B, {
            if const { B <= N } {
                let mut power = row_head;
                for_each_constant!(A, {
                    if const { A + B <= N } {
                        for mu in 0..=(N - A - B) / 2 {
                            for part in 0..2 {
                                if A + B + part <= N - 2 * mu {
                                    let index = moment_index(N, mu, part, B, A);
                                    let (adjoint, value_adjoint) = (adjoints[index], value_adjoints[index]);
                                    polynomials[mu].push(
                                        simd,
                                        part,
                                        adjoint,
                                        value_adjoint,
                                        power.value,
                                        power.tangent,
                                    );
                                }
                            }
                        }
                        power = power.times(simd, x);
                    }
                });
                row_head = row_head.times(simd, y);
            }
        });
        for mu in 0..functions {
            polynomials[mu].finish(simd, mu, functions, tangent, record);
        }
    }
}

/// x̂, ŷ, ẑ with their derivatives.
#[inline(always)]
fn directions<S: Simd>(simd: S, record: &[Block], tangent: &[Block]) -> [Dual<S::Vector>; 3] {
    assert!(record.len() > RECORD_HEAD && tangent.len() == TANGENT_SIZE);
    let dual = |axis: usize| Dual { value: simd.load(&record[axis]), tangent: simd.load(&tangent[axis]) };
    [dual(0), dual(1), dual(2)]
}
