//! The active set: a square matrix of rows and its inverse, checked against each other when it is made.

use crate::error::{Error, ErrorKind, Result};

/// Largest residual |x − A⁻¹(A x)| of the probes, for entries of x of size one. Inverses that MLIP-2 has updated by
/// rank-1 formulas reach 1e-6 for Li at level 16; what is not an inverse at all misses by one and more.
const RESIDUAL: f64 = 1e-2;

/// Rows A of an active set and A⁻¹; both finite, inverse to each other, checked.
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveSet {
    size: usize,
    rows: Vec<f64>,
    inverse: Vec<f64>,
}

impl ActiveSet {
    /// An active set of `size` rows. `rows`: A, shape (row, parameter). `inverse`: A⁻¹ by columns, shape (k, parameter),
    /// so that entry k of b A⁻¹ is the scalar product of b with the k-th run of `size` numbers.
    pub fn new(size: usize, rows: Vec<f64>, inverse: Vec<f64>) -> Result<Self> {
        for (name, matrix) in [("active set", &rows), ("inverse of the active set", &inverse)] {
            if size.checked_mul(size) != Some(matrix.len()) {
                let message = format!("expected {size} x {size} numbers in the {name}, got {}", matrix.len());
                return Err(Error::new(ErrorKind::Argument, message));
            }
        }
        let set = Self { size, rows, inverse };
        set.check()?;
        Ok(set)
    }

    /// Number n of rows, which is that of the parameters.
    pub fn size(&self) -> usize {
        self.size
    }

    /// A, row-major, shape (n, n).
    pub fn rows(&self) -> &[f64] {
        &self.rows
    }

    /// Row `k` of A.
    pub fn row(&self, k: usize) -> &[f64] {
        &self.rows[k * self.size..(k + 1) * self.size]
    }

    /// A⁻¹ by columns, shape (k, parameter): what a row is multiplied with.
    pub fn inverse_columns(&self) -> &[f64] {
        &self.inverse
    }

    /// Column `k` of A⁻¹: the direction of θ that row k alone of the active set sees.
    pub fn inverse_column(&self, k: usize) -> &[f64] {
        &self.inverse[k * self.size..(k + 1) * self.size]
    }

    /// The grade γ = max_k |(b A⁻¹)_k| of one row, which has n entries. Fails if it is not finite.
    pub fn grade(&self, row: &[f64]) -> Result<f64> {
        assert_eq!(row.len(), self.size, "number of parameters");
        grade_of_entries(self.inverse.chunks_exact(self.size).map(|column| dot(column, row)))
    }

    fn check(&self) -> Result<()> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidState, message));
        if let Some(k) = (0..self.size).find(|&k| !self.row(k).iter().all(|value| value.is_finite())) {
            return invalid(format!("row {} of the active set is not finite", k + 1));
        }
        if let Some(k) = (0..self.size).find(|&k| self.row(k).iter().all(|&value| value == 0.0)) {
            return invalid(format!("the active set is singular: its row {} is zero", k + 1));
        }
        if !self.inverse.iter().all(|value| value.is_finite()) {
            return invalid("the active set is singular: its inverse is not finite".into());
        }
        let residual = (0..PROBES).map(|number| self.residual(number)).fold(0.0, f64::max);
        if residual <= RESIDUAL {
            return Ok(());
        }
        let message = format!(
            "the inverse does not belong to the active set: a product of both is off by {residual:.1e}"
        );
        Err(Error::new(ErrorKind::InvalidState, message)
            .hint("the file is damaged, or the active set is singular"))
    }

    /// Largest entry of x A A⁻¹ − x for a row x of entries ±1 that look random.
    fn residual(&self, number: u64) -> f64 {
        let signs = signs(self.size, number);
        let mut product = vec![0.0; self.size];
        for (sign, row) in signs.iter().zip(self.rows.chunks_exact(self.size)) {
            product.iter_mut().zip(row).for_each(|(sum, value)| *sum += sign * value);
        }
        let columns = self.inverse.chunks_exact(self.size);
        let entries = columns.zip(&signs).map(|(column, sign)| (dot(column, &product) - sign).abs());
        entries.fold(0.0, |largest, entry| if entry <= largest { largest } else { entry })
    }
}

/// The grade γ = max_k |c_k| of a row b from the entries of c = b A⁻¹. Fails if one of them is not finite.
pub fn grade_of_entries(entries: impl Iterator<Item = f64>) -> Result<f64> {
    let mut largest = 0.0_f64;
    for entry in entries {
        if !entry.is_finite() {
            return Err(Error::not_finite_grade("a row"));
        }
        largest = largest.max(entry.abs());
    }
    Ok(largest)
}

/// How many random rows try an inverse: each misses a wrong one only if its errors cancel.
const PROBES: u64 = 3;

fn signs(count: usize, number: u64) -> Vec<f64> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(0x1234_5678_9abc_def1);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        if state >> 63 == 0 { 1.0 } else { -1.0 }
    };
    (0..count).map(|_| next()).collect()
}

/// Scalar product in eight sums, which compilers turn into vector code.
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (blocks_a, blocks_b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = blocks_a.remainder().iter().zip(blocks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in blocks_a.zip(blocks_b) {
        for lane in 0..8 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A = [[2, 1], [0, 4]], A⁻¹ = [[1/2, −1/8], [0, 1/4]].
    fn small() -> ActiveSet {
        ActiveSet::new(2, vec![2.0, 1.0, 0.0, 4.0], vec![0.5, 0.0, -0.125, 0.25]).unwrap()
    }

    #[test]
    fn rows_of_the_active_set_have_grade_one_and_others_are_combinations() {
        let set = small();
        let grade = |row: &[f64]| set.grade(row).unwrap();
        assert_eq!((grade(set.row(0)), grade(set.row(1))), (1.0, 1.0));
        // (2, 9) = 1 · (2, 1) + 2 · (0, 4)
        assert_eq!(grade(&[2.0, 9.0]), 2.0);
        assert_eq!(grade(&[-6.0, 1.0]), 3.0);
    }

    #[test]
    fn a_grade_that_is_not_finite_is_an_error_wherever_it_comes_from() {
        // The entries of b A⁻¹ are b_0 / 2 and (b_1 − b_0 / 2) / 4.
        let set = small();
        for row in [[f64::NAN, 1.0], [1.0, f64::NAN], [f64::INFINITY, 1.0], [1.0, f64::NEG_INFINITY]] {
            let error = set.grade(&row).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFinite);
            assert_eq!(error.message(), "the extrapolation grade of a row is not finite");
        }
        // Finite numbers whose products overflow, in the first entry alone.
        let set = ActiveSet::new(2, vec![1e-200, 0.0, 0.0, 1.0], vec![1e200, 0.0, 0.0, 1.0]).unwrap();
        assert_eq!(set.grade(&[1e-300, 2.0]).unwrap(), 2.0);
        assert_eq!(set.grade(&[1e200, 2.0]).unwrap_err().kind(), ErrorKind::NotFinite);
        for entries in [[f64::NAN, 1.0, 2.0], [1.0, f64::NAN, 2.0], [1.0, 2.0, f64::NAN]] {
            assert!(grade_of_entries(entries.into_iter()).is_err());
        }
        assert_eq!(grade_of_entries([1.0, -3.0, 2.0].into_iter()).unwrap(), 3.0);
        assert_eq!(grade_of_entries([].into_iter()).unwrap(), 0.0);
    }

    #[test]
    fn what_is_no_inverse_is_refused() {
        let message = |rows: [f64; 4], inverse: [f64; 4]| {
            ActiveSet::new(2, rows.to_vec(), inverse.to_vec()).unwrap_err().to_string()
        };
        let rows = [2.0, 1.0, 0.0, 4.0];
        assert!(message(rows, [0.5, -0.125, 0.0, 0.25]).contains("does not belong to the active set"));
        assert!(message(rows, [0.5, 0.0, f64::NAN, 0.25]).contains("its inverse is not finite"));
        assert_eq!(message([0.0; 4], [0.0; 4]), "the active set is singular: its row 1 is zero");
        assert!(
            message([f64::INFINITY, 1.0, 0.0, 4.0], rows).contains("row 1 of the active set is not finite")
        );
        assert!(message([1.0, 2.0, 2.0, 4.0], [1e9; 4]).contains("singular"));
        let error = ActiveSet::new(2, vec![1.0; 3], vec![1.0; 4]).unwrap_err();
        assert_eq!(error.to_string(), "expected 2 x 2 numbers in the active set, got 3");
    }

    #[test]
    fn products_of_every_length_are_whole() {
        for length in [1, 7, 8, 9, 31] {
            let a: Vec<f64> = (0..length).map(f64::from).collect();
            let expected: f64 = a.iter().map(|x| 2.0 * x).sum();
            assert_eq!(dot(&a, &vec![2.0; a.len()]), expected);
        }
    }
}
