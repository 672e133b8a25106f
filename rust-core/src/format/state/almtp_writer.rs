//! Writer of selection states of MLIP-3 (`.almtp`); see [`super::almtp_reader`] for the layout.
//!
//! Configurations keep their order in the training set. Rows that no training row replaced are written as they are: MLIP-3
//! starts from 1e-6 times the unit matrix, we from 1e-5.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::cfg::mlip2_writer as mlip2;
use super::super::mtp::write_potential;
use super::super::numbers::c_scientific;
use super::almtp_reader::{EQUATIONS, VERSION, WEIGHT_KEYS, join};
use super::bytes::double_bytes;
use crate::selection::{RowSource, SelectionState, Weights};

/// How MLIP-3 divides rows of energies by the number of atoms N: by the power 2/2 of it.
const WEIGHT_SCALING: u32 = 2;

/// Writes a state, which must hold its potential, and the configurations and equations of all rows
/// ([`io::ErrorKind::InvalidInput`] otherwise).
pub fn write_almtp(state: &SelectionState, output: &mut impl Write) -> io::Result<()> {
    let Some(potential) = &state.potential else {
        return Err(lacking("the potential"));
    };
    let mut lines = Vec::new();
    let mut equations: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (row, source) in state.sources.iter().enumerate() {
        let RowSource::Configuration { index, .. } = source else {
            lines.push(None);
            continue;
        };
        let Some(&equation) = state.equations.get(&row) else {
            return Err(lacking(&format!("the equation of row {row}")));
        };
        equations.entry(*index).or_default().insert(equation);
        lines.push(Some((*index, equation)));
    }
    write_potential(potential, output)?;
    let Weights { site_energy, energy, force, stress } = Weights::of_mode(state.mode);
    writeln!(output, "{VERSION}")?;
    for (key, weight) in WEIGHT_KEYS.into_iter().zip([energy, force, stress, site_energy]) {
        writeln!(output, "{key} {}", c_scientific(weight, 16))?;
    }
    write!(output, "{} {WEIGHT_SCALING}\n#", WEIGHT_KEYS[4])?;
    output.write_all(&double_bytes(state.active_set.rows()))?;
    output.write_all(&double_bytes(state.active_set.inverse_columns()))?;
    output.write_all(b"\n#\n")?;
    let order: Vec<usize> = equations.keys().copied().collect();
    for line in lines {
        let place = line.and_then(|(index, equation)| Some((order.binary_search(&index).ok()?, equation)));
        match place {
            None => writeln!(output, "-1 -1")?,
            Some((configuration, equation)) => writeln!(output, "{configuration} {equation}")?,
        }
    }
    output.write_all(b"#\n")?;
    for (index, equations) in &equations {
        let Some(configuration) = state.configurations.get(index) else {
            return Err(lacking(&format!("configuration {index}, from which a row comes")));
        };
        let mut configuration = configuration.clone();
        configuration.set_feature(EQUATIONS, join(equations));
        mlip2::write(&configuration, output)?;
    }
    Ok(())
}

fn lacking(what: &str) -> io::Error {
    let message = format!("the state does not hold {what}: only a state built anew can be written as .almtp");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}
