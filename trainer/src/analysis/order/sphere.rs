//! The disorder as a function of direction, and its extremes over the sphere.
//!
//! η(p) = (1/N) Σ_i |v_i · p| is linear in p where no v_i · p changes its sign. Its least value on the unit sphere therefore
//! lies where two of them vanish, and its largest where p is parallel to Σ_i ± v_i with the signs that hold there.

use std::f64::consts::{PI, TAU};

use mtprs_core::geometry::{Vector3, cross, dot, norm};
use serde::Serialize;

/// Directions from which the largest value is searched.
const STARTS: usize = 100;

/// Great circles of as many atoms as these are searched for the least value; of more atoms, fewer circles, so that the work
/// stays within bounds.
const CIRCLES: usize = 512;

/// Lengths below which a vector is zero but for rounding.
const TINY: f64 = 1e-12;

/// A value with the direction in which it is taken.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(super) struct Extreme {
    pub(super) value: f64,
    pub(super) direction: Vector3,
}

/// A vector for each atom.
#[derive(Clone, Debug)]
pub(super) struct Field(Vec<Vector3>);

impl Field {
    pub(super) fn new(vectors: Vec<Vector3>) -> Self {
        Self(vectors)
    }

    /// η along a unit vector.
    pub(super) fn along(&self, p: Vector3) -> f64 {
        self.0.iter().map(|v| dot(*v, p).abs()).sum::<f64>() / self.0.len() as f64
    }

    /// The largest value: ascents from directions all over the half sphere, each exact to rounding.
    pub(super) fn largest(&self) -> Extreme {
        let begin = Extreme { value: self.along([1.0, 0.0, 0.0]), direction: [1.0, 0.0, 0.0] };
        half_sphere(STARTS)
            .map(|start| self.ascent(start))
            .fold(begin, |best, next| if next.value > best.value + TINY { next } else { best })
    }

    fn ascent(&self, start: Vector3) -> Extreme {
        let mut best = Extreme { value: self.along(start), direction: start };
        loop {
            let mut sum = [0.0; 3];
            for v in &self.0 {
                let sign = if dot(*v, best.direction) < 0.0 { -1.0 } else { 1.0 };
                (0..3).for_each(|k| sum[k] += sign * v[k]);
            }
            let length = norm(sum);
            if length < TINY {
                return best;
            }
            let direction = sum.map(|x| x / length);
            let value = self.along(direction);
            if value <= best.value + TINY {
                return best;
            }
            best = Extreme { value, direction };
        }
    }

    /// The least value: the least on the great circle normal to each vector, of which one passes through it.
    pub(super) fn least(&self) -> Extreme {
        let count = self.0.len();
        let circles = if count <= CIRCLES { count } else { (CIRCLES * CIRCLES / count).max(16) };
        let mut best = Extreme { value: self.along([1.0, 0.0, 0.0]), direction: [1.0, 0.0, 0.0] };
        let mut places = Vec::with_capacity(count);
        for circle in 0..circles {
            let normal = self.0[circle * count / circles];
            if let Some(found) = self.least_on_circle(normal, &mut places)
                && found.value < best.value - TINY
            {
                best = found;
            }
        }
        best
    }

    /// The least value among directions normal to a vector; nothing if that is zero. `places` is room to work in.
    ///
    /// Along half of the circle each term passes through zero once. Between such places η is smooth and bends downwards, so
    /// its least value is at one of them; in their order the sum of the vectors with their signs changes by one at a time.
    fn least_on_circle(&self, normal: Vector3, places: &mut Vec<Place>) -> Option<Extreme> {
        let [right, up] = normal_plane(normal)?;
        places.clear();
        let (mut x, mut y) = (0.0, 0.0);
        for v in &self.0 {
            if let Some(place) = Place::of(dot(*v, right), dot(*v, up)) {
                (x, y) = (x + place.x, y + place.y);
                places.push(place);
            }
        }
        places.sort_unstable_by(|a, b| a.order.total_cmp(&b.order));
        let mut best = (f64::INFINITY, [1.0, 0.0]);
        for place in places.iter() {
            let [cos, sin] = [-place.y / place.length, place.x / place.length];
            let value = (x * cos + y * sin).abs();
            if value < best.0 {
                best = (value, [cos, sin]);
            }
            (x, y) = (x - 2.0 * place.x, y - 2.0 * place.y);
        }
        let [cos, sin] = best.1;
        let direction = std::array::from_fn(|k| cos * right[k] + sin * up[k]);
        Some(Extreme { value: self.along(direction), direction })
    }
}

/// A vector in the plane of a great circle, turned so that it is positive where the half circle begins.
struct Place {
    x: f64,
    y: f64,
    length: f64,
    /// Grows along the half circle.
    order: f64,
}

impl Place {
    fn of(x: f64, y: f64) -> Option<Self> {
        let length = f64::hypot(x, y);
        let sign = if x > 0.0 || (x == 0.0 && y < 0.0) { 1.0 } else { -1.0 };
        let place = Self { x: sign * x, y: sign * y, length, order: sign * y / length };
        (length > TINY).then_some(place)
    }
}

/// Two unit vectors normal to a vector and to each other.
fn normal_plane(normal: Vector3) -> Option<[Vector3; 2]> {
    let length = norm(normal);
    if length < TINY {
        return None;
    }
    let least = (0..3).min_by(|&i, &j| normal[i].abs().total_cmp(&normal[j].abs())).unwrap_or(0);
    let mut axis = [0.0; 3];
    axis[least] = 1.0;
    let right = cross(normal, axis);
    let right = right.map(|x| x / norm(right));
    Some([right, cross(normal, right).map(|x| x / length)])
}

/// Directions spread evenly over half of the sphere, on a spiral of Fibonacci's.
fn half_sphere(count: usize) -> impl Iterator<Item = Vector3> {
    let golden = PI * (3.0 - 5.0_f64.sqrt());
    (0..count).map(move |k| {
        let z = (k as f64 + 0.5) / count as f64;
        let (sin, cos) = (golden * k as f64 % TAU).sin_cos();
        let ring = (1.0 - z * z).sqrt();
        [ring * cos, ring * sin, z]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    fn field(count: usize, signed: bool, numbers: &mut Sequence) -> Field {
        let mut part = |_| if signed { numbers.uniform() - 0.5 } else { 0.5 * numbers.uniform() };
        Field::new((0..count).map(|_| std::array::from_fn(&mut part)).collect())
    }

    /// Every pair of vectors names a direction in which both terms vanish.
    fn least_of_pairs(field: &Field) -> f64 {
        let mut least = f64::INFINITY;
        for (i, a) in field.0.iter().enumerate() {
            for b in &field.0[..i] {
                let normal = cross(*a, *b);
                least = least.min(field.along(normal.map(|x| x / norm(normal))));
            }
        }
        least
    }

    #[test]
    fn extremes_are_those_of_all_pairs_and_of_a_fine_grid() {
        let mut numbers = Sequence::new(3);
        for case in 0..40 {
            let field = field(3 + case, case % 2 == 0, &mut numbers);
            let (least, largest) = (field.least(), field.largest());
            assert!((least.value - least_of_pairs(&field)).abs() < 1e-12, "case {case}");
            let grid = half_sphere(20_000).map(|p| field.along(p));
            let (low, high) = grid.fold((f64::INFINITY, 0.0_f64), |(l, h), x| (l.min(x), h.max(x)));
            assert!(least.value <= low && low < least.value + 0.01, "{} {low}", least.value);
            assert!(largest.value >= high && high > largest.value - 1e-3, "{} {high}", largest.value);
            for extreme in [least, largest] {
                assert!((norm(extreme.direction) - 1.0).abs() < 1e-12);
                assert!((field.along(extreme.direction) - extreme.value).abs() < 1e-12);
            }
        }
    }

    /// If no component is negative, the largest value is the length of the mean vector.
    #[test]
    fn the_largest_of_magnitudes_is_the_length_of_their_mean() {
        let field = field(12, false, &mut Sequence::new(9));
        let mean: Vector3 = std::array::from_fn(|k| field.0.iter().map(|v| v[k]).sum::<f64>() / 12.0);
        assert!((field.largest().value - norm(mean)).abs() < 1e-14);
    }

    #[test]
    fn zeros_and_one_vector_have_their_extremes() {
        let none = Field::new(vec![[0.0; 3]; 4]);
        assert_eq!((none.least().value, none.largest().value), (0.0, 0.0));
        let one = Field::new(vec![[0.0, 0.3, 0.4]]);
        assert!(one.least().value.abs() < 1e-15 && (one.largest().value - 0.5).abs() < 1e-15);
    }

    #[test]
    fn of_many_atoms_fewer_circles_find_nearly_the_least() {
        let field = field(1500, true, &mut Sequence::new(4));
        let all = field.0.iter().filter_map(|v| field.least_on_circle(*v, &mut Vec::new()));
        let least = all.map(|extreme| extreme.value).fold(f64::INFINITY, f64::min);
        assert!(field.least().value < 1.01 * least, "{} {least}", field.least().value);
    }
}
