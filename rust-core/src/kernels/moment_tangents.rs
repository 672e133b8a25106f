//! Derivatives along a direction: how sphere moments change when the neighbors move, and the way back to the radial
//! functions.
//!
//! For a loss in forces one needs ∂/∂θ of the derivative of the energy along displacements d_j of all atoms. A dot is
//! the derivative along them: ṙ = r̂·d, (r̂)˙ = (d − r̂ ṙ)/r, ḟ = f' ṙ; products by the product rule. The numbering of
//! moments and the rows of monomials are those of `moments`; the same with the loops unrolled stands in [`unrolled`].

use super::dispatch::Kernel;
use super::moments::{row_start, triangle};
use super::radial::{RECORD_HEAD, record_size};
use super::simd::{Block, Simd};
use super::unrolled::RankKernel;
use crate::plan::sphere::{RankList, SphereMoments};

pub(crate) mod unrolled;

/// Blocks of the tangent of one record: the derivatives of x̂, ŷ, ẑ and r.
pub(crate) const TANGENT_SIZE: usize = 4;

/// Vectors that registers must hold for the unrolled loops: with SSE2, which holds four, they are a tenth slower.
const FEWEST_REGISTERS: usize = 8;

/// Blocks of scratch for the tangent kernels.
pub(crate) fn tangent_scratch_size(ranks: &[usize]) -> usize {
    2 * triangle(ranks.iter().copied().max().unwrap_or(0))
}

/// Turns displacements d_j − d_i, to which the strain A r_ij is added, into tangents of the records.
pub(crate) struct FillTangents<'a> {
    /// Number of radial functions.
    pub(crate) functions: usize,
    /// A, row-major.
    pub(crate) strain: &'a [f64; 9],
    pub(crate) records: &'a [Block],
    /// Three blocks and one unused for each record in, tangents out.
    pub(crate) tangents: &'a mut [Block],
}

impl Kernel for FillTangents<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let records = self.records.chunks_exact(record_size(self.functions));
        for (record, tangent) in records.zip(self.tangents.chunks_exact_mut(TANGENT_SIZE)) {
            let unit = [simd.load(&record[0]), simd.load(&record[1]), simd.load(&record[2])];
            let (r, inverse) = (simd.load(&record[3]), simd.load(&record[4]));
            let mut direction = [simd.zero(); 3];
            for (a, row) in self.strain.chunks_exact(3).enumerate() {
                let mut along = simd.zero();
                for b in 0..3 {
                    along = simd.mul_add(simd.splat(row[b]), unit[b], along);
                }
                direction[a] = simd.mul_add(along, r, simd.load(&tangent[a]));
            }
            let stretch = simd.mul(direction[0], unit[0]);
            let stretch = simd.mul_add(direction[2], unit[2], simd.mul_add(direction[1], unit[1], stretch));
            for a in 0..3 {
                let across = simd.neg_mul_add(unit[a], stretch, direction[a]);
                simd.store(simd.mul(across, inverse), &mut tangent[a]);
            }
            simd.store(stretch, &mut tangent[3]);
        }
    }
}

/// Adds the moments of the neighbors in `records` to `sums` and their derivatives along `tangents` to `tangent_sums`,
/// lane by lane.
pub(crate) struct ForwardMomentTangents<'a> {
    pub(crate) sphere: &'a SphereMoments,
    pub(crate) records: &'a [Block],
    pub(crate) tangents: &'a [Block],
    /// One block for each sphere moment.
    pub(crate) sums: &'a mut [Block],
    /// Likewise.
    pub(crate) tangent_sums: &'a mut [Block],
    /// As long as [`tangent_scratch_size`] says.
    pub(crate) scratch: &'a mut [Block],
}

impl RankKernel for ForwardMomentTangents<'_> {
    type Number = f64;
    const FEWEST_REGISTERS: usize = FEWEST_REGISTERS;

    #[inline(always)]
    fn sphere(&self) -> &SphereMoments {
        self.sphere
    }
    #[inline(always)]
    fn run_ranks<S: Simd, const N: RankList>(self, simd: S) {
        simd.forward_moment_tangents::<N>(self.records, self.tangents, self.sums, self.tangent_sums);
    }
    #[inline(always)]
    fn by_tables<S: Simd>(self, simd: S) {
        let ranks = &self.sphere.ranks[..];
        let max_rank = ranks.iter().copied().max().unwrap_or(0);
        let (powers, power_tangents) = self.scratch.split_at_mut(triangle(max_rank));
        let records = self.records.chunks_exact(record_size(ranks.len()));
        for (record, tangent) in records.zip(self.tangents.chunks_exact(TANGENT_SIZE)) {
            fill_powers(simd, max_rank, record, tangent, powers, power_tangents);
            let (z, z_tangent) = (simd.load(&record[2]), simd.load(&tangent[2]));
            let stretch = simd.load(&tangent[3]);
            let (values, slopes) = record[RECORD_HEAD..].split_at(ranks.len());
            let mut first = 0;
            for ((&rank, f), slope) in ranks.iter().zip(values).zip(slopes) {
                let f = simd.load(f);
                let f_tangent = simd.mul(simd.load(slope), stretch);
                let fz_tangent = simd.mul_add(f_tangent, z, simd.mul(f, z_tangent));
                let parts = [(Some(rank), f, f_tangent), (rank.checked_sub(1), simd.mul(f, z), fz_tangent)];
                for (degree, factor, factor_tangent) in parts {
                    let Some(degree) = degree else { continue };
                    for b in 0..=degree {
                        let row = row_start(max_rank, b);
                        for a in 0..=degree - b {
                            let power = simd.load(&powers[row + a]);
                            let sum = &mut self.sums[first + a];
                            simd.store(simd.mul_add(factor, power, simd.load(sum)), sum);
                            let sum = &mut self.tangent_sums[first + a];
                            let total = simd.mul_add(factor_tangent, power, simd.load(sum));
                            simd.store(simd.mul_add(factor, simd.load(&power_tangents[row + a]), total), sum);
                        }
                        first += degree + 1 - b;
                    }
                }
            }
        }
    }
}

/// Replaces, in each record, f_μ by ṙ P_μ and f'_μ by P*_μ + Ṗ_μ: what a function Φ(M, Ṁ) of the sums of
/// [`ForwardMomentTangents`] changes with f'_μ(r_j) and with f_μ(r_j).
///
/// P_μ is the polynomial with the coefficients `adjoints`, P*_μ that with `value_adjoints`.
pub(crate) struct ReverseMomentTangents<'a> {
    pub(crate) sphere: &'a SphereMoments,
    pub(crate) records: &'a mut [Block],
    pub(crate) tangents: &'a [Block],
    /// ∂Φ/∂Ṁ, one number for each sphere moment.
    pub(crate) adjoints: &'a [f64],
    /// ∂Φ/∂M, likewise.
    pub(crate) value_adjoints: &'a [f64],
    /// As long as [`tangent_scratch_size`] says.
    pub(crate) scratch: &'a mut [Block],
}

impl RankKernel for ReverseMomentTangents<'_> {
    type Number = f64;
    const FEWEST_REGISTERS: usize = FEWEST_REGISTERS;

    #[inline(always)]
    fn sphere(&self) -> &SphereMoments {
        self.sphere
    }
    #[inline(always)]
    fn run_ranks<S: Simd, const N: RankList>(self, simd: S) {
        simd.reverse_moment_tangents::<N>(self.records, self.tangents, self.adjoints, self.value_adjoints);
    }
    #[inline(always)]
    fn by_tables<S: Simd>(self, simd: S) {
        let ranks = &self.sphere.ranks[..];
        let max_rank = ranks.iter().copied().max().unwrap_or(0);
        let (powers, power_tangents) = self.scratch.split_at_mut(triangle(max_rank));
        let records = self.records.chunks_exact_mut(record_size(ranks.len()));
        for (record, tangent) in records.zip(self.tangents.chunks_exact(TANGENT_SIZE)) {
            fill_powers(simd, max_rank, record, tangent, powers, power_tangents);
            let mut first = 0;
            for (mu, &rank) in ranks.iter().enumerate() {
                let mut polynomials = PolynomialPair::zero(simd);
                for (part, degree) in [Some(rank), rank.checked_sub(1)].into_iter().enumerate() {
                    let Some(degree) = degree else { continue };
                    for b in 0..=degree {
                        let row = row_start(max_rank, b);
                        for a in 0..=degree - b {
                            let power = simd.load(&powers[row + a]);
                            let power_tangent = simd.load(&power_tangents[row + a]);
                            let (adjoint, value_adjoint) =
                                (self.adjoints[first + a], self.value_adjoints[first + a]);
                            polynomials.push(simd, part, adjoint, value_adjoint, power, power_tangent);
                        }
                        first += degree + 1 - b;
                    }
                }
                polynomials.finish(simd, mu, ranks.len(), tangent, record);
            }
        }
    }
}

/// Monomials x^a y^b, rows of a for each b, and their derivatives.
#[inline(always)]
fn fill_powers<S: Simd>(
    simd: S,
    degree: usize,
    record: &[Block],
    tangent: &[Block],
    powers: &mut [Block],
    power_tangents: &mut [Block],
) {
    let x = Dual { value: simd.load(&record[0]), tangent: simd.load(&tangent[0]) };
    let y = Dual { value: simd.load(&record[1]), tangent: simd.load(&tangent[1]) };
    let mut row_head = Dual::one(simd);
    let mut index = 0;
    for b in 0..=degree {
        let mut power = row_head;
        for _ in 0..=degree - b {
            simd.store(power.value, &mut powers[index]);
            simd.store(power.tangent, &mut power_tangents[index]);
            power = power.times(simd, x);
            index += 1;
        }
        row_head = row_head.times(simd, y);
    }
}

/// A value with its derivative along the direction.
#[derive(Clone, Copy)]
pub(crate) struct Dual<V> {
    pub(crate) value: V,
    pub(crate) tangent: V,
}

impl<V: Copy> Dual<V> {
    #[inline(always)]
    pub(crate) fn one<S: Simd<Vector = V>>(simd: S) -> Self {
        Self { value: simd.splat(1.0), tangent: simd.zero() }
    }

    #[inline(always)]
    pub(crate) fn times<S: Simd<Vector = V>>(self, simd: S, other: Self) -> Self {
        let tangent = simd.mul_add(self.tangent, other.value, simd.mul(self.value, other.tangent));
        Self { value: simd.mul(self.value, other.value), tangent }
    }
}

/// P and P* + Ṗ of one radial function, each as A(x, y) and B(x, y) of A + z B.
#[derive(Clone, Copy)]
pub(crate) struct PolynomialPair<V> {
    values: [V; 2],
    tangents: [V; 2],
}

impl<V: Copy> PolynomialPair<V> {
    #[inline(always)]
    pub(crate) fn zero<S: Simd<Vector = V>>(simd: S) -> Self {
        Self { values: [simd.zero(); 2], tangents: [simd.zero(); 2] }
    }

    /// Takes up the coefficients of one monomial of the part A (0) or B (1).
    #[inline(always)]
    pub(crate) fn push<S: Simd<Vector = V>>(
        &mut self,
        simd: S,
        part: usize,
        adjoint: f64,
        value_adjoint: f64,
        power: V,
        power_tangent: V,
    ) {
        let adjoint = simd.splat(adjoint);
        self.values[part] = simd.mul_add(adjoint, power, self.values[part]);
        let sum = simd.mul_add(simd.splat(value_adjoint), power, self.tangents[part]);
        self.tangents[part] = simd.mul_add(adjoint, power_tangent, sum);
    }

    /// Writes ṙ P in place of f_μ and P* + Ṗ in place of f'_μ.
    #[inline(always)]
    pub(crate) fn finish<S: Simd<Vector = V>>(
        self,
        simd: S,
        mu: usize,
        functions: usize,
        tangent: &[Block],
        record: &mut [Block],
    ) {
        let (z, z_tangent) = (simd.load(&record[2]), simd.load(&tangent[2]));
        let value = simd.mul_add(z, self.values[1], self.values[0]);
        let change = simd.mul_add(z, self.tangents[1], self.tangents[0]);
        let change = simd.mul_add(z_tangent, self.values[1], change);
        simd.store(simd.mul(simd.load(&tangent[3]), value), &mut record[RECORD_HEAD + mu]);
        simd.store(change, &mut record[RECORD_HEAD + functions + mu]);
    }
}
