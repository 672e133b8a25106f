//! What `mtprs train` writes: the potential, and as `.almtp` the active set of the configurations that it was fitted to, too.

use mtprs_core::Error;
use mtprs_core::format::write_potential;
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::GradeMode;

use crate::Failure;
use crate::active_set::state_files::{has_ending, holds_state, save_behind_potential};
use crate::active_set::{self, Settings};
use crate::dataset::{Recount, Side};
use crate::endpoint::{load_state, say};
use crate::job::TrainJob;
use crate::pipeline::{Item, RunSettings, Source, Supply};
use crate::processes::Interrupt;
use crate::session::Trained;
use crate::structure_files::Voice;

/// The mode of the active set that is to be written, if one is: that of the state that the potential came with, or that of
/// neighborhoods.
pub(super) fn mode(job: &TrainJob) -> Result<Option<GradeMode>, Error> {
    if job.al_mode.is_some() || !has_ending(&job.output.path, "almtp") {
        return Ok(job.al_mode);
    }
    if holds_state(&job.task.potential)? {
        return Ok(Some(load_state(&job.task.potential)?.mode));
    }
    Ok(Some(GradeMode::Neighborhood))
}

/// Writes the trained potential, with an active set of this mode if there is one.
pub(super) fn write(
    job: &TrainJob,
    trained: &Trained,
    mode: Option<GradeMode>,
    interrupt: &Interrupt,
) -> Result<(), Failure> {
    let potential = &trained.potential;
    let Some(mode) = mode else {
        return Ok(job.output.write(|file| write_potential(potential, file))?);
    };
    let supply = match fitted(job, trained, interrupt) {
        Ok(fitted) => [Supply::Held(fitted.into())],
        Err(failure) => {
            // The fit took long, and is not lost with the active set.
            job.output.write(|file| write_potential(potential, file))?;
            return Err(failure);
        }
    };
    let run = RunSettings { quiet: true, threads: job.task.settings.threads };
    let built = active_set::build(potential, &supply, Settings::new(mode), run, interrupt.clone())?;
    save_behind_potential(built.state(potential, "")?, &supply, &job.output)?;
    if !job.quiet {
        say(format!("{}: with the active set of {mode} mode", job.output.name()));
    }
    Ok(())
}

/// The configurations of the training files that were fitted, in their order.
fn fitted(job: &TrainJob, trained: &Trained, interrupt: &Interrupt) -> Result<Vec<Configuration>, Failure> {
    let Trained { potential, sides, .. } = trained;
    let mut reading = job.task.sources.reading.for_potential(potential, &job.task.potential)?;
    // It has been told when the sets were read.
    reading.voice = Voice::Silent;
    let supplies = Supply::of_inputs(&job.task.sources.training, &reading);
    let mut source = Source::new(&supplies);
    let (mut fitted, mut recount) = (Vec::new(), Recount::default());
    let mut begun = 0;
    while let Some(Item { origin, configuration, .. }) = source.next()? {
        interrupt.check()?;
        while begun <= origin.file {
            recount.begin(Side::Training);
            begun += 1;
        }
        recount.add(&configuration);
        if sides.side(origin.place) == Side::Training {
            fitted.push(configuration);
        }
    }
    (begun..supplies.len()).for_each(|_| recount.begin(Side::Training));
    trained.expect_same(&recount, &job.task.sources.training_names(), &job.output.name())?;
    Ok(fitted)
}
