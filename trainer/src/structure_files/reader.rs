//! A file of any format as a stream of structures, one in memory at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mtprs_core::{Error, ErrorKind, Place, Result};

use super::format::Reader;
use super::remarks::Remarks;
use super::stream::{self, Opened};
use super::structure::Structure;
use super::type_names;
use super::writer::check_finite;
use super::{Format, ReadSettings};
use crate::endpoint::{Input, Stream};

/// Who names the types of an input that does not.
const INPUT_SPECIES: &str = "--input-species";

/// What reads one format.
pub(super) trait Source: Send {
    /// The next structure; `None` at the end.
    fn read(&mut self) -> Result<Option<Structure>>;

    /// What was left out so far.
    fn remarks(&self) -> Remarks {
        Remarks::default()
    }
}

/// Iterator over the structures of a file; it ends after the first error.
pub struct StructureReader {
    source: Box<dyn Source>,
    name: String,
    input_species: Option<Vec<String>>,
    format: Format,
    bytes_read: Arc<AtomicU64>,
    size: Option<u64>,
    ended: bool,
}

impl StructureReader {
    /// Opens an input, whose format is recognized unless it is given.
    pub fn open(input: &Input, format: Option<Format>, settings: &ReadSettings) -> Result<Self> {
        if let Some(read) = Self::of_program(input, format, settings) {
            return read;
        }
        let (name, opened) = (input.name(), stream::open(input)?);
        let format = format.map_or_else(|| Format::recognize(&name, &opened.head), Ok)?;
        Self::of_opened(opened, &name, format, settings)
    }

    /// Lets a program open an input, if the format is one of those that are read so.
    pub(super) fn of_program(
        input: &Input,
        format: Option<Format>,
        settings: &ReadSettings,
    ) -> Option<Result<Self>> {
        let format = format?;
        let Reader::Program(open) = format.entry().reader else { return None };
        let source = open(input, format.detail(), settings);
        Some(source.map(|source| Self::new(source, &input.name(), format, settings, input.size())))
    }

    /// Reads what has been opened.
    pub(super) fn of_opened(
        opened: Opened,
        name: &str,
        format: Format,
        settings: &ReadSettings,
    ) -> Result<Self> {
        let Opened { stream, head, bytes_read, size } = opened;
        if head.contains(&0) {
            let error = Error::new(ErrorKind::Unsupported, "the file is not text: binary files are not read");
            return Err(error.in_file(name).hint(super::format::BINARY_HINT));
        }
        let source = source(stream, name, format, settings);
        Ok(Self { bytes_read, ..Self::new(source, name, format, settings, size) })
    }

    /// Reads text that is in memory.
    pub fn from_text(text: &[u8], name: &str, format: Format, settings: &ReadSettings) -> Self {
        let source = source(stream::of_text(text), name, format, settings);
        Self::new(source, name, format, settings, Some(text.len() as u64))
    }

    fn new(
        source: Box<dyn Source>,
        name: &str,
        format: Format,
        settings: &ReadSettings,
        size: Option<u64>,
    ) -> Self {
        let (name, input_species) = (name.to_owned(), settings.input_species.clone());
        Self { source, name, input_species, format, bytes_read: Arc::default(), size, ended: false }
    }

    /// The format of the input.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes of the file that were read so far; those of a compressed file are counted compressed.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read.load(Ordering::Relaxed)
    }

    /// Size of the file, if known.
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// What was left out so far; complete after the last structure.
    pub fn remarks(&self) -> Remarks {
        self.source.remarks()
    }

    fn read(&mut self) -> Result<Option<Structure>> {
        let Some(mut structure) = self.source.read()? else { return Ok(None) };
        let place = Place { file: self.name.clone(), line: structure.line, column: 0 };
        check_finite(&structure).map_err(|error| error.at(place.clone()))?;
        if let Some(given) = &self.input_species {
            let named = if structure.elements.is_some() {
                type_names::check_given(&structure, given, INPUT_SPECIES)
            } else {
                type_names::name_by_number(&mut structure, given, INPUT_SPECIES)
            };
            named.map_err(|error| error.at(place))?;
        }
        Ok(Some(structure))
    }
}

fn source(stream: Stream, name: &str, format: Format, settings: &ReadSettings) -> Box<dyn Source> {
    match format.entry().reader {
        Reader::OfText(open) => open(stream, name, settings),
        Reader::Program(_) => {
            let message = format!("{} is read from files, and not from streams", format.name());
            Box::new(Refused(Some(Error::new(ErrorKind::Unsupported, message).in_file(name))))
        }
    }
}

/// What cannot be read at all.
struct Refused(Option<Error>);

impl Source for Refused {
    fn read(&mut self) -> Result<Option<Structure>> {
        self.0.take().map_or(Ok(None), Err)
    }
}

impl Iterator for StructureReader {
    type Item = Result<Structure>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
