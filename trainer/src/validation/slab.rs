//! Slabs of a crystal: planes of given Miller indices, cut where both faces are alike.
//!
//! The lattice gets vectors u and v in the plane (h·u = h·v = 0) and w with h·w = 1, so that u, v, w span the given cell; a slab
//! is copies of it along w and repeats along u and v only. It is cut in a gap between planes of atoms that leaves faces that are
//! alike, plane by plane: else it is polar (P. W. Tasker, J. Phys. C 12, 4977, 1979). Of several such gaps the widest is cut.

use std::fmt;
use std::str::FromStr;

use mtprs_core::Result;
use mtprs_core::geometry::{Cell, Configuration, Vector3, cross, dot, norm};
use serde::{Serialize, Serializer};

use super::crystal::greatest_divisor;
use super::lattice::{combined, sum};

/// Atoms whose heights differ by less are in one plane, Å.
const SAME_PLANE: f64 = 0.02;
/// Largest of the indices.
const LARGEST: i32 = 99;

/// Miller indices of the given cell, without a common divisor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Miller([i32; 3]);

impl FromStr for Miller {
    type Err = String;

    /// `110`, `1-10`, or `12,-1,0`.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let expected = || "expected Miller indices like 110, 1-10 or 12,-1,0".to_owned();
        let numbers: Option<Vec<i32>> = if text.contains(',') {
            text.split(',').map(|word| word.trim().parse().ok()).collect()
        } else {
            digits(text)
        };
        let indices: [i32; 3] = numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(expected)?;
        if indices == [0; 3] || indices.iter().any(|index| index.abs() > LARGEST) {
            return Err(expected());
        }
        let size = |index: i32| index.unsigned_abs() as usize;
        let divisor = indices.iter().fold(0, |divisor, &index| greatest_divisor(divisor, size(index)));
        Ok(Self(indices.map(|index| index / divisor as i32)))
    }
}

/// Digits with their signs.
fn digits(text: &str) -> Option<Vec<i32>> {
    let (mut numbers, mut sign) = (Vec::new(), 1);
    for character in text.chars() {
        match character.to_digit(10) {
            Some(digit) => numbers.push(std::mem::replace(&mut sign, 1) * digit as i32),
            None if character == '-' && sign == 1 => sign = -1,
            None => return None,
        }
    }
    (sign == 1).then_some(numbers)
}

impl fmt::Display for Miller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.map(|index| index.to_string());
        let separator = if self.0.iter().any(|index| index.abs() > 9) { "," } else { "" };
        f.write_str(&words.join(separator))
    }
}

impl Serialize for Miller {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A slab of whole cells.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    /// The atoms, those of one layer after the other; they repeat along two vectors.
    pub(super) atoms: Configuration,
    /// Number of layers, each as many atoms as the given cell.
    pub(super) layers: usize,
    /// Area of a face, Å².
    pub(super) area: f64,
    /// Distance from the lowest to the highest atom, Å.
    pub(super) thickness: f64,
}

/// The planes of a crystal.
pub(super) struct Planes {
    species: Vec<u32>,
    positions: Vec<Vector3>,
    /// u and v.
    sides: [Vector3; 2],
    /// w.
    step: Vector3,
    normal: Vector3,
}

impl Planes {
    pub(super) fn new(atoms: &Configuration, vectors: &[Vector3; 3], miller: Miller) -> Self {
        let [u, v, w] = basis(miller.0).map(|numbers| combined(vectors, numbers));
        let [mut u, mut v] = reduced([u, v]);
        if dot(cross(u, v), w) < 0.0 {
            (u, v) = (v, u);
        }
        let normal = cross(u, v);
        Self {
            species: atoms.species.clone(),
            positions: atoms.positions.clone(),
            sides: [u, v],
            step: w,
            normal: normal.map(|x| x / norm(normal)),
        }
    }

    /// Distance of one layer to the next, Å.
    pub(super) fn period(&self) -> f64 {
        dot(self.step, self.normal)
    }

    /// Layers that are at least this thick, Å.
    pub(super) fn layers_for(&self, thickness: f64) -> usize {
        ((thickness / self.period() - 1e-9).ceil() as usize).max(1)
    }

    /// A slab of this many layers; nothing if no gap leaves two faces that are alike.
    pub(super) fn slab(&self, layers: usize) -> Result<Option<Slab>> {
        for cut in self.gaps() {
            let slab = self.cut(cut, layers)?;
            if self.has_like_faces(&slab.atoms) {
                return Ok(Some(slab));
            }
        }
        Ok(None)
    }

    /// Heights in the middle of gaps between planes, within one period, the widest gap first.
    fn gaps(&self) -> Vec<f64> {
        let period = self.period();
        let height = |&place: &Vector3| dot(place, self.normal).rem_euclid(period);
        let mut heights: Vec<f64> = self.positions.iter().map(height).collect();
        heights.sort_by(f64::total_cmp);
        let next = |k: usize| heights.get(k + 1).copied().unwrap_or(heights[0] + period);
        let mut gaps: Vec<(f64, f64)> = (0..heights.len())
            .map(|k| (next(k) - heights[k], 0.5 * (next(k) + heights[k])))
            .filter(|(width, _)| *width > SAME_PLANE)
            .collect();
        // Equally wide ones stay in the order of heights, whatever rounding does.
        gaps.sort_by(|a, b| (b.0 / SAME_PLANE).round().total_cmp(&(a.0 / SAME_PLANE).round()));
        gaps.into_iter().map(|(_, middle)| middle).collect()
    }

    fn cut(&self, cut: f64, layers: usize) -> Result<Slab> {
        let period = self.period();
        let (mut species, mut positions) = (Vec::new(), Vec::new());
        for layer in 0..layers {
            for (&kind, &place) in self.species.iter().zip(&self.positions) {
                let periods = ((dot(place, self.normal) - cut) / period).floor();
                let shift = self.step.map(|x| x * (layer as f64 - periods));
                species.push(kind);
                positions.push(sum(place, shift));
            }
        }
        let heights = positions.iter().map(|&place| dot(place, self.normal));
        let (low, high) = crate::report::html::extent(heights);
        let [u, v] = self.sides;
        Ok(Slab {
            atoms: Configuration::new(Cell::new(&self.sides)?, species, positions)?,
            layers,
            area: norm(cross(u, v)),
            thickness: high - low,
        })
    }

    /// Whether the planes from below are those from above, species by species.
    fn has_like_faces(&self, atoms: &Configuration) -> bool {
        let heights: Vec<f64> = atoms.positions.iter().map(|&place| dot(place, self.normal)).collect();
        let (low, high) = crate::report::html::extent(heights.iter().copied());
        let most = atoms.species.iter().max().copied().unwrap_or_default();
        (0..=most).all(|species| {
            let mut from_below: Vec<f64> = heights
                .iter()
                .zip(&atoms.species)
                .filter(|(_, other)| **other == species)
                .map(|(height, _)| height - low)
                .collect();
            from_below.sort_by(f64::total_cmp);
            let from_above = from_below.iter().rev().map(|height| high - low - height);
            from_below.iter().zip(from_above).all(|(a, b)| (a - b).abs() < SAME_PLANE)
        })
    }
}

/// Numbers of u, v and w.
fn basis([h, k, l]: [i32; 3]) -> [[i32; 3]; 3] {
    if h == 0 && k == 0 {
        return [[1, 0, 0], [0, 1, 0], [0, 0, l.signum()]];
    }
    let (g, p, q) = bezout(h, k);
    let (_, r, s) = bezout(g, l);
    [[k / g, -h / g, 0], [-l * p, -l * q, g], [r * p, r * q, s]]
}

/// g, p and q with p a + q b = g, a positive greatest common divisor.
fn bezout(a: i32, b: i32) -> (i32, i32, i32) {
    if b == 0 {
        return (a.abs(), a.signum(), 0);
    }
    let (g, p, q) = bezout(b, a % b);
    (g, q, p - a / b * q)
}

/// The two shortest vectors of a lattice in a plane (Gauss).
fn reduced([mut u, mut v]: [Vector3; 2]) -> [Vector3; 2] {
    loop {
        if norm(v) < norm(u) {
            (u, v) = (v, u);
        }
        let share = dot(u, v) / dot(u, u);
        // Half a vector may be turned into half of the opposite one, again and again.
        if share.abs() <= 0.5 + 1e-9 {
            return [u, v];
        }
        let times = share.round();
        v = std::array::from_fn(|axis| v[axis] - times * u[axis]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_read_and_written() {
        let read = |text: &str| text.parse::<Miller>().map(|miller| miller.to_string());
        for (text, expected) in [("110", "110"), ("1-10", "1-10"), ("-2,4,0", "-120"), ("10,0,1", "10,0,1")] {
            assert_eq!(read(text).as_deref(), Ok(expected));
        }
        for text in ["000", "11", "1100", "1--10", "11-", "a10", "1,0", "100,0,1"] {
            assert!(read(text).unwrap_err().starts_with("expected Miller indices"), "{text}");
        }
    }

    #[test]
    fn vectors_of_planes_span_the_lattice() {
        for h in -4..=4 {
            for k in -4..=4 {
                for l in -4..=4_i32 {
                    let Ok(miller) = format!("{h},{k},{l}").parse::<Miller>() else { continue };
                    let [u, v, w] = basis(miller.0);
                    let along = |numbers: [i32; 3]| (0..3).map(|i| miller.0[i] * numbers[i]).sum::<i32>();
                    assert_eq!([along(u), along(v), along(w)], [0, 0, 1], "{miller}");
                    let [u, v, w] = [u, v, w].map(|numbers| numbers.map(f64::from));
                    assert_eq!(dot(cross(u, v), w).abs(), 1.0, "{miller}");
                }
            }
        }
    }

    /// Rock salt: (100) and (110) have planes with both species, (111) alternates between them.
    #[test]
    fn a_polar_direction_leaves_no_like_faces() {
        let vectors = [[4.0, 0.0, 0.0], [0.0, 4.0, 0.0], [0.0, 0.0, 4.0]];
        let corners = [[0.0, 0.0, 0.0], [2.0, 2.0, 0.0], [2.0, 0.0, 2.0], [0.0, 2.0, 2.0]];
        let positions = corners.into_iter().chain(corners.map(|corner| sum(corner, [2.0, 0.0, 0.0])));
        let species = vec![0, 0, 0, 0, 1, 1, 1, 1];
        let atoms = Configuration::new(Cell::new(&vectors).unwrap(), species, positions.collect()).unwrap();
        let slab = |indices: &str| {
            let planes = Planes::new(&atoms, &vectors, indices.parse().unwrap());
            planes.slab(planes.layers_for(10.0)).unwrap()
        };
        let flat = slab("100").unwrap();
        assert_eq!((flat.layers, flat.atoms.len(), flat.area), (3, 24, 16.0));
        assert!((flat.thickness - 10.0).abs() < 1e-9);
        let ridged = slab("110").unwrap();
        assert!((ridged.area - 16.0 * 2.0_f64.sqrt()).abs() < 1e-9);
        assert!(slab("111").is_none());
    }
}
