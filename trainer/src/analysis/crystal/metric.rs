//! Distances in a periodic cell.

use mtprs_core::geometry::{Vector3, dot, duals, norm};

/// Scalar products of unit vectors below which axes are orthogonal.
const RIGHT: f64 = 1e-9;

/// A cell in which displacements are taken to the nearest image.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Metric {
    vectors: [Vector3; 3],
    /// Vectors of the same lattice that are as short as pairs of them can make each other.
    reduced: [Vector3; 3],
    duals: [Vector3; 3],
    /// Images that may be nearer than the one whose coordinates along these are within a half: none of orthogonal axes.
    images: Vec<Vector3>,
}

impl Metric {
    pub(in crate::analysis) fn new(vectors: [Vector3; 3]) -> Self {
        let reduced = reduced(vectors);
        let [a, b, c] = reduced;
        let is_right = |u: Vector3, v: Vector3| dot(u, v).abs() < RIGHT * norm(u) * norm(v);
        let places = (0..27).map(|k| [k % 3, k / 3 % 3, k / 9].map(|image: usize| image as f64 - 1.0));
        let others = places.filter(|image| *image != [0.0; 3]).map(|image| cartesian(&reduced, image));
        let is_orthogonal = is_right(a, b) && is_right(b, c) && is_right(c, a);
        let images = if is_orthogonal { Vec::new() } else { others.collect() };
        Self { vectors, reduced, duals: duals(&reduced), images }
    }

    /// Length of the shortest vector of the lattice, Å.
    pub(in crate::analysis) fn shortest_period(&self) -> f64 {
        self.reduced.iter().chain(&self.images).map(|vector| norm(*vector)).fold(f64::INFINITY, f64::min)
    }

    /// The shortest displacement, Å, that is this one of fractional coordinates but for whole cells.
    pub(in crate::analysis) fn shortest(&self, fractional: Vector3) -> Vector3 {
        let near = cartesian(&self.vectors, fractional.map(|s| s - s.round()));
        let first = cartesian(&self.reduced, self.duals.map(|dual| dot(dual, near)).map(|s| s - s.round()));
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

/// Takes from each vector what the others can take, until none becomes shorter: the reduction of Lagrange in pairs.
fn reduced(mut vectors: [Vector3; 3]) -> [Vector3; 3] {
    loop {
        let mut is_done = true;
        for (i, j) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            let times = (dot(vectors[i], vectors[j]) / dot(vectors[j], vectors[j]) * (1.0 - RIGHT)).round();
            if times != 0.0 {
                vectors[i] = std::array::from_fn(|k| vectors[i][k] - times * vectors[j][k]);
                is_done = false;
            }
        }
        if is_done {
            return vectors;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_choice_of_cell_has_the_same_distances() {
        let cell = [[4.0, 0.0, 0.0], [1.0, 5.0, 0.0], [-0.5, 1.5, 6.0]];
        let sheared = [
            cell[0],
            std::array::from_fn(|k| cell[1][k] + 4.0 * cell[0][k]),
            std::array::from_fn(|k| cell[2][k] + 3.0 * cell[1][k] - 2.0 * cell[0][k]),
        ];
        let (one, other) = (Metric::new(cell), Metric::new(sheared));
        for place in [[0.4, 0.3, 0.45], [0.5, 0.5, 0.5], [2.1, -3.3, 0.7]] {
            let displacement = cartesian(&cell, place);
            let [expected, found] =
                [&one, &other].map(|metric| metric.squared(metric.fractional(displacement)));
            assert!((expected - found).abs() < 1e-9, "{expected} {found}");
        }
    }

    #[test]
    fn the_shortest_period_need_not_be_an_axis() {
        // The rhombohedral cell of LiCoO2: a − b is shorter than a.
        let metric = Metric::new([[4.96, 0.0, 0.0], [4.16, 2.7, 0.0], [4.16, 1.24, 2.4]]);
        assert!((metric.shortest_period() - 2.82).abs() < 0.05, "{}", metric.shortest_period());
    }
}
