//! Moves all atoms of a structure and its cell to a minimum of the enthalpy E + PV.
//!
//! The cell is h₀ Fᵀ and an atom is at F u, with a symmetric deformation F = 1 + ε, so that the crystal does not turn. With the
//! virial W the derivatives are ∂E/∂F = −W F⁻ᵀ, ∂V/∂F = V F⁻ᵀ and ∂E/∂u = −Fᵀ f (E. B. Tadmor, G. S. Smith,
//! N. Bernstein, E. Kaxiras, Phys. Rev. B 59, 235, 1999). Strains are multiplied by a length, after which a usual solid
//! is as stiff against them as its atoms are.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::geometry::{Cell, Configuration, Vector3, duals};
use mtprs_core::{Error, ErrorKind, Result};

use super::descent::{FARTHEST, largest_force};
use super::relaxation::values;
use super::{Descent, Function, Limits, Relaxation, Relaxed, nowhere};

/// Most that the cell is strained in a step.
const LARGEST_STRAIN: f64 = 0.05;
/// Distance of two atoms below which they have fallen into each other, Å: no two atoms of any matter are as close, and where a
/// potential lets them, there is no end.
const COLLAPSED: f64 = 0.5;
/// Elastic constant of a usual solid by the curvature that L-BFGS begins with: 100 GPa and 30 eV/Å², Å⁻¹.
const STIFFNESS: f64 = 0.0208;
/// Places of the strains xx yy zz yz xz xy.
const PLACES: [(usize, usize); 6] = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)];

/// A pressure, and when a cell is at it; eV/Å³.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pressure {
    /// Positive under compression.
    pub target: f64,
    /// Largest component that the stress may differ by.
    pub tolerance: f64,
}

/// How a relaxation of atoms and cell ended.
#[derive(Clone, Debug, PartialEq)]
pub struct CellRelaxation {
    /// The atoms. Energies are without PV.
    pub atoms: Relaxation,
    /// Largest difference between a component of the stress and the pressure, eV/Å³.
    pub largest_stress: f64,
}

/// Relaxes positions and cell; `go_on` is asked after each step, with the atoms where it ended.
pub fn relax_cell<E: From<Error>>(
    evaluator: &mut Evaluator,
    configuration: &mut Configuration,
    limits: Limits,
    pressure: Pressure,
    mut go_on: impl FnMut(&Configuration) -> std::result::Result<(), E>,
) -> std::result::Result<CellRelaxation, E> {
    let first_energy = evaluator.evaluate(configuration)?.energy;
    let mut function = Strained::new(configuration, evaluator, pressure.target)?;
    let mut descent = Descent::new(&mut function)?;
    loop {
        let Place { largest_force, largest_stress, has_collapsed } = function.here_now()?;
        let is_there = largest_force <= limits.max_force && largest_stress <= pressure.tolerance;
        // No force is below this: whether to go on is decided here.
        if is_there
            || has_collapsed
            || descent.steps >= limits.max_steps
            || !descent.step(&mut function, -1.0)?
        {
            let efs = evaluator.evaluate(configuration)?;
            let atoms = Relaxation { steps: descent.steps, first_energy, efs, largest_force };
            return Ok(CellRelaxation { atoms, largest_stress });
        }
        go_on(function.configuration)?;
    }
}

/// What decides at a place whether to go on.
#[derive(Clone, Copy)]
struct Place {
    largest_force: f64,
    largest_stress: f64,
    has_collapsed: bool,
}

/// Whether atoms have fallen into each other, at the last evaluation.
fn has_collapsed(evaluator: &Evaluator) -> bool {
    evaluator.closest_pair().is_some_and(|pair| pair.distance < COLLAPSED)
}

type Matrix3 = [Vector3; 3];

/// The enthalpy by the undeformed positions of all atoms and the strains times a length.
struct Strained<'a> {
    configuration: &'a mut Configuration,
    evaluator: &'a mut Evaluator,
    /// h₀, a vector in each row.
    cell: Matrix3,
    pressure: f64,
    length: f64,
    /// Where the step began.
    at: Vec<f64>,
    /// Where the function was looked at last, and what was found.
    last: Option<(Vec<f64>, Place)>,
}

impl<'a> Strained<'a> {
    fn new(
        configuration: &'a mut Configuration,
        evaluator: &'a mut Evaluator,
        pressure: f64,
    ) -> Result<Self> {
        let &[a, b, c] = configuration.cell.vectors() else {
            let message = "it is not periodic in three directions, so its cell has no pressure";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message)
                .hint("relax only the atoms: --fixed-cell"));
        };
        let volume = configuration.cell.volume().unwrap_or_default();
        let mut at = configuration.positions.as_flattened().to_vec();
        at.extend([0.0; 6]);
        let length = (STIFFNESS * volume).sqrt();
        Ok(Self { configuration, evaluator, cell: [a, b, c], pressure, length, at, last: None })
    }

    /// Where a step has ended: as a rule the function was looked at there last.
    fn here_now(&mut self) -> Result<Place> {
        match &self.last {
            Some((at, place)) if *at == self.at => Ok(*place),
            _ => {
                let efs = self.evaluator.evaluate(self.configuration)?;
                Ok(Place {
                    largest_force: largest_force(efs.forces.as_flattened()),
                    largest_stress: self.largest_stress(efs.virial.to_lammps_order()),
                    has_collapsed: has_collapsed(self.evaluator),
                })
            }
        }
    }

    /// Of a virial that begins with xx yy zz.
    fn largest_stress(&self, virial: [f64; 6]) -> f64 {
        let volume = self.configuration.cell.volume().unwrap_or_default();
        let of_pressure = [self.pressure, self.pressure, self.pressure, 0.0, 0.0, 0.0];
        let differences = virial.into_iter().zip(of_pressure);
        differences.map(|(virial, pressure)| (virial / volume - pressure).abs()).fold(0.0, f64::max)
    }

    /// F by the strains.
    fn deformation(&self, strains: &[f64]) -> Matrix3 {
        let mut deformation = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        for (&(a, b), strain) in PLACES.iter().zip(strains) {
            deformation[a][b] += strain / self.length;
            if a != b {
                deformation[b][a] += strain / self.length;
            }
        }
        deformation
    }

    /// Puts atoms and cell there.
    fn deform(&mut self, coordinates: &[f64]) -> Result<()> {
        let (positions, strains) = coordinates.split_at(coordinates.len() - 6);
        let deformation = self.deformation(strains);
        let deformed =
            |vector: &[f64]| deformation.map(|row| row.iter().zip(vector).map(|(f, x)| f * x).sum());
        self.configuration.cell = Cell::new(&self.cell.map(|vector| deformed(&vector)))?;
        let places = self.configuration.positions.iter_mut().zip(positions.chunks(3));
        places.for_each(|(position, at)| *position = deformed(at));
        Ok(())
    }

    /// Enthalpy and gradient where the atoms are, and what decides there whether to go on.
    fn here(&mut self, strains: &[f64]) -> Result<Option<(f64, Vec<f64>, Place)>> {
        let deformation = self.deformation(strains);
        // The duals of the rows are the columns of the inverse, which is symmetric.
        let inverse = duals(&deformation);
        let (length, pressure) = (self.length, self.pressure);
        let Some(tally) = values(self.evaluator, self.configuration)? else { return Ok(None) };
        let volume = self.configuration.cell.volume().unwrap_or_default();
        let mut gradient = Vec::with_capacity(self.at.len());
        for force in &tally.forces {
            gradient.extend((0..3).map(|a| -(0..3).map(|b| deformation[b][a] * force[b]).sum::<f64>()));
        }
        let (energy, virial) = (tally.energy, tally.virial);
        let largest_force = largest_force(tally.forces.as_flattened());
        let [xx, yy, zz, xy, xz, yz] = virial;
        let excess = {
            let work = pressure * volume;
            [[xx - work, xy, xz], [xy, yy - work, yz], [xz, yz, zz - work]]
        };
        // −(W − PV) F⁻ᵀ; F and its inverse are symmetric.
        let by_deformation = |a: usize, b: usize| -(0..3).map(|c| excess[a][c] * inverse[c][b]).sum::<f64>();
        gradient.extend(PLACES.map(|(a, b)| match a == b {
            true => by_deformation(a, a) / length,
            false => (by_deformation(a, b) + by_deformation(b, a)) / length,
        }));
        let place = Place {
            largest_force,
            largest_stress: self.largest_stress(virial),
            has_collapsed: has_collapsed(self.evaluator),
        };
        Ok(Some((energy + pressure * volume, gradient, place)))
    }
}

impl Function for Strained<'_> {
    type Failure = Error;

    fn evaluate(&mut self, coordinates: &[f64]) -> Result<(f64, Vec<f64>)> {
        if self.is_far(coordinates) || self.deform(coordinates).is_err() {
            return Ok(nowhere(coordinates));
        }
        let found = self.here(&coordinates[coordinates.len() - 6..]);
        let before = self.at.clone();
        self.place(&before);
        let Some((enthalpy, gradient, place)) = found? else { return Ok(nowhere(coordinates)) };
        self.last = Some((coordinates.to_vec(), place));
        Ok((enthalpy, gradient))
    }
}

impl Relaxed for Strained<'_> {
    fn coordinates(&self) -> Vec<f64> {
        self.at.clone()
    }

    fn place(&mut self, coordinates: &[f64]) {
        self.at.copy_from_slice(coordinates);
        // Steps that strain the cell to nothing are too long, and end before.
        let placed = self.deform(coordinates);
        debug_assert!(placed.is_ok(), "{placed:?}");
    }

    fn is_far(&self, coordinates: &[f64]) -> bool {
        let atoms = coordinates.len() - 6;
        let limit = |index: usize| if index < atoms { FARTHEST } else { LARGEST_STRAIN * self.length };
        let moved = self.at.iter().zip(coordinates).map(|(a, b)| (a - b).abs());
        // What is not a number is far.
        !moved.enumerate().all(|(index, moved)| moved <= limit(index))
    }
}
