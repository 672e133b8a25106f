//! Files and folders of a loop, with the name of whatever goes wrong.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use mtprs_core::format::AtomicFile;
use mtprs_core::{Error, Result};

/// Makes a folder and those around it.
pub fn create_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|error| Error::io("create the folder", &name(folder), &error))
}

/// Removes a folder with all that is in it, if it is there.
pub fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(Error::io("remove the folder", &name(folder), &error))
        }
        _ => Ok(()),
    }
}

/// Reads a file.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::io("read", &name(path), &error))
}

/// Writes a file in one step.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(|error| Error::io("write", &name(path), &error))?;
    file.commit()
}

/// Writes the contents of files one after the other into one, in one step.
pub fn join(files: impl IntoIterator<Item = impl AsRef<Path>>, to: &Path) -> Result<()> {
    let mut output = AtomicFile::create(to)?;
    for path in files {
        let path = path.as_ref();
        let failed = |error| Error::io("copy", &name(path), &error);
        let mut input = File::open(path).map_err(failed)?;
        io::copy(&mut input, &mut output).map_err(failed)?;
    }
    output.commit()
}

/// Removes what writers that were killed have left in a folder. Nobody else may write there.
pub fn remove_leftovers(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') && name.ends_with(".tmp") && path.is_file() {
            // It does no harm if it stays.
            let _ = fs::remove_file(&path);
        }
    }
}

fn name(path: &Path) -> String {
    path.display().to_string()
}
