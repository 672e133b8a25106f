//! Selection states and their files: built from a training set, written in the format that a name asks for, and read beside
//! a potential.

use std::collections::BTreeMap;
use std::path::Path;

use mtprs_core::format::{write_almtp, write_state_for};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, RowSource, SelectionState};
use mtprs_core::{Error, ErrorKind};

use super::description::configurations;
use super::{Settings, build};
use crate::Failure;
use crate::endpoint::{OutputFile, load_state, read, say};
use crate::pipeline::{Item, RunSettings, Source, Supply};
use crate::processes::Interrupt;
use crate::structure_files::Reading;
use crate::text::{counted, general};

/// How inputs are read for a potential of this file and a state that goes with it: its names count where the potential has
/// none.
pub fn reading_beside(
    reading: &Reading,
    potential: &Potential,
    file: &Path,
    state: Option<&Path>,
) -> Result<Reading, Error> {
    if let Some(path) = state.filter(|_| potential.species().names().is_none()) {
        let species = load_state(path)?.identity.species;
        if species.names().is_some() && species.count() == potential.species().count() {
            return reading.for_species(&species, path);
        }
    }
    reading.for_potential(potential, file)
}

/// What grades by the state of a file.
pub fn load_grader(potential: &Potential, path: &Path) -> Result<Grader, Error> {
    let state = load_state(path)?;
    Grader::new(potential, state).map_err(|error| error.in_file(&path.display().to_string()))
}

/// Builds a state from a training set and says how it went.
pub fn build_state(
    potential: &Potential,
    training_set: &[Supply],
    settings: Settings,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<SelectionState, Failure> {
    let name = training_set.iter().map(Supply::name).collect::<Vec<_>>().join(", ");
    let built = build(potential, training_set, settings, run, interrupt)?;
    if !run.quiet {
        let line = format!(
            "active set ({} mode): {} from {} in {}, {}; largest grade in the training set {}",
            settings.mode,
            counted(built.volume.size() as u64, "row"),
            counted(built.rows, "row"),
            counted(built.passes as u64, "pass").replace("passs", "passes"),
            counted(built.swaps as u64, "swap"),
            general(built.largest_grade, 9)
        );
        say(line);
        if built.start != settings.start {
            let (used, asked) = (built.start, settings.start);
            let line =
                format!("started from {used:e} times the unit matrix: {asked:e} would lose too many digits");
            say(line);
        }
    }
    Ok(built.state(potential, &name)?)
}

/// Writes a state in the format that the name of the output asks for. Those of MLIP-2 and MLIP-3 hold the configurations
/// that rows come from, which are read once more, of one file after the other.
pub fn save(mut state: SelectionState, training_set: &[Supply], output: &OutputFile) -> Result<(), Failure> {
    if ["als", "almtp"].iter().any(|ending| has_ending(&output.path, ending)) {
        add_sources(&mut state, training_set)?;
    }
    write(&state, output)
}

/// Writes a state with what it holds, in the format that the name of the output asks for.
pub fn write(state: &SelectionState, output: &OutputFile) -> Result<(), Failure> {
    Ok(output.write(|file| write_state_for(&output.path, state, file))?)
}

/// Writes a state behind its potential, in the format of MLIP-3, whatever the output is called.
pub fn save_behind_potential(
    mut state: SelectionState,
    training_set: &[Supply],
    output: &OutputFile,
) -> Result<(), Failure> {
    add_sources(&mut state, training_set)?;
    Ok(output.write(|file| write_almtp(&state, file))?)
}

/// What a selection state of MLIP-3 begins with, behind its potential.
const STATE: &[u8] = b"\n#MVS";

/// Whether a selection state stands behind a potential.
pub fn holds_state(potential: &Path) -> Result<bool, Error> {
    let bytes = read(potential)?;
    Ok(bytes.windows(STATE.len()).any(|window| window == STATE))
}

/// Whether a file is called so.
pub fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case(ending))
}

/// Has a state hold the configurations of its rows, and their equations: places among all atoms of the training set or,
/// in configuration mode, among its configurations.
pub fn add_sources(state: &mut SelectionState, training_set: &[Supply]) -> Result<(), Failure> {
    let wanted = configurations(state);
    let mut atoms = 0;
    let mut first_equations = BTreeMap::new();
    let mut source = Source::new(training_set);
    while let Some(Item { origin, configuration, .. }) = source.next()? {
        let first = if state.mode == GradeMode::Neighborhood { atoms } else { origin.place };
        atoms += configuration.len();
        if wanted.contains(&origin.place) {
            first_equations.insert(origin.place, first);
            state.configurations.insert(origin.place, configuration);
        }
    }
    for (row, source) in state.sources.iter().enumerate() {
        let RowSource::Configuration { index, atom } = source else { continue };
        let has_atom = |configuration: &Configuration| atom.is_none_or(|atom| atom < configuration.len());
        match (first_equations.get(index), state.configurations.get(index)) {
            (Some(first), Some(configuration)) if has_atom(configuration) => {
                state.equations.insert(row, first + atom.unwrap_or(0));
            }
            _ => {
                let error = Error::new(ErrorKind::Io, "the file changed while the selection state was built");
                let name = training_set.last().map(Supply::name).unwrap_or_default();
                return Err(error.in_file(&name).into());
            }
        }
    }
    Ok(())
}

/// Refuses a state of another mode than the one asked for, if one was.
pub fn check_mode(state: &SelectionState, name: &str, asked: Option<GradeMode>) -> Result<(), Error> {
    match asked {
        Some(mode) if mode != state.mode => {
            let message = format!("the selection state is for {} mode, not {mode} mode", state.mode);
            Err(Error::new(ErrorKind::Argument, message).in_file(name))
        }
        _ => Ok(()),
    }
}
