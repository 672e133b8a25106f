//! A folder that one process at a time works in. The lock goes with the process, however that ends.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use mtprs_core::{Error, ErrorKind, Result};
use rustix::io::Errno;

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
        Err(TryLockError::Error(error)) => Err(lock_failed(&path, &error)),
    }
}

/// Why a file cannot be locked, other than by the lock of another process.
pub(crate) fn lock_failed(path: &Path, error: &io::Error) -> Error {
    let name = path.display().to_string();
    let unsupported = [Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NOLCK, Errno::NOSYS];
    let is_unsupported = error.kind() == io::ErrorKind::Unsupported
        || Errno::from_io_error(error).is_some_and(|error| unsupported.contains(&error));
    if !is_unsupported {
        return Error::io("lock", &name, error);
    }
    let message = format!(
        "the file system does not support locks ({error}), so two processes could work here at the same time"
    );
    let hint = "use a folder on another file system, or mount this one with locks (flock)";
    Error::new(ErrorKind::Io, message).in_file(&name).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_system_without_locks_is_named() {
        let path = Path::new("run/lock");
        for errno in [Errno::OPNOTSUPP, Errno::NOLCK, Errno::NOSYS] {
            let message = lock_failed(path, &errno.into()).to_string();
            assert!(message.starts_with("run/lock: the file system does not support locks ("), "{message}");
        }
        let message = lock_failed(path, &Errno::IO.into()).to_string();
        assert!(message.starts_with("run/lock: cannot lock"), "{message}");
    }
}
