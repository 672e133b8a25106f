//! A positive definite model of the curvature, G + λ diag G, factorized: what L-BFGS starts from instead of a multiple of
//! the unit matrix.
//!
//! With G close to the Gauss-Newton matrix the first steps are those of Levenberg and Marquardt, and neither units nor the
//! scale of a parameter matter. Directions that no data determine get the largest damping there is.

use faer::linalg::matmul::matmul;
use faer::linalg::solvers::{DenseSolveCore, Llt, Solve};
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

    /// Replaces G by the average of itself and of an older one, which has that share.
    pub fn average(&mut self, older: &Self, share: f64) {
        for (value, before) in self.values.iter_mut().zip(&older.values) {
            *value = (1.0 - share) * *value + share * before;
        }
    }

    /// What is left for the variables that are kept when the others are at their minimum for each choice of these: the
    /// Schur complement of G + λ diag G, zero in the rows and columns of the others.
    pub fn reduced(&self, kept: &[bool], damping: f64) -> Result<Self> {
        let (kept, others): (Vec<usize>, Vec<usize>) = (0..self.size).partition(|&index| kept[index]);
        let mut gram = self.clone();
        gram.clear(&(0..self.size).map(|index| kept.binary_search(&index).is_ok()).collect::<Vec<_>>());
        let factors = Curvature::new(&gram, damping)?;
        // Columns (G_oo + λ diag G_oo)⁻¹ G_ok, and with them G_kk − G_ko (…).
        let entry = |row, column| self.entry(row, column);
        let mut reduced = Self::new(self.size);
        for &column in &kept {
            let mut solved = vec![0.0; self.size];
            others.iter().for_each(|&row| solved[row] = entry(row, column));
            factors.solve(&mut solved);
            for &row in &kept {
                let removed: f64 = others.iter().map(|&other| entry(row, other) * solved[other]).sum();
                reduced.values[column * self.size + row] = entry(row, column) - removed;
            }
        }
        Ok(reduced)
    }

    /// The lower triangle by columns.
    pub fn lower(&self) -> Vec<f64> {
        self.values
            .chunks(self.size.max(1))
            .enumerate()
            .flat_map(|(k, column)| column[k..].to_vec())
            .collect()
    }

    /// From the lower triangle by columns; `None` if it is not that of a matrix of this size.
    pub fn from_lower(size: usize, lower: &[f64]) -> Option<Self> {
        if lower.len() != size * (size + 1) / 2 {
            return None;
        }
        let mut gram = Self::new(size);
        let mut next = lower.iter();
        for column in 0..size {
            for (row, value) in (column..size).zip(&mut next) {
                gram.values[column * size + row] = *value;
                gram.values[row * size + column] = *value;
            }
        }
        Some(gram)
    }

    /// Number of rows and columns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// One entry.
    fn entry(&self, row: usize, column: usize) -> f64 {
        self.values[column * self.size + row]
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
    /// None of a matrix that is diagonal.
    factors: Option<Llt<f64>>,
    damping: f64,
}

impl Curvature {
    /// The same for each of this many variables, and nothing beside the diagonal.
    pub fn uniform(size: usize, value: f64) -> Self {
        Self { scale: vec![1.0 / value.sqrt(); size], factors: None, damping: 0.0 }
    }

    /// Factorizes, with a larger damping where rounding has made the matrix indefinite. Where G_kk is zero, the k-th variable
    /// does not move.
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
                Ok(factors) => return Ok(Self { scale, factors: Some(factors), damping }),
                // Rounding makes a matrix of low rank indefinite by some 1e-16 per row.
                Err(_) if damping < 1.0 => damping = (100.0 * damping).max(1e-14 * size as f64),
                Err(_) => {
                    return Err(Error::new(ErrorKind::Bug, "the curvature of the loss is not finite"));
                }
            }
        }
    }

    /// The damping λ that was factorized.
    pub fn damping(&self) -> f64 {
        self.damping
    }

    /// The inverse in units in which the diagonal of G is one, and these units: zero where G_kk is.
    pub fn inverse(&self) -> (Mat<f64>, &[f64]) {
        let size = self.scale.len();
        (self.factors.as_ref().map_or_else(|| Mat::identity(size, size), Llt::inverse), &self.scale)
    }

    /// Replaces a gradient g by (G + λ diag G)^-1 g.
    pub fn solve(&self, vector: &mut [f64]) {
        let mut right = Mat::from_fn(vector.len(), 1, |row, _| self.scale[row] * vector[row]);
        if let Some(factors) = &self.factors {
            factors.solve_in_place(&mut right);
        }
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
    /// Takes notice of a step of some length (one: as the model had it) that took this many trials; whether λ changed.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gauss-Newton matrix of five variables from twelve rows.
    fn gram() -> Gram {
        let mut gram = Gram::new(5);
        gram.add_rows(&(0..60).map(|k| f64::sin(1.7 * f64::from(k * k))).collect::<Vec<_>>());
        gram
    }

    #[test]
    fn a_uniform_curvature_is_that_of_its_matrix() {
        let mut gram = Gram::new(3);
        (0..3).for_each(|index| gram.add_diagonal(index, 30.0));
        let (mut by_matrix, mut uniform) = ([0.3, -6.0, 15.0], [0.3, -6.0, 15.0]);
        Curvature::new(&gram, 0.0).unwrap().solve(&mut by_matrix);
        Curvature::uniform(3, 30.0).solve(&mut uniform);
        assert!(by_matrix.iter().zip(uniform).all(|(a, b)| (a - b).abs() < 1e-15));
        assert!((uniform[2] - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_reduced_matrix_gives_the_same_step_for_what_is_kept() {
        let (gram, kept) = (gram(), [false, true, false, true, true]);
        let gradient = [0.0, 0.3, 0.0, -0.7, 0.2];
        let (mut whole, mut part) = (gradient, gradient);
        Curvature::new(&gram, 0.0).unwrap().solve(&mut whole);
        Curvature::new(&gram.reduced(&kept, 0.0).unwrap(), 0.0).unwrap().solve(&mut part);
        for ((whole, part), kept) in whole.iter().zip(part).zip(kept) {
            let expected = if kept { *whole } else { 0.0 };
            assert!((part - expected).abs() < 1e-12, "{part} instead of {expected}");
        }
    }

    #[test]
    fn the_lower_triangle_is_the_matrix() {
        let gram = gram();
        let again = Gram::from_lower(5, &gram.lower()).unwrap();
        assert_eq!(again.values, gram.values);
        assert!(Gram::from_lower(4, &gram.lower()).is_none());
    }

    #[test]
    fn what_is_indefinite_by_rounding_says_which_damping_it_got() {
        assert_eq!(Curvature::new(&gram(), 1e-3).unwrap().damping(), 1e-3);
        // Off the diagonal entries a little too large for a matrix of rank one.
        let off = 1.0 + 1e-12;
        let gram = Gram::from_lower(3, &[1.0, off, off, 1.0, off, 1.0]).unwrap();
        let curvature = Curvature::new(&gram, 0.0).unwrap();
        let damping = curvature.damping();
        assert!(damping > 1e-12 && damping < 1e-6, "{damping}");
        let mut vector = [1.0, 1.0, 1.0];
        curvature.solve(&mut vector);
        // (G + λ) x = 1 has the solution 1 / (3 + λ) in each component.
        assert!(vector.iter().all(|x| (x - 1.0 / (3.0 + damping)).abs() < 1e-4), "{vector:?}");
    }

    #[test]
    fn factors_are_the_same_on_any_number_of_threads() {
        for size in [60, 700] {
            let mut gram = Gram::new(size);
            let rows: Vec<f64> = (0..2 * size * size).map(|k| (0.37 * k as f64 * k as f64).sin()).collect();
            gram.add_rows(&rows);
            let solved = |threads: usize| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                let mut vector: Vec<f64> = (0..size).map(|k| (k as f64).cos()).collect();
                pool.install(|| Curvature::new(&gram, 1e-6).unwrap().solve(&mut vector));
                vector.iter().map(|value| value.to_bits()).collect::<Vec<_>>()
            };
            let one = solved(1);
            for threads in [2, 3, 8, 16] {
                assert!(solved(threads) == one, "{size} variables on {threads} threads");
            }
        }
    }

    #[test]
    fn an_average_keeps_its_share_of_the_older_matrix() {
        let (mut newer, older) = (gram(), gram());
        newer.add_diagonal(2, 4.0);
        newer.average(&older, 0.75);
        assert!((newer.diagonal()[2] - older.diagonal()[2] - 1.0).abs() < 1e-12);
    }
}
