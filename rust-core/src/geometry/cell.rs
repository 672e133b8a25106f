//! The periodic cell: zero to three lattice vectors.

use super::Vector3;
use crate::error::{Error, ErrorKind, Result};

/// Lattice vectors of the periodic directions, Å: none for a molecule, three for a crystal.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    vectors: Vec<Vector3>,
}

impl Cell {
    /// A cell that repeats in no direction.
    pub fn open() -> Self {
        Self::default()
    }

    /// A cell from its periodic vectors (rows, Å). At most three; finite and linearly independent.
    pub fn new(vectors: &[Vector3]) -> Result<Self> {
        let invalid = |message: String| Err(Error::new(ErrorKind::InvalidConfiguration, message));
        if vectors.len() > 3 {
            return invalid(format!("expected at most 3 cell vectors, got {}", vectors.len()));
        }
        if vectors.iter().flatten().any(|component| !component.is_finite()) {
            return invalid("the cell vectors are not finite".into());
        }
        let lengths: f64 = vectors.iter().map(|vector| norm(*vector)).product();
        let content = match vectors {
            [] => 1.0,
            [a] => norm(*a),
            [a, b] => norm(cross(*a, *b)),
            [a, b, c, ..] => dot(*a, cross(*b, *c)).abs(),
        };
        if !(content.is_finite() && content > 1e-10 * lengths) {
            return invalid("the cell vectors are linearly dependent".into());
        }
        Ok(Self { vectors: vectors.to_vec() })
    }

    /// The periodic vectors, Å, one row each.
    pub fn vectors(&self) -> &[Vector3] {
        &self.vectors
    }

    /// Volume in Å^3 if the cell is periodic in all three directions.
    pub fn volume(&self) -> Option<f64> {
        match self.vectors[..] {
            [a, b, c] => Some(dot(a, cross(b, c)).abs()),
            _ => None,
        }
    }

    /// Cartesian position (Å) of fractional coordinates; all three directions must be periodic.
    pub fn cartesian(&self, fractional: Vector3) -> Option<Vector3> {
        let [a, b, c] = self.vectors[..] else { return None };
        let [u, v, w] = fractional;
        Some(std::array::from_fn(|k| u * a[k] + v * b[k] + w * c[k]))
    }

    /// The vectors, one for each periodic one, whose scalar products with a displacement are its fractional coordinates, Å⁻¹.
    pub fn duals(&self) -> Vec<Vector3> {
        duals(&self.completed())[..self.vectors.len()].to_vec()
    }

    /// Three linearly independent vectors: the periodic ones, filled up with unit vectors normal to them.
    pub(crate) fn completed(&self) -> [Vector3; 3] {
        match self.vectors[..] {
            [a, b, c] => [a, b, c],
            [a, b] => [a, b, scaled(cross(a, b), 1.0 / norm(cross(a, b)))],
            [a] => {
                let normal = perpendicular(a);
                let third = cross(a, normal);
                [a, normal, scaled(third, 1.0 / norm(third))]
            }
            _ => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        }
    }
}

/// Scalar product.
pub fn dot(a: Vector3, b: Vector3) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// Vector product.
pub fn cross(a: Vector3, b: Vector3) -> Vector3 {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

/// The vectors whose scalar products with a position are its coordinates along these three; of lattice vectors, Å⁻¹.
pub fn duals(vectors: &[Vector3; 3]) -> [Vector3; 3] {
    let [a, b, c] = *vectors;
    let determinant = dot(a, cross(b, c));
    [cross(b, c), cross(c, a), cross(a, b)].map(|dual| dual.map(|x| x / determinant))
}

/// Length of a vector.
pub fn norm(a: Vector3) -> f64 {
    dot(a, a).sqrt()
}

fn scaled(a: Vector3, factor: f64) -> Vector3 {
    a.map(|component| component * factor)
}

/// A unit vector normal to `a`, built from the axis that is farthest from `a`.
fn perpendicular(a: Vector3) -> Vector3 {
    let smallest = (0..3).min_by(|&i, &j| a[i].abs().total_cmp(&a[j].abs())).unwrap_or(0);
    let mut axis = [0.0; 3];
    axis[smallest] = 1.0;
    let normal = cross(a, axis);
    scaled(normal, 1.0 / norm(normal))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completed_vectors_span_space_and_leave_the_periodic_ones_alone() {
        let a = [1.0, 2.0, -3.0];
        let b = [0.5, 0.0, 4.0];
        for vectors in [&[a, b][..], &[a][..], &[]] {
            let cell = Cell::new(vectors).unwrap();
            let [p, q, r] = cell.completed();
            assert_eq!(&[p, q, r][..vectors.len()], vectors);
            assert!(dot(p, cross(q, r)).abs() > 0.5);
        }
    }

    #[test]
    fn flat_and_infinite_cells_are_refused() {
        let flat = Cell::new(&[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]]).unwrap_err();
        assert!(flat.to_string().contains("linearly dependent"));
        assert!(Cell::new(&[[f64::NAN, 0.0, 0.0]]).is_err());
        assert!(Cell::new(&[[0.0; 3]]).is_err());
    }
}
