//! Directions of the lattice.

use std::fmt;
use std::str::FromStr;

use mtprs_core::geometry::{Cell, Vector3, norm};

/// The direction `[uvw]` of a lattice, that of u a + v b + w c.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Miller(pub Vector3);

impl Miller {
    /// The weights p of the axes: u|a|, v|b|, w|c|, divided so that their squares sum to one.
    ///
    /// p are the components along unit vectors parallel to a, b, c: of orthogonal axes the unit vector in this direction. So
    /// `[100]` is p = (1, 0, 0) in every cell, and the disorder there is the mean of |δ_ia| along a.
    pub fn weights(&self, cell: &Cell) -> Vector3 {
        let vectors = cell.vectors();
        let largest = self.0.iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
        let weights: Vector3 =
            std::array::from_fn(|k| self.0[k] / largest * vectors.get(k).map_or(1.0, |v| norm(*v)));
        weights.map(|weight| weight / norm(weights))
    }
}

/// The Cartesian unit vector that these weights of the axes stand for.
pub(super) fn cartesian(weights: Vector3, axes: &[Vector3; 3]) -> Vector3 {
    let vector: Vector3 =
        std::array::from_fn(|k| (0..3).map(|a| weights[a] * axes[a][k] / norm(axes[a])).sum());
    vector.map(|x| x / norm(vector))
}

impl FromStr for Miller {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<f64>> =
            text.split([',', ' ']).map(|word| word.parse().ok().filter(|x: &f64| x.is_finite())).collect();
        match numbers.as_deref() {
            Some(&[u, v, w]) if [u, v, w] != [0.0; 3] => Ok(Self([u, v, w])),
            _ => Err("expected three numbers like 1,1,0, not all zero".to_owned()),
        }
    }
}

impl fmt::Display for Miller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} {} {}]", self.0[0], self.0[1], self.0[2])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_of_the_lattice_become_unit_vectors() {
        let cell = Cell::new(&[[4.0, 0.0, 0.0], [0.0, 3.0, 0.0], [2.0, 0.0, 5.0]]).unwrap();
        let weights = |text: &str| text.parse::<Miller>().unwrap().weights(&cell);
        assert_eq!(weights("1,1,0"), [0.8, 0.6, 0.0]);
        assert_eq!(weights("0,0,-2"), [0.0, 0.0, -1.0]);
        let axes = [[4.0, 0.0, 0.0], [0.0, 3.0, 0.0], [2.0, 0.0, 5.0]];
        let found = cartesian(weights("1 0 1"), &axes);
        let expected = [6.0, 0.0, 5.0].map(|x| x / 61.0_f64.sqrt());
        assert!((0..3).all(|k| (found[k] - expected[k]).abs() < 1e-12), "{found:?}");
        for wrong in ["1,1", "0,0,0", "1,1,x", "1,2,3,4", "nan,1,1", ""] {
            assert!(wrong.parse::<Miller>().is_err(), "{wrong}");
        }
        assert_eq!("1,-1,0".parse::<Miller>().unwrap().to_string(), "[1 -1 0]");
    }
}
