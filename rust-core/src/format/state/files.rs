//! Selection states as files: which format a file has shows in its first bytes, which it gets in its extension.

use std::io::{self, Read, Write};
use std::path::Path;

use super::super::atomic_file::AtomicFile;
use super::super::files;
use super::almtp_writer::write_almtp;
use super::als_reader;
use super::als_writer::write_als;
use super::mtps_reader;
use super::mtps_writer::write_state;
use crate::error::{Error, Result};
use crate::selection::SelectionState;

/// Reads a state from the bytes of a file of mtprs (`.mtps`), MLIP-2 (`.als`) or MLIP-3 (`.almtp`).
pub fn parse_state(text: &[u8], file_name: &str) -> Result<SelectionState> {
    if mtps_reader::begins_state(text) {
        mtps_reader::parse(text, file_name)
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

/// Writes a state in the format that a name asks for: that of MLIP-2 for `.als`, of MLIP-3 for `.almtp`, ours (`.mtps`)
/// otherwise.
pub fn write_state_for(path: &Path, state: &SelectionState, output: &mut impl Write) -> io::Result<()> {
    if has_extension(path, "als") {
        write_als(state, output)
    } else if has_extension(path, "almtp") {
        write_almtp(state, output)
    } else {
        write_state(state, output)
    }
}

/// Writes a state to a file in the format that its name asks for, see [`write_state_for`]. The file keeps its old content
/// if anything fails.
pub fn save_state(state: &SelectionState, path: &Path) -> Result<()> {
    let name = path.to_string_lossy();
    let mut file = AtomicFile::create(path)?;
    write_state_for(path, state, &mut file)
        .and_then(|()| file.flush())
        .map_err(|error| Error::io("write", &name, &error))?;
    file.commit()
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}
