//! Where text comes from and goes to: a file, or the standard streams for `-`; inside another program also [memory].

pub mod memory;

use std::collections::BTreeSet;
use std::fmt::Display;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Cursor, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use mtprs_core::format::{self, AtomicFile, parse_potential, parse_state, write_potential};
use mtprs_core::potential::Potential;
use mtprs_core::selection::SelectionState;
use mtprs_core::{Error, ErrorKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::Failure;
use memory::Buffer;

/// What is wrong with a pipe that is read more than once, and what to do.
pub(crate) const READ_TWICE: (&str, &str) =
    ("this is a pipe, but it has to be read a second time", "write it to a file first");

/// Whether a path is that of a pipe.
pub(crate) fn is_pipe(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.file_type().is_fifo())
}

/// A readable stream that can be handed to another thread.
pub type Stream = Box<dyn BufRead + Send>;

/// A file to read, or what stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input, written `-`.
    Stdin,
    /// A file.
    File(PathBuf),
    /// The contents of a file, with its name in messages.
    Held(String, Arc<[u8]>),
}

impl Input {
    /// What the user calls it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".into(),
            Self::File(path) => path.display().to_string(),
            Self::Held(name, _) => name.clone(),
        }
    }

    /// Opens it; the size in bytes is known of all but streams.
    pub fn open(&self) -> Result<(Stream, Option<u64>), Error> {
        let path = match self {
            Self::Stdin => return Ok((Box::new(BufReader::new(io::stdin())), None)),
            Self::Held(_, contents) => {
                return Ok((Box::new(Cursor::new(Arc::clone(contents))), self.size()));
            }
            Self::File(path) => path,
        };
        let failed = |error| Error::io("open", &self.name(), &error);
        // To open a pipe that nobody writes to any more would take forever.
        if is_pipe(path) {
            self.expect_first_reading(path)?;
        }
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            let message = "there is no OUTCAR or vasprun.xml in this folder or below it";
            return Err(Error::new(ErrorKind::Io, message).in_file(&self.name()));
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok((Box::new(BufReader::with_capacity(1 << 18, file)), size))
    }

    /// Refuses a pipe that was opened before: what it held is gone.
    fn expect_first_reading(&self, path: &Path) -> Result<(), Error> {
        static PIPES: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
        let mut pipes = PIPES.lock().unwrap_or_else(PoisonError::into_inner);
        if pipes.insert(path.to_owned()) {
            return Ok(());
        }
        let (message, hint) = READ_TWICE;
        Err(Error::new(ErrorKind::Io, message).in_file(&self.name()).hint(hint))
    }

    /// The file, if it is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdin | Self::Held(..) => None,
            Self::File(path) => Some(path),
        }
    }

    /// SHA-256 checksum in hexadecimal digits; of streams and what cannot be read any more there is none.
    pub fn checksum(&self) -> Option<String> {
        let mut hash = Sha256::new();
        match self {
            Self::Stdin => return None,
            Self::Held(_, contents) => hash.update(contents),
            Self::File(path) => {
                hash_all(File::open(path).ok().filter(|_| path.is_file())?, &mut hash).ok()?;
            }
        }
        Some(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Size in bytes of all but streams.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin => None,
            Self::Held(_, contents) => Some(contents.len() as u64),
            Self::File(path) => {
                path.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())
            }
        }
    }
}

/// Adds the contents of a file to a hash.
fn hash_all(mut file: File, hash: &mut Sha256) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            count => hash.update(&buffer[..count]),
        }
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        match memory::input(&path) {
            _ if path == Path::new("-") => Self::Stdin,
            Some(contents) => Self::Held(path.display().to_string(), contents),
            None => Self::File(path),
        }
    }
}

/// Reads a potential.
pub fn load_potential(path: &Path) -> Result<Potential, Error> {
    match memory::input(path) {
        Some(contents) => parse_potential(&contents, &path.to_string_lossy()),
        None => format::load_potential(path),
    }
}

/// Reads a whole file.
pub fn read(path: &Path) -> Result<Vec<u8>, Error> {
    match memory::input(path) {
        Some(contents) => Ok(contents.to_vec()),
        None => std::fs::read(path).map_err(|error| Error::io("read", &path.display().to_string(), &error)),
    }
}

/// Reads a selection state.
pub fn load_state(path: &Path) -> Result<SelectionState, Error> {
    match memory::input(path) {
        Some(contents) => parse_state(&contents, &path.to_string_lossy()),
        None => format::load_state(path),
    }
}

/// Reads what the program itself has written as JSON with [`save_json`]; `by` names the command.
pub fn load_json<T: DeserializeOwned>(path: &Path, by: &str, hint: &str) -> Result<T, Error> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| Error::io("read", &name, &error))?;
    serde_json::from_str(&text).map_err(|error| {
        let message = format!("expected a file written by {by}: {error}");
        Error::new(ErrorKind::InvalidState, message).in_file(&name).hint(hint)
    })
}

/// Writes what the program itself reads again, in one step.
pub fn save_json(path: &Path, value: &impl Serialize) -> Result<(), Error> {
    let name = path.display().to_string();
    let mut text = serde_json::to_string_pretty(value)
        .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write {name}: {error}")))?;
    text.push('\n');
    let mut file = AtomicFile::create(path)?;
    file.write_all(text.as_bytes()).map_err(|error| Error::io("write", &name, &error))?;
    file.commit()
}

/// A file to write, or standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output, written `-`.
    Stdout,
    /// A file.
    File(OutputFile),
    /// What another program holds, and its name in messages.
    Held(String, Buffer),
}

/// A file to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutputFile {
    /// Where.
    pub path: PathBuf,
    /// Whether an older file of that name may be replaced; if not, one that appears while this one is made stays, too.
    pub replaces: bool,
}

impl Output {
    /// What stands on the command line.
    pub fn new(path: PathBuf, replaces: bool) -> Self {
        match memory::output(&path) {
            _ if path == Path::new("-") => Self::Stdout,
            Some(buffer) => Self::Held(path.display().to_string(), buffer),
            None => Self::File(OutputFile { path, replaces }),
        }
    }

    /// A file in a folder that belongs to the program's own work, which goes on in it.
    pub fn own(path: PathBuf) -> Self {
        Self::File(OutputFile { path, replaces: true })
    }

    /// What the user calls it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "<stdout>".into(),
            Self::File(file) => file.name(),
            Self::Held(name, _) => name.clone(),
        }
    }

    /// The file, if it is one.
    pub fn file(&self) -> Option<&OutputFile> {
        match self {
            Self::Stdout | Self::Held(..) => None,
            Self::File(file) => Some(file),
        }
    }

    /// Begins to write; a file gets its name and contents only when [`Sink::finish`] is called.
    pub fn create(&self) -> Result<Sink, Failure> {
        let target = match self {
            Self::Stdout => match memory::stdout() {
                Some(buffer) => Target::Held(Vec::new(), buffer),
                None => Target::Stdout(BufWriter::new(io::stdout())),
            },
            Self::File(file) => Target::File(file.create()?),
            Self::Held(_, buffer) => Target::Held(Vec::new(), buffer.clone()),
        };
        Ok(Sink { target, name: self.name() })
    }

    /// Writes a finished text.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        let mut sink = self.create()?;
        sink.write(text.as_bytes())?;
        sink.finish()
    }

    /// Writes a potential.
    pub fn write_potential(&self, potential: &Potential) -> Result<(), Failure> {
        let mut text = Vec::new();
        write_potential(potential, &mut text).map_err(|error| Failure::from_write(&error, &self.name()))?;
        let mut sink = self.create()?;
        sink.write(&text)?;
        sink.finish()
    }

    /// Writes a report as JSON.
    pub fn write_json(&self, report: &impl Serialize) -> Result<(), Failure> {
        let json = serde_json::to_string_pretty(report).map_err(|error| {
            Error::new(ErrorKind::Bug, format!("cannot write the report as JSON: {error}"))
        })?;
        self.write(&(json + "\n"))
    }
}

impl OutputFile {
    /// What the user calls it.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Refuses a name that has a file already, unless that may be replaced. What is no regular file, such as
    /// `/dev/null` or a pipe, is written to in any case.
    pub fn check(&self) -> Result<(), Error> {
        match self.path.metadata() {
            Ok(metadata) if metadata.is_dir() => {
                Err(Error::new(ErrorKind::Io, "cannot write: it is a folder").in_file(&self.name()))
            }
            Ok(metadata) if metadata.is_file() && !self.replaces => {
                let error = Error::new(ErrorKind::Io, "the file exists").in_file(&self.name());
                Err(error.hint("choose another name, or replace it with --force"))
            }
            _ => Ok(()),
        }
    }

    /// Begins to write; the file gets its name when it is [committed](WrittenFile::commit).
    pub fn create(&self) -> Result<WrittenFile, Error> {
        self.check()?;
        let file =
            if self.replaces { AtomicFile::create(&self.path) } else { AtomicFile::create_new(&self.path) };
        Ok(WrittenFile { of: self.clone(), file: file? })
    }

    /// Writes all of it: the file is there as a whole, or an error says why not.
    pub fn write(&self, write: impl FnOnce(&mut WrittenFile) -> io::Result<()>) -> Result<(), Error> {
        let mut file = self.create()?;
        write(&mut file)
            .and_then(|()| file.flush())
            .map_err(|error| Error::io("write", &self.name(), &error))?;
        file.commit()
    }
}

/// An [`OutputFile`] that is being written.
pub struct WrittenFile {
    of: OutputFile,
    file: AtomicFile,
}

impl WrittenFile {
    /// Completes it: in one step it takes its name, and the place of an older file if it may.
    pub fn commit(self) -> Result<(), Error> {
        self.file.commit().map_err(|error| match self.of.check() {
            // It has appeared meanwhile.
            Err(exists) => exists,
            Ok(()) => error,
        })
    }
}

impl Write for WrittenFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        self.file.write(buffer)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An [`Output`] that is being written.
pub struct Sink {
    target: Target,
    name: String,
}

enum Target {
    Stdout(BufWriter<io::Stdout>),
    File(WrittenFile),
    Held(Vec<u8>, Buffer),
}

impl Sink {
    /// Writes all of `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let outcome = match &mut self.target {
            Target::Stdout(stdout) => stdout.write_all(bytes),
            Target::File(file) => file.write_all(bytes),
            Target::Held(written, _) => written.write_all(bytes),
        };
        outcome.map_err(|error| Failure::from_write(&error, &self.name))
    }

    /// Completes the output: a file takes its name, and the place of an older one if it may, in one step.
    pub fn finish(self) -> Result<(), Failure> {
        match self.target {
            Target::Stdout(mut stdout) => {
                stdout.flush().map_err(|error| Failure::from_write(&error, &self.name))
            }
            Target::File(file) => Ok(file.commit()?),
            Target::Held(written, buffer) => {
                buffer.append(&written);
                Ok(())
            }
        }
    }
}

/// Writes a finished text to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    Output::Stdout.write(text)
}

/// Writes to standard output in the midst of work that goes on where nobody reads it any more.
pub fn print_on(text: &str) -> Result<(), Failure> {
    match print(text) {
        Err(Failure::BrokenPipe) => Ok(()),
        outcome => outcome,
    }
}

/// Prints a summary, unless one of the outputs beside it is standard output.
pub fn print_beside(outputs: &[&Option<Output>], summary: impl FnOnce() -> String) -> Result<(), Failure> {
    if outputs.iter().any(|output| **output == Some(Output::Stdout)) {
        return Ok(());
    }
    print(&summary())
}

/// Tells the user a line on standard error.
pub fn say(line: impl Display) {
    tell(format!("{line}\n"));
}

/// Writes a text to standard error. Nobody reads it where that is closed, which changes nothing about the work.
pub fn tell(text: impl Display) {
    if let Some(text) = memory::tell(text.to_string()) {
        let _ = write!(io::stderr(), "{text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_sha_256() {
        let of = |text: &[u8]| Input::Held(String::new(), text.into()).checksum();
        // FIPS 180-2, B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(of(b"abc").as_deref(), Some(expected));
        assert_eq!(Input::Stdin.checksum(), None);
        assert_eq!(Input::File("no such file".into()).checksum(), None);
    }
}
