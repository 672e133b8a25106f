//! The binary parts of selection states: doubles, little-endian, with the byte of every error.

use super::super::cursor::Cursor;
use crate::error::{Error, ErrorKind, Result};

/// A position among the bytes of a state.
pub(super) struct Bytes<'a> {
    bytes: &'a [u8],
    file: &'a str,
    offset: usize,
}

impl<'a> Bytes<'a> {
    /// Begins at an offset of the file's bytes.
    pub(super) fn new(bytes: &'a [u8], file: &'a str, offset: usize) -> Self {
        Self { bytes, file, offset }
    }

    /// Bytes before the position.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.offset..]
    }

    /// A cursor for the text at the position; its lines are those of the whole file, binary parts included.
    pub(super) fn cursor(&self) -> Cursor<'a> {
        Cursor::new(self.bytes, self.file, 1).moved_to(self.offset)
    }

    /// Passes a mark that must stand here.
    pub(super) fn expect(&mut self, mark: &[u8], before: &str) -> Result<()> {
        if self.rest().starts_with(mark) {
            self.offset += mark.len();
            return Ok(());
        }
        let got = &self.rest()[..self.rest().len().min(mark.len())];
        let [expected, got] = [mark, got].map(|bytes| bytes.escape_ascii().to_string());
        let got = if got.is_empty() { "the end of the file".to_owned() } else { format!("\"{got}\"") };
        Err(self.syntax(format!("expected \"{expected}\" before {before}, got {got}")))
    }

    /// Reads `count` doubles of the part called `name`.
    pub(super) fn doubles(&mut self, count: usize, name: &str) -> Result<Vec<f64>> {
        let rest = self.rest();
        let (needed, there) = (count.saturating_mul(size_of::<f64>()), rest.len());
        if there < needed {
            let message = format!(
                "the file ends inside the {name}: expected {needed} bytes ({count} numbers), got {there}"
            );
            return Err(self.syntax(message));
        }
        self.offset += needed;
        let words = rest[..needed].chunks_exact(size_of::<f64>());
        Ok(words.map(|word| f64::from_le_bytes(word.try_into().unwrap_or_default())).collect())
    }

    /// Reads a matrix of `size` rows and columns.
    pub(super) fn square(&mut self, size: usize, name: &str) -> Result<Vec<f64>> {
        match size.checked_mul(size) {
            Some(count) => self.doubles(count, name),
            None => {
                let there = self.rest().len();
                let message = format!(
                    "the file ends inside the {name}: expected {size} x {size} numbers, got {there} bytes"
                );
                Err(self.syntax(message))
            }
        }
    }

    /// An error of the grammar at the position.
    pub(super) fn syntax(&self, message: String) -> Error {
        self.error(ErrorKind::Syntax, message)
    }

    /// An error at the position.
    pub(super) fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, format!("byte {}: {message}", self.offset)).in_file(self.file)
    }
}

/// The bytes of doubles.
pub(super) fn double_bytes(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}
