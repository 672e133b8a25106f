//! Marks of their encoding with which editors of Windows, and redirections of PowerShell, begin texts.

use crate::error::{Error, ErrorKind, Result};

const UTF_8: &[u8] = b"\xef\xbb\xbf";
const UTF_16: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// A text without the mark of UTF-8; one with a mark of UTF-16 is refused.
pub fn without_mark(text: &[u8]) -> Result<&[u8]> {
    if UTF_16.iter().any(|mark| text.starts_with(mark)) {
        let error = Error::new(ErrorKind::Unsupported, "the file is text in UTF-16: expected UTF-8");
        return Err(error.hint("save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8"));
    }
    Ok(text.strip_prefix(UTF_8).unwrap_or(text))
}
