//! Reader of `.cfg` files: a stream of configurations, one in memory at a time.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::super::cursor::shown;
use super::super::files;
use super::block::Block;
use super::lines::Lines;
use crate::error::{Error, Result};
use crate::geometry::Configuration;

/// Iterator over the configurations of a `.cfg` file; it ends after the first error.
pub struct CfgReader<R> {
    lines: Lines<R>,
    begin: usize,
    ended: bool,
}

impl CfgReader<BufReader<File>> {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self> {
        Ok(Self::new(BufReader::with_capacity(1 << 16, files::open(path)?), &path.to_string_lossy()))
    }
}

impl<R: BufRead> CfgReader<R> {
    /// Reads from any input; `file_name` is for messages.
    pub fn new(input: R, file_name: &str) -> Self {
        Self { lines: Lines::new(input, file_name), begin: 0, ended: false }
    }

    /// Number of the last line read, from one.
    pub fn line(&self) -> usize {
        self.lines.number()
    }

    /// Line of the last BEGIN_CFG, for messages about the configuration that it begins.
    pub fn begin_line(&self) -> usize {
        self.begin
    }

    /// Bytes read so far, for showing progress.
    pub fn bytes_read(&self) -> u64 {
        self.lines.bytes_read()
    }

    /// Goes on after an `error` of this reader at a word that a calculation writes where it has failed: `nan`, `inf`, a row
    /// of `*`. The rest of the configuration is passed over. `false` if the error is another one, or the configuration
    /// has no `END_CFG`; then nothing more is to be read.
    ///
    /// # Errors
    /// If the input cannot be read.
    pub fn pass_over_failed(&mut self, error: &Error) -> Result<bool> {
        let at_failure = error
            .place()
            .filter(|place| place.line == self.lines.number() && place.column > 0)
            .is_some_and(|place| is_failure(&self.lines.current().word_at_column(place.column)));
        if !at_failure || self.begin == 0 {
            return Ok(false);
        }
        loop {
            if !self.lines.advance()? {
                return Ok(false);
            }
            match self.lines.current().word() {
                Some((_, b"END_CFG")) => break,
                Some((_, b"BEGIN_CFG")) => return Ok(false),
                _ => {}
            }
        }
        self.ended = false;
        Ok(true)
    }

    fn read_next(&mut self) -> Result<Option<Configuration>> {
        if !self.lines.advance()? {
            return Ok(None);
        }
        let mut cursor = self.lines.current();
        if let Some((start, word)) = cursor.word() {
            let (wrong, text) = if word == b"BEGIN_CFG" {
                let Some(surplus) = cursor.word() else {
                    self.begin = self.lines.number();
                    return Block::read(&mut self.lines).map(Some);
                };
                (surplus.0, surplus.1)
            } else {
                (start, word)
            };
            let expected = if wrong == start { "BEGIN_CFG" } else { "the end of the line after BEGIN_CFG" };
            return Err(cursor.syntax(wrong, format!("expected {expected}, got {}", shown(text))));
        }
        Ok(None)
    }
}

/// Whether a word is what C or Fortran write for a number that they do not have.
fn is_failure(word: &str) -> bool {
    let bare = word.trim_start_matches(['-', '+']).to_ascii_lowercase();
    let named = ["inf", "infinity", "nan", "nanq"].contains(&bare.as_str());
    let of_windows = ["nan(", "1.#"].iter().any(|start| bare.starts_with(start));
    named || of_windows || (!bare.is_empty() && bare.bytes().all(|byte| byte == b'*'))
}

impl<R: BufRead> Iterator for CfgReader<R> {
    type Item = Result<Configuration>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read_next().transpose();
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}
