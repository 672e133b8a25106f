//! Moments of a central atom from its neighbors, and from the adjoints of the moments the gradients of its energy.
//!
//! Here are the loops over tables, for any ranks; the same with everything unrolled for the usual ranks stands in
//! [`unrolled`]. A polynomial on the sphere is A(x, y) + z B(x, y) with rows of a = 0.. for each b; A has degree ν, B has
//! degree ν − 1. The numbering of sphere moments (by μ, then A or B, then b, then a) is that of `plan::sphere`.

use super::arithmetic::{Arithmetic, BlockOf, Real};
use super::radial::{RECORD_HEAD, record_size};
use super::simd::{Block, Simd};
use super::unrolled::{NeighborWork, RankKernel};
use crate::plan::sphere::{RankList, SphereMoments};

pub(crate) mod unrolled;

/// Components that [`ReverseMoments`] sums over neighbors: the force on the central atom (x, y, z), then the virial
/// −r_a g_b (xx yy zz xy xz yz).
pub(crate) const PAIR_SUMS: usize = 3 + VIRIAL_COMPONENTS.len();

/// The components of the virial in [`PAIR_SUMS`], by their axes.
pub(crate) const VIRIAL_COMPONENTS: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2)];

/// Adds M_μ\[a,b,c\] = Σ_j f_μ x̂^a ŷ^b ẑ^c of the neighbors in `records` to `sums`, lane by lane.
pub(crate) struct ForwardMoments<'a, R: Real> {
    pub(crate) sphere: &'a SphereMoments,
    pub(crate) records: &'a [R::Block],
    /// One block for each sphere moment.
    pub(crate) sums: &'a mut [R::Block],
    /// As long as [`scratch_size`] says.
    pub(crate) scratch: &'a mut [R::Block],
}

impl<R: NeighborWork> RankKernel for ForwardMoments<'_, R> {
    type Number = R;
    const FEWEST_REGISTERS: usize = 0;

    #[inline(always)]
    fn sphere(&self) -> &SphereMoments {
        self.sphere
    }
    #[inline(always)]
    fn run_ranks<S: Simd, const N: RankList>(self, simd: S) {
        simd.forward_moments::<R, N>(self.records, self.sums);
    }
    #[inline(always)]
    fn by_tables<S: Simd>(self, simd: S) {
        accumulate(R::vectors(simd), &self.sphere.ranks, self.records, self.sums, self.scratch);
    }
}

/// Gradients g_ij = ∂V_i/∂r_ij of the neighbors in `records` from the adjoints of the sphere moments.
///
/// In each record the values P_μ(r̂) of the adjoint polynomials take the place of f'_μ, which nothing needs any more: they
/// are ∂V_i/∂f_μ(r_ij).
pub(crate) struct ReverseMoments<'a, R: Real> {
    pub(crate) sphere: &'a SphereMoments,
    pub(crate) records: &'a mut [R::Block],
    pub(crate) displacements: Displacements<'a>,
    /// ∂V_i/∂M, one number for each sphere moment.
    pub(crate) adjoints: &'a [R],
    /// Out: x, y, z blocks for each eight neighbors.
    pub(crate) gradients: &'a mut [Block],
    /// Sums of lanes over all neighbors are added.
    pub(crate) pair_sums: &'a mut [Block; PAIR_SUMS],
    /// As long as [`scratch_size`] says.
    pub(crate) scratch: &'a mut [R::Block],
}

impl<R: NeighborWork> RankKernel for ReverseMoments<'_, R> {
    type Number = R;
    const FEWEST_REGISTERS: usize = 0;

    #[inline(always)]
    fn sphere(&self) -> &SphereMoments {
        self.sphere
    }
    #[inline(always)]
    fn run_ranks<S: Simd, const N: RankList>(self, simd: S) {
        let Self { records, displacements, adjoints, gradients, pair_sums, .. } = self;
        simd.reverse_moments::<R, N>(records, &displacements, adjoints, gradients, pair_sums);
    }
    #[inline(always)]
    fn by_tables<S: Simd>(self, simd: S) {
        let simd = R::vectors(simd);
        let ranks = &self.sphere.ranks[..];
        let max_rank = ranks.iter().copied().max().unwrap_or(0);
        let records = self.records.chunks_exact_mut(record_size(ranks.len()));
        let gradients = self.gradients.chunks_exact_mut(3 * R::PARTS);
        for (number, (record, gradient)) in records.zip(gradients).enumerate() {
            let (powers, polynomials) = self.scratch.split_at_mut(triangle(max_rank));
            fill_powers(simd, max_rank, record, powers);
            let radial = collect_polynomials(simd, ranks, record, self.adjoints, powers, polynomials);
            let partial = differentiate(simd, max_rank, record, polynomials);
            let displacement = of_record::<R>(&self.displacements, number);
            finish_gradient(simd, record, displacement, radial, partial, gradient, self.pair_sums);
        }
    }
}

/// Number of monomials x^a y^b up to a degree.
pub(crate) const fn triangle(degree: usize) -> usize {
    (degree + 1) * (degree + 2) / 2
}

/// Blocks of scratch for polynomials of the given ranks.
pub(crate) fn scratch_size(ranks: &[usize]) -> usize {
    3 * triangle(ranks.iter().copied().max().unwrap_or(0))
}

/// [`ForwardMoments`] for any ranks.
#[inline(always)]
fn accumulate<S: Arithmetic>(
    simd: S,
    ranks: &[usize],
    records: &[BlockOf<S>],
    sums: &mut [BlockOf<S>],
    scratch: &mut [BlockOf<S>],
) {
    let max_rank = ranks.iter().copied().max().unwrap_or(0);
    for record in records.chunks_exact(record_size(ranks.len())) {
        fill_powers(simd, max_rank, record, scratch);
        let z = simd.load(&record[2]);
        let mut first = 0;
        for (&rank, f) in ranks.iter().zip(&record[RECORD_HEAD..]) {
            let f = simd.load(f);
            for (degree, factor) in [(Some(rank), f), (rank.checked_sub(1), simd.mul(f, z))] {
                let Some(degree) = degree else { continue };
                for b in 0..=degree {
                    let length = degree + 1 - b;
                    let row = row_start(max_rank, b);
                    for (sum, power) in
                        sums[first..first + length].iter_mut().zip(&scratch[row..row + length])
                    {
                        simd.store(simd.mul_add(factor, simd.load(power), simd.load(sum)), sum);
                    }
                    first += length;
                }
            }
        }
    }
}

/// x, y and z of r_j − r_i with one block for each eight neighbors, or nothing where the records hold doubles and so know
/// them well enough.
pub(crate) type Displacements<'a> = [&'a [Block]; 3];

/// Those of one record.
#[inline(always)]
pub(crate) fn of_record<'a, R: Real>(displacements: &Displacements<'a>, record: usize) -> Displacements<'a> {
    if R::PARTS == 1 {
        return *displacements;
    }
    let [x, y, z] = displacements;
    let range = record * R::PARTS..(record + 1) * R::PARTS;
    [&x[range.clone()], &y[range.clone()], &z[range]]
}

/// Monomials x^a y^b, rows of a for each b.
#[inline(always)]
fn fill_powers<S: Arithmetic>(simd: S, degree: usize, record: &[BlockOf<S>], powers: &mut [BlockOf<S>]) {
    let (x, y) = (simd.load(&record[0]), simd.load(&record[1]));
    let mut row_head = simd.splat_nearest(1.0);
    let mut index = 0;
    for b in 0..=degree {
        let mut power = row_head;
        for _ in 0..=degree - b {
            simd.store(power, &mut powers[index]);
            power = simd.mul(power, x);
            index += 1;
        }
        row_head = simd.mul(row_head, y);
    }
}

/// Start of row b in a table of rows for polynomials of the given degree.
#[inline(always)]
pub(crate) fn row_start(degree: usize, b: usize) -> usize {
    b * (2 * degree + 3 - b) / 2
}

/// Forms A = Σ_μ f_μ A_μ and B = Σ_μ f_μ B_μ in `polynomials` (rows of the highest degree, A then B), replaces f'_μ by
/// P_μ in the record and returns Σ_μ f'_μ P_μ.
#[inline(always)]
fn collect_polynomials<S: Arithmetic>(
    simd: S,
    ranks: &[usize],
    record: &mut [BlockOf<S>],
    adjoints: &[S::Real],
    powers: &[BlockOf<S>],
    polynomials: &mut [BlockOf<S>],
) -> S::Vector {
    let max_rank = ranks.iter().copied().max().unwrap_or(0);
    polynomials.fill(Default::default());
    let z = simd.load(&record[2]);
    let (values, derivatives) = record[RECORD_HEAD..].split_at_mut(ranks.len());
    let mut radial = simd.zero();
    let mut first = 0;
    for ((&rank, f), f_derivative) in ranks.iter().zip(&*values).zip(derivatives) {
        let f = simd.load(f);
        let mut parts = [simd.zero(); 2];
        for (part, degree) in [Some(rank), rank.checked_sub(1)].into_iter().enumerate() {
            let Some(degree) = degree else { continue };
            let polynomial = &mut polynomials[part * triangle(max_rank)..];
            for b in 0..=degree {
                let row = row_start(max_rank, b);
                for a in 0..=degree - b {
                    let adjoint = simd.splat(adjoints[first + a]);
                    let coefficient = &mut polynomial[row + a];
                    simd.store(simd.mul_add(adjoint, f, simd.load(coefficient)), coefficient);
                    parts[part] = simd.mul_add(adjoint, simd.load(&powers[row + a]), parts[part]);
                }
                first += degree + 1 - b;
            }
        }
        let value = simd.mul_add(z, parts[1], parts[0]);
        radial = simd.mul_add(simd.load(f_derivative), value, radial);
        simd.store(value, f_derivative);
    }
    radial
}

/// ∂/∂x, ∂/∂y, ∂/∂z of A(x, y) + z B(x, y) by Horner's rule in both variables.
#[inline(always)]
fn differentiate<S: Arithmetic>(
    simd: S,
    degree: usize,
    record: &[BlockOf<S>],
    polynomials: &[BlockOf<S>],
) -> [S::Vector; 3] {
    let (x, y, z) = (simd.load(&record[0]), simd.load(&record[1]), simd.load(&record[2]));
    let (a_part, b_part) = polynomials.split_at(triangle(degree));
    let mut total = Horner::zero(simd);
    for b in (0..=degree).rev() {
        let row_index = row_start(degree, b);
        let mut row = HornerRow::zero(simd);
        for a in (0..=degree - b).rev() {
            let odd = simd.load(&b_part[row_index + a]);
            row.push(simd, x, z, simd.load(&a_part[row_index + a]), odd);
        }
        total.push(simd, y, row);
    }
    total.partial()
}

/// One row Σ_a (A_a + z B_a) x^a with its derivatives by x and z, built from the highest power down.
#[derive(Clone, Copy)]
pub(crate) struct HornerRow<V> {
    value: V,
    by_x: V,
    by_z: V,
}

impl<V: Copy> HornerRow<V> {
    #[inline(always)]
    pub(crate) fn zero<S: Arithmetic<Vector = V>>(simd: S) -> Self {
        Self { value: simd.zero(), by_x: simd.zero(), by_z: simd.zero() }
    }

    /// Takes up the coefficients of the next lower power of x.
    #[inline(always)]
    pub(crate) fn push<S: Arithmetic<Vector = V>>(&mut self, simd: S, x: V, z: V, even: V, odd: V) {
        self.by_x = simd.mul_add(self.by_x, x, self.value);
        self.value = simd.mul_add(self.value, x, simd.mul_add(z, odd, even));
        self.by_z = simd.mul_add(self.by_z, x, odd);
    }
}

/// A polynomial of x, y and z with its derivatives, built from rows of the highest power of y down.
#[derive(Clone, Copy)]
pub(crate) struct Horner<V> {
    row: HornerRow<V>,
    by_y: V,
}

impl<V: Copy> Horner<V> {
    #[inline(always)]
    pub(crate) fn zero<S: Arithmetic<Vector = V>>(simd: S) -> Self {
        Self { row: HornerRow::zero(simd), by_y: simd.zero() }
    }

    /// Takes up the row of the next lower power of y.
    #[inline(always)]
    pub(crate) fn push<S: Arithmetic<Vector = V>>(&mut self, simd: S, y: V, row: HornerRow<V>) {
        self.by_y = simd.mul_add(self.by_y, y, self.row.value);
        self.row.value = simd.mul_add(self.row.value, y, row.value);
        self.row.by_x = simd.mul_add(self.row.by_x, y, row.by_x);
        self.row.by_z = simd.mul_add(self.row.by_z, y, row.by_z);
    }

    /// Derivatives by x, y and z.
    #[inline(always)]
    pub(crate) fn partial(self) -> [V; 3] {
        [self.row.by_x, self.by_y, self.row.by_z]
    }
}

/// g = r̂ Σ f'_μ P_μ + (1 − r̂ r̂ᵀ) ∇P / r, stored, and added to the sums over neighbors, as doubles: what the central
/// atom gets is the sum of just the numbers that its neighbors get.
#[inline(always)]
pub(crate) fn finish_gradient<S: Arithmetic>(
    simd: S,
    record: &[BlockOf<S>],
    displacement: Displacements<'_>,
    radial: S::Vector,
    partial: [S::Vector; 3],
    gradient: &mut [Block],
    pair_sums: &mut [Block; PAIR_SUMS],
) {
    let unit = [simd.load(&record[0]), simd.load(&record[1]), simd.load(&record[2])];
    let inverse = simd.load(&record[4]);
    let along = simd.mul(partial[0], unit[0]);
    let along = simd.mul_add(partial[2], unit[2], simd.mul_add(partial[1], unit[1], along));
    let along_unit = simd.neg_mul_add(along, inverse, radial);
    let mut g = partial;
    for k in 0..3 {
        g[k] = simd.mul_add(unit[k], along_unit, simd.mul(partial[k], inverse));
    }
    let wide = simd.wide();
    for part in 0..S::Real::PARTS {
        let gradient = &mut gradient[3 * part..3 * part + 3];
        let mut place = [wide.zero(); 3];
        for k in 0..3 {
            place[k] = if S::Real::PARTS == 1 {
                simd.widen(simd.mul(unit[k], simd.load(&record[3])), part)
            } else {
                wide.load(&displacement[k][part])
            };
        }
        let g = [simd.widen(g[0], part), simd.widen(g[1], part), simd.widen(g[2], part)];
        add_pairs(wide, place, g, gradient, pair_sums);
    }
}

#[inline(always)]
fn add_pairs<S: Simd>(
    simd: S,
    displacement: [S::Vector; 3],
    g: [S::Vector; 3],
    gradient: &mut [Block],
    pair_sums: &mut [Block; PAIR_SUMS],
) {
    for k in 0..3 {
        simd.store(g[k], &mut gradient[k]);
        simd.store(simd.add(g[k], simd.load(&pair_sums[k])), &mut pair_sums[k]);
    }
    for (component, (a, b)) in VIRIAL_COMPONENTS.into_iter().enumerate() {
        let sum = &mut pair_sums[3 + component];
        simd.store(simd.neg_mul_add(displacement[a], g[b], simd.load(sum)), sum);
    }
}
