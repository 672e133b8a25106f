//! Reader of selection states of MLIP-2 (`.als`): an `.mtp` text with what follows it.
//!
//! `^`, four doubles (weights of site energy, energy, force, stress), a line end and `#`, A and A⁻¹ by columns, a line
//! end, lines `row configuration`, the configurations. States of MLIP-3 begin alike; see [`super::almtp_reader`].

use std::collections::BTreeMap;

use super::super::cfg::CfgReader;
use super::super::cursor::Cursor;
use super::super::mtp::parse_potential_prefix;
use super::almtp_reader;
use super::bytes::Bytes;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::geometry::Configuration;
use crate::potential::Potential;
use crate::selection::{ActiveSet, GradeMode, PotentialIdentity, RowSource, SelectionState, Weights};

/// Reads a state that begins with a potential.
pub(super) fn parse(text: &[u8], file: &str) -> Result<SelectionState> {
    let (potential, end) = parse_potential_prefix(text, file)?;
    let mut bytes = Bytes::new(text, file, end);
    match text.get(end) {
        None => Err(no_state(file)),
        Some(b'^') => read(potential, &mut bytes, file),
        Some(_) => almtp_reader::read(potential, &mut bytes, file),
    }
}

/// Reads a state of MLIP-2 after its potential.
fn read(potential: Potential, bytes: &mut Bytes<'_>, file: &str) -> Result<SelectionState> {
    let mode = read_weights(bytes)?;
    let active_set = read_active_set(&potential, bytes, file)?;
    let mut cursor = bytes.cursor();
    let indices = read_indices(&mut cursor, active_set.size())?;
    let mut configurations = read_configurations(&cursor)?;
    let sources = sources(indices, &configurations, &cursor)?;
    configurations.retain(|_, configuration| !configuration.is_empty());
    let state = SelectionState::new(mode, PotentialIdentity::of(&potential), active_set, sources);
    complete(state.map_err(|error| error.in_file(file))?, potential, configurations, file)
}

/// A and A⁻¹, both of the size that the potential asks for; the inverse is by columns.
pub(super) fn read_active_set(potential: &Potential, bytes: &mut Bytes<'_>, file: &str) -> Result<ActiveSet> {
    let size = potential.parameter_layout().len();
    let rows = bytes.square(size, "active set")?;
    let inverse = bytes.square(size, "inverse of the active set")?;
    ActiveSet::new(size, rows, inverse).map_err(|error| error.in_file(file))
}

/// Checks rows and configurations against the potential, and has the state hold both.
pub(super) fn complete(
    mut state: SelectionState,
    potential: Potential,
    configurations: BTreeMap<usize, Configuration>,
    file: &str,
) -> Result<SelectionState> {
    state.check_rows(&potential.parameter_layout()).map_err(|error| error.in_file(file))?;
    check_species(&potential, &configurations).map_err(|error| error.in_file(file))?;
    state.configurations = configurations;
    state.potential = Some(potential);
    Ok(state)
}

fn no_state(file: &str) -> Error {
    let error = Error::new(ErrorKind::Syntax, "expected a selection state after the potential, got nothing");
    error.in_file(file).hint("a state of MLIP-2 (.als), MLIP-3 (.almtp) or mtprs (.mtps) is expected here")
}

fn read_weights(bytes: &mut Bytes<'_>) -> Result<GradeMode> {
    bytes.expect(b"^", "the weights")?;
    let start = bytes.offset();
    let [site_energy, energy, force, stress] =
        <[f64; 4]>::try_from(bytes.doubles(4, "weights")?).unwrap_or_default();
    let weights = Weights { site_energy, energy, force, stress };
    let at_start =
        |error: Error| error.within(&format!("byte {start}")).in_file(bytes.cursor().place(0).file.as_str());
    let mode = weights.mode().map_err(at_start)?;
    bytes.expect(b"\n#", "the active set")?;
    Ok(mode)
}

/// The sources of the rows from the indices of their configurations, each with the offset of its line.
fn sources(
    indices: Vec<(usize, usize)>,
    configurations: &BTreeMap<usize, Configuration>,
    cursor: &Cursor<'_>,
) -> Result<Vec<RowSource>> {
    let source = |(k, (offset, index)): (usize, (usize, usize))| match configurations.get(&index) {
        Some(configuration) if configuration.is_empty() => Ok(RowSource::Unsupported),
        Some(_) => Ok(RowSource::Configuration { index, atom: None }),
        None => Err(cursor.syntax(offset, unknown_configuration(k, index, configurations.len()))),
    };
    indices.into_iter().enumerate().map(source).collect()
}

/// What is said of a row whose configuration the state does not hold.
pub(super) fn unknown_configuration(row: usize, index: usize, count: usize) -> String {
    format!(
        "row {row} of the active set comes from configuration {index}, but the state holds {count} (counted from 0)"
    )
}

/// For each row the index of its configuration, with the offset of the line.
fn read_indices(cursor: &mut Cursor<'_>, size: usize) -> Result<Vec<(usize, usize)>> {
    let mut indices = Vec::new();
    for row in 0..size {
        cursor.skip_white();
        let start = cursor.offset();
        let mut number = || -> Result<usize> {
            let Some((start, word)) = cursor.word() else {
                let message = format!("expected {size} lines of row and configuration, got {row}");
                return Err(cursor.syntax(cursor.offset(), message));
            };
            let value = cursor.integer(start, word)?;
            usize::try_from(value)
                .map_err(|_| cursor.syntax(start, format!("expected an index of at least 0, got {value}")))
        };
        let (got, index) = (number()?, number()?);
        if got != row {
            return Err(
                cursor.syntax(start, format!("expected the configuration of row {row}, got that of {got}"))
            );
        }
        cursor.end_line("the configuration of a row")?;
        indices.push((start, index));
    }
    Ok(indices)
}

/// The configurations up to the end of the file; places in messages are those of the whole file.
pub(super) fn read_configurations(cursor: &Cursor<'_>) -> Result<BTreeMap<usize, Configuration>> {
    let here = cursor.place(cursor.offset());
    let moved = |error: Error| match error.place().cloned() {
        Some(place) if place.line > 0 => {
            let column = if place.line == 1 { place.column + here.column - 1 } else { place.column };
            error.at(Place { line: place.line + here.line - 1, column, ..place })
        }
        _ => error,
    };
    let reader = CfgReader::new(cursor.rest(), &here.file);
    reader.enumerate().map(|(index, read)| Ok((index, read.map_err(moved)?))).collect()
}

fn check_species(potential: &Potential, configurations: &BTreeMap<usize, Configuration>) -> Result<()> {
    let count = potential.species().count();
    let beyond = |configuration: &Configuration| configuration.species.iter().any(|&z| z as usize >= count);
    match configurations.iter().find(|(_, configuration)| beyond(configuration)) {
        None => Ok(()),
        Some((index, _)) => {
            let message = format!(
                "configuration {index} of the state has atoms of species that the potential, with {count}, has not"
            );
            Err(Error::new(ErrorKind::Species, message))
        }
    }
}
