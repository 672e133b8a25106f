//! Reader of selection states of MLIP-3 (`.almtp`): an `.mtp` text with what follows it.
//!
//! `#MVS_v1.1`, lines of weights, `#` and at once A and A⁻¹ by columns; `#` on a line of its own, lines `configuration
//! equation` (`-1 -1` for a row that no training row replaced), `#`, the configurations. Equations count the atoms, in
//! configuration mode the configurations, of the training set; `Feature selected_eqn_inds` of a configuration lists its own.

use std::collections::{BTreeMap, BTreeSet};

use super::super::cursor::{Cursor, shown};
use super::als_reader::{complete, read_active_set, read_configurations, unknown_configuration};
use super::bytes::Bytes;
use crate::error::{Error, ErrorKind, Result};
use crate::geometry::Configuration;
use crate::potential::Potential;
use crate::selection::{GradeMode, PotentialIdentity, RowSource, SelectionState, Weights};

/// First line of a state after its potential.
pub(super) const VERSION: &str = "#MVS_v1.1";

/// Feature with the equations of a configuration.
pub(super) const EQUATIONS: &str = "selected_eqn_inds";

/// Keys of the weights, in their order.
pub(super) const WEIGHT_KEYS: [&str; 5] =
    ["energy_weight", "force_weight", "stress_weight", "site_en_weight", "weight_scaling"];

/// Reads a state of MLIP-3 after its potential.
pub(super) fn read(potential: Potential, bytes: &mut Bytes<'_>, file: &str) -> Result<SelectionState> {
    let mode = read_weights(bytes)?;
    let active_set = read_active_set(&potential, bytes, file)?;
    bytes.expect(b"\n#\n", "the sources of the rows")?;
    let mut cursor = bytes.cursor();
    let lines = read_lines(&mut cursor, active_set.size())?;
    let configurations = read_configurations(&cursor)?;
    if let Some((row, line)) =
        lines.iter().enumerate().find(|(_, line)| line.configuration() >= Some(configurations.len()))
    {
        let index = line.configuration().unwrap_or_default();
        return Err(cursor.syntax(line.offset, unknown_configuration(row, index, configurations.len())));
    }
    check_features(&lines, &configurations).map_err(|error| error.in_file(file))?;
    let sources = lines.iter().map(|line| match line.row {
        None => RowSource::Unsupported,
        Some((index, _)) => RowSource::Configuration { index, atom: None },
    });
    let state = SelectionState::new(mode, PotentialIdentity::of(&potential), active_set, sources.collect());
    let mut state = state.map_err(|error| error.in_file(file))?;
    let equation = |(row, line): (usize, &Line)| line.row.map(|(_, equation)| (row, equation));
    state.equations = lines.iter().enumerate().filter_map(equation).collect();
    complete(state, potential, configurations, file)
}

fn read_weights(bytes: &mut Bytes<'_>) -> Result<GradeMode> {
    let mut cursor = bytes.cursor();
    let start = cursor.offset();
    let version = cursor.line_text()?;
    if version != VERSION {
        let message = format!("expected {VERSION}, got {}", shown(version.as_bytes()));
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

/// A line `configuration equation`.
struct Line {
    offset: usize,
    row: Option<(usize, usize)>,
}

impl Line {
    fn configuration(&self) -> Option<usize> {
        self.row.map(|(configuration, _)| configuration)
    }
}

/// Reads a line for each row and the `#` after them.
fn read_lines(cursor: &mut Cursor<'_>, size: usize) -> Result<Vec<Line>> {
    let mut lines = Vec::new();
    for row in 0..size {
        cursor.skip_white();
        let offset = cursor.offset();
        let mut number = || {
            let start = cursor.offset();
            let Some((start, word)) = cursor.word().filter(|(_, word)| *word != b"#") else {
                let message = format!("expected {size} lines of configuration and equation, got {row}");
                return Err(cursor.syntax(start, message));
            };
            cursor.integer(start, word)
        };
        let (configuration, equation) = (number()?, number()?);
        let row = match (usize::try_from(configuration), usize::try_from(equation)) {
            (Ok(configuration), Ok(equation)) => Some((configuration, equation)),
            _ if (configuration, equation) == (-1, -1) => None,
            _ => {
                let message = format!(
                    "expected configuration and equation, counted from 0, or -1 -1, got {configuration} {equation}"
                );
                return Err(cursor.syntax(offset, message));
            }
        };
        cursor.end_line("the equation of a row")?;
        lines.push(Line { offset, row });
    }
    cursor.skip_white();
    let end = cursor.offset();
    if cursor.word().is_none_or(|(_, word)| word != b"#") {
        return Err(cursor.syntax(end, format!("expected # after the {size} lines of the rows")));
    }
    cursor.end_line("#")?;
    Ok(lines)
}

/// Refuses configurations that list other equations than the rows name for them.
fn check_features(lines: &[Line], configurations: &BTreeMap<usize, Configuration>) -> Result<()> {
    let mut of_rows: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (configuration, equation) in lines.iter().filter_map(|line| line.row) {
        of_rows.entry(configuration).or_default().insert(equation);
    }
    for (index, configuration) in configurations {
        let Some(text) = configuration.feature(EQUATIONS) else { continue };
        let listed: Option<BTreeSet<usize>> = text.split(',').map(|word| word.trim().parse().ok()).collect();
        if listed.as_ref() != Some(of_rows.entry(*index).or_default()) {
            let message = format!(
                "configuration {index} of the state says {EQUATIONS} {text}, but the rows of the active set come from {}",
                join(&of_rows[index])
            );
            return Err(Error::new(ErrorKind::InvalidState, message).hint("the file is damaged"));
        }
    }
    Ok(())
}

/// Equations as `selected_eqn_inds` lists them.
pub(super) fn join(equations: &BTreeSet<usize>) -> String {
    equations.iter().map(usize::to_string).collect::<Vec<_>>().join(",")
}
