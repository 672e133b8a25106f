//! Configurations in figures: energies of a potential or of the file, relaxed on request, and grades.

use mtprs_core::evaluate::Evaluator;
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::active_set::state_files::load_grader;
use crate::analysis::voltage::Snapshot;
use crate::job::VoltageJob;
use crate::optimizer::{Limits, relax};
use crate::processes::Interrupt;

/// What evaluates, relaxes and grades; nothing where energies are those of the files.
#[derive(Clone, Default)]
pub(super) struct Worker {
    evaluator: Option<Evaluator>,
    grader: Option<Grader>,
}

impl Worker {
    pub(super) fn new(job: &VoltageJob, potential: &Potential) -> Result<Self, Error> {
        let file = job.potential.iter().map(|path| path.display().to_string()).collect::<String>();
        let evaluator = Evaluator::new(potential).map_err(|error| error.in_file(&file))?;
        let grader = job.state.as_deref().map(|path| load_grader(potential, path)).transpose()?;
        Ok(Self { evaluator: Some(evaluator), grader })
    }

    /// A configuration in figures, where it is relaxed if there are limits; nothing if that was interrupted.
    pub(super) fn snapshot(
        &mut self,
        configuration: &mut Configuration,
        limits: Option<Limits>,
        interrupt: &Interrupt,
    ) -> Result<Option<Snapshot>, Error> {
        let mut snapshot = counted(configuration);
        snapshot.energy = match (&mut self.evaluator, limits) {
            (None, _) => of_file(configuration)?,
            (Some(evaluator), None) => evaluator.evaluate(configuration)?.energy,
            (Some(evaluator), Some(limits)) => {
                match relax(evaluator, configuration, limits, |_| interrupt.check()) {
                    Ok(relaxation) => {
                        snapshot.largest_force = Some(relaxation.largest_force);
                        relaxation.efs.energy
                    }
                    Err(Failure::Runtime(error)) => return Err(error),
                    Err(_) => return Ok(None),
                }
            }
        };
        let grades = self.grader.as_mut().map(|grader| grader.grade(configuration)).transpose()?;
        snapshot.grade = grades.map(|grades| grades.configuration);
        Ok(Some(snapshot))
    }
}

/// The energy that a file gives.
fn of_file(configuration: &Configuration) -> Result<f64, Error> {
    configuration.energy.ok_or_else(|| {
        Error::new(ErrorKind::InvalidConfiguration, "it has no energy")
            .hint("use those of a potential: --potential POT.mtp")
    })
}

/// A configuration of which atoms and volume are known.
pub(super) fn counted(configuration: &Configuration) -> Snapshot {
    let mut snapshot = Snapshot { volume: configuration.cell.volume(), ..Snapshot::default() };
    for species in &configuration.species {
        *snapshot.counts.entry(*species as usize).or_default() += 1;
    }
    snapshot
}
