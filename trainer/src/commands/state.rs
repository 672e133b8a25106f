//! `mtprs state`: selection states built from training sets, and described.

use crate::Failure;
use crate::active_set::description::Description;
use crate::active_set::state_files::{build_state, save};
use crate::cli::{StateBuildArguments, StateShowArguments};
use crate::endpoint::{load_potential, load_state, print, tell};
use crate::job::Ready;
use crate::pipeline::{RunSettings, Supply};
use crate::processes::Interrupt;

pub(super) fn build(job: &Ready<StateBuildArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let (run, output) = (RunSettings::from(job.common.run), job.common.write.file(&job.output));
    let potential = load_potential(&job.potential)?;
    let reading = job.reading.for_potential(&potential, &job.potential)?.quiet(run.quiet);
    let training_set = Supply::of_inputs(&job.inputs, &reading);
    let state = build_state(&potential, &training_set, job.build.settings()?, run, interrupt)?;
    save(state.clone(), &training_set, &output)?;
    if run.quiet {
        return Ok(());
    }
    let description = Description::new(&state, &output.name(), Some(&potential))?;
    tell(description.render());
    Ok(())
}

pub(super) fn show(job: &StateShowArguments) -> Result<(), Failure> {
    let state = load_state(&job.state)?;
    let name = job.state.display().to_string();
    let given = job.potential.as_deref().map(load_potential).transpose()?;
    if let Some(potential) = &given {
        state.check_potential(potential).map_err(|error| error.in_file(&name))?;
    }
    let potential = given.as_ref().or(state.potential.as_ref());
    let description = Description::new(&state, &name, potential)?;
    if job.json { print(&description.to_json()?) } else { print(&description.render()) }
}
