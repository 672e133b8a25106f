//! Writes structures in the formats that can be written.

use mtprs_core::{Error, ErrorKind, Result};

use super::Format;
use super::structure::Structure;

/// Appends a structure to `output`, or says why the format cannot hold it. In `.cfg`, columns without a meaning here are
/// written only if `keeps_columns`.
pub fn write_structure(
    structure: &Structure,
    format: Format,
    keeps_columns: bool,
    output: &mut Vec<u8>,
) -> Result<()> {
    check_finite(structure)?;
    let Some(writer) = &format.entry().writer else {
        return Err(Error::new(ErrorKind::Unsupported, format!("{} is read only", format.name())));
    };
    let length = output.len();
    // Of what cannot be written nothing is.
    (writer.write)(structure, keeps_columns, output).inspect_err(|_| output.truncate(length))
}

/// Arithmetic on what a file holds may overflow; what is not finite could not be read again.
pub(super) fn check_finite(structure: &Structure) -> Result<()> {
    let configuration = &structure.configuration;
    let vectors =
        [Some(&configuration.positions), configuration.forces.as_ref(), structure.velocities.as_ref()];
    let lattice = structure.lattice();
    let mut numbers = vectors
        .into_iter()
        .flatten()
        .flatten()
        .chain(&lattice.vectors)
        .chain([&lattice.origin])
        .flatten()
        .chain(&configuration.energy)
        .copied()
        .chain(configuration.virial.iter().flat_map(|virial| virial.to_cfg_order()));
    match numbers.find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => {
            let message = format!("expected finite numbers in a configuration, got {value}");
            Err(Error::new(ErrorKind::InvalidConfiguration, message))
        }
    }
}
