//! Moments and their way back with every loop over monomials unrolled, for the usual lists of ranks.
//!
//! The same sums as in `moments`, for radial functions μ = 0, 1, … of the ranks in the list N. All indices are constants
//! here, so that powers and partial polynomials stay in registers.

// Conditions on the constants of `for_each_constant` are true or false for some of them.
#![allow(clippy::absurd_extreme_comparisons, unused_comparisons)]

use super::super::arithmetic::{Arithmetic, BlockOf, Real};
use super::super::radial::{RECORD_HEAD, record_size};
use super::super::simd::Block;
use super::{Displacements, Horner, HornerRow, PAIR_SUMS, finish_gradient, of_record, triangle};
use crate::plan::sphere::{RankList, UNROLLED_RANKS, functions_of, highest_rank_of, moments_of, rank_of};

/// The highest rank of all compiled lists, and the most radial functions.
pub(crate) const MAX_UNROLLED_RANK: usize = most(true);
pub(crate) const MAX_UNROLLED_FUNCTIONS: usize = most(false);

const fn most(rank: bool) -> usize {
    let (mut most, mut k) = (0, 0);
    while k < UNROLLED_RANKS.len() {
        let list = UNROLLED_RANKS[k];
        let value = if rank { highest_rank_of(list) } else { functions_of(list) };
        if value > most {
            most = value;
        }
        k += 1;
    }
    most
}

/// Runs a block once for each of 0..=12, which stand as a constant of the given name.
macro_rules! for_each_constant {
    ($name:ident, $body:block) => {{
        for_each_constant!(@ $name, $body, 0 1 2 3 4 5 6 7 8 9 10 11 12);
    }};
    (@ $name:ident, $body:block, $($value:literal)+) => {
        $({
            const $name: usize = $value;
            $body
        })+
    };
}
pub(crate) use for_each_constant;

/// What follows from a list of ranks, as constants.
pub(crate) struct Ranks<const N: RankList>;

impl<const N: RankList> Ranks<N> {
    /// Number of radial functions.
    pub(crate) const FUNCTIONS: usize = functions_of(N);
    /// The highest rank.
    pub(crate) const HIGHEST: usize = highest_rank_of(N);
    /// Number of sphere moments.
    pub(crate) const MOMENTS: usize = moments_of(N);
    /// Rank of each radial function, and its first moment.
    const PLACES: [(usize, usize); MAX_UNROLLED_FUNCTIONS] = {
        let mut places = [(0, 0); MAX_UNROLLED_FUNCTIONS];
        let (mut mu, mut next) = (0, 0);
        while mu < functions_of(N) {
            let rank = rank_of(N, mu);
            assert!(mu == 0 || rank <= rank_of(N, mu - 1), "ranks of compiled lists do not ascend");
            places[mu] = (rank, next);
            next += (rank + 1) * (rank + 1);
            mu += 1;
        }
        places
    };

    /// Number of radial functions whose rank is at least `degree`: the first ones.
    pub(crate) const fn reaching(degree: usize) -> usize {
        let mut mu = 0;
        while mu < Self::FUNCTIONS && Self::PLACES[mu].0 >= degree {
            mu += 1;
        }
        mu
    }

    /// Index of a sphere moment of radial function `mu`: monomial x^a y^b z^part (see `plan::sphere`).
    #[inline(always)]
    pub(crate) const fn index(mu: usize, part: usize, b: usize, a: usize) -> usize {
        let (degree, first) = Self::PLACES[mu];
        if part == 0 {
            first + b * (2 * degree + 3 - b) / 2 + a
        } else {
            first + triangle(degree) + b * (2 * degree + 1 - b) / 2 + a
        }
    }
}

/// [`ForwardMoments`](super::ForwardMoments) for the ranks N.
#[inline(always)]
pub(crate) fn accumulate<S: Arithmetic, const N: RankList>(
    simd: S,
    records: &[BlockOf<S>],
    sums: &mut [BlockOf<S>],
) {
    let size = record_size(Ranks::<N>::FUNCTIONS);
    let mut pairs = records.chunks_exact(2 * size);
    for pair in &mut pairs {
        let (first, second) = pair.split_at(size);
        accumulate_records::<S, N, 2>(simd, [first, second], sums);
    }
    if !pairs.remainder().is_empty() {
        accumulate_records::<S, N, 1>(simd, [pairs.remainder()], sums);
    }
}

/// The same for R records at once, so that each sum is loaded and stored once for all of them.
#[inline(always)]
fn accumulate_records<S: Arithmetic, const N: RankList, const R: usize>(
    simd: S,
    records: [&[BlockOf<S>]; R],
    sums: &mut [BlockOf<S>],
) {
    assert!(sums.len() == Ranks::<N>::MOMENTS);
    let functions = Ranks::<N>::FUNCTIONS;
    let mut x = [simd.zero(); R];
    let mut y = x;
    let mut f = [[simd.zero(); MAX_UNROLLED_FUNCTIONS]; R];
    let mut fz = f;
    for k in 0..R {
        assert!(records[k].len() == record_size(functions));
        x[k] = simd.load(&records[k][0]);
        y[k] = simd.load(&records[k][1]);
        let z = simd.load(&records[k][2]);
        for mu in 0..functions {
            f[k][mu] = simd.load(&records[k][RECORD_HEAD + mu]);
            fz[k][mu] = simd.mul(f[k][mu], z);
        }
    }
    let mut row_head = [simd.splat_nearest(1.0); R];
    for_each_constant!(B, {
        if const { B <= Ranks::<N>::HIGHEST } {
            let mut power = row_head;
            for_each_constant!(A, {
                if const { A + B <= Ranks::<N>::HIGHEST } {
                    for mu in 0..const { Ranks::<N>::reaching(A + B) } {
                        add_products(simd, &f, mu, &power, &mut sums[Ranks::<N>::index(mu, 0, B, A)]);
                        if mu < const { Ranks::<N>::reaching(A + B + 1) } {
                            add_products(simd, &fz, mu, &power, &mut sums[Ranks::<N>::index(mu, 1, B, A)]);
                        }
                    }
                    for k in 0..R {
                        power[k] = simd.mul(power[k], x[k]);
                    }
                }
            });
            for k in 0..R {
                row_head[k] = simd.mul(row_head[k], y[k]);
            }
        }
    });
}

/// sum += Σ_k f\[k\]\[mu\] · power\[k\]
#[inline(always)]
fn add_products<S: Arithmetic, const R: usize, const M: usize>(
    simd: S,
    f: &[[S::Vector; M]; R],
    mu: usize,
    power: &[S::Vector; R],
    sum: &mut BlockOf<S>,
) {
    let mut total = simd.load(sum);
    for k in 0..R {
        total = simd.mul_add(f[k][mu], power[k], total);
    }
    simd.store(total, sum);
}

/// [`ReverseMoments`](super::ReverseMoments) for the ranks N.
#[inline(always)]
pub(crate) fn gradients<S: Arithmetic, const N: RankList>(
    simd: S,
    records: &mut [BlockOf<S>],
    displacements: &Displacements<'_>,
    adjoints: &[S::Real],
    gradients: &mut [Block],
    pair_sums: &mut [Block; PAIR_SUMS],
) {
    let records = records.chunks_exact_mut(record_size(Ranks::<N>::FUNCTIONS));
    let gradients = gradients.chunks_exact_mut(3 * S::Real::PARTS);
    for (number, (record, gradient)) in records.zip(gradients).enumerate() {
        let (radial, partial) = polynomial_gradient::<S, N>(simd, record, adjoints);
        let displacement = of_record::<S::Real>(displacements, number);
        finish_gradient(simd, record, displacement, radial, partial, gradient, pair_sums);
    }
}

/// Σ_μ f'_μ P_μ, and ∂/∂x, ∂/∂y, ∂/∂z of Σ_μ f_μ P_μ by Horner's rule, in one pass from the highest power down. P_μ
/// takes the place of f'_μ in the record.
#[inline(always)]
fn polynomial_gradient<S: Arithmetic, const N: RankList>(
    simd: S,
    record: &mut [BlockOf<S>],
    adjoints: &[S::Real],
) -> (S::Vector, [S::Vector; 3]) {
    let functions = Ranks::<N>::FUNCTIONS;
    assert!(adjoints.len() == Ranks::<N>::MOMENTS && record.len() == record_size(functions));
    let zero = simd.zero();
    let (x, y, z) = (simd.load(&record[0]), simd.load(&record[1]), simd.load(&record[2]));
    let mut x_powers = [simd.splat_nearest(1.0); MAX_UNROLLED_RANK + 1];
    let mut y_powers = x_powers;
    for k in 0..Ranks::<N>::HIGHEST {
        x_powers[k + 1] = simd.mul(x_powers[k], x);
        y_powers[k + 1] = simd.mul(y_powers[k], y);
    }
    let mut parts = [[zero; MAX_UNROLLED_FUNCTIONS]; 2];
    let mut total = Horner::zero(simd);
    for_each_constant!(I, {
        if const { I <= Ranks::<N>::HIGHEST } {
            let b = Ranks::<N>::HIGHEST - I;
            let mut row = HornerRow::zero(simd);
            for_each_constant!(J, {
                if const { J <= I && I <= Ranks::<N>::HIGHEST } {
                    let a = I.wrapping_sub(J); // never below zero where it is used
                    let power = simd.mul(x_powers[a], y_powers[b]);
                    let (mut even, mut odd) = (zero, zero);
                    for mu in 0..const { Ranks::<N>::reaching(Ranks::<N>::HIGHEST.wrapping_sub(J)) } {
                        let f = simd.load(&record[RECORD_HEAD + mu]);
                        let adjoint = simd.splat(adjoints[Ranks::<N>::index(mu, 0, b, a)]);
                        even = simd.mul_add(adjoint, f, even);
                        parts[0][mu] = simd.mul_add(adjoint, power, parts[0][mu]);
                        if mu < const { Ranks::<N>::reaching((Ranks::<N>::HIGHEST + 1).wrapping_sub(J)) } {
                            let adjoint = simd.splat(adjoints[Ranks::<N>::index(mu, 1, b, a)]);
                            odd = simd.mul_add(adjoint, f, odd);
                            parts[1][mu] = simd.mul_add(adjoint, power, parts[1][mu]);
                        }
                    }
                    row.push(simd, x, z, even, odd);
                }
            });
            total.push(simd, y, row);
        }
    });
    let mut radial = zero;
    for mu in 0..functions {
        let polynomial = simd.mul_add(z, parts[1][mu], parts[0][mu]);
        let derivative = &mut record[RECORD_HEAD + functions + mu];
        radial = simd.mul_add(simd.load(derivative), polynomial, radial);
        simd.store(polynomial, derivative);
    }
    (radial, total.partial())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::sphere::sphere_powers;

    #[test]
    fn constant_indices_number_the_moments_as_the_plan_does() {
        fn check<const N: RankList>() {
            let mut next = 0;
            for mu in 0..functions_of(N) {
                for [a, b, c] in sphere_powers(rank_of(N, mu)) {
                    let [a, b, c] = [a, b, c].map(usize::from);
                    assert_eq!(Ranks::<N>::index(mu, c, b, a), next, "ranks {N:x}");
                    next += 1;
                }
            }
            assert_eq!(Ranks::<N>::MOMENTS, next);
        }
        check::<0x1>();
        check::<0x1_2468>();
        check::<0x1_1355>();
        check::<0x135_79bd>();
        assert_eq!([0, 1, 3, 4, 5].map(Ranks::<0x1_1355>::reaching), [5, 3, 2, 2, 0]);
    }
}
