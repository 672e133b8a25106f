//! Selection states that are built in memory.

use mtprs::active_set::state_files;
use mtprs::cli::StateBuildArguments;
use mtprs::cli::{Command, StateCommand};
use mtprs::endpoint::load_potential;
use mtprs::job::{Job, Ready};
use mtprs::pipeline::{RunSettings, Supply};
use mtprs::processes::Interrupt;
use mtprs_core::format::write_state;
use mtprs_core::{Error, ErrorKind};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::command::{Held, memory, parsed};
use crate::failure::in_python;
use crate::watch::{Late, watched};

/// The state that `mtprs state build` makes; `words` are what stands behind these two. Returns the bytes of a `.mtps` file and
/// what the user is told.
#[pyfunction]
pub(crate) fn build_state<'py>(
    py: Python<'py>,
    words: Vec<String>,
    held: Held,
) -> PyResult<(Bound<'py, PyBytes>, String)> {
    let done = watched(py, memory(held), None, Late::Drop, move |_events| {
        let line = ["state", "build"].into_iter().map(str::to_owned).chain(words).collect();
        let Command::State(typed) = parsed(line)?.command else {
            return Err(Error::new(ErrorKind::Bug, "state was read as another command").into());
        };
        let StateCommand::Build(typed) = typed.command else {
            return Err(Error::new(ErrorKind::Bug, "state build was read as another command").into());
        };
        let job = Ready::<StateBuildArguments>::new(*typed)?;
        let run = RunSettings::from(job.common.run);
        let potential = load_potential(&job.potential)?;
        let reading = job.reading.for_potential(&potential, &job.potential)?.quiet(run.quiet);
        let training_set = Supply::of_inputs(&job.inputs, &reading);
        let settings = job.build.settings()?;
        let state =
            state_files::build_state(&potential, &training_set, settings, run, Interrupt::for_work())?;
        let mut bytes = Vec::new();
        write_state(&state, &mut bytes).map_err(|error| Error::io("write", "the state", &error))?;
        Ok(bytes)
    })?;
    Ok((PyBytes::new(py, &done.outcome.unwrap_or_default()), in_python(&done.memory.told)))
}
