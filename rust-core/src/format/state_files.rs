//! Selection states as files: which format a file has shows in its first bytes, which it gets in its extension.

use std::io::{Read, Write};
use std::path::Path;

use super::als_reader;
use super::als_writer::write_als;
use super::atomic_file::AtomicFile;
use super::files;
use super::state_reader;
use super::state_writer::write_state;
use crate::error::{Error, ErrorKind, Result};
use crate::selection::SelectionState;

/// Reads a state from the bytes of a file of mtprs (`.mtps`), MLIP-2 (`.als`) or MLIP-3 (`.almtp`).
pub fn parse_state(text: &[u8], file_name: &str) -> Result<SelectionState> {
    if state_reader::begins_state(text) {
        state_reader::parse(text, file_name)
    } else {
        als_reader::parse(text, file_name)
    }
}

/// Reads a state from a file of mtprs (`.mtps`), MLIP-2 (`.als`) or MLIP-3 (`.almtp`).
pub fn load_state(path: &Path) -> Result<SelectionState> {
    let name = path.to_string_lossy();
    let mut text = Vec::new();
    files::open(path)?.read_to_end(&mut text).map_err(|error| Error::io("read", &name, &error))?;
    parse_state(&text, &name)
}

/// Writes a state to a file, in the format of MLIP-2 if its name ends in `.als`, in ours (`.mtps`) otherwise. The file
/// keeps its old content if anything fails.
pub fn save_state(state: &SelectionState, path: &Path) -> Result<()> {
    let name = path.to_string_lossy();
    if has_extension(path, "almtp") {
        let error = Error::new(ErrorKind::Unsupported, "states of MLIP-3 (.almtp) are read, but not written");
        return Err(error.in_file(&name).hint("choose .mtps, or .als for MLIP-2"));
    }
    let mut file = AtomicFile::create(path)?;
    let written =
        if has_extension(path, "als") { write_als(state, &mut file) } else { write_state(state, &mut file) };
    written.and_then(|()| file.flush()).map_err(|error| Error::io("write", &name, &error))?;
    file.commit()
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
