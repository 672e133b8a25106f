//! Files of any format as configurations, for commands that hand them on as `.cfg`.
//!
//! What is `.cfg` already stays as it is. Other formats name their elements, and the order in which these are numbered is
//! given, or that of an input that has one; it is never guessed.

use std::collections::BTreeSet;

use mtprs_core::format::CfgReader;
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::stream::{self, Opened};
use super::structure::Structure;
use super::{Format, ReadSettings, SpeciesOrder, StructureReader, cfg, writer};
use crate::endpoint::{Input, Stream};

/// How inputs are read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Format of all of them, if it is not to be recognized.
    pub format: Option<Format>,
    /// How elements are numbered, if it is given.
    pub order: Option<SpeciesOrder>,
}

/// The configurations of a file, one in memory at a time.
pub struct ConfigurationReader {
    file: File,
    name: String,
    number: u64,
    order: Option<SpeciesOrder>,
    /// What `.cfg` has no place for.
    dropped: BTreeSet<String>,
}

enum File {
    Cfg { reader: Box<CfgReader<Stream>>, opened: Opened },
    Other(StructureReader),
}

impl ConfigurationReader {
    /// Opens an input.
    pub fn open(input: &Input, reading: &Reading) -> Result<Self> {
        let name = input.name();
        let mut opened = stream::open(input)?;
        let format = match reading.format {
            Some(format) => format,
            // What there is nothing to recognize in has always been read as .cfg, and is so wherever formats matter.
            None if opened.head.is_empty() => Format::Cfg,
            None => Format::recognize(&name, &opened.head)?,
        };
        let file = if format == Format::Cfg {
            let stream = std::mem::replace(&mut opened.stream, Box::new(std::io::empty()));
            File::Cfg { reader: Box::new(CfgReader::new(stream, &name)), opened }
        } else {
            File::Other(StructureReader::of_opened(opened, &name, format, &ReadSettings::default())?)
        };
        Ok(Self { file, name, number: 0, order: reading.order.clone(), dropped: BTreeSet::new() })
    }

    /// The next configuration with the line that it begins in.
    pub fn read(&mut self) -> Result<Option<(Configuration, usize)>> {
        self.number += 1;
        let reader = match &mut self.file {
            File::Cfg { reader, .. } => {
                let next = reader.next().transpose()?;
                return Ok(next.map(|configuration| (configuration, reader.begin_line())));
            }
            File::Other(reader) => reader,
        };
        let Some(mut structure) = reader.next().transpose()? else { return Ok(None) };
        let (format, line) = (reader.format(), structure.line);
        let numbered = number_species(&mut structure, format, self.order.as_ref());
        numbered.and_then(|()| writer::check_finite(&structure)).map_err(|error| {
            let place = Place { file: self.name.clone(), line, column: 0 };
            error.within(&format!("configuration {}", self.number)).at(place)
        })?;
        self.dropped.extend(structure.velocities.iter().map(|_| "velocities".to_owned()));
        self.dropped.extend(structure.columns.iter().map(|column| format!("column {}", column.name)));
        Ok(Some((cfg::configuration(&structure, false), line)))
    }

    /// Bytes of the file that were read so far; those of a compressed file are counted compressed.
    pub fn bytes_read(&self) -> u64 {
        match &self.file {
            File::Cfg { opened, .. } => opened.bytes_read(),
            File::Other(reader) => reader.bytes_read(),
        }
    }

    /// What was left out so far and what else the user should know, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let File::Other(reader) = &self.file else { return Vec::new() };
        let mut sentences = reader.remarks().sentences(&self.name);
        let dropped =
            self.dropped.iter().map(|what| format!("{}: {what} left out: no place in cfg", self.name));
        sentences.extend(dropped);
        sentences
    }
}

/// Numbers the elements of a structure, or says why their order is not known.
fn number_species(structure: &mut Structure, format: Format, order: Option<&SpeciesOrder>) -> Result<()> {
    match (order, &structure.elements) {
        (Some(order), _) => order.apply(structure),
        (None, Some(names)) if !structure.is_ordered => {
            let message = format!(
                "{} numbers no species, and the order of {} is not known",
                format.name(),
                names.join(" ")
            );
            let hint = format!("give it: --species {}", names.join(","));
            Err(Error::new(ErrorKind::Species, message).hint(hint))
        }
        (None, _) => Ok(()),
    }
}
