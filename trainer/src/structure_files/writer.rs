//! Writes structures in the formats that can be written.

use mtprs_core::{Error, ErrorKind, Result};

use super::structure::Structure;
use super::{Format, cfg, extxyz_writer, lammps_data_writer, poscar_writer};

impl Format {
    /// Whether files of this format can be written.
    pub fn is_written(self) -> bool {
        matches!(self, Self::Cfg | Self::Poscar | Self::ExtendedXyz | Self::LammpsData)
    }
}

/// Appends a structure to `output`, or says why the format cannot hold it. In `.cfg`, columns without a meaning here are
/// written only if `keeps_columns`.
pub fn write_structure(
    structure: &Structure,
    format: Format,
    keeps_columns: bool,
    output: &mut Vec<u8>,
) -> Result<()> {
    check_finite(structure)?;
    let mut text = String::new();
    match format {
        Format::Cfg => {
            return cfg::write(structure, keeps_columns, output)
                .map_err(|error| Error::new(ErrorKind::InvalidConfiguration, error.to_string()));
        }
        Format::Poscar => poscar_writer::write(structure, &mut text)?,
        Format::ExtendedXyz => extxyz_writer::write(structure, &mut text)?,
        Format::LammpsData => lammps_data_writer::write(structure, &mut text)?,
        Format::Outcar | Format::VaspRun | Format::Xdatcar | Format::LammpsDump | Format::Ase(_) => {
            let message = format!("{} is read only", format.name());
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
    }
    output.extend_from_slice(text.as_bytes());
    Ok(())
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
