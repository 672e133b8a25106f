//! The square matrix A of chosen rows with its inverse and |det A|, changed one row at a time.
//!
//! Replacing row j by b with c = b A⁻¹ multiplies the determinant by c_j and changes the inverse by a matrix of rank
//! one. Rounding errors of these changes grow; the inverse is made anew from a factorization before they matter.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{DenseSolveCore, PartialPivLu};
use faer::{Accum, Mat, MatMut, MatRef, Par};
use mtprs_core::selection::{RowSource, SelectionState};
use mtprs_core::{Error, ErrorKind};
use rayon::prelude::*;

use super::maxvol::Candidates;
use super::rows::Source;

/// Rows multiplied with the inverse by one task; results depend on it, so it is the same for any number of threads.
const ROWS_PER_TASK: usize = 64;
/// Columns of the inverse that one task updates at least.
const COLUMNS_PER_TASK: usize = 32;
/// Entries of b A⁻¹ that are known less exactly than this tell nothing about thresholds of 1 + 1e-7 and grades of 2.
const LEAST_ACCURACY: f64 = 1e-4;
/// Relative difference between an entry known from updates and the same entry made afresh at which a factorization is due.
const DRIFT: f64 = 1e-7;

/// A non-singular matrix of rows, its inverse and its volume.
#[derive(Clone, Debug)]
pub struct Volume {
    size: usize,
    /// A, shape (row, parameter).
    rows: Vec<f64>,
    /// A⁻¹ by columns, shape (k, parameter).
    inverse: Vec<f64>,
    sources: Vec<Source>,
    scale: f64,
    log_determinant: f64,
    swaps_since_factorization: usize,
    accuracy: f64,
}

impl Volume {
    /// `scale` times the unit matrix of order `size`: every direction is still unsupported.
    pub fn empty(size: usize, scale: f64) -> Self {
        let diagonal = |value: f64| {
            let mut matrix = vec![0.0; size * size];
            matrix.iter_mut().step_by(size + 1).for_each(|entry| *entry = value);
            matrix
        };
        Self {
            size,
            rows: diagonal(scale),
            inverse: diagonal(1.0 / scale),
            sources: (0..size).map(Source::Unit).collect(),
            scale,
            log_determinant: size as f64 * scale.ln(),
            swaps_since_factorization: 0,
            accuracy: 0.0,
        }
    }

    /// The active set of a state; `scale` is the multiple of the unit matrix if it does not tell.
    pub fn of_state(state: &SelectionState, scale: f64) -> Result<Self, Error> {
        let set = &state.active_set;
        let mut found = scale;
        let source = |(k, source): (usize, &RowSource)| match *source {
            RowSource::Configuration { index, atom } => Source::Training { configuration: index, atom },
            RowSource::Unsupported => {
                let parameter = set.row(k).iter().position(|value| *value != 0.0).unwrap_or(k);
                found = set.row(k)[parameter].abs();
                Source::Unit(parameter)
            }
        };
        let sources = state.sources.iter().enumerate().map(source).collect();
        let mut volume = Self { sources, rows: set.rows().to_vec(), ..Self::empty(set.size(), scale) };
        volume.scale = found;
        volume.factorize()?;
        Ok(volume)
    }

    /// The set that this one started from.
    pub(super) fn beginning(&self) -> Self {
        Self::empty(self.size, self.scale)
    }

    /// Number n of rows and of parameters.
    pub fn size(&self) -> usize {
        self.size
    }

    /// A, shape (n, n).
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// A⁻¹ by columns, shape (n, n).
    pub fn inverse_columns(&self) -> &[f64] {
        &self.inverse
    }

    /// Where each row comes from.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// The rows of the start, which stay candidates: they complete a set that does not span all directions.
    pub fn units(&self) -> Candidates {
        let mut rows = vec![0.0; self.size * self.size];
        rows.iter_mut().step_by(self.size + 1).for_each(|entry| *entry = self.scale);
        Candidates { rows, sources: (0..self.size).map(Source::Unit).collect() }
    }

    /// Gives the configurations other numbers.
    pub(super) fn renumber(&mut self, number: impl Fn(usize) -> usize) {
        for source in &mut self.sources {
            if let Source::Training { configuration, .. } = source {
                *configuration = number(*configuration);
            }
        }
    }

    /// The rows whose source is `wanted`.
    pub(super) fn chosen(&self, wanted: impl Fn(&Source) -> bool) -> Candidates {
        let mut chosen = Candidates::default();
        for (row, source) in self.rows.chunks_exact(self.size).zip(&self.sources) {
            if wanted(source) {
                chosen.rows.extend_from_slice(row);
                chosen.sources.push(*source);
            }
        }
        chosen
    }

    /// ln |det A|.
    pub fn log_determinant(&self) -> f64 {
        self.log_determinant
    }

    /// Largest entry of A A⁻¹ − 1 after the last factorization: how exactly entries of b A⁻¹ are known.
    pub fn accuracy(&self) -> f64 {
        self.accuracy
    }

    /// A threshold for entries of b A⁻¹, no closer to one than they are known.
    pub(super) fn reliable(&self, threshold: f64) -> f64 {
        threshold.max(1.0 + 4.0 * self.accuracy)
    }

    /// C = B A⁻¹ for rows B of shape (m, n); the shape of C is the same.
    pub fn project(&self, rows: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; rows.len()];
        let run = ROWS_PER_TASK * self.size;
        let tasks = product.par_chunks_mut(run).zip(rows.par_chunks(run));
        tasks.for_each(|(product, rows)| self.project_task(rows, product));
        product
    }

    /// The same on this thread alone, for callers that hold a lock: a thread that waits for others may take up work that
    /// needs the same lock.
    pub fn project_here(&self, rows: &[f64]) -> Vec<f64> {
        let mut product = vec![0.0; rows.len()];
        let run = ROWS_PER_TASK * self.size;
        let tasks = product.chunks_mut(run).zip(rows.chunks(run));
        tasks.for_each(|(product, rows)| self.project_task(rows, product));
        product
    }

    fn project_task(&self, rows: &[f64], product: &mut [f64]) {
        let count = rows.len() / self.size;
        matmul(
            MatMut::from_row_major_slice_mut(product, count, self.size),
            Accum::Replace,
            MatRef::from_row_major_slice(rows, count, self.size),
            MatRef::from_column_major_slice(&self.inverse, self.size, self.size),
            1.0,
            Par::Seq,
        );
    }

    /// Replaces row `j` by `row`, of which `expected` is (row A⁻¹)_j as far as the caller knows; returns c = row A⁻¹.
    ///
    /// If the caller's number has drifted away, nothing is replaced and `None` is returned: [`factorize`](Self::factorize)
    /// and look again.
    pub fn replace(&mut self, j: usize, row: &[f64], source: Source, expected: f64) -> Option<Vec<f64>> {
        let entry = |column: &[f64]| column.iter().zip(row).map(|(x, y)| x * y).sum::<f64>();
        let mut entries = vec![0.0; self.size];
        self.inverse
            .par_chunks(self.size)
            .zip(&mut entries)
            .with_min_len(COLUMNS_PER_TASK)
            .for_each(|(column, value)| *value = entry(column));
        let pivot = entries[j];
        let drifted = (pivot - expected).abs() > DRIFT * pivot.abs().max(1.0);
        if !pivot.is_finite() || (drifted && self.swaps_since_factorization > 0) {
            return None;
        }
        let start = j * self.size;
        let mut column = self.inverse[start..start + self.size].to_vec();
        column.iter_mut().for_each(|value| *value /= pivot);
        self.inverse.par_chunks_mut(self.size).zip(&entries).with_min_len(COLUMNS_PER_TASK).for_each(
            |(other, &factor)| other.iter_mut().zip(&column).for_each(|(value, x)| *value -= factor * x),
        );
        self.inverse[start..start + self.size].copy_from_slice(&column);
        self.rows[start..start + self.size].copy_from_slice(row);
        self.sources[j] = source;
        self.log_determinant += pivot.abs().ln();
        self.swaps_since_factorization += 1;
        Some(entries)
    }

    /// Whether so many rows were replaced that the inverse should be made anew.
    pub fn is_due(&self) -> bool {
        self.swaps_since_factorization >= self.size.max(64)
    }

    /// Makes inverse and determinant anew from the rows.
    pub fn factorize(&mut self) -> Result<(), Error> {
        let factors = PartialPivLu::new(self.matrix());
        self.log_determinant = log_determinant(&factors);
        let inverse: Mat<f64> = factors.inverse();
        for (k, column) in self.inverse.chunks_exact_mut(self.size).enumerate() {
            column.iter_mut().enumerate().for_each(|(parameter, value)| *value = inverse[(parameter, k)]);
        }
        self.swaps_since_factorization = 0;
        let product = self.project(&self.rows);
        let off = |(place, &entry): (usize, &f64)| {
            (entry - if place % (self.size + 1) == 0 { 1.0 } else { 0.0 }).abs()
        };
        // Not `max`, which forgets what is not a number.
        let larger = |a: f64, b: f64| if b <= a { a } else { b };
        self.accuracy = product.iter().enumerate().map(off).fold(0.0, larger);
        if self.accuracy <= LEAST_ACCURACY && self.log_determinant.is_finite() {
            return Ok(());
        }
        let message = format!(
            "the active set is singular to working precision: A A^-1 is off by {:.1e}",
            self.accuracy
        );
        Err(Error::new(ErrorKind::InvalidState, message).hint(
            "rows have entries of very different sizes: are the coefficients of the potential reasonable?",
        ))
    }

    fn matrix(&self) -> MatRef<'_, f64> {
        MatRef::from_row_major_slice(&self.rows, self.size, self.size)
    }
}

/// ln |det| of a square matrix, shape (size, size), row-major.
pub fn log_determinant_of(size: usize, rows: &[f64]) -> f64 {
    log_determinant(&PartialPivLu::new(MatRef::from_row_major_slice(rows, size, size)))
}

fn log_determinant(factors: &PartialPivLu<f64>) -> f64 {
    let upper = factors.U();
    (0..upper.nrows()).map(|k| upper[(k, k)].abs().ln()).sum()
}
