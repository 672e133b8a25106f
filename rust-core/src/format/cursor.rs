//! A cursor over bytes that knows the file, and finds line and column when an error needs them.
//!
//! The cursor itself only counts bytes; a [`Place`] is worked out on demand, so that reading costs nothing for it.
//! Lines and columns count from one, columns in characters.

use super::numbers::{self, Refusal};
use crate::error::{Error, ErrorKind, Place, Result};

/// Most characters of the user's text that a message repeats.
const MAX_SHOWN: usize = 40;

/// A position in a text, which may be a whole file or one line of it.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    text: &'a [u8],
    file: &'a str,
    first_line: usize,
    offset: usize,
}

impl<'a> Cursor<'a> {
    /// A cursor at the beginning of a text whose first line has the number `first_line`.
    pub(crate) fn new(text: &'a [u8], file: &'a str, first_line: usize) -> Self {
        Self { text, file, first_line, offset: 0 }
    }

    /// Bytes before the cursor.
    pub(crate) fn offset(&self) -> usize {
        self.offset
    }

    /// The same text with the cursor elsewhere.
    pub(crate) fn moved_to(&self, offset: usize) -> Self {
        Self { offset, ..self.clone() }
    }

    /// What is left of the text.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.text[self.offset..]
    }

    /// The next byte, not yet passed.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.text.get(self.offset).copied()
    }

    /// Passes one byte.
    pub(crate) fn advance(&mut self) {
        self.offset = (self.offset + 1).min(self.text.len());
    }

    /// Passes spaces, tabs and carriage returns.
    pub(crate) fn skip_blanks(&mut self) {
        self.skip(is_blank);
    }

    /// Passes blanks and line ends.
    pub(crate) fn skip_white(&mut self) {
        self.skip(|byte| is_blank(byte) || byte == b'\n');
    }

    /// Passes `byte` if it is next.
    pub(crate) fn accept(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.offset += usize::from(found);
        found
    }

    /// The bytes up to the next one that ends a word by `ends`, passed.
    pub(crate) fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let start = self.offset;
        self.skip(|byte| !ends(byte));
        &self.text[start..self.offset]
    }

    /// The next word of this line after blanks, with its offset; `None` at the end of the line.
    pub(crate) fn word(&mut self) -> Option<(usize, &'a [u8])> {
        self.skip_blanks();
        let start = self.offset;
        let word = self.take_until(|byte| is_blank(byte) || byte == b'\n');
        (!word.is_empty()).then_some((start, word))
    }

    /// The word that begins in a column, counted in characters from one; empty if there is none.
    pub(crate) fn word_at_column(&self, column: usize) -> String {
        let line = self.moved_to(0).take_until(|byte| byte == b'\n');
        let text = String::from_utf8_lossy(line);
        let rest = text.chars().skip(column.saturating_sub(1));
        rest.take_while(|character| !character.is_whitespace()).collect()
    }

    /// The rest of this line without surrounding blanks, as text.
    pub(crate) fn line_text(&mut self) -> Result<&'a str> {
        self.skip_blanks();
        let start = self.offset;
        let mut line = self.take_until(|byte| byte == b'\n');
        while let [front @ .., last] = line
            && is_blank(*last)
        {
            line = front;
        }
        self.utf8(start, line)
    }

    /// Checks that nothing but blanks is left on this line after the value of `key`.
    pub(crate) fn end_line(&mut self, key: &str) -> Result<()> {
        match self.word() {
            None => Ok(()),
            Some((start, word)) => {
                let message = format!("expected the end of the line after {key}, got {}", shown(word));
                Err(self.syntax(start, message))
            }
        }
    }

    /// `bytes`, which begin at `start`, as text.
    pub(crate) fn utf8(&self, start: usize, bytes: &'a [u8]) -> Result<&'a str> {
        std::str::from_utf8(bytes).map_err(|error| {
            self.syntax(start + error.valid_up_to(), "this byte is not part of UTF-8 text".into())
        })
    }

    /// Reads the word `bytes`, which begins at `start`, as a finite number.
    pub(crate) fn float(&self, start: usize, bytes: &[u8]) -> Result<f64> {
        numbers::float(bytes).map_err(|refusal| self.refused(start, bytes, refusal))
    }

    /// Reads the word `bytes`, which begins at `start`, as an integer.
    pub(crate) fn integer(&self, start: usize, bytes: &[u8]) -> Result<i64> {
        numbers::integer(bytes).map_err(|refusal| self.refused(start, bytes, refusal))
    }

    fn refused(&self, start: usize, bytes: &[u8], refusal: Refusal) -> Error {
        let error = self.syntax(start, format!("expected {}, got {}", refusal.expected, shown(bytes)));
        match refusal.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }

    /// An error of the grammar at an offset.
    pub(crate) fn syntax(&self, offset: usize, message: String) -> Error {
        self.error(ErrorKind::Syntax, offset, message)
    }

    /// An error at an offset.
    pub(crate) fn error(&self, kind: ErrorKind, offset: usize, message: String) -> Error {
        Error::new(kind, message).at(self.place(offset))
    }

    /// Line and column of an offset.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let before = &self.text[..offset.min(self.text.len())];
        let line_start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
        let lines = before.iter().filter(|&&byte| byte == b'\n').count();
        let characters = before[line_start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        Place { file: self.file.to_owned(), line: self.first_line + lines, column: 1 + characters }
    }

    fn skip(&mut self, skipped: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.offset += rest.iter().position(|&byte| !skipped(byte)).unwrap_or(rest.len());
    }
}

/// Whether a byte separates words within a line. A carriage return counts, for files with CRLF line ends.
pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

/// The user's text for a message: short, on one line, printable.
pub(crate) fn shown(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "nothing".into();
    }
    let head = &bytes[..bytes.len().min(4 * MAX_SHOWN)];
    let text = String::from_utf8_lossy(head);
    let mut shown: String = text
        .chars()
        .take(MAX_SHOWN)
        .map(|character| if is_printable(character) { character } else { '\u{fffd}' })
        .collect();
    if text.chars().count() > MAX_SHOWN {
        shown.push('…');
    }
    shown
}

/// Whether a terminal shows a character as itself; marks that change the direction of writing are not.
fn is_printable(character: char) -> bool {
    matches!(character, '"' | '\'' | '\\') || character.escape_debug().count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let text = "a = 1\r\n  bé = 2\n".as_bytes();
        let cursor = Cursor::new(text, "x.mtp", 1);
        assert_eq!(cursor.place(0).to_string(), "x.mtp:1:1");
        let two = text.iter().position(|&byte| byte == b'2').unwrap();
        assert_eq!(cursor.place(two).to_string(), "x.mtp:2:8");
        assert_eq!(cursor.place(text.len()).to_string(), "x.mtp:3:1");
        assert_eq!(Cursor::new(b"x", "y", 7).place(1).to_string(), "y:7:2");
    }

    #[test]
    fn shown_text_is_short_and_printable() {
        assert_eq!(shown(b""), "nothing");
        assert_eq!(shown(b"a\x00b\xff"), "a\u{fffd}b\u{fffd}");
        assert_eq!(shown("é \"\u{202e}".as_bytes()), "é \"\u{fffd}");
        assert_eq!(shown(&[b'x'; 1000]).chars().count(), MAX_SHOWN + 1);
    }

    #[test]
    fn words_stop_at_the_end_of_the_line() {
        let mut cursor = Cursor::new(b" one\t two \r\nthree", "f", 1);
        assert_eq!(cursor.word(), Some((1, &b"one"[..])));
        assert_eq!(cursor.word(), Some((6, &b"two"[..])));
        assert_eq!(cursor.word(), None);
    }
}
