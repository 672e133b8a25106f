//! A file that appears under its name only when it is complete.
//!
//! What is written goes to a temporary file in the same folder; `commit` brings it to the disk and renames it. Without
//! a commit the temporary file is removed and whatever had the name before stays as it was. A symbolic link is
//! followed. What is no regular file (`/dev/stdout`, a pipe) is written directly. A file that is to be new takes its
//! name only if nothing else has it by then.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, ErrorKind, Result};

/// Tells apart the temporary files that one process makes for the same name.
static COUNTER: AtomicU64 = AtomicU64::new(0);

/// Most attempts to find a free name for the temporary file.
const ATTEMPTS: usize = 100;

/// Most links that are followed one after the other.
const LINKS: usize = 40;

/// What is said where a file should be new and is not.
const EXISTS: &str = "the file exists";

/// A file being written; see the module.
#[derive(Debug)]
pub struct AtomicFile {
    name: String,
    target: PathBuf,
    temporary: Option<PathBuf>,
    /// Whether nothing may be replaced.
    is_new: bool,
    /// `None` once committed or dropped.
    output: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Begins a file that will be called `path`, in place of an older one of that name.
    pub fn create(path: &Path) -> Result<Self> {
        Self::begin(path, false)
    }

    /// Begins a file that will be called `path`. Fails, now or when it is committed, if there is a regular file of that
    /// name.
    pub fn create_new(path: &Path) -> Result<Self> {
        Self::begin(path, true)
    }

    fn begin(path: &Path, is_new: bool) -> Result<Self> {
        let name = path.to_string_lossy().into_owned();
        let existing = fs::metadata(path).ok();
        // Links to pipes, as /dev/stdout may be one, lead to no path.
        let is_file = existing.as_ref().is_none_or(fs::Metadata::is_file);
        let target = if is_file { resolved(path) } else { path.to_owned() };
        let failed = |message: String| Err(Error::new(ErrorKind::Io, message).in_file(&name));
        match &existing {
            Some(metadata) if metadata.is_dir() => return failed("cannot write: it is a folder".into()),
            Some(metadata) if !metadata.is_file() => {
                let file = OpenOptions::new().write(true).open(&target);
                let file = file.map_err(|error| Error::io("open for writing", &name, &error))?;
                return Ok(Self {
                    name,
                    target,
                    temporary: None,
                    is_new,
                    output: Some(BufWriter::new(file)),
                });
            }
            Some(_) if is_new => return failed(EXISTS.into()),
            _ => {}
        }
        let folder = folder_of(&target);
        if !folder.is_dir() {
            return failed(format!("cannot write: there is no folder {}", folder.display()));
        }
        let (temporary, file) = create_temporary(&target)
            .map_err(|error| Error::io(&format!("write into {}", folder.display()), &name, &error))?;
        let atomic =
            Self { name, target, temporary: Some(temporary), is_new, output: Some(BufWriter::new(file)) };
        atomic.take_over_permissions(existing.as_ref())?;
        Ok(atomic)
    }

    /// Completes the file: everything is on the disk, under its name, or an error says why not.
    pub fn commit(mut self) -> Result<()> {
        let name = std::mem::take(&mut self.name);
        let failed = |error: &io::Error| Error::io("write", &name, error);
        let Some(output) = self.output.take() else { return Ok(()) };
        let file = output.into_inner().map_err(|error| failed(error.error()))?;
        let Some(temporary) = &self.temporary else { return Ok(()) };
        file.sync_all().map_err(|error| failed(&error))?;
        drop(file);
        if self.is_new {
            take_free_name(temporary, &self.target).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => Error::new(ErrorKind::Io, EXISTS).in_file(&name),
                _ => failed(&error),
            })?;
        } else {
            fs::rename(temporary, &self.target).map_err(|error| failed(&error))?;
        }
        self.temporary = None;
        // The rename itself outlives a power cut only once the folder is on the disk too. Some file systems
        // cannot do this; the file is complete either way.
        if let Ok(folder) = File::open(folder_of(&self.target)) {
            let _ = folder.sync_all();
        }
        Ok(())
    }

    fn take_over_permissions(&self, existing: Option<&fs::Metadata>) -> Result<()> {
        let (Some(metadata), Some(temporary)) = (existing, &self.temporary) else { return Ok(()) };
        if metadata.permissions().readonly() {
            let message = "cannot write: the file exists and is read-only".to_owned();
            return Err(Error::new(ErrorKind::Io, message).in_file(&self.name));
        }
        fs::set_permissions(temporary, metadata.permissions())
            .map_err(|error| Error::io("set permissions", &self.name, &error))
    }
}

impl Write for AtomicFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.output.as_mut().map_or(Ok(0), |output| output.write(buffer))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.as_mut().map_or(Ok(()), BufWriter::flush)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // Nothing is left to tell a failure to; at worst a hidden file stays behind.
            let _ = fs::remove_file(temporary);
        }
    }
}

/// Gives a file a name that must be free. A second name for the same file is refused where there is one already, and
/// renaming is not; file systems without second names have their names looked at instead.
fn take_free_name(temporary: &Path, target: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, target) {
        Ok(()) => fs::remove_file(temporary),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        Err(_) if fs::symlink_metadata(target).is_ok() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(temporary, target),
    }
}

/// The path without links, also of a link to a file that is not there.
fn resolved(path: &Path) -> PathBuf {
    let mut target = path.to_owned();
    for _ in 0..LINKS {
        if let Ok(whole) = fs::canonicalize(&target) {
            return whole;
        }
        let Ok(next) = fs::read_link(&target) else { break };
        target = folder_of(&target).join(next);
    }
    target
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn create_temporary(target: &Path) -> io::Result<(PathBuf, File)> {
    let Some(name) = target.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path ends without a file name"));
    };
    let mut attempt = 0;
    loop {
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{}.tmp", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed)));
        let path = folder_of(target).join(hidden);
        attempt += 1;
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use mtprs_testing::scratch;

    use super::*;

    fn folder(test: &str) -> PathBuf {
        scratch(&format!("atomic_file/{test}"))
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_on_commit() {
        let folder = folder("commit");
        let path = folder.join("pot.mtp");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.flush().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        file.commit().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(&folder), ["pot.mtp"]);
    }

    #[test]
    fn without_commit_nothing_changes_and_nothing_is_left() {
        let folder = folder("drop");
        let path = folder.join("pot.mtp");
        fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(names(&folder).len(), 2);
        drop(file);
        assert_eq!(names(&folder), ["pot.mtp"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    }

    #[test]
    fn places_that_cannot_hold_a_file_are_explained() {
        let folder = folder("places");
        let message = |path: &Path| AtomicFile::create(path).unwrap_err().to_string();
        let missing = folder.join("no/such/pot.mtp");
        let expected = format!("cannot write: there is no folder {}", folder.join("no/such").display());
        assert_eq!(message(&missing), format!("{}: {expected}", missing.display()));
        assert!(message(&folder).ends_with("cannot write: it is a folder"));
        fs::write(folder.join("plain"), "").unwrap();
        assert!(message(&folder.join("plain/pot.mtp")).contains("there is no folder"));
        let read_only = folder.join("plain");
        let mut permissions = fs::metadata(&read_only).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&read_only, permissions).unwrap();
        assert!(message(&read_only).ends_with("cannot write: the file exists and is read-only"));
    }

    #[test]
    fn a_new_file_replaces_nothing_whenever_it_appears() {
        let folder = folder("new");
        let path = folder.join("pot.mtp");
        let mut file = AtomicFile::create_new(&path).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert_eq!((fs::read_to_string(&path).unwrap().as_str(), names(&folder).len()), ("new", 1));
        let expected = format!("{}: the file exists", path.display());
        assert_eq!(AtomicFile::create_new(&path).unwrap_err().to_string(), expected);
        fs::remove_file(&path).unwrap();
        let mut file = AtomicFile::create_new(&path).unwrap();
        file.write_all(b"newer").unwrap();
        fs::write(&path, "precious").unwrap();
        assert_eq!(file.commit().unwrap_err().to_string(), expected);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
        assert_eq!(names(&folder), ["pot.mtp"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_reported_by_commit_at_the_latest() {
        let mut file = AtomicFile::create(Path::new("/dev/full")).unwrap();
        file.write_all(b"text").unwrap();
        let message = file.commit().unwrap_err().to_string();
        assert!(message.starts_with("/dev/full: cannot write: No space left on device"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_kept() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder("links");
        let (target, link) = (folder.join("real.mtp"), folder.join("link.mtp"));
        fs::write(&target, "old").unwrap();
        fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut file = AtomicFile::create(&link).unwrap();
        file.write_all(b"new").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "new");
        assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
        fs::remove_file(&target).unwrap();
        let mut file = AtomicFile::create_new(&link).unwrap();
        file.write_all(b"newer").unwrap();
        file.commit().unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().file_type().is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "newer");
    }
}
