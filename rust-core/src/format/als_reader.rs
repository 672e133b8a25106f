//! Reader of selection states of MLIP-2 (`.als`) and MLIP-3 (`.almtp`): an `.mtp` text with what follows it.
//!
//! `.als`: `^`, four doubles (weights of site energy, energy, force, stress), a line end and `#`, A and A⁻¹ by columns,
//! a line end, lines `row configuration`, the configurations. `.almtp`: `#MVS_v1.1`, lines of weights, `#`, A and its
//! inverse, the configurations.

use std::collections::BTreeMap;

use super::cfg_reader::CfgReader;
use super::cursor::{Cursor, shown};
use super::mtp_reader::parse_potential_prefix;
use super::state_bytes::Bytes;
use crate::error::{Error, ErrorKind, Place, Result};
use crate::geometry::Configuration;
use crate::potential::Potential;
use crate::selection::{ActiveSet, GradeMode, PotentialIdentity, RowSource, SelectionState, Weights};

const VERSION_OF_MLIP3: &str = "#MVS_v1.1";

/// Reads a state that begins with a potential.
pub(super) fn parse(text: &[u8], file: &str) -> Result<SelectionState> {
    let (potential, end) = parse_potential_prefix(text, file)?;
    let mut bytes = Bytes::new(text, file, end);
    let (mode, of_mlip2) = match text.get(end) {
        None => return Err(no_state(file)),
        Some(b'^') => (read_binary_weights(&mut bytes)?, true),
        Some(_) => (read_text_weights(&mut bytes)?, false),
    };
    let size = potential.parameter_layout().len();
    let rows = bytes.doubles(size * size, "active set")?;
    let inverse = bytes.doubles(size * size, "inverse of the active set")?;
    let active_set = make_active_set(size, rows, inverse, of_mlip2).map_err(|error| error.in_file(file))?;
    let (sources, mut configurations) = read_sources(&mut bytes, &active_set, of_mlip2)?;
    configurations.retain(|_, configuration| !configuration.is_empty());
    let state = SelectionState::new(mode, PotentialIdentity::of(&potential), active_set, sources);
    let mut state = state.map_err(|error| error.in_file(file))?;
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

/// A⁻¹ by columns from the file. The layout in `.almtp` is not documented: both are tried, and the check of the active
/// set tells which it is.
fn make_active_set(size: usize, rows: Vec<f64>, inverse: Vec<f64>, by_columns: bool) -> Result<ActiveSet> {
    if by_columns {
        return ActiveSet::new(size, rows, inverse);
    }
    let transposed = (0..size * size).map(|place| inverse[place % size * size + place / size]).collect();
    ActiveSet::new(size, rows.clone(), inverse).or_else(|_| ActiveSet::new(size, rows, transposed))
}

fn read_binary_weights(bytes: &mut Bytes<'_>) -> Result<GradeMode> {
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

fn read_text_weights(bytes: &mut Bytes<'_>) -> Result<GradeMode> {
    let mut cursor = bytes.cursor();
    let start = cursor.offset();
    let version = cursor.line_text()?;
    if version != VERSION_OF_MLIP3 {
        let message = format!("expected {VERSION_OF_MLIP3}, got {}", shown(version.as_bytes()));
        return Err(cursor.error(ErrorKind::Unsupported, start, message));
    }
    let mut weights: [Option<f64>; 5] = [None; 5];
    loop {
        cursor.skip_white();
        if cursor.accept(b'#') {
            break;
        }
        read_weight(&mut cursor, &mut weights)?;
    }
    let place = cursor.place(start);
    if let Some(missing) = weights.iter().zip(WEIGHT_KEYS).position(|(weight, _)| weight.is_none()) {
        let message = format!("the selection state lacks {}", WEIGHT_KEYS[missing]);
        return Err(Error::new(ErrorKind::Syntax, message).at(place));
    }
    // How rows were divided by N (`weight_scaling`) shows in the rows themselves, which are checked.
    let [energy, force, stress, site_energy, _] = weights.map(Option::unwrap_or_default);
    let mode = Weights { site_energy, energy, force, stress }.mode().map_err(|error| error.at(place))?;
    let offset = cursor.offset() - bytes.offset();
    bytes.expect(&bytes.rest()[..offset], "the active set")?;
    Ok(mode)
}

const WEIGHT_KEYS: [&str; 5] =
    ["energy_weight", "force_weight", "stress_weight", "site_en_weight", "weight_scaling"];

fn read_weight(cursor: &mut Cursor<'_>, weights: &mut [Option<f64>; 5]) -> Result<()> {
    let end = cursor.offset();
    let Some((start, key)) = cursor.word() else {
        let message = "the file ends among the weights: expected # before the active set".to_owned();
        return Err(cursor.syntax(end, message));
    };
    let Some(index) = WEIGHT_KEYS.iter().position(|known| known.as_bytes() == key) else {
        let error = cursor.error(ErrorKind::Unsupported, start, format!("unknown key {}", shown(key)));
        return Err(error.hint(format!("expected one of {}", WEIGHT_KEYS.join(", "))));
    };
    let Some((place, word)) = cursor.word() else {
        let message = format!("expected a number for {}, got nothing", WEIGHT_KEYS[index]);
        return Err(cursor.syntax(cursor.offset(), message));
    };
    if weights[index].is_some() {
        return Err(cursor.syntax(start, format!("{} is given twice", WEIGHT_KEYS[index])));
    }
    weights[index] = Some(cursor.float(place, word)?);
    cursor.end_line(WEIGHT_KEYS[index])
}

type Sources = (Vec<RowSource>, BTreeMap<usize, Configuration>);

/// Reads the lines `row configuration` and the configurations. Without such lines (`.almtp`) rows that are multiples of
/// unit vectors come from nowhere, and of the others it is not known where.
fn read_sources(bytes: &mut Bytes<'_>, active_set: &ActiveSet, with_lines: bool) -> Result<Sources> {
    let mut cursor = bytes.cursor();
    cursor.skip_white();
    let has_lines = cursor.peek().is_some_and(|byte| byte.is_ascii_digit());
    let indices =
        if with_lines || has_lines { Some(read_indices(&mut cursor, active_set.size())?) } else { None };
    let configurations = read_configurations(&cursor)?;
    let Some(indices) = indices else {
        let sources = (0..active_set.size()).map(|k| source_of_row(active_set.row(k), k)).collect();
        return Ok((sources, configurations));
    };
    let sources = indices.into_iter().enumerate().map(|(k, (offset, index))| {
        match configurations.get(&index) {
            Some(configuration) if configuration.is_empty() => Ok(RowSource::Unsupported),
            Some(_) => Ok(RowSource::Configuration { index, atom: None }),
            None => {
                let message = format!(
                    "row {k} of the active set comes from configuration {index}, but the state holds {} (counted \
                     from 0)",
                    configurations.len()
                );
                Err(cursor.syntax(offset, message))
            }
        }
    });
    Ok((sources.collect::<Result<_>>()?, configurations))
}

fn source_of_row(row: &[f64], k: usize) -> RowSource {
    match row.iter().filter(|value| **value != 0.0).count() {
        1 => RowSource::Unsupported,
        _ => RowSource::Configuration { index: k, atom: None },
    }
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
fn read_configurations(cursor: &Cursor<'_>) -> Result<BTreeMap<usize, Configuration>> {
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
