//! Reader of our own selection states (`.mtps`); see [`super::mtps_writer`] for the layout.

use super::super::cursor::{Cursor, shown};
use super::bytes::Bytes;
use super::mtps_writer::{FIRST_LINE, VERSION, matrices_checksum};
use crate::error::{Error, ErrorKind, Result};
use crate::selection::{ActiveSet, Checksum, GradeMode, PotentialIdentity, RowSource, SelectionState};
use crate::species::Species;

/// What the header says, with the place of what is checked later.
#[derive(Default)]
struct Header {
    version: Option<()>,
    mode: Option<GradeMode>,
    potential_name: Option<String>,
    potential_checksum: Option<Checksum>,
    species_count: Option<usize>,
    species: Option<(usize, Vec<String>)>,
    parameters_count: Option<usize>,
    training_set: Option<String>,
    sources: Option<(usize, Vec<RowSource>)>,
    matrices_checksum: Option<Checksum>,
}

const KEYS: &str = "version, mode, potential_name, potential_checksum, species_count, species, parameters_count, \
                    training_set, sources, matrices_checksum, matrices";

/// Whether a text begins like a state of ours.
pub(super) fn begins_state(text: &[u8]) -> bool {
    text.starts_with(FIRST_LINE.as_bytes())
}

/// Reads a state of ours.
pub(super) fn parse(text: &[u8], file: &str) -> Result<SelectionState> {
    let mut cursor = Cursor::new(text, file, 1);
    let first = cursor.take_until(|byte| byte == b'\n');
    if first != FIRST_LINE.as_bytes() {
        return Err(cursor.syntax(0, format!("expected {FIRST_LINE}, got {}", shown(first))));
    }
    cursor.advance();
    let header = Header::read(&mut cursor)?;
    let mut bytes = Bytes::new(text, file, cursor.offset());
    let start = cursor.place(0).file;
    let size = required(header.parameters_count, "parameters_count", file)?;
    let rows = bytes.square(size, "active set")?;
    let inverse = bytes.square(size, "inverse of the active set")?;
    if !bytes.rest().is_empty() {
        let message =
            format!("expected the end of the file after the matrices, got {} more bytes", bytes.rest().len());
        return Err(bytes.syntax(message));
    }
    let sum = matrices_checksum([&rows, &inverse]);
    let expected = required(header.matrices_checksum, "matrices_checksum", file)?;
    if sum != expected {
        let (got, expected) = (sum.value(), expected.value());
        let message = format!("the matrices are damaged: expected checksum {expected:016x}, got {got:016x}");
        return Err(Error::new(ErrorKind::InvalidState, message).in_file(file));
    }
    let active_set = ActiveSet::new(size, rows, inverse).map_err(|error| error.in_file(&start))?;
    header.into_state(&cursor, file, active_set)
}

fn required<T>(value: Option<T>, key: &str, file: &str) -> Result<T> {
    value.ok_or_else(|| {
        Error::new(ErrorKind::Syntax, format!("the header of the selection state lacks {key}")).in_file(file)
    })
}

impl Header {
    fn read(cursor: &mut Cursor<'_>) -> Result<Self> {
        let mut header = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        loop {
            let Some((start, key)) = cursor.word() else {
                let message = "the file ends inside the header: expected the line matrices".to_owned();
                return Err(cursor.syntax(cursor.offset(), message));
            };
            if key == b"matrices" {
                if !cursor.accept(b'\n') {
                    return Err(
                        cursor.syntax(cursor.offset(), "expected the end of the line after matrices".into())
                    );
                }
                return Ok(header);
            }
            if seen.contains(&key) {
                return Err(cursor.syntax(start, format!("key {} is given twice", shown(key))));
            }
            seen.push(key);
            header.read_value(cursor, start, key)?;
            cursor.end_line(&shown(key))?;
            cursor.advance();
        }
    }

    fn read_value(&mut self, cursor: &mut Cursor<'_>, start: usize, key: &[u8]) -> Result<()> {
        let equals = cursor.word();
        if equals.is_none_or(|(_, word)| word != b"=") {
            let place = equals.map_or(cursor.offset(), |(place, _)| place);
            return Err(cursor.syntax(place, format!("expected = after {}", shown(key))));
        }
        cursor.skip_blanks();
        let place = cursor.offset();
        match key {
            b"version" => self.version = Some(version(cursor.line_text()?, cursor, place)?),
            b"mode" => self.mode = Some(mode(cursor.line_text()?, cursor, place)?),
            b"potential_name" => self.potential_name = Some(cursor.line_text()?.to_owned()),
            b"training_set" => self.training_set = Some(cursor.line_text()?.to_owned()),
            b"potential_checksum" => self.potential_checksum = Some(checksum(cursor)?),
            b"matrices_checksum" => self.matrices_checksum = Some(checksum(cursor)?),
            b"species_count" => self.species_count = Some(count(cursor)?),
            b"parameters_count" => self.parameters_count = Some(count(cursor)?),
            b"species" => {
                let names = cursor.line_text()?.split_whitespace().map(str::to_owned).collect();
                self.species = Some((place, names));
            }
            b"sources" => self.sources = Some((place, sources(cursor)?)),
            _ => {
                let error =
                    cursor.error(ErrorKind::Unsupported, start, format!("unknown key {}", shown(key)));
                return Err(error.hint(format!("expected one of {KEYS}")));
            }
        }
        Ok(())
    }

    fn into_state(self, cursor: &Cursor<'_>, file: &str, active_set: ActiveSet) -> Result<SelectionState> {
        required(self.version, "version", file)?;
        let species_count = required(self.species_count, "species_count", file)?;
        let species = match self.species {
            None => Species::unnamed(species_count),
            Some((place, names)) => {
                if names.len() != species_count {
                    let message = format!("expected {species_count} species, got {}", names.len());
                    return Err(cursor.syntax(place, message));
                }
                Species::named(&names).map_err(|error| error.at(cursor.place(place)))?
            }
        };
        let identity = PotentialIdentity {
            checksum: required(self.potential_checksum, "potential_checksum", file)?,
            name: required(self.potential_name, "potential_name", file)?,
            species,
            parameters: active_set.size(),
        };
        let (place, sources) = required(self.sources, "sources", file)?;
        let mode = required(self.mode, "mode", file)?;
        let mut state = SelectionState::new(mode, identity, active_set, sources)
            .map_err(|error| error.at(cursor.place(place)))?;
        state.training_set = required(self.training_set, "training_set", file)?;
        Ok(state)
    }
}

fn version(text: &str, cursor: &Cursor<'_>, place: usize) -> Result<()> {
    if text == VERSION {
        return Ok(());
    }
    let message = format!("expected version {VERSION}, got {}", shown(text.as_bytes()));
    Err(cursor.error(ErrorKind::Unsupported, place, message).hint("a newer mtprs wrote this file, perhaps"))
}

fn mode(text: &str, cursor: &Cursor<'_>, place: usize) -> Result<GradeMode> {
    GradeMode::from_name(text).ok_or_else(|| {
        cursor
            .syntax(place, format!("expected configuration or neighborhood, got {}", shown(text.as_bytes())))
    })
}

fn checksum(cursor: &mut Cursor<'_>) -> Result<Checksum> {
    let (start, word) = cursor.word().unwrap_or((cursor.offset(), b""));
    let value = std::str::from_utf8(word).ok().filter(|text| text.len() == 16);
    let value = value.and_then(|text| u64::from_str_radix(text, 16).ok());
    let wrong = || cursor.syntax(start, format!("expected 16 hexadecimal digits, got {}", shown(word)));
    value.map(Checksum::from).ok_or_else(wrong)
}

fn count(cursor: &mut Cursor<'_>) -> Result<usize> {
    let (start, word) = cursor.word().unwrap_or((cursor.offset(), b""));
    let value = cursor.integer(start, word)?;
    usize::try_from(value)
        .ok()
        .filter(|&count| count > 0)
        .ok_or_else(|| cursor.syntax(start, format!("expected a number of at least 1, got {value}")))
}

/// Reads `{12, 3:5, -}`.
fn sources(cursor: &mut Cursor<'_>) -> Result<Vec<RowSource>> {
    if !cursor.accept(b'{') {
        return Err(cursor.syntax(cursor.offset(), "expected { before the sources of the rows".into()));
    }
    let mut sources = Vec::new();
    loop {
        cursor.skip_blanks();
        let start = cursor.offset();
        let word = cursor.take_until(|byte| matches!(byte, b',' | b'}' | b'\n' | b' '));
        let source = std::str::from_utf8(word).ok().and_then(source).ok_or_else(|| {
            let message = format!("expected the source of a row such as 12, 12:5 or -, got {}", shown(word));
            cursor.syntax(start, message)
        })?;
        sources.push(source);
        if cursor.accept(b'}') {
            return Ok(sources);
        }
        if !cursor.accept(b',') {
            return Err(cursor.syntax(cursor.offset(), "expected , or } after the source of a row".into()));
        }
    }
}

fn source(word: &str) -> Option<RowSource> {
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?;
    match word.split_once(':') {
        None if word == "-" => Some(RowSource::Unsupported),
        None => Some(RowSource::Configuration { index: number(word)?, atom: None }),
        Some((index, atom)) => {
            Some(RowSource::Configuration { index: number(index)?, atom: Some(number(atom)?) })
        }
    }
}
