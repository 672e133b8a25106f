//! Electrostatic energies of point charges in a periodic cell of any shape, as a matrix over pairs of points:
//! E = ½ Σ_ij q_i q_j J_ij with charges in units of e and J in eV.
//!
//! P. P. Ewald, Ann. Phys. 369, 253 (1921), with tin-foil boundary conditions and, where the charges do not add up to zero, the
//! uniform background that neutralizes them (S. W. de Leeuw, J. W. Perram, E. R. Smith, Proc. R. Soc. Lond. A 373, 27 (1980)):
//!
//! J_ij = k_e [ Σ_n erfc(α|r_ij + n|)/|r_ij + n| + (4π/V) Σ_k exp(−k²/4α²)/k² cos(k·r_ij) − π/(V α²) − δ_ij 2α/√π ]
//!
//! The sum over n leaves r_ij + n = 0 out, that over k leaves 0 out.

use std::f64::consts::PI;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3, dot, norm};
use mtprs_core::{Error, ErrorKind, Result};
use rayon::prelude::*;
use statrs::function::erf::erfc;

use crate::constants::units::{BOHR, HARTREE};

/// e²/(4πε₀), eV Å.
const COULOMB: f64 = HARTREE * BOHR;
/// Both sums end where their terms are exp(−`END`²) of the first: 3e-10.
const END: f64 = 4.7;
/// Cutoff of the sum over n in edges of a cube of the same volume: both sums then cost about the same.
const REACH: f64 = 0.6;
/// Most points: their matrix takes 2 GiB.
pub const MOST_POINTS: usize = 16_384;
/// Waves that are summed at a time, and columns of a task; the result does not depend on the number of threads.
const WAVES: usize = 128;
const COLUMNS: usize = 64;

/// The energies J of all pairs of unit charges, eV.
#[derive(Clone, Debug)]
pub struct PairMatrix {
    size: usize,
    values: Vec<f64>,
}

/// A term of the sum over k, which stands for −k as well.
struct Wave {
    k: Vector3,
    weight: f64,
}

impl PairMatrix {
    /// The matrix of points in a cell that repeats in three directions; no two may lie in the same place. `go_on` is asked now
    /// and then.
    pub fn new<E: From<Error>>(
        cell: &Cell,
        points: &[Vector3],
        mut go_on: impl FnMut() -> std::result::Result<(), E>,
    ) -> std::result::Result<Self, E> {
        let (mut matrix, waves) = Self::begun(cell, points, REACH)?;
        for waves in waves.chunks(WAVES) {
            go_on()?;
            matrix.add_waves(points, waves);
        }
        Ok(matrix)
    }

    /// The matrix without the sum over k, and the terms of that.
    fn begun(cell: &Cell, points: &[Vector3], reach: f64) -> Result<(Self, Vec<Wave>)> {
        let volume = cell.volume().ok_or_else(|| {
            let message = "Ewald sums need a cell that is periodic in three directions";
            Error::new(ErrorKind::InvalidConfiguration, message)
        })?;
        if points.len() > MOST_POINTS {
            return Err(too_many(points.len()));
        }
        let cutoff = reach * volume.cbrt();
        let alpha = END / cutoff;
        let size = points.len();
        let mut matrix = Self { size, values: vec![-COULOMB * PI / (volume * alpha * alpha); size * size] };
        for point in 0..size {
            matrix.values[point * size + point] -= COULOMB * 2.0 * alpha / PI.sqrt();
        }
        matrix.add_near(cell, points, cutoff, alpha)?;
        Ok((matrix, waves(cell, volume, alpha)))
    }

    fn add_near(&mut self, cell: &Cell, points: &[Vector3], cutoff: f64, alpha: f64) -> Result<()> {
        let all = Configuration::new(cell.clone(), vec![0; points.len()], points.to_vec())?;
        let near = NeighborList::new(&all, cutoff)?;
        self.values.par_chunks_mut(self.size.max(1)).enumerate().for_each(|(point, row)| {
            let (others, displacements) = near.neighbors(point);
            for (&other, displacement) in others.iter().zip(displacements) {
                let distance = norm(*displacement);
                row[other as usize] += COULOMB * erfc(alpha * distance) / distance;
            }
        });
        Ok(())
    }

    /// cos k·(r_i − r_j) = cos k·r_i cos k·r_j + sin k·r_i sin k·r_j: a product of matrices.
    fn add_waves(&mut self, points: &[Vector3], waves: &[Wave]) {
        let (size, width) = (self.size, 2 * waves.len());
        let mut factors = vec![0.0; size * width];
        factors.par_chunks_mut(width).zip(points).for_each(|(row, point)| {
            for (pair, wave) in row.chunks_mut(2).zip(waves) {
                let (sin, cos) = dot(wave.k, *point).sin_cos();
                pair.copy_from_slice(&[wave.weight.sqrt() * cos, wave.weight.sqrt() * sin]);
            }
        });
        let factors = MatRef::from_row_major_slice(&factors, size, width);
        self.values.par_chunks_mut(COLUMNS * size).enumerate().for_each(|(task, columns)| {
            let count = columns.len() / size;
            let target = MatMut::from_column_major_slice_mut(columns, size, count);
            let right = factors.subrows(task * COLUMNS, count).transpose();
            matmul(target, Accum::Add, factors, right, 1.0, Par::Seq);
        });
    }

    /// Number of points.
    pub fn size(&self) -> usize {
        self.size
    }

    /// J of one point with all, eV.
    pub fn row(&self, point: usize) -> &[f64] {
        &self.values[point * self.size..(point + 1) * self.size]
    }

    /// E of these charges (e), one for each point, eV.
    pub fn energy(&self, charges: &[f64]) -> f64 {
        let potential = |point| self.row(point).iter().zip(charges).map(|(j, q)| j * q).sum::<f64>();
        0.5 * charges.iter().enumerate().map(|(point, q)| q * potential(point)).sum::<f64>()
    }
}

/// The terms of the sum over k of one half of space.
fn waves(cell: &Cell, volume: f64, alpha: f64) -> Vec<Wave> {
    let end = 2.0 * alpha * END;
    let duals = cell.duals();
    // |n_a| = |k·a|/2π ≤ |k||a|/2π
    let most: Vec<i64> =
        cell.vectors().iter().map(|vector| (end * norm(*vector) / (2.0 * PI)) as i64).collect();
    let mut waves = Vec::new();
    for a in 0..=most[0] {
        for b in if a == 0 { 0 } else { -most[1] }..=most[1] {
            for c in if a == 0 && b == 0 { 1 } else { -most[2] }..=most[2] {
                let numbers = [a, b, c].map(|number| 2.0 * PI * number as f64);
                let k: Vector3 =
                    std::array::from_fn(|x| (0..3).map(|vector| numbers[vector] * duals[vector][x]).sum());
                let square = dot(k, k);
                if square <= end * end {
                    let weight = (-square / (4.0 * alpha * alpha)).exp() / square;
                    waves.push(Wave { k, weight: COULOMB * 8.0 * PI / volume * weight });
                }
            }
        }
    }
    waves
}

fn too_many(points: usize) -> Error {
    let message = format!("{points} atoms and sites are too many: the limit is {MOST_POINTS}");
    Error::new(ErrorKind::Unsupported, message)
        .hint("merge more sites, keep them farther from atoms, or use a smaller cell")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUBE: [Vector3; 3] = [[5.64, 0.0, 0.0], [0.0, 5.64, 0.0], [0.0, 0.0, 5.64]];
    const TRICLINIC: [Vector3; 3] = [[7.0, 0.3, -0.2], [-3.1, 6.0, 0.4], [2.5, 2.8, 5.0]];
    const FLAT: [Vector3; 3] = [[4.0, 0.0, 0.0], [1.0, 4.5, 0.0], [-1.5, 0.5, 19.0]];
    const SIX: [Vector3; 6] = [
        [0.1, 0.2, 0.3],
        [0.6, 0.7, 0.1],
        [0.35, 0.9, 0.55],
        [0.8, 0.15, 0.7],
        [0.05, 0.5, 0.85],
        [0.55, 0.4, 0.45],
    ];

    fn energy(vectors: [Vector3; 3], fractional: &[Vector3], charges: &[f64], reach: f64) -> f64 {
        let cell = Cell::new(&vectors).unwrap();
        let points: Vec<Vector3> = fractional.iter().map(|s| cell.cartesian(*s).unwrap()).collect();
        let (mut matrix, waves) = PairMatrix::begun(&cell, &points, reach).unwrap();
        matrix.add_waves(&points, &waves);
        matrix.energy(charges)
    }

    /// The numbers are those of pymatgen 2026.10.24, in Python:
    /// `EwaldSummation(Structure(Lattice(vectors), [Species("H", q) for q in charges], fractional), acc_factor=16).total_energy`.
    /// The constants of both agree to 1e-8.
    #[test]
    fn energies_are_those_of_pymatgen() {
        let three = [[0.1, 0.2, 0.3], [0.6, 0.7, 0.35], [0.3, 0.5, 0.42]];
        let cases = [
            (TRICLINIC, &SIX[..], &[5.0, -2.0, 4.5, -2.0, -2.0, -3.5][..], -227.62455437445664),
            // not neutral: with a background
            (TRICLINIC, &SIX, &[5.0, -2.0, 4.5, -2.0, 2.0, -2.0], -193.4312053637043),
            (FLAT, &three, &[2.0, -1.0, -1.0], -12.833217158113715),
        ];
        for (vectors, places, charges, expected) in cases {
            let got = energy(vectors, places, charges, REACH);
            assert!((got - expected).abs() < 1e-7 * expected.abs(), "got {got}, expected {expected}");
        }
    }

    #[test]
    fn constants_of_madelung_and_wigner_come_out() {
        let place = |k: usize| [k & 1, k >> 1 & 1, k >> 2].map(|n| 0.5 * n as f64);
        let places: Vec<Vector3> = (0..8).map(place).collect();
        let charges: Vec<f64> = (0..8_u32).map(|k| 1.0 - 2.0 * f64::from(k.count_ones() % 2)).collect();
        let madelung = -energy(CUBE, &places, &charges, REACH) / 4.0 * 2.82 / COULOMB;
        assert!((madelung - 1.747_564_594_633_182).abs() < 1e-8, "{madelung}");
        // A simple cubic lattice of charges in a background.
        let wigner = energy(CUBE, &places[..1], &[1.0], REACH) * 2.0 * 5.64 / COULOMB;
        assert!((wigner + 2.837_297_479_480_6).abs() < 1e-8, "{wigner}");
    }

    #[test]
    fn the_split_between_the_sums_changes_nothing() {
        let charges = [5.0, -2.0, 4.5, -2.0, 2.0, -2.0];
        let energies = [0.4, 0.6, 0.9].map(|reach| energy(TRICLINIC, &SIX, &charges, reach));
        let spread = energies.map(|energy| (energy - energies[1]).abs());
        assert!(spread.iter().all(|spread| *spread < 1e-8 * energies[1].abs()), "{energies:?}");
    }

    #[test]
    fn the_matrix_is_symmetric_and_too_large_ones_are_refused() {
        let cell = Cell::new(&TRICLINIC).unwrap();
        let matrix = PairMatrix::new(&cell, &SIX, || Ok::<(), Error>(())).unwrap();
        for a in 0..matrix.size() {
            assert!((0..a).all(|b| (matrix.row(a)[b] - matrix.row(b)[a]).abs() < 1e-9));
        }
        let points = vec![[0.0; 3]; MOST_POINTS + 1];
        let message = PairMatrix::new(&cell, &points, || Ok::<(), Error>(())).unwrap_err().to_string();
        assert!(message.contains("too many"), "{message}");
    }
}
