//! `mtprs state`: selection states built from training sets, and described.

use std::collections::BTreeSet;
use std::io::{self, Write};

use mtprs_core::format::{load_potential, load_state, write_als, write_state};
use mtprs_core::potential::Potential;
use mtprs_core::selection::{RowSource, SelectionState};
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::endpoint::{OutputFile, print};
use crate::interrupt::Interrupt;
use crate::job::{RunSettings, StateBuildJob, StateShowJob};
use crate::pipeline::{Item, Source, Supply};
use crate::report::number::{counted, general};
use crate::report::state::Description;
use crate::selection::{self, Settings};

pub(super) fn build(job: &StateBuildJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let reading = job.reading.for_potential(&potential, &job.potential)?.quiet(job.run.quiet);
    let training_set = Supply::of_inputs(&job.training_set, &reading);
    let state = build_state(&potential, &training_set, job.settings, job.run, interrupt)?;
    save(state.clone(), &training_set, &job.output)?;
    if job.run.quiet {
        return Ok(());
    }
    let description = Description::new(&state, &job.output.name(), Some(&potential))?;
    // The state is written; a closed standard error changes nothing about that.
    let _ = write!(io::stderr(), "{}", description.render());
    Ok(())
}

pub(super) fn show(job: &StateShowJob) -> Result<(), Failure> {
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

/// Builds a state from a training set and says how it went.
pub(super) fn build_state(
    potential: &Potential,
    training_set: &[Supply],
    settings: Settings,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<SelectionState, Failure> {
    let name = training_set.iter().map(Supply::name).collect::<Vec<_>>().join(", ");
    let built = selection::build(potential, training_set, settings, run, interrupt)?;
    if !run.quiet {
        let line = format!(
            "active set of {} mode: {} from {} in {}, {}; largest grade of the training set {}",
            settings.mode,
            counted(built.volume.size() as u64, "row"),
            counted(built.rows, "row"),
            counted(built.passes as u64, "pass").replace("passs", "passes"),
            counted(built.swaps as u64, "swap"),
            general(built.largest_grade, 9)
        );
        let _ = writeln!(io::stderr(), "{line}");
        if built.start != settings.start {
            let (used, asked) = (built.start, settings.start);
            let line =
                format!("started from {used:e} of the unit matrix: with {asked:e} too few digits were left");
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
    Ok(built.state(potential, &name)?)
}

/// Writes a state; for MLIP-2 with the configurations that its rows come from, of one file after the other.
pub(super) fn save(
    mut state: SelectionState,
    training_set: &[Supply],
    output: &OutputFile,
) -> Result<(), Failure> {
    let is_als = output.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("als"));
    if is_als {
        let wanted: BTreeSet<usize> = state
            .sources
            .iter()
            .filter_map(|source| match source {
                RowSource::Unsupported => None,
                RowSource::Configuration { index, .. } => Some(*index),
            })
            .collect();
        let mut source = Source::new(training_set);
        while let Some(Item { origin, configuration }) = source.next()? {
            if wanted.contains(&origin.place) {
                state.configurations.insert(origin.place, configuration);
            }
        }
        if state.configurations.len() != wanted.len() {
            let error = Error::new(ErrorKind::Io, "the file has changed while the state was built");
            let name = training_set.last().map(Supply::name);
            return Err(error.in_file(&name.unwrap_or_default()).into());
        }
    }
    if output.path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("almtp")) {
        let error = Error::new(ErrorKind::Unsupported, "states of MLIP-3 (.almtp) are read, but not written");
        return Err(error.in_file(&output.name()).hint("choose .mtps, or .als for MLIP-2").into());
    }
    Ok(output.write(|file| if is_als { write_als(&state, file) } else { write_state(&state, file) })?)
}
