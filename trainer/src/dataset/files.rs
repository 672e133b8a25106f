//! The files of a training, read several times: each pass must find what the first one has found.

use std::sync::Arc;

use mtprs_core::geometry::Configuration;
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};

use super::reader::{Contents, Side, Sources};
use super::sample::Origin;
use crate::endpoint::Input;
use crate::structure_files::{ConfigurationReader, Reading};

/// A configuration of one of the files.
pub(super) struct Visit {
    /// Its place among those of the training files, or of the validation files, from zero.
    pub(super) place: usize,
    /// Whether the file is one of the training.
    pub(super) is_training: bool,
    /// File, line and number in the file.
    pub(super) origin: Origin,
    /// What was read.
    pub(super) configuration: Configuration,
}

/// What one pass has found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Found {
    configurations: usize,
    checksum: u64,
}

/// The files of a training and of its validation.
pub(super) struct Files<'a> {
    sources: &'a Sources,
    /// What the first pass has found, by file.
    found: Vec<Found>,
}

impl<'a> Files<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Self { sources, found: Vec::new() }
    }

    /// Calls `visit` for every configuration of all files, those of the training first. Its errors get file, line and number
    /// of the configuration.
    pub(super) fn pass(&mut self, mut visit: impl FnMut(Visit) -> Result<()>) -> Result<()> {
        let Sources { training, validation, reading, .. } = self.sources;
        let mut places = [0; 2];
        let files = training.iter().map(|input| (input, true));
        for (number, (input, is_training)) in
            files.chain(validation.iter().map(|input| (input, false))).enumerate()
        {
            let expected = self.found.get(number).copied();
            let found = visit_file(input, reading, |origin, configuration| {
                if expected.is_some_and(|expected| origin.number > expected.configurations) {
                    return Err(changed_file(&input.name()));
                }
                let place = &mut places[usize::from(is_training)];
                *place += 1;
                visit(Visit { place: *place - 1, is_training, origin, configuration })
            })?;
            match expected {
                Some(expected) if expected != found => return Err(changed_file(&input.name())),
                Some(_) => {}
                None => self.found.push(found),
            }
        }
        Ok(())
    }

    /// What was found.
    pub(super) fn contents(&self) -> Contents {
        let (training, validation) = self.found.split_at(self.sources.training.len().min(self.found.len()));
        let describe = |files: &[Found]| describe(files.iter().copied());
        Contents { training: describe(training), validation: describe(validation), weights: String::new() }
    }
}

fn describe(files: impl Iterator<Item = Found>) -> String {
    let (mut configurations, mut checksum) = (0, Checksum::default());
    for file in files {
        configurations += file.configurations;
        checksum.add(file.checksum);
    }
    format!("{configurations} configurations with checksum {:016x}", checksum.value())
}

/// Counts what is read of the files once more, to tell whether they still hold what was fitted.
#[derive(Default)]
pub struct Recount {
    files: Vec<(Side, usize, Checksum)>,
}

impl Recount {
    /// Begins with the next file, one of the training or of the validation.
    pub fn begin(&mut self, side: Side) {
        self.files.push((side, 0, Checksum::default()));
    }

    /// Takes in the next configuration of the file.
    pub fn add(&mut self, configuration: &Configuration) {
        if let Some((_, count, checksum)) = self.files.last_mut() {
            *count += 1;
            add_to_checksum(checksum, configuration);
        }
    }

    /// What [`Contents`] says of the files of one side; `None` if there are none.
    pub fn describe(&self, side: Side) -> Option<String> {
        let mut files = self.files.iter().filter(|(of, ..)| *of == side).peekable();
        files.peek()?;
        let found = |(_, count, checksum): &(Side, usize, Checksum)| Found {
            configurations: *count,
            checksum: checksum.value(),
        };
        Some(describe(files.map(found)))
    }
}

/// Says that a file is not what it was before.
pub(crate) fn changed_file(name: &str) -> Error {
    let error = Error::new(ErrorKind::Io, "the file changed while it was read");
    error.in_file(name).hint("wait until it is complete, or copy it, and start again")
}

fn visit_file(
    input: &Input,
    reading: &Reading,
    mut visit: impl FnMut(Origin, Configuration) -> Result<()>,
) -> Result<Found> {
    let file: Arc<str> = input.name().into();
    let mut reader = ConfigurationReader::open(input, reading)?;
    let outcome = (|| {
        let (mut number, mut checksum) = (0, Checksum::default());
        while let Some((configuration, line)) = reader.read()? {
            number += 1;
            add_to_checksum(&mut checksum, &configuration);
            let origin = Origin { file: Arc::clone(&file), line, number };
            visit(origin.clone(), configuration).map_err(|error| match error.place() {
                None => origin.explain(error),
                Some(_) => error,
            })?;
        }
        Ok(Found { configurations: number, checksum: checksum.value() })
    })();
    reading.tell(reader.remarks(), outcome.is_err());
    outcome
}

fn add_to_checksum(checksum: &mut Checksum, configuration: &Configuration) {
    checksum.add(configuration.len() as u64);
    configuration.species.iter().for_each(|&species| checksum.add(species.into()));
    checksum.add_numbers(configuration.cell.vectors().as_flattened());
    checksum.add_numbers(configuration.positions.as_flattened());
    checksum.add_numbers(&configuration.energy.map_or([0.0; 2], |energy| [1.0, energy]));
    if let Some(forces) = &configuration.forces {
        checksum.add_numbers(forces.as_flattened());
    }
    if let Some(virial) = configuration.virial {
        checksum.add_numbers(&virial.to_cfg_order());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_core::format::write_configuration;
    use mtprs_core::geometry::Cell;
    use mtprs_testing::scratch;

    use super::*;
    use crate::dataset::{Grouping, WeightSettings};

    fn text(energies: &[f64]) -> Vec<u8> {
        let mut text = Vec::new();
        for &energy in energies {
            let mut configuration = Configuration::new(Cell::open(), vec![0], vec![[0.0; 3]]).unwrap();
            configuration.energy = Some(energy);
            write_configuration(&configuration, &mut text).unwrap();
        }
        text
    }

    #[test]
    fn a_file_that_changes_between_two_passes_is_an_error_that_names_it() {
        let folder = scratch("files");
        let [first, second, validation] = ["a.cfg", "b.cfg", "v.cfg"].map(|file| folder.join(file));
        let sources = Sources {
            training: vec![Input::File(first.clone()), Input::File(second.clone())],
            validation: vec![Input::File(validation.clone())],
            reading: Reading::default(),
            validation_fraction: 0.0,
            seed: 1,
            fold: None,
            grouping: Grouping::None,
            grouped: None,
            weights: WeightSettings::default(),
            repulsion: 0.0,
        };
        for changed in [&first, &second, &validation] {
            for after in [&[1.0, 2.0, 3.0, 4.0][..], &[1.0, 2.0], &[], &[1.0, 2.5, 3.0]] {
                for path in [&first, &second, &validation] {
                    fs::write(path, text(&[1.0, 2.0, 3.0])).unwrap();
                }
                let mut files = Files::new(&sources);
                let mut seen = Vec::new();
                files
                    .pass(|visit| {
                        seen.push((visit.place, visit.is_training, visit.origin.number));
                        Ok(())
                    })
                    .unwrap();
                // The number is that in the file, the place that among all of its kind.
                assert_eq!(seen[4], (4, true, 2));
                assert_eq!(seen[7], (1, false, 2));
                files.pass(|_| Ok(())).unwrap();
                fs::write(changed, text(after)).unwrap();
                let message = files.pass(|_| Ok(())).unwrap_err().to_string();
                assert!(message.starts_with(changed.to_str().unwrap()), "{message}");
                assert!(message.contains("the file changed while it was read"), "{message}");
            }
        }
        let wrong = files_error(&sources);
        assert!(wrong.contains("b.cfg:10: configuration 2: no good"), "{wrong}");
    }

    /// What is said of the second configuration of the second file.
    fn files_error(sources: &Sources) -> String {
        for input in sources.training.iter().chain(&sources.validation) {
            fs::write(input.name(), text(&[1.0, 2.0, 3.0])).unwrap();
        }
        let visit = |visit: Visit| match visit.place {
            4 => Err(Error::new(ErrorKind::InvalidConfiguration, "no good")),
            _ => Ok(()),
        };
        Files::new(sources).pass(visit).unwrap_err().to_string()
    }
}
