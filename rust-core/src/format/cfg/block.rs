//! One configuration of a `.cfg` file, from the line after `BEGIN_CFG` to `END_CFG`.
//!
//! `PlusStress` is the virial W in eV, positive under compression. `Virial` of old files is taken for the same: by its
//! name it is W = −V·σ, which is what `PlusStress` holds. No public description of the key was found to confirm this
//! (motep 0.2.0 ignores it). `Stress` is refused, because programs disagreed on its sign.

use std::io::BufRead;

use super::super::cursor::{Cursor, shown};
use super::columns::Columns;
use super::lines::Lines;
use super::values::{KEYS, begins_number, component_order, is_key, numbers};
use crate::error::{Error, ErrorKind, Place, Result};
use crate::geometry::{Cell, Configuration, Vector3, Virial};

/// A configuration being read.
pub(super) struct Block<'a, R> {
    lines: &'a mut Lines<R>,
    begin: usize,
    configuration: Configuration,
    size: Option<usize>,
    /// Keys that were read, with their lines.
    seen: Vec<(&'static str, usize)>,
    /// Place of the heading of `AtomData`, if the positions are fractional.
    direct: Option<Place>,
}

impl<'a, R: BufRead> Block<'a, R> {
    /// Reads the configuration whose `BEGIN_CFG` is the current line.
    pub(super) fn read(lines: &'a mut Lines<R>) -> Result<Configuration> {
        let begin = lines.number();
        let configuration = Configuration::default();
        let mut block = Self { lines, begin, configuration, size: None, seen: Vec::new(), direct: None };
        while block.read_key()? {}
        block.finish()
    }

    /// Reads one key with what belongs to it; `false` at `END_CFG`.
    fn read_key(&mut self) -> Result<bool> {
        self.advance()?;
        let mut cursor = self.lines.current();
        let Some((start, word)) = cursor.word() else { return Ok(true) };
        let offset = cursor.offset();
        let key = word.strip_suffix(b":").unwrap_or(word);
        match key {
            b"END_CFG" => {
                cursor.end_line("END_CFG")?;
                return Ok(false);
            }
            b"Size" => self.read_size(offset)?,
            b"Supercell" | b"SuperCell" => self.read_supercell(offset)?,
            b"AtomData" => self.read_atoms(offset)?,
            b"Energy" => self.read_energy(offset)?,
            b"PlusStress" => self.read_virial("PlusStress", offset)?,
            b"Virial" => self.read_virial("Virial", offset)?,
            b"Feature" => self.read_feature(offset)?,
            b"Stress" => {
                let message = "the key Stress is ambiguous: programs disagreed on its sign".into();
                let hint =
                    "replace it by PlusStress, the virial in eV (positive under compression), or remove it";
                return Err(cursor.error(ErrorKind::Unsupported, start, message).hint(hint));
            }
            _ => return Err(self.unknown(start, key)),
        }
        Ok(true)
    }

    fn unknown(&self, start: usize, word: &[u8]) -> Error {
        let cursor = self.lines.current();
        let last = self.seen.last().map(|(key, _)| *key);
        if word == b"BEGIN_CFG" {
            let message = format!(
                "BEGIN_CFG inside the configuration that begins on line {}: END_CFG is missing",
                self.begin
            );
            return cursor.syntax(start, message);
        }
        if last == Some("AtomData") && begins_number(&cursor) {
            let message = format!("expected {} atoms (Size), got more", self.size.unwrap_or(0));
            return cursor.error(ErrorKind::InvalidConfiguration, start, message);
        }
        if last == Some("Supercell") && begins_number(&cursor) {
            return cursor.syntax(start, "expected at most 3 rows of Supercell, got more".into());
        }
        cursor.syntax(start, format!("unknown key {}", shown(word))).hint(format!("expected one of {KEYS}"))
    }

    /// Goes to the next line of this configuration.
    fn advance(&mut self) -> Result<()> {
        if self.lines.advance()? {
            return Ok(());
        }
        let message = format!(
            "the file ends inside the configuration that begins on line {}: END_CFG is missing",
            self.begin
        );
        Err(self.lines.error(ErrorKind::Syntax, message))
    }

    /// Notes a key that may stand only once.
    fn note(&mut self, key: &'static str) -> Result<()> {
        let cursor = self.lines.current();
        if let Some((_, line)) = self.seen.iter().find(|(seen, _)| *seen == key) {
            let start = cursor.clone().word().map_or(0, |(start, _)| start);
            return Err(cursor.syntax(start, format!("{key} is given twice: line {line} gives it already")));
        }
        let line = self.lines.number();
        self.seen.push((key, line));
        Ok(())
    }

    /// Goes to the value of a key: what follows on the same line, or the next line.
    fn value(&mut self, key: &str, offset: usize) -> Result<Cursor<'_>> {
        if self.lines.current().moved_to(offset).word().is_some() {
            return Ok(self.lines.current().moved_to(offset));
        }
        self.advance()?;
        let cursor = self.lines.current();
        if is_key(&cursor) {
            let (start, word) = cursor.clone().word().unwrap_or_default();
            return Err(cursor.syntax(start, format!("expected a number for {key}, got {}", shown(word))));
        }
        Ok(cursor)
    }

    fn read_size(&mut self, offset: usize) -> Result<()> {
        self.note("Size")?;
        let mut cursor = self.value("Size", offset)?;
        let (start, word) = cursor.word().unwrap_or_default();
        let value = cursor.integer(start, word)?;
        let size = usize::try_from(value)
            .map_err(|_| cursor.syntax(start, format!("expected a Size of at least 0, got {value}")))?;
        cursor.end_line("Size")?;
        self.size = Some(size);
        Ok(())
    }

    fn read_supercell(&mut self, offset: usize) -> Result<()> {
        self.note("Supercell")?;
        self.lines.current().moved_to(offset).end_line("Supercell")?;
        let place = self.lines.current().place(offset);
        let mut vectors: Vec<Vector3> = Vec::new();
        while vectors.len() < 3 {
            self.advance()?;
            let mut cursor = self.lines.current();
            if !begins_number(&cursor) {
                self.lines.give_back();
                break;
            }
            let [x, y, z] = numbers(&mut cursor, "a row of Supercell")?;
            vectors.push([x, y, z]);
        }
        self.configuration.cell = Cell::new(&vectors).map_err(|error| error.at(place))?;
        Ok(())
    }

    fn read_atoms(&mut self, offset: usize) -> Result<()> {
        self.note("AtomData")?;
        let mut cursor = self.lines.current().moved_to(offset);
        let place = cursor.place(offset);
        let Some(size) = self.size else {
            return Err(cursor.syntax(offset, "AtomData without Size: expected Size before it".into()));
        };
        let columns = Columns::read(&mut cursor)?;
        self.direct = columns.direct.then_some(place);
        columns.prepare(&mut self.configuration, size);
        for row in 0..size {
            self.advance()?;
            let mut cursor = self.lines.current();
            if is_key(&cursor) {
                let (start, word) = cursor.word().unwrap_or_default();
                let message = format!("expected {size} atoms (Size), got {row} before {}", shown(word));
                return Err(cursor.error(ErrorKind::InvalidConfiguration, start, message));
            }
            columns.read_row(&mut cursor, &mut self.configuration)?;
        }
        Ok(())
    }

    fn read_energy(&mut self, offset: usize) -> Result<()> {
        self.note("Energy")?;
        let [energy] = numbers(&mut self.value("Energy", offset)?, "Energy")?;
        self.configuration.energy = Some(energy);
        Ok(())
    }

    fn read_virial(&mut self, key: &'static str, offset: usize) -> Result<()> {
        self.note(key)?;
        let mut cursor = self.lines.current().moved_to(offset);
        if self.configuration.virial.is_some() {
            return Err(cursor.syntax(offset, "expected either PlusStress or Virial, got both".into()));
        }
        let order = component_order(&mut cursor, key)?;
        self.advance()?;
        let values: [f64; 6] = numbers(&mut self.lines.current(), key)?;
        let mut components = [0.0; 6];
        for (value, component) in values.into_iter().zip(order) {
            components[component] = value;
        }
        self.configuration.virial = Some(Virial::from_cfg_order(components));
        Ok(())
    }

    fn read_feature(&mut self, offset: usize) -> Result<()> {
        let mut cursor = self.lines.current().moved_to(offset);
        let Some((start, word)) = cursor.word() else {
            return Err(cursor.syntax(offset, "expected a name after Feature, got nothing".into()));
        };
        let key = cursor.utf8(start, word)?.to_owned();
        let value = cursor.line_text()?.to_owned();
        self.configuration.features.push((key, value));
        Ok(())
    }

    fn finish(mut self) -> Result<Configuration> {
        let has_atoms = self.seen.iter().any(|(key, _)| *key == "AtomData");
        let missing = match self.size {
            None => Some("Size"),
            Some(size) if size > 0 && !has_atoms => Some("AtomData"),
            Some(_) => None,
        };
        if let Some(key) = missing {
            let message = format!("the configuration that begins on line {} lacks {key}", self.begin);
            return Err(self.lines.error(ErrorKind::Syntax, message));
        }
        if let Some(heading) = self.direct.take() {
            self.make_cartesian(&heading)?;
        }
        Ok(self.configuration)
    }

    /// Replaces fractional positions by Cartesian ones.
    fn make_cartesian(&mut self, heading: &Place) -> Result<()> {
        let invalid =
            |message: String| Error::new(ErrorKind::InvalidConfiguration, message).at(heading.clone());
        let Configuration { cell, positions, .. } = &mut self.configuration;
        for (atom, position) in positions.iter_mut().enumerate() {
            *position = cell.cartesian(*position).ok_or_else(|| {
                let rows = cell.vectors().len();
                invalid(format!("direct_x, direct_y, direct_z need a Supercell of 3 rows, got {rows}"))
            })?;
            if !position.iter().all(|component| component.is_finite()) {
                return Err(invalid(format!(
                    "atom {} of {}: its position is not finite",
                    atom + 1,
                    "AtomData"
                )));
            }
        }
        Ok(())
    }
}
