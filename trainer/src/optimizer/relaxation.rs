//! Moves all atoms of a structure to a minimum of a potential, in a fixed cell.

use mtprs_core::evaluate::{Efs, Evaluator, Tally, Wanted};
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Result};

use super::{Descent, Function, Limits, Relaxed, nowhere};

/// How a relaxation ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Relaxation {
    /// Steps of L-BFGS.
    pub steps: usize,
    /// Energy before the first step, eV.
    pub first_energy: f64,
    /// Energies, forces and virial where it ended.
    pub efs: Efs,
    /// Largest force on an atom there, eV/Å.
    pub largest_force: f64,
}

/// Relaxes the positions; `go_on` is asked after each step, with the atoms where it ended.
pub fn relax<E: From<Error>>(
    evaluator: &mut Evaluator,
    configuration: &mut Configuration,
    limits: Limits,
    mut go_on: impl FnMut(&Configuration) -> std::result::Result<(), E>,
) -> std::result::Result<Relaxation, E> {
    let mut function = Free { configuration, evaluator };
    let mut descent = Descent::new(&mut function)?;
    let first_energy = descent.energy();
    while descent.steps < limits.max_steps && descent.step(&mut function, limits.max_force)? {
        go_on(function.configuration)?;
    }
    let (steps, largest_force) = (descent.steps, descent.largest_force());
    let efs = evaluator.evaluate(configuration)?;
    Ok(Relaxation { steps, first_energy, efs, largest_force })
}

/// The energy of the potential by the positions of all atoms.
struct Free<'a> {
    configuration: &'a mut Configuration,
    evaluator: &'a mut Evaluator,
}

impl Function for Free<'_> {
    type Failure = Error;

    fn evaluate(&mut self, coordinates: &[f64]) -> Result<(f64, Vec<f64>)> {
        if self.is_far(coordinates) {
            return Ok(nowhere(coordinates));
        }
        let before = self.coordinates();
        self.place(coordinates);
        let found = values(self.evaluator, self.configuration).map(|tally| {
            let gradient = |tally: &Tally| tally.forces.as_flattened().iter().map(|force| -force).collect();
            tally.map(|tally| (tally.energy, gradient(tally)))
        });
        // The atoms are where the step began: steps are measured from there.
        self.place(&before);
        Ok(found?.unwrap_or_else(|| nowhere(coordinates)))
    }
}

/// Energy, forces and virial of a step that is tried; nothing where the potential has no value, or atoms are at the same place or
/// too many: a shorter step may end where there is one.
pub(super) fn values<'a>(
    evaluator: &'a mut Evaluator,
    configuration: &Configuration,
) -> Result<Option<&'a Tally>> {
    let is_nowhere = |error: &Error| {
        matches!(
            error.kind(),
            ErrorKind::NotFinite | ErrorKind::InvalidConfiguration | ErrorKind::Unsupported
        )
    };
    let atoms = match evaluator.neighborhoods(configuration) {
        Err(error) if is_nowhere(&error) => return Ok(None),
        atoms => atoms?,
    };
    match evaluator.tally(&atoms, Wanted::default()) {
        Err(error) if is_nowhere(&error) => Ok(None),
        tally => tally.map(Some),
    }
}

impl Relaxed for Free<'_> {
    fn coordinates(&self) -> Vec<f64> {
        self.configuration.positions.as_flattened().to_vec()
    }

    fn place(&mut self, coordinates: &[f64]) {
        let positions = self.configuration.positions.iter_mut();
        positions.zip(coordinates.chunks(3)).for_each(|(position, at)| position.copy_from_slice(at));
    }
}
