//! A convex polyhedron around the origin that planes make smaller: corners and faces, each face a ring of corners.
//!
//! Corners within [`TOLERANCE`] of a plane lie on it. So the planes of a crystal that meet in one point or one line leave one
//! corner or one edge there, and rounding makes no others.

use std::collections::{BTreeMap, BTreeSet};

use mtprs_core::geometry::{Vector3, cross, dot, norm};

/// Height above a plane up to which a corner lies on it, Å: more than digits of files round off.
const TOLERANCE: f64 = 1e-5;

/// A bounded intersection of half-spaces, Å.
#[derive(Clone, Debug)]
pub(super) struct Polyhedron {
    corners: Vec<Vector3>,
    faces: Vec<Vec<usize>>,
}

/// Where a corner lies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Inside,
    On,
    Outside,
}

impl Polyhedron {
    /// A cube with edges of twice this length.
    pub(super) fn cube(half: f64) -> Self {
        let sign = |corner: usize, axis: usize| if corner >> axis & 1 == 1 { half } else { -half };
        let corners = (0..8).map(|corner| [0, 1, 2].map(|axis| sign(corner, axis))).collect();
        let faces = [[0, 1, 3, 2], [4, 5, 7, 6], [0, 1, 5, 4], [2, 3, 7, 6], [0, 2, 6, 4], [1, 3, 7, 5]];
        Self { corners, faces: faces.map(Vec::from).into() }
    }

    /// Takes away what lies nearer to `other` than to the origin.
    pub(super) fn cut(&mut self, other: Vector3) {
        let length = norm(other);
        let normal = other.map(|x| x / length);
        let heights: Vec<f64> =
            self.corners.iter().map(|corner| dot(normal, *corner) - 0.5 * length).collect();
        let sides: Vec<Side> = heights.iter().map(|height| side(*height)).collect();
        if !sides.contains(&Side::Outside) {
            return;
        }
        let mut rim: BTreeSet<usize> = (0..sides.len()).filter(|&k| sides[k] == Side::On).collect();
        let mut crossings = BTreeMap::new();
        for face in std::mem::take(&mut self.faces) {
            let mut ring = Vec::new();
            for (&from, &to) in face.iter().zip(face.iter().cycle().skip(1)) {
                if sides[from] != Side::Outside {
                    ring.push(from);
                }
                if let (Side::Inside, Side::Outside) | (Side::Outside, Side::Inside) =
                    (sides[from], sides[to])
                {
                    let edge = (from.min(to), from.max(to));
                    let crossing = *crossings.entry(edge).or_insert_with(|| self.cross(edge, &heights));
                    ring.push(crossing);
                    rim.insert(crossing);
                }
            }
            self.faces.extend((ring.len() > 2).then_some(ring));
        }
        if rim.len() > 2 {
            self.faces.push(self.ring(rim, normal));
        }
        self.forget_lost_corners();
    }

    /// Adds the corner at which an edge goes through the plane.
    fn cross(&mut self, (a, b): (usize, usize), heights: &[f64]) -> usize {
        let share = heights[a] / (heights[a] - heights[b]);
        let (from, to) = (self.corners[a], self.corners[b]);
        self.corners.push(std::array::from_fn(|k| from[k] + share * (to[k] - from[k])));
        self.corners.len() - 1
    }

    /// Corners of a plane in the order in which they stand around it.
    fn ring(&self, corners: BTreeSet<usize>, normal: Vector3) -> Vec<usize> {
        let count = corners.len() as f64;
        let sum = |k: usize| corners.iter().map(|&corner| self.corners[corner][k]).sum::<f64>();
        let middle: Vector3 = std::array::from_fn(|k| sum(k) / count);
        let away =
            |corner: usize| -> Vector3 { std::array::from_fn(|k| self.corners[corner][k] - middle[k]) };
        let Some(first) = corners.iter().next().map(|&corner| away(corner)) else { return Vec::new() };
        let second = cross(normal, first);
        let angle = |corner: usize| dot(away(corner), second).atan2(dot(away(corner), first));
        let mut ring: Vec<usize> = corners.into_iter().collect();
        ring.sort_by(|&a, &b| angle(a).total_cmp(&angle(b)));
        ring
    }

    fn forget_lost_corners(&mut self) {
        let used: BTreeSet<usize> = self.faces.iter().flatten().copied().collect();
        let number: BTreeMap<usize, usize> = used.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        self.corners = used.iter().map(|&corner| self.corners[corner]).collect();
        self.faces.iter_mut().flatten().for_each(|corner| *corner = number[corner]);
    }

    /// The corners.
    pub(super) fn corners(&self) -> &[Vector3] {
        &self.corners
    }

    /// Number of faces.
    #[cfg(test)]
    pub(super) fn faces(&self) -> usize {
        self.faces.len()
    }

    /// Distance of the farthest corner from the origin, Å.
    pub(super) fn reach(&self) -> f64 {
        self.corners.iter().map(|corner| norm(*corner)).fold(0.0, f64::max)
    }
}

fn side(height: f64) -> Side {
    match height {
        height if height > TOLERANCE => Side::Outside,
        height if height < -TOLERANCE => Side::Inside,
        _ => Side::On,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planes_through_corners_and_edges_make_no_others() {
        let mut cube = Polyhedron::cube(1.0);
        // Planes that touch a corner and an edge, and one far away.
        for other in [[2.0, 2.0, 2.0], [2.0, 2.0, 0.0], [9.0, 0.0, 0.0]] {
            cube.cut(other);
        }
        assert_eq!((cube.corners().len(), cube.faces()), (8, 6));
        // The plane through three corners cuts off the fourth, which they surround.
        cube.cut([2.0 / 3.0; 3]);
        assert_eq!((cube.corners().len(), cube.faces()), (7, 7));
        assert!((cube.reach() - 3.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_cube_becomes_the_truncated_octahedron_of_a_body_centered_lattice() {
        let mut cell = Polyhedron::cube(2.0);
        for x in [-1.0, 1.0] {
            let axes = [[2.0 * x, 0.0, 0.0], [0.0, 2.0 * x, 0.0], [0.0, 0.0, 2.0 * x]];
            let diagonals = [[x, -1.0, -1.0], [x, -1.0, 1.0], [x, 1.0, -1.0], [x, 1.0, 1.0]];
            axes.into_iter().chain(diagonals).for_each(|other| cell.cut(other));
        }
        assert_eq!((cell.corners().len(), cell.faces()), (24, 14));
        assert!(cell.corners().iter().all(|corner| (norm(*corner) - 1.25_f64.sqrt()).abs() < 1e-12));
    }
}
