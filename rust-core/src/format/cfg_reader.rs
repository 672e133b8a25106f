//! Reader of `.cfg` files: a stream of configurations, one in memory at a time.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use super::cfg_block::Block;
use super::cfg_lines::Lines;
use super::cursor::shown;
use super::files;
use crate::error::Result;
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
