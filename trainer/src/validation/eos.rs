//! The equation of state: energies of the crystal against its volume, and a Birch-Murnaghan equation of third order through them.
//!
//! E(V) = E₀ + 9/16 V₀ B₀ {(y − 1)³ B₀' + (y − 1)² (6 − 4 y)} with y = (V₀/V)^(2/3) (F. Birch, Phys. Rev. 71, 809, 1947) is a
//! polynomial of third degree in V^(−2/3), so the fit is a linear one. The cell is scaled without a change of its shape, and the
//! atoms in it are relaxed: B₀ is the modulus of Voigt's average.

use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::{Error, ErrorKind};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use serde::Serialize;

use super::calculator::{Calculator, Relaxed, larger};
use super::crystal::{Crystal, MAX_FORCE};
use crate::Failure;
use crate::constants::units::GIGAPASCAL;

/// Number of volumes, and the largest change of the volume as a share.
const VOLUMES: usize = 13;
const LARGEST_CHANGE: f64 = 0.06;
/// Volumes in the middle of them whose own fit shows how much the range matters.
const INNER: usize = 7;

/// Parameters of a Birch-Murnaghan equation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BirchMurnaghan {
    /// Volume at no pressure, Å³.
    pub volume: f64,
    /// Energy there, eV.
    pub energy: f64,
    /// Bulk modulus there, eV/Å³.
    pub modulus: f64,
    /// Its derivative by the pressure.
    pub derivative: f64,
    /// Root of the mean square of what is left of the energies, eV.
    pub residual: f64,
    /// Coefficients by powers of (V/V_mean)^(−2/3) − 1.
    coefficients: [f64; 4],
    mean_volume: f64,
}

impl BirchMurnaghan {
    /// Fits energies (eV) of volumes (Å³); nothing if they have no minimum among the volumes.
    pub fn fit(volumes: &[f64], energies: &[f64]) -> Option<Self> {
        let mean_volume = volumes.iter().sum::<f64>() / volumes.len() as f64;
        let abscissa = |volume: f64| (volume / mean_volume).powf(-2.0 / 3.0) - 1.0;
        let places: Vec<f64> = volumes.iter().map(|&volume| abscissa(volume)).collect();
        let offset = energies.first().copied()?;
        let widest = places.iter().fold(0.0_f64, |widest, place| widest.max(place.abs()));
        // Of powers up to one, so that the columns are about equally long.
        let design =
            DMatrix::from_fn(places.len(), 4, |row, power| (places[row] / widest).powi(power as i32));
        let values = DVector::from_fn(energies.len(), |row, _| energies[row] - offset);
        let scaled = design.clone().svd(true, true).solve(&values, 1e-14).ok()?;
        let residual = ((&design * &scaled - values).norm_squared() / places.len() as f64).sqrt();
        let mut coefficients: [f64; 4] =
            std::array::from_fn(|power| scaled[power] / widest.powi(power as i32));
        coefficients[0] += offset;
        let [_, first, second, third] = coefficients;
        // The root of the derivative at which the curve bends upwards.
        let root = (second * second - 3.0 * first * third).sqrt();
        let place = -first / (second + root);
        let is_among = places.iter().any(|x| *x < place) && places.iter().any(|x| *x > place);
        if !(is_among && second + 3.0 * third * place > 0.0) {
            return None;
        }
        let y = 1.0 + place;
        let volume = mean_volume * y.powf(-1.5);
        let (bend, twist) = (2.0 * second + 6.0 * third * place, 6.0 * third);
        let (by_volume, by_volume_twice) = (-2.0 / 3.0 * y / volume, 10.0 / 9.0 * y / (volume * volume));
        let curvature = bend * by_volume * by_volume;
        let change = twist * by_volume.powi(3) + 3.0 * bend * by_volume * by_volume_twice;
        let mut equation = Self {
            volume,
            energy: 0.0,
            modulus: volume * curvature,
            derivative: -1.0 - volume * change / curvature,
            residual,
            coefficients,
            mean_volume,
        };
        equation.energy = equation.at(volume);
        Some(equation)
    }

    /// The energy at a volume, eV.
    pub fn at(&self, volume: f64) -> f64 {
        let x = (volume / self.mean_volume).powf(-2.0 / 3.0) - 1.0;
        self.coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
    }
}

/// The equation of state of a crystal; volumes and energies by atom.
#[derive(Clone, Debug, Serialize)]
pub struct EquationOfState {
    /// Volumes, Å³/atom.
    pub volumes: Vec<f64>,
    /// Their energies, eV/atom.
    pub energies: Vec<f64>,
    /// The fit at as many volumes as a plot needs.
    pub curve: Vec<(f64, f64)>,
    /// Volume at no pressure, Å³/atom.
    pub volume: f64,
    /// Energy there, eV/atom.
    pub energy: f64,
    /// Bulk modulus there, GPa.
    pub bulk_modulus: f64,
    /// Its derivative by the pressure.
    pub derivative: f64,
    /// RMS of what is left of the energies, meV/atom.
    pub residual: f64,
    /// Bulk modulus (GPa) and derivative of a fit to the volumes in the middle, half as far apart.
    pub inner: (f64, f64),
    /// Largest extrapolation grade at any volume.
    pub grade: Option<f64>,
}

impl EquationOfState {
    /// Number of relaxations.
    pub const RELAXATIONS: usize = VOLUMES;

    /// Computes it.
    pub fn of(crystal: &Crystal, calculator: &Calculator) -> Result<Self, Failure> {
        let changes: Vec<f64> = (0..VOLUMES)
            .map(|number| 1.0 + LARGEST_CHANGE * (2.0 * number as f64 / (VOLUMES - 1) as f64 - 1.0))
            .collect();
        let relaxed: Vec<Result<Relaxed, Failure>> = changes
            .par_iter()
            .with_max_len(1)
            .map(|change| calculator.clone().relaxed(scaled(&crystal.atoms, change.cbrt())?, MAX_FORCE))
            .collect();
        let relaxed: Vec<Relaxed> = relaxed.into_iter().collect::<Result<_, _>>()?;
        let atoms = crystal.atoms.len() as f64;
        let volumes: Vec<f64> =
            relaxed.iter().map(|one| one.atoms.cell.volume().unwrap_or_default() / atoms).collect();
        let energies: Vec<f64> = relaxed.iter().map(|one| one.energy / atoms).collect();
        let skip = (VOLUMES - INNER) / 2;
        let middle = skip..skip + INNER;
        let fits = (
            BirchMurnaghan::fit(&volumes, &energies),
            BirchMurnaghan::fit(&volumes[middle.clone()], &energies[middle]),
        );
        let (Some(fit), Some(inner)) = fits else {
            let message = "the energy has no minimum among volumes within 6 % of the relaxed one";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message).into());
        };
        let (first, last) = (volumes[0], volumes[VOLUMES - 1]);
        let place = |number: usize| first + (last - first) * number as f64 / 100.0;
        Ok(Self {
            curve: (0..=100).map(|number| (place(number), fit.at(place(number)))).collect(),
            volume: fit.volume,
            energy: fit.energy,
            bulk_modulus: fit.modulus * GIGAPASCAL,
            derivative: fit.derivative,
            residual: 1e3 * fit.residual,
            inner: (inner.modulus * GIGAPASCAL, inner.derivative),
            grade: relaxed.iter().fold(None, |grade, one| larger(grade, one.grade)),
            volumes,
            energies,
        })
    }
}

/// A cell with its atoms, all lengths multiplied by a factor.
fn scaled(atoms: &Configuration, factor: f64) -> Result<Configuration, Error> {
    let of = |vector: &[f64; 3]| vector.map(|x| factor * x);
    let vectors: Vec<_> = atoms.cell.vectors().iter().map(of).collect();
    let positions = atoms.positions.iter().map(of).collect();
    Configuration::new(Cell::new(&vectors)?, atoms.species.clone(), positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fit_finds_the_parameters_of_its_own_equation() {
        let (volume, energy, modulus, derivative) = (11.3, -74.2, 0.55, 4.6);
        let at = |v: f64| {
            let y = (volume / v).powf(2.0 / 3.0);
            let terms = (y - 1.0_f64).powi(3) * derivative + (y - 1.0_f64).powi(2) * (6.0 - 4.0 * y);
            energy + 9.0 / 16.0 * volume * modulus * terms
        };
        let volumes: Vec<f64> = (0..9).map(|number| 10.6 + 0.2 * f64::from(number)).collect();
        let energies: Vec<f64> = volumes.iter().map(|&volume| at(volume)).collect();
        let fit = BirchMurnaghan::fit(&volumes, &energies).unwrap();
        let pairs = [
            (fit.volume, volume),
            (fit.energy, energy),
            (fit.modulus, modulus),
            (fit.derivative, derivative),
        ];
        for (found, expected) in pairs {
            assert!((found / expected - 1.0).abs() < 1e-7, "{fit:?}");
        }
        assert!(fit.residual < 1e-10);
        assert!((fit.at(10.0) - at(10.0)).abs() < 1e-7);
    }

    #[test]
    fn energies_without_a_minimum_have_no_fit() {
        let volumes = [10.0, 10.5, 11.0, 11.5, 12.0];
        assert!(BirchMurnaghan::fit(&volumes, &volumes).is_none());
        assert!(BirchMurnaghan::fit(&volumes, &volumes.map(|v| -(v - 11.0_f64).powi(2))).is_none());
    }
}
