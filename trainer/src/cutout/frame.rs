//! Cells for a cut-out: a direction either keeps a vector of the parent or gets an edge of its own, normal to the others.

use mtprs_core::geometry::{Vector3, cross, dot, duals, norm};

use super::parent::shifted;

/// The directions of a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    /// Vectors of the parent, Å.
    pub(super) kept: Vec<Vector3>,
    /// Unit vectors along the edges, normal to those and to each other.
    pub(super) free: Vec<Vector3>,
}

/// A cell around a center, which is in its middle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) shape: Shape,
    /// The vectors, those that are kept first, Å.
    pub(super) vectors: [Vector3; 3],
    duals: [Vector3; 3],
}

impl Shape {
    /// The one of smallest volume with edges of a length: no edge where a vector of the parent is no longer.
    pub(super) fn smallest(parent: &[Vector3; 3], edge: f64) -> Self {
        let shapes = (0..8_u8).rev().map(|mask| {
            let is_kept = |k: &usize| mask & (1 << k) != 0;
            let (kept, others): (Vec<usize>, Vec<usize>) = (0..3).partition(is_kept);
            let vectors = |indices: &[usize]| indices.iter().map(|&k| parent[k]).collect::<Vec<_>>();
            Self::new(vectors(&kept), &vectors(&others))
        });
        let volume = |shape: &Self| {
            let Frame { vectors: [a, b, c], .. } = shape.frame(&vec![edge; shape.free.len()]);
            dot(a, cross(b, c)).abs()
        };
        let smaller = |best: Self, next: Self| if volume(&next) < volume(&best) { next } else { best };
        shapes.reduce(smaller).unwrap_or(Self { kept: parent.to_vec(), free: Vec::new() })
    }

    fn new(kept: Vec<Vector3>, others: &[Vector3]) -> Self {
        let free = match (&kept[..], others) {
            ([], _) => vec![[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            ([a], [b, _]) => {
                let along = unit(*a);
                let part = dot(*b, along);
                let second = unit(std::array::from_fn(|k| b[k] - part * along[k]));
                vec![second, cross(along, second)]
            }
            ([a, b], _) => vec![unit(cross(*a, *b))],
            _ => Vec::new(),
        };
        Self { kept, free }
    }

    /// The cell with these edges, Å.
    pub(super) fn frame(&self, edges: &[f64]) -> Frame {
        let free = self.free.iter().zip(edges).map(|(unit, edge)| unit.map(|x| x * edge));
        let all: Vec<Vector3> = self.kept.iter().copied().chain(free).collect();
        let vectors = std::array::from_fn(|k| all[k]);
        Frame { shape: self.clone(), vectors, duals: duals(&vectors) }
    }
}

impl Frame {
    /// Volume, Å³.
    pub(super) fn volume(&self) -> f64 {
        let [a, b, c] = self.vectors;
        dot(a, cross(b, c)).abs()
    }

    /// Fractional coordinates of a displacement from the center.
    pub(super) fn fractional(&self, displacement: Vector3) -> Vector3 {
        self.duals.map(|dual| dot(displacement, dual))
    }

    /// Lengths of the images of a displacement that are no longer than `radius`, Å.
    pub(super) fn images(&self, displacement: Vector3, radius: f64) -> impl Iterator<Item = f64> {
        let fractional = self.fractional(displacement);
        let reach = self.duals.map(|dual| radius * norm(dual));
        let turns = move |k: usize| {
            let first = (-fractional[k] - reach[k]).ceil();
            let count = (-fractional[k] + reach[k] - first).floor() + 1.0;
            (0..count.max(0.0) as u32).map(move |turn| first + f64::from(turn))
        };
        let vectors = self.vectors;
        turns(0).flat_map(move |i| turns(1).map(move |j| (i, j))).flat_map(move |(i, j)| {
            turns(2).filter_map(move |k| {
                let length = norm(shifted(displacement, &vectors, [i, j, k]));
                (length <= radius).then_some(length)
            })
        })
    }

    /// Distance from the center within which all of the cell lies, Å.
    pub(super) fn reach(&self) -> f64 {
        let lengths = self.vectors.map(|vector| 0.5 * norm(vector));
        let (kept, free) = lengths.split_at(self.shape.kept.len());
        kept.iter().sum::<f64>() + free.iter().map(|length| length * length).sum::<f64>().sqrt()
    }

    /// The middle of the cell, Å.
    pub(super) fn middle(&self) -> Vector3 {
        let [a, b, c] = self.vectors;
        std::array::from_fn(|k| 0.5 * (a[k] + b[k] + c[k]))
    }
}

fn unit(vector: Vector3) -> Vector3 {
    let length = norm(vector);
    vector.map(|x| x / length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_vectors_are_kept_and_long_ones_replaced_by_edges() {
        let parent = [[5.0, 0.0, 1.0], [0.0, 20.0, 0.0], [0.0, 3.0, 30.0]];
        let kept = |edge: f64| Shape::smallest(&parent, edge).kept;
        assert!(kept(4.0).is_empty());
        assert_eq!(kept(10.0), [parent[0]]);
        assert_eq!(kept(25.0), [parent[0], parent[1]]);
        assert_eq!(kept(40.0), parent);
        for edge in [4.0, 10.0, 25.0] {
            let shape = Shape::smallest(&parent, edge);
            let frame = shape.frame(&vec![edge; shape.free.len()]);
            let kept = shape.kept.len();
            for (k, vector) in frame.vectors.iter().enumerate().skip(kept) {
                assert!((norm(*vector) - edge).abs() < 1e-12);
                for other in &frame.vectors[..k] {
                    assert!(dot(*vector, *other).abs() < 1e-9);
                }
            }
            let [a, b, c] = frame.vectors;
            assert!(dot(a, cross(b, c)) > 0.0 || kept == 2);
        }
    }
}
