//! Radial functions of one block of neighbors.
//!
//! In: displacements r_ij and the coefficients of the pair of species. Out: a record of the block, which the moments
//! and the gradients read: f_μ(r) = p(x) s² and f'_μ(r) = p'(x) s² − 2 p(x) s with s = R_cut − r (see
//! `plan::radial`).

use super::simd::{Block, Simd};
use crate::plan::radial::RadialTables;

/// Blocks of a record before the radial functions: x̂, ŷ, ẑ, r, 1/r.
pub(crate) const RECORD_HEAD: usize = 5;

/// Blocks of one record: x̂, ŷ, ẑ, r, 1/r, then f_μ for all μ, then f'_μ for all μ.
pub(crate) const fn record_size(functions: usize) -> usize {
    RECORD_HEAD + 2 * functions
}

/// Fills the records of neighbors of one species. `displacements` are x, y, z with one block per record;
/// `coefficients` have the shape (β, 2 n_μ).
#[inline(always)]
pub(crate) fn fill_records<S: Simd>(
    simd: S,
    tables: &RadialTables,
    coefficients: &[f64],
    displacements: [&[Block]; 3],
    records: &mut [Block],
) {
    let [x, y, z] = displacements;
    let records = records.chunks_exact_mut(record_size(tables.functions));
    for (((x, y), z), record) in x.iter().zip(y).zip(z).zip(records) {
        let (x, y, z) = (simd.load(x), simd.load(y), simd.load(z));
        let squared = simd.mul_add(x, x, simd.mul_add(y, y, simd.mul(z, z)));
        let r = simd.sqrt(squared);
        let inverse = simd.div(simd.splat(1.0), r);
        for (block, value) in
            record.iter_mut().zip([simd.mul(x, inverse), simd.mul(y, inverse), simd.mul(z, inverse)])
        {
            simd.store(value, block);
        }
        simd.store(r, &mut record[3]);
        simd.store(inverse, &mut record[4]);
        let (values, derivatives) = record[RECORD_HEAD..].split_at_mut(tables.functions);
        let mut mu = 0;
        while mu < tables.functions {
            mu += match tables.functions - mu {
                1 => series::<S, 1>(simd, tables, coefficients, r, mu, values, derivatives),
                2 => series::<S, 2>(simd, tables, coefficients, r, mu, values, derivatives),
                3 => series::<S, 3>(simd, tables, coefficients, r, mu, values, derivatives),
                _ => series::<S, 4>(simd, tables, coefficients, r, mu, values, derivatives),
            };
        }
    }
}

/// f_μ and f'_μ of M radial functions from `mu` on; returns M.
#[inline(always)]
fn series<S: Simd, const M: usize>(
    simd: S,
    tables: &RadialTables,
    coefficients: &[f64],
    r: S::Vector,
    mu: usize,
    values: &mut [Block],
    derivatives: &mut [Block],
) -> usize {
    let functions = tables.functions;
    let x = simd.mul_add(r, simd.splat(tables.slope), simd.splat(tables.offset));
    let double_x = simd.add(x, x);
    let (mut t, mut t_next) = (simd.splat(1.0), x);
    let mut p = [simd.zero(); M];
    let mut p_derivative = [simd.zero(); M];
    for row in coefficients.chunks_exact(2 * functions) {
        let (row, row_derivative) = (&row[mu..mu + M], &row[functions + mu..functions + mu + M]);
        for k in 0..M {
            p[k] = simd.mul_add(simd.splat(row[k]), t, p[k]);
            p_derivative[k] = simd.mul_add(simd.splat(row_derivative[k]), t, p_derivative[k]);
        }
        (t, t_next) = (t_next, simd.sub(simd.mul(double_x, t_next), t));
    }
    let s = simd.sub(simd.splat(tables.cutoff), r);
    let s_squared = simd.mul(s, s);
    let double_s = simd.add(s, s);
    for k in 0..M {
        simd.store(simd.mul(p[k], s_squared), &mut values[mu + k]);
        let derivative = simd.neg_mul_add(double_s, p[k], simd.mul(p_derivative[k], s_squared));
        simd.store(derivative, &mut derivatives[mu + k]);
    }
    M
}
