//! Invariants of the surroundings of an atom, and how they change as a neighbor moves.
//!
//! From ρ_n = Σ g_n, a_n = Σ g_n r̂ and t_n = Σ g_n r̂⊗r̂ over the neighbors: roots, products and contractions of them.

use mtprs_core::geometry::{Vector3, dot, norm};

use super::super::record::REACH;

/// Radial functions g_n = (1 − r/reach)^p.
const RADIAL: usize = 3;
const POWERS: [i32; RADIAL] = [3, 6, 12];
/// Pairs of radial functions.
const PRODUCTS: usize = RADIAL * (RADIAL + 1) / 2;
/// Invariants of a center: √ρ, ρρ, a·a, t:t, and the third orders ρ³, ρ a·a and ρ t:t.
pub(super) const INVARIANTS: usize = 4 * RADIAL + 3 * PRODUCTS;
/// Density below which a root is not told from zero.
const FLOOR: f64 = 1e-6;

pub(super) type Invariants = [f64; INVARIANTS];

/// Moments of the neighbors of one atom.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Center {
    density: [f64; RADIAL],
    vector: [Vector3; RADIAL],
    tensor: [[f64; 6]; RADIAL],
}

fn radial(distance: f64) -> ([f64; RADIAL], [f64; RADIAL]) {
    let left = (1.0 - distance / REACH).max(0.0);
    let below = POWERS.map(|power| left.powi(power - 1));
    let values = below.map(|value| value * left);
    let slopes = std::array::from_fn(|n| -f64::from(POWERS[n]) / REACH * below[n]);
    (values, slopes)
}

/// The symmetric tensor (xx yy zz yz xz xy) times a vector.
fn times(tensor: &[f64; 6], [x, y, z]: Vector3) -> Vector3 {
    let [xx, yy, zz, yz, xz, xy] = *tensor;
    [xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z]
}

/// a s + b t
fn sum(a: f64, s: Vector3, b: f64, t: Vector3) -> Vector3 {
    std::array::from_fn(|k| a * s[k] + b * t[k])
}

impl Center {
    /// Adds a neighbor.
    pub(super) fn add(&mut self, displacement: Vector3) {
        let distance = norm(displacement);
        let (values, _) = radial(distance);
        let [x, y, z] = displacement.map(|component| component / distance);
        let squares = [x * x, y * y, z * z, y * z, x * z, x * y];
        for (n, value) in values.into_iter().enumerate() {
            self.density[n] += value;
            self.vector[n].iter_mut().zip([x, y, z]).for_each(|(sum, term)| *sum += value * term);
            self.tensor[n].iter_mut().zip(squares).for_each(|(sum, term)| *sum += value * term);
        }
    }

    fn contractions(&self) -> [[f64; PRODUCTS]; 2] {
        let double = [1.0, 1.0, 1.0, 2.0, 2.0, 2.0];
        let mut found = [[0.0; PRODUCTS]; 2];
        for (k, (n, m)) in products().enumerate() {
            found[0][k] = dot(self.vector[n], self.vector[m]);
            found[1][k] = (0..6).map(|c| double[c] * self.tensor[n][c] * self.tensor[m][c]).sum();
        }
        found
    }

    /// All invariants.
    pub(super) fn invariants(&self) -> Invariants {
        let [vectors, tensors] = self.contractions();
        let mut all = [0.0; INVARIANTS];
        for (n, density) in self.density.into_iter().enumerate() {
            let own = diagonal(n);
            all[n] = (density + FLOOR).sqrt();
            all[RADIAL + n] = density.powi(3);
            all[2 * RADIAL + n] = density * vectors[own];
            all[3 * RADIAL + n] = density * tensors[own];
        }
        for (k, (n, m)) in products().enumerate() {
            all[4 * RADIAL + k] = self.density[n] * self.density[m];
            all[4 * RADIAL + PRODUCTS + k] = vectors[k];
            all[4 * RADIAL + 2 * PRODUCTS + k] = tensors[k];
        }
        all
    }

    /// Derivatives of the invariants by the displacement of a neighbor.
    pub(super) fn gradients(&self, displacement: Vector3) -> [Vector3; INVARIANTS] {
        let distance = norm(displacement);
        let (values, slopes) = radial(distance);
        let unit = displacement.map(|component| component / distance);
        let [vectors, tensors] = self.contractions();
        let along = self.vector.map(|vector| dot(vector, unit));
        let turned = self.tensor.map(|tensor| times(&tensor, unit));
        let twice = turned.map(|vector| dot(vector, unit));
        let densities = slopes.map(|slope| unit.map(|component| slope * component));
        let of_vectors = |n: usize, m: usize| {
            let across = sum(1.0, self.vector[m], -along[m], unit);
            sum(slopes[n] * along[m], unit, values[n] / distance, across)
        };
        let of_tensors = |n: usize, m: usize| {
            let across = sum(1.0, turned[m], -twice[m], unit);
            sum(slopes[n] * twice[m], unit, 2.0 * values[n] / distance, across)
        };
        let mut all = [[0.0; 3]; INVARIANTS];
        let mut by_vectors = [[0.0; 3]; PRODUCTS];
        let mut by_tensors = [[0.0; 3]; PRODUCTS];
        for (k, (n, m)) in products().enumerate() {
            by_vectors[k] = sum(1.0, of_vectors(n, m), 1.0, of_vectors(m, n));
            by_tensors[k] = sum(1.0, of_tensors(n, m), 1.0, of_tensors(m, n));
            all[4 * RADIAL + k] = sum(self.density[m], densities[n], self.density[n], densities[m]);
            all[4 * RADIAL + PRODUCTS + k] = by_vectors[k];
            all[4 * RADIAL + 2 * PRODUCTS + k] = by_tensors[k];
        }
        for n in 0..RADIAL {
            let (own, density) = (diagonal(n), self.density[n]);
            all[n] = densities[n].map(|component| 0.5 * component / (density + FLOOR).sqrt());
            all[RADIAL + n] = densities[n].map(|component| 3.0 * density.powi(2) * component);
            all[2 * RADIAL + n] = sum(vectors[own], densities[n], density, by_vectors[own]);
            all[3 * RADIAL + n] = sum(tensors[own], densities[n], density, by_tensors[own]);
        }
        all
    }
}

/// Pairs of radial functions, in the order of products.
fn products() -> impl Iterator<Item = (usize, usize)> {
    (0..RADIAL).flat_map(|n| (n..RADIAL).map(move |m| (n, m)))
}

/// Place of the product of a radial function with itself.
fn diagonal(n: usize) -> usize {
    n * RADIAL - n * n.saturating_sub(1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_those_of_the_invariants() {
        let neighbors = [[1.9, 0.3, -0.4], [-0.7, 2.2, 0.9], [0.4, -1.1, 3.0]];
        let at = |first: Vector3| {
            let mut center = Center::default();
            [first, neighbors[1], neighbors[2]].into_iter().for_each(|neighbor| center.add(neighbor));
            center
        };
        let gradients = at(neighbors[0]).gradients(neighbors[0]);
        let step = 1e-5;
        for direction in 0..3 {
            let moved = |by: f64| {
                let mut first = neighbors[0];
                first[direction] += by;
                at(first).invariants()
            };
            let (above, below) = (moved(step), moved(-step));
            for k in 0..INVARIANTS {
                let difference = (above[k] - below[k]) / (2.0 * step);
                assert!((difference - gradients[k][direction]).abs() < 1e-8, "{k} {direction}");
            }
        }
    }
}
