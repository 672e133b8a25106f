//! Files of any format as configurations: the one way by which commands read what they work on.
//!
//! What is `.cfg` keeps everything that was read; only its species are renumbered where names say so (`naming.rs`).

use std::collections::BTreeSet;

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::cfg::CfgSource;
use super::naming::{Found, Numbered};
use super::reader::Source;
use super::reading::{Reading, Sentence};
use super::stream::{self, Opened};
use super::structure::{Motion, Structure};
use super::{Format, Remarks, StructureReader, cfg, type_names};
use crate::endpoint::Input;

/// Whether inputs are configurations, and not a selection state.
pub fn holds_configurations(inputs: &[Input], reading: &Reading) -> Result<bool> {
    let [input] = inputs else { return Ok(true) };
    if reading.format.is_some() {
        return Ok(true);
    }
    let name = input.name();
    let head = stream::open(input)?.head;
    if head.starts_with(b"MTP") || STATES.iter().any(|ending| name.ends_with(ending)) {
        return Ok(false);
    }
    Ok(Format::of_content(&String::from_utf8_lossy(&head)).or_else(|| Format::of_name(&name)).is_some())
}

/// Endings of the names of states and potentials.
const STATES: [&str; 4] = [".mtps", ".als", ".almtp", ".mtp"];

/// The configurations of a file, one in memory at a time.
pub struct ConfigurationReader {
    file: File,
    name: String,
    number: u64,
    motion: Motion,
    reading: Reading,
    /// What `.cfg` has no place for.
    dropped: BTreeSet<String>,
    /// What the user should know about names.
    notes: Vec<String>,
}

enum File {
    Cfg {
        reader: Box<CfgSource>,
        opened: Opened,
    },
    Other(StructureReader),
    /// One of a folder that is left out.
    LeftOut,
}

impl ConfigurationReader {
    /// Opens an input.
    pub fn open(input: &Input, reading: &Reading) -> Result<Self> {
        let name = input.name();
        let file = match Self::open_file(input, &name, reading) {
            Err(error) if reading.forgives(&name, &error, 0, &Remarks::default()) => File::LeftOut,
            file => file?,
        };
        let (reading, notes) = (reading.clone(), Vec::new());
        Ok(Self {
            file,
            name,
            number: 0,
            motion: Motion::default(),
            reading,
            dropped: BTreeSet::new(),
            notes,
        })
    }

    fn open_file(input: &Input, name: &str, reading: &Reading) -> Result<File> {
        let format = reading.format.filter(|_| !matches!(input, Input::Held(..)));
        if let Some(reader) = StructureReader::of_program(input, format, &reading.settings) {
            return reader.map(File::Other);
        }
        let mut opened = stream::open(input)?;
        let format = match format {
            Some(format) => format,
            // What there is nothing to recognize in has always been read as .cfg, and is so wherever formats matter.
            None if opened.head.is_empty() => Format::CFG,
            None => Format::recognize(name, &opened.head)?,
        };
        if format == Format::CFG && !opened.head.contains(&0) {
            let stream = std::mem::replace(&mut opened.stream, Box::new(std::io::empty()));
            let reader = Box::new(CfgSource::new(stream, name, &reading.settings));
            return Ok(File::Cfg { reader, opened });
        }
        Ok(File::Other(StructureReader::of_opened(opened, name, format, &reading.settings)?))
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        match &self.file {
            File::Cfg { .. } | File::LeftOut => Format::CFG,
            File::Other(reader) => reader.format(),
        }
    }

    /// The next configuration with the line that it begins in.
    pub fn read(&mut self) -> Result<Option<(Configuration, usize)>> {
        let next = self.next_configuration()?;
        if next.is_some() && self.reading.settings.follows_atoms {
            self.refuse_gap()?;
        }
        Ok(next)
    }

    fn next_configuration(&mut self) -> Result<Option<(Configuration, usize)>> {
        self.number += 1;
        let File::Cfg { reader, .. } = &mut self.file else {
            let Some(structure) = self.next_structure()? else { return Ok(None) };
            if self.reading.is_for_places {
                return Ok(Some((structure.configuration, structure.line)));
            }
            self.dropped.extend(Format::CFG.dropped(&structure, self.format()));
            return Ok(Some((cfg::configuration(&structure, false), structure.line)));
        };
        let Some(mut configuration) = reader.read_configuration()? else { return Ok(None) };
        let line = reader.begin_line();
        let names = cfg::sole_names(&mut configuration).map_err(|error| self.explain(error, line))?;
        let found =
            Found { names: names.as_deref(), is_ordered: true, format: Format::CFG, file: &self.name };
        let numbered = self.reading.naming.number(&found, &mut configuration.species);
        let Numbered { names, notes, is_assumed } = numbered.map_err(|error| self.explain(error, line))?;
        if let Some(names) = names.filter(|_| !is_assumed) {
            configuration.set_feature(cfg::ELEMENTS, names.join(" "));
        }
        self.note(notes);
        Ok(Some((configuration, line)))
    }

    /// What the file says of the motion of the atoms of the last configuration.
    pub fn motion(&self) -> Motion {
        self.motion
    }

    /// The next configuration with what other formats than `.cfg` say of it; it has a line.
    pub fn read_structure(&mut self) -> Result<Option<Structure>> {
        self.number += 1;
        self.next_structure()
    }

    fn next_structure(&mut self) -> Result<Option<Structure>> {
        let (next, format) = match &mut self.file {
            File::LeftOut => return Ok(None),
            File::Other(reader) => match reader.next() {
                Some(Err(error)) => {
                    let forgiven =
                        self.reading.forgives(&self.name, &error, self.number - 1, &reader.remarks());
                    return if forgiven { Ok(None) } else { Err(error) };
                }
                None => {
                    self.reading.ended(&self.name, self.number - 1, &reader.remarks());
                    return Ok(None);
                }
                Some(Ok(structure)) => (Some(structure), reader.format()),
            },
            File::Cfg { reader, .. } => {
                let next = reader.read_configuration()?;
                let line = reader.begin_line();
                let structure = next.map(|configuration| cfg::structure(configuration, line)).transpose();
                (structure.map_err(|error| self.explain(error, line))?, Format::CFG)
            }
        };
        let Some(mut structure) = next else { return Ok(None) };
        self.motion = structure.motion;
        let line = structure.line;
        let names = structure.elements.take();
        let found =
            Found { names: names.as_deref(), is_ordered: structure.is_ordered, format, file: &self.name };
        let numbered = self.reading.naming.number(&found, &mut structure.configuration.species);
        let Numbered { names: written, notes, .. } = numbered.map_err(|error| self.explain(error, line))?;
        if let (None, Some(given)) = (&names, &written) {
            let agree = type_names::check_given(&structure, given, "the order of the species");
            agree.map_err(|error| self.explain(error, line))?;
        }
        structure.is_ordered |= written.is_some();
        structure.elements = written.or(names);
        self.note(notes);
        Ok(Some(structure))
    }

    /// Says which configuration an error is about.
    fn explain(&self, error: Error, line: usize) -> Error {
        let place = Place { file: self.name.clone(), line, column: 0 };
        error.within(&format!("configuration {}", self.number)).at(place)
    }

    /// Keeps a note of each kind once: the first configuration stands for the file.
    fn note(&mut self, notes: Vec<String>) {
        if self.notes.len() < notes.len() {
            self.notes = notes;
        }
    }

    /// Bytes of the file that were read so far; those of a compressed file are counted compressed.
    pub fn bytes_read(&self) -> u64 {
        match &self.file {
            File::Cfg { opened, .. } => opened.bytes_read(),
            File::LeftOut => 0,
            File::Other(reader) => reader.bytes_read(),
        }
    }

    fn of_reader(&self) -> Option<Remarks> {
        match &self.file {
            File::Cfg { reader, .. } => Some(reader.remarks()),
            File::Other(reader) => Some(reader.remarks()),
            File::LeftOut => None,
        }
    }

    /// Refuses to go on behind a frame that was left out.
    fn refuse_gap(&self) -> Result<()> {
        let Some(step) = self.of_reader().and_then(|remarks| remarks.left_out.into_iter().next()) else {
            return Ok(());
        };
        let message =
            format!("a frame cannot be read, and atoms are followed from frame to frame: {}", step.reason);
        let place = Place { file: self.name.clone(), line: step.line, column: 0 };
        let hint =
            "take the part before it (--limit), or take the frame out where frames have numbers of steps";
        Err(Error::new(ErrorKind::Syntax, message).at(place).hint(hint))
    }

    /// What was left out so far and what else the user should know.
    pub fn remarks(&self) -> Vec<Sentence> {
        let mut sentences: Vec<Sentence> = self.notes.iter().cloned().map(Sentence::Note).collect();
        let Some(remarks) = self.of_reader() else { return sentences };
        let dropped =
            self.dropped.iter().map(|what| format!("{}: {what} left out: no place in cfg", self.name));
        let remarks = remarks.sentences(&self.name).into_iter();
        sentences.extend(remarks.chain(dropped).map(Sentence::Warning));
        sentences
    }
}
