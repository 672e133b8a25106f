//! What commands read and write: no standard stream is read or written twice.

use std::path::PathBuf;

use super::convert::elements;
use super::usage_error;
use crate::cli::{FileArguments, ReadingArguments};
use crate::endpoint::Input;
use crate::structure_files::{LabelKeys, Naming, ReadSettings, Reading};

/// Inputs of a command that reads them this many times.
pub(super) fn inputs(
    paths: Vec<PathBuf>,
    passes: usize,
    reading: &Reading,
) -> Result<Vec<Input>, clap::Error> {
    let inputs: Vec<Input> = files(paths, reading).collect();
    once(&inputs, passes)?;
    Ok(inputs)
}

/// The inputs that are meant: of a folder, the files in it.
pub(super) fn files(paths: Vec<PathBuf>, reading: &Reading) -> impl Iterator<Item = Input> {
    paths.into_iter().flat_map(|path| reading.files(path)).map(Input::from)
}

/// Refuses standard input if it would be read more than once by this many passes.
pub(super) fn once<'a>(
    inputs: impl IntoIterator<Item = &'a Input>,
    passes: usize,
) -> Result<(), clap::Error> {
    match inputs.into_iter().filter(|input| **input == Input::Stdin).count() {
        0 => Ok(()),
        1 if passes == 1 => Ok(()),
        1 => Err(usage_error("inputs are read twice: expected files, got -")),
        _ => Err(usage_error("standard input (-) can be read only once")),
    }
}

/// How inputs are read.
pub(super) fn reading(arguments: ReadingArguments) -> Result<Reading, clap::Error> {
    let ReadingArguments { species, files } = arguments;
    let names = species.map(|text| elements("--species", &text)).transpose()?;
    let naming = names.map_or_else(Naming::default, |names| Naming::given(&names));
    Ok(Reading { naming, ..file_reading(files) })
}

/// The same without the names of species.
pub(super) fn file_reading(arguments: FileArguments) -> Reading {
    let keys = LabelKeys {
        energy: arguments.energy_key,
        forces: arguments.forces_key,
        stress: arguments.stress_key,
        virial: arguments.virial_key,
    };
    let settings = ReadSettings {
        energy: arguments.energy.unwrap_or_default().into(),
        keep_unconverged: arguments.keep_unconverged,
        strict: arguments.strict,
        keys,
        input_species: None,
        atom_style: arguments.atom_style,
        follows_atoms: false,
    };
    Reading { format: arguments.input_format, settings, ..Reading::default() }
}
