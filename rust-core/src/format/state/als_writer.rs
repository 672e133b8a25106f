//! Writer of selection states of MLIP-2 (`.als`); see [`super::als_reader`] for the layout.
//!
//! Files of MLIP-2 are written again byte for byte: configurations are numbered in the order in which the rows first
//! name them, rows that no configuration supports name an empty one.

use std::io::{self, Write};

use super::super::cfg::mlip2_writer as mlip2;
use super::super::mtp::write_potential;
use super::bytes::double_bytes;
use crate::selection::{RowSource, SelectionState, Weights};

/// Writes a state, which must hold its potential and the configurations of all rows ([`io::ErrorKind::InvalidInput`]
/// otherwise: a state of our own format without them cannot become one of MLIP-2).
pub fn write_als(state: &SelectionState, output: &mut impl Write) -> io::Result<()> {
    let Some(potential) = &state.potential else {
        return Err(lacking("the potential"));
    };
    write_potential(potential, output)?;
    let Weights { site_energy, energy, force, stress } = Weights::of_mode(state.mode);
    output.write_all(b"^")?;
    output.write_all(&double_bytes(&[site_energy, energy, force, stress]))?;
    output.write_all(b"\n#")?;
    output.write_all(&double_bytes(state.active_set.rows()))?;
    output.write_all(&double_bytes(state.active_set.inverse_columns()))?;
    output.write_all(b"\n")?;
    let mut order: Vec<Option<usize>> = Vec::new();
    for (row, source) in state.sources.iter().enumerate() {
        let index = match source {
            RowSource::Unsupported => None,
            RowSource::Configuration { index, .. } => Some(*index),
        };
        let number = order.iter().position(|known| *known == index).unwrap_or(order.len());
        if number == order.len() {
            order.push(index);
        }
        writeln!(output, "{row} {number}")?;
    }
    for index in order {
        let configuration = match index {
            None => &mlip2::empty(),
            Some(index) => state
                .configurations
                .get(&index)
                .ok_or_else(|| lacking(&format!("configuration {index}, from which a row comes")))?,
        };
        mlip2::write(configuration, output)?;
    }
    Ok(())
}

fn lacking(what: &str) -> io::Error {
    let message = format!("the state does not hold {what}: only a state built anew can be written as .als");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
