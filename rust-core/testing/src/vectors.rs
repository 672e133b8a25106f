//! Vectors, matrices and rotations of space for the tests.

use mtprs_core::geometry::{Vector3, dot};

use crate::random::Random;

/// Rows of a 3×3 matrix.
pub type Matrix3 = [Vector3; 3];

/// a + factor · b.
pub fn add_scaled(a: Vector3, factor: f64, b: Vector3) -> Vector3 {
    std::array::from_fn(|k| a[k] + factor * b[k])
}

/// a − b.
pub fn difference(a: Vector3, b: Vector3) -> Vector3 {
    add_scaled(a, -1.0, b)
}

/// Matrix times column vector.
pub fn apply(matrix: &Matrix3, vector: Vector3) -> Vector3 {
    matrix.map(|row| dot(row, vector))
}

/// R · M · Rᵀ: a tensor of second rank after a rotation (or reflection) R.
pub fn rotated_tensor(rotation: &Matrix3, tensor: &Matrix3) -> Matrix3 {
    let half = tensor.map(|row| apply(rotation, row)); // (M Rᵀ)
    std::array::from_fn(|a| std::array::from_fn(|b| (0..3).map(|k| rotation[a][k] * half[k][b]).sum::<f64>()))
}

/// A vector with components uniform in [−amplitude, amplitude).
pub fn random_vector(random: &mut Random, amplitude: f64) -> Vector3 {
    std::array::from_fn(|_| random.symmetric(amplitude))
}

/// A rotation about a random axis by a random angle, orthogonal to rounding.
pub fn random_rotation(random: &mut Random) -> Matrix3 {
    // A unit quaternion: four numbers in the unit ball, neither tiny nor outside.
    let (quaternion, square) = loop {
        let candidate: [f64; 4] = std::array::from_fn(|_| random.symmetric(1.0));
        let square = candidate.iter().map(|x| x * x).sum::<f64>();
        if (0.1..1.0).contains(&square) {
            break (candidate, square);
        }
    };
    let [w, x, y, z] = quaternion.map(|component| component / square.sqrt());
    [
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)],
        [2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)],
        [2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)],
    ]
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::cross;

    use super::*;

    #[test]
    fn rotations_are_orthogonal_and_proper() {
        let mut random = Random::new(3);
        for _ in 0..20 {
            let [a, b, c] = random_rotation(&mut random);
            for (first, second, expected) in
                [(a, a, 1.0), (b, b, 1.0), (c, c, 1.0), (a, b, 0.0), (a, c, 0.0), (b, c, 0.0)]
            {
                assert!((dot(first, second) - expected).abs() < 4e-15);
            }
            assert!((dot(a, cross(b, c)) - 1.0).abs() < 4e-15);
        }
    }

    #[test]
    fn tensors_turn_with_their_vectors() {
        let mut random = Random::new(4);
        let rotation = random_rotation(&mut random);
        let (a, b) = (random_vector(&mut random, 1.0), random_vector(&mut random, 1.0));
        let outer = |a: Vector3, b: Vector3| a.map(|x| b.map(|y| x * y));
        let turned = rotated_tensor(&rotation, &outer(a, b));
        let expected = outer(apply(&rotation, a), apply(&rotation, b));
        for (x, y) in turned.iter().flatten().zip(expected.iter().flatten()) {
            assert!((x - y).abs() < 4e-15);
        }
    }
}
