//! Which bins around a bin may hold atoms within the cutoff: half of them, in rows along the third direction.

use mtprs_core::geometry::{Bins, Vector3, dot, norm};

/// Consecutive bins around a bin: places along the first two directions, and a range along the third, all relative to it.
pub(super) struct Row {
    pub(super) places: [i64; 2],
    pub(super) range: [i64; 2],
}

/// Half of the bins within reach of one, itself left out: the other half are those that have it among theirs.
pub(super) fn rows(bins: &Bins, cutoff: f64) -> Vec<Row> {
    let [a, b, c] = bins.axes().map(|axis| axis.reach());
    let least = LeastDistance::new(bins);
    let mut rows = Vec::new();
    for p in 0..=a {
        for q in (if p == 0 { 0 } else { -b })..=b {
            let first = if (p, q) == (0, 0) { 1 } else { -c };
            let near = |&r: &i64| least.between([p, q, r]) < cutoff * (1.0 + 1e-9);
            let low = (first..=c).find(near);
            let high = (first..=c).rev().find(near);
            if let (Some(low), Some(high)) = (low, high) {
                rows.push(Row { places: [p, q], range: [low, high] });
            }
        }
    }
    rows
}

/// Lower bounds for the distances of atoms in two bins.
struct LeastDistance {
    steps: [Vector3; 3],
    thickness: [f64; 3],
    /// Longest diagonal of a bin.
    diagonal: f64,
    is_orthogonal: bool,
}

impl LeastDistance {
    fn new(bins: &Bins) -> Self {
        let steps = bins.axes().map(|axis| axis.step());
        let [a, b, c] = steps;
        let diagonals = [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]]
            .map(|[p, q]| norm(std::array::from_fn(|k| a[k] + p * b[k] + q * c[k])));
        let is_normal = |p: Vector3, q: Vector3| dot(p, q).abs() < 1e-12 * norm(p) * norm(q);
        Self {
            steps,
            thickness: bins.axes().map(|axis| axis.thickness()),
            diagonal: diagonals.into_iter().fold(0.0, f64::max),
            is_orthogonal: is_normal(a, b) && is_normal(b, c) && is_normal(c, a),
        }
    }

    /// For bins that are this many steps apart.
    fn between(&self, steps: [i64; 3]) -> f64 {
        let gaps: [f64; 3] = std::array::from_fn(|k| (steps[k].abs() - 1).max(0) as f64 * self.thickness[k]);
        if self.is_orthogonal {
            return norm(gaps);
        }
        let center: Vector3 =
            std::array::from_fn(|k| (0..3).map(|axis| steps[axis] as f64 * self.steps[axis][k]).sum());
        gaps.into_iter().fold(norm(center) - self.diagonal, f64::max)
    }
}
