//! A folder that one process at a time works in. The lock goes with the process, however that ends.

use std::fs::{File, TryLockError};
use std::path::Path;

use mtprs_core::{Error, ErrorKind, Result};

/// The file that is locked.
const LOCK: &str = "lock";

/// Refuses to work side by side with another process; `doing` says what that one does.
pub(crate) fn lock(folder: &Path, doing: &str) -> Result<File> {
    let path = folder.join(LOCK);
    let name = path.display().to_string();
    let file = File::create(&path).map_err(|error| Error::io("create", &name, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let error = Error::new(ErrorKind::Io, format!("another process is {doing} in this folder"));
            Err(error.in_file(&folder.display().to_string()))
        }
        Err(TryLockError::Error(error)) => Err(Error::io("lock", &name, &error)),
    }
}
