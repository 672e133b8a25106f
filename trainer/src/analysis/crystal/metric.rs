//! Distances in a periodic cell.

use mtprs_core::geometry::{Vector3, dot, duals, norm};

/// Scalar products of unit vectors below which axes are orthogonal.
const RIGHT: f64 = 1e-9;

/// A cell in which displacements are taken to the nearest image.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Metric {
    vectors: [Vector3; 3],
    /// Images that may be nearer than the one whose fractional coordinates are within a half: none of orthogonal axes.
    images: Vec<Vector3>,
}

impl Metric {
    pub(in crate::analysis) fn new(vectors: [Vector3; 3]) -> Self {
        let [a, b, c] = vectors;
        let is_right = |u: Vector3, v: Vector3| dot(u, v).abs() < RIGHT * norm(u) * norm(v);
        let places = (0..27).map(|k| [k % 3, k / 3 % 3, k / 9].map(|image: usize| image as f64 - 1.0));
        let others = places.filter(|image| *image != [0.0; 3]).map(|image| cartesian(&vectors, image));
        let is_orthogonal = is_right(a, b) && is_right(b, c) && is_right(c, a);
        Self { vectors, images: if is_orthogonal { Vec::new() } else { others.collect() } }
    }

    /// The shortest displacement, Å, that is this one of fractional coordinates but for whole cells.
    pub(in crate::analysis) fn shortest(&self, fractional: Vector3) -> Vector3 {
        let first = cartesian(&self.vectors, fractional.map(|s| s - s.round()));
        let shifted = self.images.iter().map(|image| std::array::from_fn(|k| first[k] + image[k]));
        let shorter =
            |best: Vector3, next: Vector3| if dot(next, next) < dot(best, best) { next } else { best };
        shifted.fold(first, shorter)
    }

    /// Fractional coordinates of a displacement, Å.
    pub(in crate::analysis) fn fractional(&self, displacement: Vector3) -> Vector3 {
        duals(&self.vectors).map(|dual| dot(dual, displacement))
    }

    /// The square of the shortest one, Å².
    pub(super) fn squared(&self, fractional: Vector3) -> f64 {
        let displacement = self.shortest(fractional);
        dot(displacement, displacement)
    }
}

/// The Cartesian vector of fractional coordinates.
fn cartesian(vectors: &[Vector3; 3], [u, v, w]: Vector3) -> Vector3 {
    let [a, b, c] = vectors;
    std::array::from_fn(|k| u * a[k] + v * b[k] + w * c[k])
}

/// Fractional coordinates minus others.
pub(super) fn difference(a: Vector3, b: Vector3) -> Vector3 {
    std::array::from_fn(|k| a[k] - b[k])
}
