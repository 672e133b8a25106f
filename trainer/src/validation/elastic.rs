//! Elastic constants: slopes of the stress between small strains of both signs, atoms relaxed in the strained cells.
//!
//! C_ij = ∂σ_i/∂ε_j at no pressure, in Voigt's order xx yy zz yz xz xy, shears as γ = 2ε. Averages of Voigt and Reuss, their mean by
//! R. Hill, Proc. Phys. Soc. A 65, 349 (1952); stability: all eigenvalues of C are positive (F. Mouhat, F.-X. Coudert, Phys. Rev. B 90,
//! 224104, 2014).

use mtprs_core::Error;
use mtprs_core::geometry::{Cell, Configuration, Vector3};
use nalgebra::Matrix6;
use rayon::prelude::*;
use serde::Serialize;

use super::calculator::{Calculator, Relaxed, larger};
use super::crystal::{Crystal, MAX_FORCE};
use crate::Failure;

/// Rows and columns of the strain by Voigt's number.
const PLACES: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
/// Smaller strains that show the accuracy, as a share.
const SMALLER: f64 = 0.1;
/// Largest difference, by the largest constant, below which constants are equal, or zero.
const ALIKE: f64 = 0.01;

/// Elastic constants of a crystal and what follows from them, GPa.
#[derive(Clone, Debug, Serialize)]
pub struct ElasticConstants {
    /// C_ij, symmetric.
    pub constants: [[f64; 6]; 6],
    /// Largest difference between C_ij and C_ji before both were averaged.
    pub asymmetry: f64,
    /// Eigenvalues in ascending order, in the notation of Mandel (shears times √2), so that they do not depend on the axes.
    pub eigenvalues: [f64; 6],
    /// Whether all of them are positive.
    pub is_stable: bool,
    /// C11, C12 and C44 of a cubic crystal whose edges are along x, y and z.
    pub cubic: Option<[f64; 3]>,
    /// Averages over all directions, if the crystal is stable.
    pub averages: Option<Averages>,
    /// Largest strain.
    pub strain: f64,
    /// Largest change of a constant if strains are a tenth as large.
    pub change: f64,
    /// Largest extrapolation grade in any strained cell.
    pub grade: Option<f64>,
}

/// Moduli of an aggregate of crystals in all directions, GPa.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Averages {
    /// Bulk modulus for a uniform strain (Voigt), uniform stress (Reuss), and their mean (Hill).
    pub bulk: [f64; 3],
    /// Shear modulus, likewise.
    pub shear: [f64; 3],
    /// Young's modulus by Hill's means.
    pub young: f64,
    /// Poisson's ratio by Hill's means.
    pub poisson: f64,
}

impl ElasticConstants {
    /// Number of relaxations.
    pub const RELAXATIONS: usize = 24;

    /// Computes them with strains of this size, and with a tenth of it to see what that changes.
    pub fn of(crystal: &Crystal, calculator: &Calculator, strain: f64) -> Result<Self, Failure> {
        let relaxed: Vec<Result<Relaxed, Failure>> = (0..Self::RELAXATIONS)
            .into_par_iter()
            .with_max_len(1)
            .map(|number| {
                let sign = if number % 2 == 0 { 1.0 } else { -1.0 };
                let size = if number < 12 { strain } else { SMALLER * strain };
                calculator.clone().relaxed(strained(&crystal.atoms, number / 2 % 6, sign * size)?, MAX_FORCE)
            })
            .collect();
        let relaxed: Vec<Relaxed> = relaxed.into_iter().collect::<Result<_, _>>()?;
        let slopes = |relaxed: &[Relaxed], strain: f64| {
            Matrix6::from_fn(|stress, strained| {
                let [plus, minus] = [0, 1].map(|sign| relaxed[2 * strained + sign].stress[stress]);
                (plus - minus) / (2.0 * strain)
            })
        };
        let (whole, smaller) = relaxed.split_at(12);
        let grade = relaxed.iter().fold(None, |grade, one| larger(grade, one.grade));
        let slopes = [slopes(whole, strain), slopes(smaller, SMALLER * strain)];
        let change = (slopes[0] - slopes[1]).abs().max();
        Ok(Self { strain, change, grade, ..Self::from_slopes(&slopes[0]) })
    }

    /// The constant of a key such as C12, GPa.
    pub(super) fn constant(&self, key: &str) -> Option<f64> {
        let mut digits = key.strip_prefix('C')?.chars().map(|digit| digit.to_digit(10));
        let [i, j] = [digits.next()??, digits.next()??].map(|digit| (digit as usize).wrapping_sub(1));
        self.constants.get(i)?.get(j).copied()
    }

    /// How exact the constants are, GPa.
    pub fn accuracy(&self) -> f64 {
        self.asymmetry.max(self.change)
    }

    /// What follows from the slopes of stresses (rows) by strains (columns).
    pub(super) fn from_slopes(slopes: &Matrix6<f64>) -> Self {
        let symmetric = 0.5 * (slopes + slopes.transpose());
        let weight = |i: usize| if i < 3 { 1.0 } else { f64::sqrt(2.0) };
        let mandel = Matrix6::from_fn(|i, j| weight(i) * symmetric[(i, j)] * weight(j));
        let mut eigenvalues: [f64; 6] = mandel.symmetric_eigenvalues().into();
        eigenvalues.sort_by(f64::total_cmp);
        let is_stable = eigenvalues[0] > 0.0;
        Self {
            constants: std::array::from_fn(|i| std::array::from_fn(|j| symmetric[(i, j)])),
            asymmetry: (slopes - slopes.transpose()).abs().max(),
            eigenvalues,
            is_stable,
            cubic: cubic(&symmetric),
            averages: if is_stable { averages(&symmetric) } else { None },
            strain: 0.0,
            change: 0.0,
            grade: None,
        }
    }
}

/// C11, C12 and C44, if the constants are those of a cubic crystal along the axes.
fn cubic(c: &Matrix6<f64>) -> Option<[f64; 3]> {
    let mean = |places: [(usize, usize); 3]| places.iter().map(|&place| c[place]).sum::<f64>() / 3.0;
    let found =
        [mean([(0, 0), (1, 1), (2, 2)]), mean([(0, 1), (0, 2), (1, 2)]), mean([(3, 3), (4, 4), (5, 5)])];
    let of_cubic = |i: usize, j: usize| match (i < 3, j < 3) {
        (true, true) => found[usize::from(i != j)],
        (false, false) if i == j => found[2],
        _ => 0.0,
    };
    let largest = c.abs().max();
    (c - Matrix6::from_fn(of_cubic)).iter().all(|off| off.abs() <= ALIKE * largest).then_some(found)
}

fn averages(c: &Matrix6<f64>) -> Option<Averages> {
    let s = c.try_inverse()?;
    let sums = |m: &Matrix6<f64>| {
        let along = m[(0, 0)] + m[(1, 1)] + m[(2, 2)];
        let across = m[(0, 1)] + m[(0, 2)] + m[(1, 2)];
        [along, across, m[(3, 3)] + m[(4, 4)] + m[(5, 5)]]
    };
    let ([along, across, shears], [soft_along, soft_across, soft_shears]) = (sums(c), sums(&s));
    let with_mean = |voigt: f64, reuss: f64| [voigt, reuss, 0.5 * (voigt + reuss)];
    let bulk = with_mean((along + 2.0 * across) / 9.0, 1.0 / (soft_along + 2.0 * soft_across));
    let shear = with_mean(
        (along - across + 3.0 * shears) / 15.0,
        15.0 / (4.0 * (soft_along - soft_across) + 3.0 * soft_shears),
    );
    let (k, g) = (bulk[2], shear[2]);
    Some(Averages {
        bulk,
        shear,
        young: 9.0 * k * g / (3.0 * k + g),
        poisson: (3.0 * k - 2.0 * g) / (2.0 * (3.0 * k + g)),
    })
}

/// A cell with its atoms under a strain in Voigt's notation.
fn strained(atoms: &Configuration, number: usize, size: f64) -> Result<Configuration, Error> {
    let (row, column) = PLACES[number];
    let of = |vector: &Vector3| {
        let mut strained = *vector;
        if row == column {
            strained[row] += size * vector[row];
        } else {
            strained[row] += 0.5 * size * vector[column];
            strained[column] += 0.5 * size * vector[row];
        }
        strained
    };
    let vectors: Vec<Vector3> = atoms.cell.vectors().iter().map(of).collect();
    Configuration::new(Cell::new(&vectors)?, atoms.species.clone(), atoms.positions.iter().map(of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An isotropic body with bulk modulus 100 and shear modulus 60, but for what `change` makes of it.
    fn isotropic(change: impl Fn(usize, usize) -> f64) -> Matrix6<f64> {
        Matrix6::from_fn(|i, j| {
            let own = match (i < 3, j < 3) {
                (true, true) if i == j => 180.0,
                (true, true) => 60.0,
                (false, false) if i == j => 60.0,
                _ => 0.0,
            };
            own + change(i, j)
        })
    }

    #[test]
    fn an_isotropic_body_has_its_own_moduli_in_every_average() {
        let elastic = ElasticConstants::from_slopes(&isotropic(|_, _| 0.0));
        assert_eq!(elastic.cubic, Some([180.0, 60.0, 60.0]));
        let averages = elastic.averages.unwrap();
        for k in 0..3 {
            assert!((averages.bulk[k] - 100.0).abs() < 1e-9 && (averages.shear[k] - 60.0).abs() < 1e-9);
        }
        assert!((averages.young - 150.0).abs() < 1e-9 && (averages.poisson - 0.25).abs() < 1e-12);
    }

    #[test]
    fn what_is_not_symmetric_or_stable_is_told() {
        let skew =
            ElasticConstants::from_slopes(&isotropic(|i, j| if (i, j) == (0, 1) { 12.0 } else { 0.0 }));
        assert_eq!((skew.asymmetry, skew.constants[0][1], skew.constants[1][0]), (12.0, 66.0, 66.0));
        assert!(skew.cubic.is_none() && skew.is_stable);
        let soft =
            ElasticConstants::from_slopes(&isotropic(|i, j| if (i, j) == (5, 5) { -70.0 } else { 0.0 }));
        assert!(!soft.is_stable && soft.averages.is_none());
        // A shear counts twice in the notation of Mandel.
        assert!((soft.eigenvalues[0] + 20.0).abs() < 1e-9);
    }
}
