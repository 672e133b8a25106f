//! Lines of a stream, one in memory at a time, with words that know their place.

use std::io::{self, BufRead};

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::glued::separated;
use crate::endpoint::Stream;

/// Longest line that is read; comment lines of extended XYZ may hold whole arrays.
const MAX_LINE_BYTES: usize = 1 << 24;

/// Most characters of the user's text that a message repeats.
const MAX_SHOWN: usize = 40;

/// Reads lines.
pub(super) struct Lines {
    input: Stream,
    file: String,
    bytes: Vec<u8>,
    line: String,
    number: usize,
    is_given_back: bool,
    is_terminated: bool,
}

impl Lines {
    pub(super) fn new(input: Stream, file: &str) -> Self {
        Self {
            input,
            file: file.to_owned(),
            bytes: Vec::new(),
            line: String::new(),
            number: 0,
            is_given_back: false,
            is_terminated: true,
        }
    }

    /// Number of the last line read, from one; zero before the first.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The current line without its end; bytes that are not UTF-8 are replaced.
    pub(super) fn text(&self) -> &str {
        &self.line
    }

    /// The words of the current line.
    pub(super) fn words(&self) -> std::str::SplitWhitespace<'_> {
        self.line.split_whitespace()
    }

    /// Whether the current line has a line end; the last one of a program that was killed may have none.
    pub(super) fn is_terminated(&self) -> bool {
        self.is_terminated
    }

    /// A note where the input ends within the current line behind a number: digits may be missing.
    pub(super) fn note_of_cut(&self) -> Option<String> {
        // Behind # or ! stands a comment, whose numbers are nobody's.
        if self.is_terminated || self.line.ends_with(char::is_whitespace) || self.line.contains(['#', '!']) {
            return None;
        }
        let word = self.words().next_back().filter(|word| word.parse::<f64>().is_ok())?;
        let (line, word) = (self.number, shown(word));
        Some(format!("line {line}, the last, has no line end: its last number, {word}, may be truncated"))
    }

    /// Lets the next `advance` stay at the current line.
    pub(super) fn give_back(&mut self) {
        self.is_given_back = true;
    }

    /// Goes to the next line; `false` at the end of the input.
    pub(super) fn advance(&mut self) -> Result<bool> {
        if std::mem::take(&mut self.is_given_back) {
            return Ok(true);
        }
        self.bytes.clear();
        if !self.read_line()? {
            return Ok(false);
        }
        self.number += 1;
        self.line.clear();
        self.line.push_str(&String::from_utf8_lossy(&self.bytes));
        Ok(true)
    }

    /// Goes to the next line that is not blank; `false` at the end of the input.
    pub(super) fn advance_over_blank(&mut self) -> Result<bool> {
        while self.advance()? {
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Goes to the next line, which must be there: `expected` says what it holds.
    pub(super) fn require(&mut self, expected: &str) -> Result<()> {
        if self.advance()? {
            return Ok(());
        }
        Err(self.error(format!("expected {expected}, got the end of the file")))
    }

    /// Whether nothing follows the current line.
    pub(super) fn is_at_end(&mut self) -> bool {
        !self.is_given_back && self.input.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// An error about the current line as a whole.
    pub(super) fn error(&self, message: impl Into<String>) -> Error {
        Error::new(ErrorKind::Syntax, message).at(self.place(0))
    }

    /// An error about a word of the current line.
    pub(super) fn error_at(&self, word: &str, message: impl Into<String>) -> Error {
        let offset = word.as_ptr().addr().wrapping_sub(self.line.as_ptr().addr());
        let column = self.line.get(..offset).map_or(0, |before| before.chars().count() + 1);
        Error::new(ErrorKind::Syntax, message).at(self.place(column))
    }

    /// A column of the current line; zero means all of it.
    pub(super) fn place(&self, column: usize) -> Place {
        Place { file: self.file.clone(), line: self.number, column }
    }

    /// Reads a word as a finite number; `what` says which.
    pub(super) fn float(&self, word: &str, what: &str) -> Result<f64> {
        match parse_number(word) {
            Some(value) if value.is_finite() => Ok(value),
            Some(_) => {
                Err(self.error_at(word, format!("expected a finite number for {what}, got {}", shown(word))))
            }
            None => {
                let error = self.error_at(word, format!("expected a number for {what}, got {}", shown(word)));
                Err(if word.contains('*') {
                    error.hint("stars replace a number that was too long for its column")
                } else {
                    error
                })
            }
        }
    }

    /// Reads a word as an integer; `what` says which.
    pub(super) fn integer<T: std::str::FromStr>(&self, word: &str, what: &str) -> Result<T> {
        word.parse()
            .map_err(|_| self.error_at(word, format!("expected an integer for {what}, got {}", shown(word))))
    }

    /// The next word, which must be there: `what` says what it is.
    pub(super) fn word<'a>(&self, words: &mut impl Iterator<Item = &'a str>, what: &str) -> Result<&'a str> {
        words.next().ok_or_else(|| self.error(format!("expected {what}, got the end of the line")))
    }

    /// Reads the next words as N numbers; `what` says which.
    pub(super) fn floats<'a, const N: usize>(
        &self,
        words: &mut impl Iterator<Item = &'a str>,
        what: &str,
    ) -> Result<[f64; N]> {
        let mut values = [0.0; N];
        for (index, value) in values.iter_mut().enumerate() {
            let Some(word) = words.next() else {
                return Err(self.error(format!("expected {N} numbers for {what}, got {index}")));
            };
            *value = self.float(word, what)?;
        }
        Ok(values)
    }

    /// Reads the first three numbers of the next line as a vector; the columns of Fortran programs may touch.
    pub(super) fn next_vector(&mut self, what: &str) -> Result<Vector3> {
        self.require(what)?;
        self.floats(&mut separated(self.text()), what)
    }

    /// Reads one line without its line end; `false` at the end of the input.
    fn read_line(&mut self) -> Result<bool> {
        let mut any = false;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(Error::io("read", &self.file, &error)),
            };
            if available.is_empty() {
                self.is_terminated = !any;
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|&byte| byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            if self.bytes.len() + part.len() > MAX_LINE_BYTES {
                self.number += 1;
                let message = format!("expected lines of at most {MAX_LINE_BYTES} bytes, got a longer one");
                return Err(self.error(message));
            }
            self.bytes.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.input.consume(used);
            if end.is_some() {
                self.is_terminated = true;
                if self.bytes.last() == Some(&b'\r') {
                    self.bytes.pop();
                }
                return Ok(true);
            }
        }
    }
}

/// A number, of which Fortran may have written the exponent with a D.
pub(super) fn parse_number(word: &str) -> Option<f64> {
    let number = word.parse().ok();
    number.or_else(|| {
        let is_number = word.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
        is_number.then(|| word.replacen(['D', 'd'], "E", 1).parse().ok())?
    })
}

/// The user's text for a message: short, on one line, printable.
pub(super) fn shown(text: &str) -> String {
    if text.is_empty() {
        return "nothing".into();
    }
    let mut shown: String = text
        .chars()
        .take(MAX_SHOWN)
        .map(|character| if character.is_control() { '\u{fffd}' } else { character })
        .collect();
    if text.chars().count() > MAX_SHOWN {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &'static str) -> Lines {
        Lines::new(Box::new(text.as_bytes()), "f")
    }

    #[test]
    fn errors_name_the_line_and_the_column_of_a_word() {
        let mut lines = lines("first\r\n  é 1.5 x\nlast");
        assert!(lines.advance().unwrap());
        assert_eq!((lines.text(), lines.is_terminated()), ("first", true));
        assert!(lines.advance().unwrap());
        let word = lines.words().nth(2).unwrap();
        let message = lines.float(word, "a length").unwrap_err().to_string();
        assert_eq!(message, "f:2:9: expected a number for a length, got x");
        assert!(lines.advance().unwrap() && lines.is_at_end());
        assert!(!lines.is_terminated());
        let message = lines.require("a vector").unwrap_err().to_string();
        assert_eq!(message, "f:3: expected a vector, got the end of the file");
    }

    #[test]
    fn exponents_may_be_those_of_fortran() {
        assert_eq!(parse_number("-1.25D-02"), Some(-0.0125));
        assert_eq!(parse_number("1d3"), Some(1000.0));
        assert_eq!((parse_number("D3"), parse_number("1D"), parse_number("1D2D3")), (None, None, None));
    }

    #[test]
    fn numbers_that_are_not_finite_or_too_long_for_their_column_are_refused() {
        let mut lines = lines("nan ******");
        lines.advance().unwrap();
        let mut words = lines.words();
        let message = lines.float(words.next().unwrap(), "x").unwrap_err().to_string();
        assert_eq!(message, "f:1:1: expected a finite number for x, got nan");
        let message = lines.float(words.next().unwrap(), "x").unwrap_err().to_string();
        assert!(message.ends_with("hint: stars replace a number that was too long for its column"));
    }
}
