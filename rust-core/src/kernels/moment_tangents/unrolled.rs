//! The kernels of `moment_tangents` with every loop over monomials unrolled, for the usual lists of ranks.

// Conditions on the constants of `for_each_constant` are true or false for some of them.
#![allow(clippy::absurd_extreme_comparisons, unused_comparisons)]

use super::super::moments::unrolled::{MAX_UNROLLED_FUNCTIONS, Ranks, for_each_constant};
use super::super::radial::{RECORD_HEAD, record_size};
use super::super::simd::{Block, Simd};
use super::{Dual, PolynomialPair, TANGENT_SIZE};
use crate::plan::sphere::RankList;

/// [`ForwardMomentTangents`](super::ForwardMomentTangents) for the ranks N.
#[inline(always)]
pub(crate) fn accumulate_tangents<S: Simd, const N: RankList>(
    simd: S,
    records: &[Block],
    tangents: &[Block],
    sums: &mut [Block],
    tangent_sums: &mut [Block],
) {
    let size = record_size(Ranks::<N>::FUNCTIONS);
    let mut record_pairs = records.chunks_exact(2 * size);
    let mut tangent_pairs = tangents.chunks_exact(2 * TANGENT_SIZE);
    for (records, tangents) in (&mut record_pairs).zip(&mut tangent_pairs) {
        let (first, second) = records.split_at(size);
        let tangents = tangents.split_at(TANGENT_SIZE);
        let (records, tangents) = ([first, second], [tangents.0, tangents.1]);
        accumulate_records::<S, N, 2>(simd, records, tangents, sums, tangent_sums);
    }
    let (record, tangent) = (record_pairs.remainder(), tangent_pairs.remainder());
    if !record.is_empty() {
        accumulate_records::<S, N, 1>(simd, [record], [tangent], sums, tangent_sums);
    }
}

/// The same for R records at once, so that each sum is loaded and stored once for all of them.
#[inline(always)]
fn accumulate_records<S: Simd, const N: RankList, const R: usize>(
    simd: S,
    records: [&[Block]; R],
    tangents: [&[Block]; R],
    sums: &mut [Block],
    tangent_sums: &mut [Block],
) {
    let functions = Ranks::<N>::FUNCTIONS;
    assert!(sums.len() == Ranks::<N>::MOMENTS && tangent_sums.len() == Ranks::<N>::MOMENTS);
    let zero = Dual { value: simd.zero(), tangent: simd.zero() };
    let (mut x, mut y, mut row_head) = ([zero; R], [zero; R], [Dual::one(simd); R]);
    let mut factors = [[[zero; MAX_UNROLLED_FUNCTIONS]; 2]; R];
    for k in 0..R {
        let (record, tangent) = (records[k], tangents[k]);
        assert!(record.len() == record_size(functions));
        let [x_k, y_k, z_k] = directions(simd, record, tangent);
        (x[k], y[k]) = (x_k, y_k);
        let stretch = simd.load(&tangent[3]);
        for mu in 0..functions {
            let slope = simd.load(&record[RECORD_HEAD + functions + mu]);
            let value = simd.load(&record[RECORD_HEAD + mu]);
            factors[k][0][mu] = Dual { value, tangent: simd.mul(slope, stretch) };
            factors[k][1][mu] = factors[k][0][mu].times(simd, z_k);
        }
    }
    for_each_constant!(B, {
        if const { B <= Ranks::<N>::HIGHEST } {
            let mut power = row_head;
            for_each_constant!(A, {
                if const { A + B <= Ranks::<N>::HIGHEST } {
                    for mu in 0..const { Ranks::<N>::reaching(A + B) } {
                        for part in 0..2 {
                            if part == 0 || mu < const { Ranks::<N>::reaching(A + B + 1) } {
                                let index = Ranks::<N>::index(mu, part, B, A);
                                let mut sum = simd.load(&sums[index]);
                                let mut tangent_sum = simd.load(&tangent_sums[index]);
                                for k in 0..R {
                                    let factor = factors[k][part][mu];
                                    sum = simd.mul_add(factor.value, power[k].value, sum);
                                    tangent_sum = simd.mul_add(factor.tangent, power[k].value, tangent_sum);
                                    tangent_sum = simd.mul_add(factor.value, power[k].tangent, tangent_sum);
                                }
                                simd.store(sum, &mut sums[index]);
                                simd.store(tangent_sum, &mut tangent_sums[index]);
                            }
                        }
                    }
                    for k in 0..R {
                        power[k] = power[k].times(simd, x[k]);
                    }
                }
            });
            for k in 0..R {
                row_head[k] = row_head[k].times(simd, y[k]);
            }
        }
    });
}

/// [`ReverseMomentTangents`](super::ReverseMomentTangents) for the ranks N.
#[inline(always)]
pub(crate) fn radial_adjoints<S: Simd, const N: RankList>(
    simd: S,
    records: &mut [Block],
    tangents: &[Block],
    adjoints: &[f64],
    value_adjoints: &[f64],
) {
    let functions = Ranks::<N>::FUNCTIONS;
    assert!(adjoints.len() == Ranks::<N>::MOMENTS && value_adjoints.len() == Ranks::<N>::MOMENTS);
    let records = records.chunks_exact_mut(record_size(functions));
    for (record, tangent) in records.zip(tangents.chunks_exact(TANGENT_SIZE)) {
        let [x, y, _] = directions(simd, record, tangent);
        let mut polynomials = [PolynomialPair::zero(simd); MAX_UNROLLED_FUNCTIONS];
        let mut row_head = Dual::one(simd);
        for_each_constant!(B, {
            if const { B <= Ranks::<N>::HIGHEST } {
                let mut power = row_head;
                for_each_constant!(A, {
                    if const { A + B <= Ranks::<N>::HIGHEST } {
                        for mu in 0..const { Ranks::<N>::reaching(A + B) } {
                            for part in 0..2 {
                                if part == 0 || mu < const { Ranks::<N>::reaching(A + B + 1) } {
                                    let index = Ranks::<N>::index(mu, part, B, A);
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
