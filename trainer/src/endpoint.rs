//! Where text comes from and goes to: a file, or the standard streams for `-`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use mtprs_core::Error;
use mtprs_core::format::AtomicFile;

use crate::Failure;

/// A readable stream that can be handed to another thread.
pub type Stream = Box<dyn BufRead + Send>;

/// A file to read, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Standard input, written `-`.
    Stdin,
    /// A file.
    File(PathBuf),
}

impl Input {
    /// What the user calls it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdin => "<stdin>".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Opens it; the size in bytes is known for regular files.
    pub fn open(&self) -> Result<(Stream, Option<u64>), Error> {
        let Self::File(path) = self else {
            return Ok((Box::new(BufReader::new(io::stdin())), None));
        };
        let failed = |error| Error::io("open", &self.name(), &error);
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let size = metadata.is_file().then_some(metadata.len());
        Ok((Box::new(BufReader::with_capacity(1 << 18, file)), size))
    }

    /// Size in bytes of a regular file.
    pub fn size(&self) -> Option<u64> {
        let Self::File(path) = self else { return None };
        path.metadata().ok().filter(std::fs::Metadata::is_file).map(|metadata| metadata.len())
    }
}

impl From<PathBuf> for Input {
    fn from(path: PathBuf) -> Self {
        if path == Path::new("-") { Self::Stdin } else { Self::File(path) }
    }
}

/// A file to write, or standard output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Standard output, written `-`.
    Stdout,
    /// A file.
    File(PathBuf),
}

impl Output {
    /// What the user calls it.
    pub fn name(&self) -> String {
        match self {
            Self::Stdout => "<stdout>".into(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Begins to write; a file gets its name and contents only when [`Sink::finish`] is called.
    pub fn create(&self) -> Result<Sink, Failure> {
        let target = match self {
            Self::Stdout => Target::Stdout(BufWriter::new(io::stdout())),
            Self::File(path) => Target::File(AtomicFile::create(path)?),
        };
        Ok(Sink { target, name: self.name() })
    }

    /// Whether this is the file at `path`, under whatever name.
    pub fn is_file(&self, path: &Path) -> bool {
        let Self::File(own) = self else { return false };
        match (own.canonicalize(), path.canonicalize()) {
            (Ok(own), Ok(other)) => own == other,
            _ => false,
        }
    }
}

impl From<PathBuf> for Output {
    fn from(path: PathBuf) -> Self {
        if path == Path::new("-") { Self::Stdout } else { Self::File(path) }
    }
}

/// An [`Output`] that is being written.
pub struct Sink {
    target: Target,
    name: String,
}

enum Target {
    Stdout(BufWriter<io::Stdout>),
    File(AtomicFile),
}

impl Sink {
    /// Writes all of `bytes`.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let outcome = match &mut self.target {
            Target::Stdout(stdout) => stdout.write_all(bytes),
            Target::File(file) => file.write_all(bytes),
        };
        outcome.map_err(|error| Failure::from_write(&error, &self.name))
    }

    /// Completes the output: a file takes the place of an older one of its name in one step.
    pub fn finish(self) -> Result<(), Failure> {
        match self.target {
            Target::Stdout(mut stdout) => {
                stdout.flush().map_err(|error| Failure::from_write(&error, &self.name))
            }
            Target::File(file) => Ok(file.commit()?),
        }
    }
}

/// Writes a finished text to standard output.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut sink = Output::Stdout.create()?;
    sink.write(text.as_bytes())?;
    sink.finish()
}
