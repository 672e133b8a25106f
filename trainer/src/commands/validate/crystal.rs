//! The crystal as it is given: the one configuration of a file.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Result};

use crate::cli::ValidateArguments;
use crate::job::Ready;
use crate::structure_files::{ConfigurationReader, Reading};

/// The configuration, and names of the species.
pub(super) fn read(
    job: &Ready<ValidateArguments>,
    reading: &Reading,
) -> Result<(Configuration, Vec<String>)> {
    let expected = |message: &str, name: &str| {
        let error =
            Error::new(ErrorKind::InvalidConfiguration, format!("expected one crystal, got {message}"));
        error.in_file(name)
    };
    let [input] = &job.inputs[..] else {
        let name = job.crystal.display().to_string();
        return Err(expected("a folder of several runs", &name).hint("name the file of one of them"));
    };
    let name = input.name();
    let mut reader = ConfigurationReader::open(input, reading)?;
    let first = reader.read();
    let second = if matches!(first, Ok(Some(_))) { reader.read() } else { Ok(None) };
    reading.tell(reader.remarks(), first.is_err() || second.is_err());
    let (atoms, _) = first?.ok_or_else(|| expected("none", &name))?;
    if second?.is_some() {
        let hint = "choose one: mtprs convert FILE ONE.cfg --last, or --skip and --limit 1";
        return Err(expected("more than one", &name).hint(hint));
    }
    Ok((atoms, reading.naming.names().unwrap_or_default()))
}
