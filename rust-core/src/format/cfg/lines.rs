//! Lines of a stream, one in memory at a time, with their numbers.

use std::io::BufRead;

use super::super::cursor::Cursor;
use crate::error::{Error, ErrorKind, Place, Result};

/// Longest line that is read: an atom takes a few hundred bytes, so what is longer is no `.cfg` text.
const MAX_LINE_BYTES: usize = 1 << 20;

/// Reads lines and skips blank ones.
pub(super) struct Lines<R> {
    input: R,
    file: String,
    line: Vec<u8>,
    number: usize,
    bytes_read: u64,
    given_back: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(input: R, file: &str) -> Self {
        Self { input, file: file.to_owned(), line: Vec::new(), number: 0, bytes_read: 0, given_back: false }
    }

    /// Number of the last line read, from one; zero before the first.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Bytes of the lines read so far.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    /// Goes to the next line that is not blank; `false` at the end of the input.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.given_back) {
            return Ok(true);
        }
        loop {
            self.line.clear();
            if !self.read_line()? {
                return Ok(false);
            }
            self.number += 1;
            if self.current().word().is_some() {
                return Ok(true);
            }
        }
    }

    /// Lets the next `advance` stay at the current line.
    pub(super) fn give_back(&mut self) {
        self.given_back = true;
    }

    /// A cursor at the beginning of the current line.
    pub(super) fn current(&self) -> Cursor<'_> {
        Cursor::new(&self.line, &self.file, self.number)
    }

    /// An error about the line as a whole.
    pub(super) fn error(&self, kind: ErrorKind, message: String) -> Error {
        Error::new(kind, message).at(Place { file: self.file.clone(), line: self.number, column: 0 })
    }

    /// Reads one line without its line end; `false` at the end of the input.
    fn read_line(&mut self) -> Result<bool> {
        let mut any = false;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("read", &self.file, &error)),
            };
            if available.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            if self.line.len() + part.len() > MAX_LINE_BYTES {
                self.number += 1;
                let message = format!("expected lines of at most {MAX_LINE_BYTES} bytes, got a longer one");
                return Err(self.error(ErrorKind::Syntax, message).hint("is this a .cfg file?"));
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            self.bytes_read += used as u64;
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_lines_are_skipped_but_counted() {
        let mut lines = Lines::new(&b"\n  \r\n a \n\t\nb"[..], "f");
        assert!(lines.advance().unwrap());
        assert_eq!((lines.number(), lines.current().word().unwrap().1), (3, &b"a"[..]));
        lines.give_back();
        assert!(lines.advance().unwrap());
        assert_eq!(lines.number(), 3);
        assert!(lines.advance().unwrap());
        assert_eq!((lines.number(), lines.bytes_read()), (5, 12));
        assert!(!lines.advance().unwrap());
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let endless = std::io::BufReader::new(std::io::repeat(b'x'));
        let error = Lines::new(endless, "f").advance().unwrap_err();
        assert!(error.to_string().starts_with("f:1: expected lines of at most 1048576 bytes"));
    }
}
