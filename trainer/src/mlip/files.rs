//! Files that a command of MLIP reads and writes. Results may take the place of what is read at the same time, as in MLIP, but
//! not that of another result, nor of a file that the result says something about.

use std::path::{Path, PathBuf};

use mtprs_core::{Error, ErrorKind};

use super::replacing;
use crate::Failure;

/// Refuses results in places of which nothing could be said before the work is done: folders, and names in folders that are not there.
fn check(result: &Path) -> Result<(), Failure> {
    replacing(result).check()?;
    let folder = result.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            let error = Error::new(ErrorKind::Io, "cannot write: its folder is not there");
            Err(error.in_file(&result.display().to_string()).into())
        }
        _ => Ok(()),
    }
}

/// Whether two names lead to one file.
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    // A file that is not there yet is told by its folder and its name.
    let id = |path: &Path| {
        path.canonicalize().ok().or_else(|| {
            let folder =
                path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            Some(folder.canonicalize().ok()?.join(path.file_name()?))
        })
    };
    one == other || (id(one).is_some() && id(one) == id(other))
}

/// The results of a command, each with what it must not replace beside all other results.
#[derive(Default)]
pub(super) struct Results {
    files: Vec<PathBuf>,
}

impl Results {
    /// Adds a result that must not take the place of some files.
    pub(super) fn add(&mut self, result: &Path, not: &[&Path]) -> Result<(), Failure> {
        check(result)?;
        let taken = not.iter().copied().chain(self.files.iter().map(PathBuf::as_path));
        for other in taken {
            // What is no file, as /dev/null, may take any number of results.
            if is_same(result, other) && (!result.exists() || result.is_file()) {
                let message = "the result would take the place of another file of this command";
                let error = Error::new(ErrorKind::Argument, message).in_file(&result.display().to_string());
                return Err(error.hint("give it another name").into());
            }
        }
        self.files.push(result.to_owned());
        Ok(())
    }
}
