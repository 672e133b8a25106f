//! Writer of our own selection states (`.mtps`): a text header, then A and A⁻¹ by columns as little-endian doubles.
//!
//! The header names the potential by a checksum instead of holding it, and for each row the configuration of the
//! training set (`index` or `index:atom`, from zero) or `-` where there is none.

use std::io::{self, Write};

use super::bytes::double_bytes;
use crate::selection::{Checksum, RowSource, SelectionState};

/// First line of a state.
pub(super) const FIRST_LINE: &str = "MTPRS_STATE";

/// Version of the format.
pub(super) const VERSION: &str = "1";

/// Writes a state. Names must fit on one line.
pub fn write_state(state: &SelectionState, output: &mut impl Write) -> io::Result<()> {
    let identity = &state.identity;
    writeln!(output, "{FIRST_LINE}\nversion = {VERSION}\nmode = {}", state.mode)?;
    writeln!(output, "potential_name = {}", one_line(&identity.name)?)?;
    writeln!(output, "potential_checksum = {:016x}", identity.checksum.value())?;
    writeln!(output, "species_count = {}", identity.species.count())?;
    if let Some(names) = identity.species.names() {
        writeln!(output, "species = {}", names.join(" "))?;
    }
    writeln!(output, "parameters_count = {}", identity.parameters)?;
    writeln!(output, "training_set = {}", one_line(&state.training_set)?)?;
    let sources: Vec<String> = state.sources.iter().map(source).collect();
    writeln!(output, "sources = {{{}}}", sources.join(", "))?;
    let matrices = [state.active_set.rows(), state.active_set.inverse_columns()];
    writeln!(output, "matrices_checksum = {:016x}", matrices_checksum(matrices).value())?;
    writeln!(output, "matrices")?;
    matrices.into_iter().try_for_each(|matrix| output.write_all(&double_bytes(matrix)))
}

/// The checksum that the header gives of both matrices.
pub(super) fn matrices_checksum(matrices: [&[f64]; 2]) -> Checksum {
    let mut sum = Checksum::default();
    matrices.into_iter().for_each(|matrix| sum.add_numbers(matrix));
    sum
}

fn source(source: &RowSource) -> String {
    match source {
        RowSource::Unsupported => "-".into(),
        RowSource::Configuration { index, atom: None } => index.to_string(),
        RowSource::Configuration { index, atom: Some(atom) } => format!("{index}:{atom}"),
    }
}

fn one_line(text: &str) -> io::Result<&str> {
    if text.contains('\n') || text.trim_matches([' ', '\t', '\r']) != text {
        let message = format!("expected a name of one line without blanks around it, got {text:?}");
        return Err(io::Error::new(io::ErrorKind::InvalidData, message));
    }
    Ok(text)
}
