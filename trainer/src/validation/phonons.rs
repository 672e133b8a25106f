//! Phonons: frequencies at wave vectors, their density of states, and what quantum oscillators make of it.
//!
//! D(q) = Σ_R Φ(R) exp(−i q·R) / √(m_i m_j); its eigenvalues are ω². Imaginary frequencies, of a crystal that is not stable, are told
//! as negative ones. Long-range electric fields are not in it: longitudinal and transverse optical modes do not split at Γ.

use mtprs_core::geometry::{Vector3, dot, duals, norm};
use mtprs_core::{Error, ErrorKind};
use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;
use serde::Serialize;

use super::calculator::Calculator;
use super::crystal::Crystal;
use super::force_constants::{ForceConstants, size_of_work};
use super::lattice::{combined, vectors};
use crate::Failure;
use crate::constants::elements;
use crate::constants::units::{ATOMIC_MASS, BOLTZMANN};
use crate::text::general;

/// Length by a vector of the cell that gives the wave vectors along it, Å.
const MESH: f64 = 40.0;
/// Most arithmetic of a mesh: cubes of the number of modes.
const MOST_WORK: f64 = 2e9;
/// Most atoms of the primitive cell.
pub const MOST_ATOMS: usize = 200;
/// Values of the density of states.
const BINS: usize = 200;
/// Width of a mode in it, as a share of the range.
const WIDTH: f64 = 0.012;
/// Frequencies below this are imaginary by more than rounding, THz.
const IMAGINARY: f64 = -0.05;
/// Temperature of the heat capacity, K.
const TEMPERATURE: f64 = 300.0;
/// Planck's constant, eV/THz.
const PLANCK: f64 = 4.135_667_696e-3;

/// Phonons of a crystal.
#[derive(Clone, Debug, Serialize)]
pub struct Phonons {
    /// Atoms of the primitive cell.
    pub atoms: usize,
    /// Force evaluations.
    pub displacements: usize,
    /// Wave vectors along each reciprocal vector of the primitive cell.
    pub mesh: [usize; 3],
    /// Frequencies at Γ and halfway to reciprocal vectors, THz.
    pub points: Vec<Point>,
    /// Lowest frequency on the mesh and at these points, THz.
    pub lowest: f64,
    /// Highest one.
    pub highest: f64,
    /// Modes on the mesh with imaginary frequencies, as a share.
    pub imaginary_share: f64,
    /// Density of states: THz, and modes per THz and primitive cell.
    pub density: Vec<(f64, f64)>,
    /// What oscillators with these frequencies have, if all are real.
    pub heat: Option<Heat>,
    /// Largest difference between Φ_ij and Φ_ji, eV/Å².
    pub asymmetry: f64,
    /// Largest force constant of a translation of all atoms before it was made zero, eV/Å².
    pub sum_rule: f64,
    /// Largest extrapolation grade of a displaced neighborhood.
    pub grade: Option<f64>,
}

/// Frequencies at a wave vector.
#[derive(Clone, Debug, Serialize)]
pub struct Point {
    /// In reciprocal vectors of the primitive cell.
    pub q: [f64; 3],
    /// In ascending order, THz; imaginary ones negative.
    pub frequencies: Vec<f64>,
}

/// Quantum harmonic oscillators.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Heat {
    /// Energy at zero temperature, meV/atom.
    pub zero_point_energy: f64,
    /// Heat capacity at constant volume and 300 K, k_B/atom.
    pub capacity: f64,
}

/// The work before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Displaced atoms, times two directions along three axes.
    pub displacements: usize,
    /// Atoms of the largest cluster.
    pub atoms: usize,
    /// Neighborhoods of it that are evaluated.
    pub neighborhoods: usize,
    /// Wave vectors.
    pub wave_vectors: usize,
}

/// What there will be to do.
pub fn plan(crystal: &Crystal, calculator: &Calculator) -> Result<Plan, Failure> {
    let cell = &crystal.primitive;
    let (atoms, neighborhoods) = size_of_work(cell, calculator.cutoff())?;
    let mesh = mesh(crystal);
    Ok(Plan { displacements: 6 * cell.len(), atoms, neighborhoods, wave_vectors: mesh.iter().product() })
}

impl Phonons {
    /// Computes them from displacements of this size, Å.
    pub fn of(crystal: &Crystal, calculator: &Calculator, displacement: f64) -> Result<Self, Failure> {
        let cell = &crystal.primitive;
        let masses = masses(crystal)?;
        let constants = ForceConstants::of(cell, calculator, displacement)?;
        let lattice = vectors(&cell.cell).unwrap_or_default();
        let dynamics = Dynamics { constants: &constants, masses: &masses, lattice };
        let points: Vec<Point> = (0..8)
            .map(|number| {
                let q = [4, 2, 1].map(|bit| if number & bit > 0 { 0.5 } else { 0.0 });
                Point { q, frequencies: dynamics.frequencies(q) }
            })
            .collect();
        let mesh = mesh(crystal);
        let on_mesh: Vec<Result<Vec<f64>, Failure>> = (0..mesh.iter().product::<usize>())
            .into_par_iter()
            .map(|number| {
                calculator.check()?;
                Ok(dynamics.frequencies(wave_vector(mesh, number)))
            })
            .collect();
        let on_mesh: Vec<f64> = on_mesh.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
        let all = on_mesh.iter().chain(points.iter().flat_map(|point| &point.frequencies)).copied();
        let (lowest, highest) = crate::report::html::extent(all);
        let imaginary = on_mesh.iter().filter(|frequency| **frequency < IMAGINARY).count();
        Ok(Self {
            atoms: cell.len(),
            displacements: 6 * cell.len(),
            density: density(&on_mesh, lowest, highest, 3 * cell.len()),
            heat: (lowest >= IMAGINARY).then(|| heat(&on_mesh)),
            mesh,
            points,
            lowest,
            highest,
            imaginary_share: imaginary as f64 / on_mesh.len() as f64,
            asymmetry: constants.asymmetry,
            sum_rule: constants.sum_rule,
            grade: constants.grade,
        })
    }

    /// Frequencies at Γ, THz.
    pub fn at_gamma(&self) -> &[f64] {
        &self.points[0].frequencies
    }

    /// Whether a frequency is imaginary by more than rounding.
    pub fn is_unstable(&self) -> bool {
        self.lowest < IMAGINARY
    }

    /// That the crystal is not stable, if it is not.
    pub(super) fn remark(&self) -> Option<String> {
        self.is_unstable().then(|| {
            format!(
                "the crystal is not stable: {} % of the modes are imaginary, down to {} THz (written as negative)",
                general(100.0 * self.imaginary_share, 3),
                general(self.lowest, 3)
            )
        })
    }
}

/// Masses of the atoms of the primitive cell, eV ps²/Å².
fn masses(crystal: &Crystal) -> Result<Vec<f64>, Error> {
    let mass = |&species: &u32| {
        let name = crystal.name(species);
        elements::mass(&name).map(|mass| mass * ATOMIC_MASS).ok_or_else(|| {
            let message = format!("phonons need masses: species {name} is no element");
            Error::new(ErrorKind::Species, message)
                .hint("name the elements in the order of the potential: --species Mg,O; or leave phonons out: --only")
        })
    };
    crystal.primitive.species.iter().map(mass).collect()
}

/// Wave vectors along each reciprocal vector.
fn mesh(crystal: &Crystal) -> [usize; 3] {
    let lattice = vectors(&crystal.primitive.cell).unwrap_or_default();
    let modes = 3.0 * crystal.primitive.len() as f64;
    let mut length = MESH;
    loop {
        let mesh = lattice.map(|vector| ((length / norm(vector)).ceil() as usize).max(1));
        let work = mesh.iter().product::<usize>() as f64 * modes.powi(3);
        if work <= MOST_WORK || mesh == [1; 3] {
            return mesh;
        }
        length *= 0.8;
    }
}

/// A wave vector of a mesh, in the middle of its share of the zone, in reciprocal vectors.
fn wave_vector(mesh: [usize; 3], number: usize) -> [f64; 3] {
    let places = [number / (mesh[1] * mesh[2]), number / mesh[2] % mesh[1], number % mesh[2]];
    std::array::from_fn(|k| (places[k] as f64 + 0.5) / mesh[k] as f64)
}

struct Dynamics<'a> {
    constants: &'a ForceConstants,
    masses: &'a [f64],
    lattice: [Vector3; 3],
}

impl Dynamics<'_> {
    /// Frequencies at a wave vector, in ascending order, THz.
    fn frequencies(&self, q: [f64; 3]) -> Vec<f64> {
        let reciprocal = duals(&self.lattice);
        let wave = combined_shares(&reciprocal, q);
        let size = 3 * self.masses.len();
        let mut matrix = DMatrix::<Complex<f64>>::zeros(size, size);
        for (&(i, j, cell), block) in &self.constants.matrices {
            let phase = -std::f64::consts::TAU * dot(wave, combined(&self.lattice, cell));
            let factor = Complex::from_polar(1.0 / (self.masses[i] * self.masses[j]).sqrt(), phase);
            for row in 0..3 {
                for column in 0..3 {
                    matrix[(3 * j + row, 3 * i + column)] += factor * block[row][column];
                }
            }
        }
        // Rounding alone keeps it from being Hermitian.
        let hermitian = (&matrix + matrix.adjoint()) * Complex::new(0.5, 0.0);
        let squares = hermitian.symmetric_eigenvalues();
        let mut frequencies: Vec<f64> = squares
            .iter()
            .map(|square| square.signum() * square.abs().sqrt() / std::f64::consts::TAU)
            .collect();
        frequencies.sort_by(f64::total_cmp);
        frequencies
    }
}

fn combined_shares(vectors: &[Vector3; 3], shares: [f64; 3]) -> Vector3 {
    std::array::from_fn(|axis| (0..3).map(|k| shares[k] * vectors[k][axis]).sum())
}

/// Modes per THz and cell: each mode a bell curve.
fn density(frequencies: &[f64], lowest: f64, highest: f64, modes: usize) -> Vec<(f64, f64)> {
    let (low, high) = (lowest.min(0.0), highest);
    let width = (WIDTH * (high - low)).max(1e-3);
    let step = (high - low + 6.0 * width) / BINS as f64;
    let weight = modes as f64 / frequencies.len() as f64 / (width * std::f64::consts::TAU.sqrt());
    let mut density: Vec<(f64, f64)> =
        (0..=BINS).map(|bin| (low - 3.0 * width + step * bin as f64, 0.0)).collect();
    for frequency in frequencies {
        for (place, value) in &mut density {
            let apart = (*place - frequency) / width;
            if apart.abs() < 6.0 {
                *value += weight * (-0.5 * apart * apart).exp();
            }
        }
    }
    density
}

/// Averages over modes, three for each atom; a mode of no frequency has no energy at zero temperature.
fn heat(frequencies: &[f64]) -> Heat {
    let atoms = frequencies.len() as f64 / 3.0;
    let zero_point: f64 = frequencies.iter().map(|frequency| 0.5 * PLANCK * frequency.max(0.0)).sum();
    let capacity = |frequency: &f64| {
        let x = PLANCK * frequency.max(0.0) / (BOLTZMANN * TEMPERATURE);
        // x² eˣ / (eˣ − 1)² = (x/2 / sinh(x/2))²
        if x < 1e-6 { 1.0 } else { (0.5 * x / (0.5 * x).sinh()).powi(2) }
    };
    Heat {
        zero_point_energy: 1e3 * zero_point / atoms,
        capacity: frequencies.iter().map(capacity).sum::<f64>() / atoms,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oscillators_have_half_a_quantum_and_the_heat_of_einstein() {
        let at = heat(&[2.0, 2.0, 2.0]);
        assert!((at.zero_point_energy - 1.5e3 * 2.0 * PLANCK).abs() < 1e-9);
        let x = 2.0 * PLANCK / (BOLTZMANN * TEMPERATURE);
        assert!((at.capacity - 3.0 * x * x * x.exp() / (x.exp() - 1.0).powi(2)).abs() < 1e-12);
        assert!((heat(&[1e-9; 3]).capacity - 3.0).abs() < 1e-9);
    }

    /// A chain of equal masses and springs along x: ω = 2 √(k/m) |sin(q a / 2)|.
    #[test]
    fn a_chain_has_the_frequencies_of_its_formula() {
        let (spring, mass) = (3.0, 0.002);
        let matrix = |value: f64| [[value, 0.0, 0.0], [0.0; 3], [0.0; 3]];
        let mut constants = ForceConstants::default();
        constants.matrices.insert((0, 0, [0, 0, 0]), matrix(2.0 * spring));
        constants.matrices.insert((0, 0, [1, 0, 0]), matrix(-spring));
        constants.matrices.insert((0, 0, [-1, 0, 0]), matrix(-spring));
        let lattice = [[2.5, 0.0, 0.0], [0.0, 9.0, 0.0], [0.0, 0.0, 9.0]];
        let dynamics = Dynamics { constants: &constants, masses: &[mass], lattice };
        for q in [0.0, 0.1, 0.25, 0.5] {
            let expected: f64 = 2.0 * (spring / mass).sqrt() * (std::f64::consts::PI * q).sin();
            let found = dynamics.frequencies([q, 0.3, 0.0]);
            assert!((found[2] - expected / std::f64::consts::TAU).abs() < 1e-9, "{q}: {found:?}");
            assert!(found[0].abs() < 1e-9 && found[1].abs() < 1e-9);
        }
    }
}
