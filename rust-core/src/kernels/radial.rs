//! Radial functions of one block of neighbors.
//!
//! In: displacements r_ij and the coefficients of the pair of species. Out: a record of the block, which the moments
//! and the gradients read: f_μ(r) = p(x) s² and f'_μ(r) = p'(x) s² − 2 p(x) s with s = R_cut − r (see
//! `plan::radial`). The way back: sums over neighbors that are the derivatives by the radial coefficients.

use super::arithmetic::{Arithmetic, BlockOf, Real};
use super::dispatch::Kernel;
use super::simd::{Block, Simd};
use crate::plan::radial::RadialTables;

/// Blocks of a record before the radial functions: x̂, ŷ, ẑ, r, 1/r.
pub(crate) const RECORD_HEAD: usize = 5;

/// Blocks of one record: x̂, ŷ, ẑ, r, 1/r, then f_μ for all μ, then f'_μ for all μ.
pub(crate) const fn record_size(functions: usize) -> usize {
    RECORD_HEAD + 2 * functions
}

/// Fills the records of neighbors of one species.
///
/// Distances and directions are formed in double precision before they are rounded to that of the records, and so is
/// R_cut − r, which would lose its digits near the cutoff.
pub(crate) struct ForwardRadial<'a, R: Real> {
    pub(crate) tables: &'a RadialTables,
    /// Those of the pair of species, shape (β, 2 n_μ).
    pub(crate) coefficients: &'a [R],
    /// x, y and z with one block for each eight neighbors.
    pub(crate) displacements: [&'a [Block]; 3],
    pub(crate) records: &'a mut [R::Block],
}

impl<R: Real> Kernel for ForwardRadial<'_, R> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { tables, coefficients, displacements: [x, y, z], records } = self;
        let (wide, simd) = (simd, R::vectors(simd));
        // so many that their sums stay in registers
        let at_once = if S::REGISTERS >= 16 { 4 } else { 2 };
        let [x, y, z] = [x.chunks_exact(R::PARTS), y.chunks_exact(R::PARTS), z.chunks_exact(R::PARTS)];
        let records = records.chunks_exact_mut(record_size(tables.functions));
        for (((x, y), z), record) in x.zip(y).zip(z).zip(records) {
            let mut parts = [[wide.zero(); 2]; RECORD_HEAD + 2];
            for part in 0..R::PARTS {
                place(wide, tables, [&x[part], &y[part], &z[part]], part, &mut parts);
            }
            for k in 0..RECORD_HEAD {
                simd.store(simd.narrow(parts[k]), &mut record[k]);
            }
            let (x, s) = (simd.narrow(parts[RECORD_HEAD]), simd.narrow(parts[RECORD_HEAD + 1]));
            let (values, derivatives) = record[RECORD_HEAD..].split_at_mut(tables.functions);
            let mut mu = 0;
            while mu < tables.functions {
                mu += match (tables.functions - mu).min(at_once) {
                    1 => series::<_, 1>(simd, tables, coefficients, x, s, mu, values, derivatives),
                    2 => series::<_, 2>(simd, tables, coefficients, x, s, mu, values, derivatives),
                    3 => series::<_, 3>(simd, tables, coefficients, x, s, mu, values, derivatives),
                    _ => series::<_, 4>(simd, tables, coefficients, x, s, mu, values, derivatives),
                };
            }
        }
    }
}

/// What places eight neighbors: the head of their record, then x of the Chebyshev polynomials and s = R_cut − r.
#[inline(always)]
fn place<S: Simd>(
    simd: S,
    tables: &RadialTables,
    displacement: [&Block; 3],
    part: usize,
    parts: &mut [[S::Vector; 2]; RECORD_HEAD + 2],
) {
    let [x, y, z] = [simd.load(displacement[0]), simd.load(displacement[1]), simd.load(displacement[2])];
    let squared = simd.mul_add(x, x, simd.mul_add(y, y, simd.mul(z, z)));
    let r = simd.sqrt(squared);
    let inverse = simd.div(simd.splat(1.0), r);
    parts[0][part] = simd.mul(x, inverse);
    parts[1][part] = simd.mul(y, inverse);
    parts[2][part] = simd.mul(z, inverse);
    parts[3][part] = r;
    parts[4][part] = inverse;
    parts[5][part] = simd.mul_add(r, simd.splat(tables.slope), simd.splat(tables.offset));
    parts[6][part] = simd.sub(simd.splat(tables.cutoff), r);
}

/// f_μ and f'_μ of M radial functions from `mu` on; returns M.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn series<S: Arithmetic, const M: usize>(
    simd: S,
    tables: &RadialTables,
    coefficients: &[S::Real],
    x: S::Vector,
    s: S::Vector,
    mu: usize,
    values: &mut [BlockOf<S>],
    derivatives: &mut [BlockOf<S>],
) -> usize {
    let functions = tables.functions;
    let double_x = simd.add(x, x);
    let (mut t, mut t_next) = (simd.splat_nearest(1.0), x);
    let mut p = [simd.zero(); M];
    let mut p_derivative = [simd.zero(); M];
    // two polynomials in a turn, so that T_β and T_β+1 stay where they are
    let mut pairs = coefficients.chunks_exact(4 * functions);
    for pair in &mut pairs {
        let (first, second) = pair.split_at(2 * functions);
        for (row, polynomial) in [(first, t), (second, t_next)] {
            add_terms::<_, M>(simd, row, mu, polynomial, &mut p, &mut p_derivative);
        }
        t = simd.mul_sub(double_x, t_next, t);
        t_next = simd.mul_sub(double_x, t, t_next);
    }
    if !pairs.remainder().is_empty() {
        add_terms::<_, M>(simd, pairs.remainder(), mu, t, &mut p, &mut p_derivative);
    }
    let s_squared = simd.mul(s, s);
    let double_s = simd.add(s, s);
    for k in 0..M {
        simd.store(simd.mul(p[k], s_squared), &mut values[mu + k]);
        let derivative = simd.neg_mul_add(double_s, p[k], simd.mul(p_derivative[k], s_squared));
        simd.store(derivative, &mut derivatives[mu + k]);
    }
    M
}

/// Adds one term of M series and of their derivatives.
#[inline(always)]
fn add_terms<S: Arithmetic, const M: usize>(
    simd: S,
    row: &[S::Real],
    mu: usize,
    polynomial: S::Vector,
    p: &mut [S::Vector; M],
    p_derivative: &mut [S::Vector; M],
) {
    let (row, row_derivative) = (&row[mu..mu + M], &row[row.len() / 2 + mu..row.len() / 2 + mu + M]);
    for k in 0..M {
        p[k] = simd.mul_add(simd.splat(row[k]), polynomial, p[k]);
        p_derivative[k] = simd.mul_add(simd.splat(row_derivative[k]), polynomial, p_derivative[k]);
    }
}

/// Adds Σ_j (Q_β v_μ + Q'_β w_μ) of the neighbors in `records`, all of one species, to `sums`, lane by lane: what
/// v_μ = ∂Φ/∂f_μ(r_j) and w_μ = ∂Φ/∂f'_μ(r_j) make of the radial coefficients of some function Φ.
///
/// v_μ stands in the record in place of f'_μ and, with `SLOPES`, w_μ in place of f_μ; without, w_μ = 0.
/// Q_β = s² T_β(x) with the scaling of the potential (Novikov et al. 2021, eq. 4).
pub(crate) struct ReverseRadial<'a, const SLOPES: bool> {
    pub(crate) tables: &'a RadialTables,
    pub(crate) records: &'a [Block],
    /// Shape (β, n_μ).
    pub(crate) sums: &'a mut [Block],
}

impl<const SLOPES: bool> Kernel for ReverseRadial<'_, SLOPES> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { tables, records, sums } = self;
        for record in records.chunks_exact(record_size(tables.functions)) {
            let mut mu = 0;
            while mu < tables.functions {
                mu += match tables.functions - mu {
                    1 => record_sums::<S, SLOPES, 1>(simd, tables, record, mu, sums),
                    2 => record_sums::<S, SLOPES, 2>(simd, tables, record, mu, sums),
                    3 => record_sums::<S, SLOPES, 3>(simd, tables, record, mu, sums),
                    _ => record_sums::<S, SLOPES, 4>(simd, tables, record, mu, sums),
                };
            }
        }
    }
}

/// The sums of M radial functions from `mu` on over one record; returns M.
#[inline(always)]
fn record_sums<S: Simd, const SLOPES: bool, const M: usize>(
    simd: S,
    tables: &RadialTables,
    record: &[Block],
    mu: usize,
    sums: &mut [Block],
) -> usize {
    let functions = tables.functions;
    let r = simd.load(&record[3]);
    let x = simd.mul_add(r, simd.splat(tables.slope), simd.splat(tables.offset));
    let double_x = simd.add(x, x);
    let s = simd.sub(simd.splat(tables.cutoff), r);
    let scaled = simd.mul(simd.splat(tables.scaling), s);
    let s_squared = simd.mul(scaled, s);
    // Q_β v + Q'_β w = T_β (s² v − 2 s w) + T'_β x' s² w
    let mut by_t = [simd.zero(); M];
    let mut by_slope = [simd.zero(); M];
    for k in 0..M {
        by_t[k] = simd.mul(s_squared, simd.load(&record[RECORD_HEAD + functions + mu + k]));
        if SLOPES {
            let w = simd.load(&record[RECORD_HEAD + mu + k]);
            by_t[k] = simd.neg_mul_add(simd.add(scaled, scaled), w, by_t[k]);
            by_slope[k] = simd.mul(simd.mul(s_squared, simd.splat(tables.slope)), w);
        }
    }
    let (mut t, mut t_next) = (simd.splat(1.0), x);
    let (mut d, mut d_next) = (simd.zero(), simd.splat(1.0));
    for row in sums.chunks_exact_mut(functions) {
        for (k, sum) in row[mu..mu + M].iter_mut().enumerate() {
            let mut total = simd.mul_add(t, by_t[k], simd.load(sum));
            if SLOPES {
                total = simd.mul_add(d, by_slope[k], total);
            }
            simd.store(total, sum);
        }
        if SLOPES {
            let next = simd.sub(simd.mul_add(double_x, d_next, simd.add(t_next, t_next)), d);
            (d, d_next) = (d_next, next);
        }
        (t, t_next) = (t_next, simd.mul_sub(double_x, t_next, t));
    }
    M
}
