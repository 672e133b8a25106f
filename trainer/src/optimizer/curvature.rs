//! A positive definite model of the curvature, G + λ diag G, factorized: what L-BFGS starts from instead of a multiple of
//! the unit matrix.
//!
//! With G close to the Gauss-Newton matrix the first steps are those of Levenberg and Marquardt, and neither units nor the
//! scale of a parameter matter. Directions that no data determine get the largest damping there is.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{Llt, Solve};
use faer::{Accum, Mat, MatMut, MatRef, Par, Side};
use mtprs_core::{Error, ErrorKind, Result};
use rayon::prelude::*;

/// Columns of G that one task sums; results depend on it, so it is the same for any number of threads.
const COLUMNS_PER_TASK: usize = 64;

/// A symmetric matrix that is summed from rows.
#[derive(Clone, Debug)]
pub struct Gram {
    size: usize,
    /// Column-major.
    values: Vec<f64>,
}

impl Gram {
    /// Zero.
    pub fn new(size: usize) -> Self {
        Self { size, values: vec![0.0; size * size] }
    }

    /// Adds the outer products of rows of the length of a column.
    pub fn add_rows(&mut self, rows: &[f64]) {
        let (size, count) = (self.size, rows.len() / self.size);
        let all = MatRef::from_row_major_slice(rows, count, size);
        self.values.par_chunks_mut(COLUMNS_PER_TASK * size).enumerate().for_each(|(task, columns)| {
            let width = columns.len() / size;
            let target = MatMut::from_column_major_slice_mut(columns, size, width);
            let right = all.subcols(task * COLUMNS_PER_TASK, width);
            matmul(target, Accum::Add, all.transpose(), right, 1.0, Par::Seq);
        });
    }

    /// Adds to the diagonal.
    pub fn add_diagonal(&mut self, index: usize, value: f64) {
        self.values[index * self.size + index] += value;
    }

    /// Sets everything beside the diagonal to zero.
    pub fn keep_diagonal(&mut self) {
        for (column, values) in self.values.chunks_mut(self.size).enumerate() {
            values
                .iter_mut()
                .enumerate()
                .filter(|(row, _)| *row != column)
                .for_each(|(_, value)| *value = 0.0);
        }
    }

    /// Number of rows and columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The diagonal.
    pub fn diagonal(&self) -> Vec<f64> {
        self.values.iter().step_by(self.size + 1).copied().collect()
    }

    /// Sets rows and columns to zero where `fixed` says so.
    pub fn clear(&mut self, fixed: &[bool]) {
        for (column, values) in self.values.chunks_mut(self.size).enumerate() {
            for (value, &row_is_fixed) in values.iter_mut().zip(fixed) {
                if row_is_fixed || fixed[column] {
                    *value = 0.0;
                }
            }
        }
    }
}

/// G + λ diag G by its factors.
#[derive(Clone, Debug)]
pub struct Curvature {
    /// 1/√G_kk; the factors are those of the matrix with a unit diagonal.
    scale: Vec<f64>,
    factors: Llt<f64>,
}

impl Curvature {
    /// Factorizes. Where G_kk is zero, the k-th variable does not move.
    pub fn new(gram: &Gram, damping: f64) -> Result<Self> {
        let scale: Vec<f64> =
            gram.diagonal().iter().map(|&value| if value > 0.0 { 1.0 / value.sqrt() } else { 0.0 }).collect();
        let size = gram.size;
        let mut damping = damping;
        loop {
            let matrix = Mat::from_fn(size, size, |row, column| {
                let entry = scale[row] * gram.values[column * size + row] * scale[column];
                if row == column { if entry > 0.0 { 1.0 + damping } else { 1.0 } } else { entry }
            });
            match matrix.llt(Side::Lower) {
                Ok(factors) => return Ok(Self { scale, factors }),
                // Rounding makes a matrix of low rank indefinite by some 1e-16 per row.
                Err(_) if damping < 1.0 => damping = (100.0 * damping).max(1e-14 * size as f64),
                Err(_) => {
                    return Err(Error::new(ErrorKind::Bug, "the curvature of the loss is not finite"));
                }
            }
        }
    }

    /// Replaces a gradient g by (G + λ diag G)^-1 g.
    pub fn solve(&self, vector: &mut [f64]) {
        let mut right = Mat::from_fn(vector.len(), 1, |row, _| self.scale[row] * vector[row]);
        self.factors.solve_in_place(&mut right);
        for (row, value) in vector.iter_mut().enumerate() {
            *value = self.scale[row] * right[(row, 0)];
        }
    }
}

/// The damping λ, which falls while the model predicts well and rises when steps must be shortened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Damping {
    /// λ.
    pub value: f64,
    /// Smallest λ.
    pub least: f64,
    /// Factor after a step that had to be shortened.
    pub rise: f64,
    /// Factor after a step as the model had it.
    pub fall: f64,
}

impl Default for Damping {
    /// Found by trying it on lithium, silicon and oxides.
    fn default() -> Self {
        Self { value: 1e-2, least: 1e-6, rise: 2.0, fall: 0.5 }
    }
}

impl Damping {
    /// Takes notice of a step of some length (one: as the model had it) that took so many trials; whether λ changed.
    pub fn learn(&mut self, length: f64, trials: u64) -> bool {
        let before = self.value;
        if length < 0.5 || trials > 2 {
            self.value = (self.value * self.rise).min(1.0);
        } else if length >= 1.0 && trials == 1 {
            self.value = (self.value * self.fall).max(self.least);
        }
        self.value != before
    }
}
