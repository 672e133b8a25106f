//! Files opened and read whole, with errors that name the file.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::{Error, ErrorKind, Result};

/// More than this is not read by [`read_whole`]: the largest potentials have a few megabytes.
const MAX_BYTES: u64 = 1 << 28;

/// Opens a file for reading.
pub(super) fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|error| Error::io("open", &path.to_string_lossy(), &error))
}

/// Reads a file of moderate size into memory. One that is larger must have `mark`, after which nobody wants to read.
pub(super) fn read_whole(path: &Path, mark: &[u8]) -> Result<Vec<u8>> {
    let name = path.to_string_lossy();
    let mut text = Vec::new();
    open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut text)
        .map_err(|error| Error::io("read", &name, &error))?;
    if text.len() as u64 > MAX_BYTES && !text.windows(mark.len()).any(|window| window == mark) {
        let message = format!("the file is larger than {} MiB, more than any potential", MAX_BYTES >> 20);
        return Err(Error::new(ErrorKind::Io, message).in_file(&name));
    }
    Ok(text)
}
