//! How a command can end other than well, and the exit code and message of each ending.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use mtprs_core::Error;

/// All went well, or nobody reads on.
const SUCCESS: u8 = 0;
/// Something failed on the way.
const ERROR: u8 = 1;
/// The command line is wrong.
const USAGE: u8 = 2;
/// `check` has found something, or `analyze melt` another verdict than was expected.
const FINDINGS: u8 = 3;
/// `learn` awaits labels.
pub(crate) const LABELS_AWAITED: u8 = 3;
/// `learn` has made as many cycles as are allowed.
pub(crate) const MOST_CYCLES: u8 = 4;
/// A bug: a panic, as of any Rust program.
#[cfg(feature = "mpi")]
pub(crate) const PANIC: u8 = 101;
/// What is added to the number of the signal that ended the program, as shells do.
pub(crate) const SIGNAL: i32 = 128;

/// Why a command stopped.
#[derive(Debug)]
pub enum Failure {
    /// The command line is wrong, or only asks for help or the version.
    Usage(clap::Error),
    /// Something went wrong on the way: a bad file, a full disk.
    Runtime(Error),
    /// Everything went well, and something was found that the report tells about.
    Findings,
    /// Whoever reads our output has closed it, as `head` does; nothing to complain about.
    BrokenPipe,
    /// The user or the queue asked the program to stop with this signal.
    Interrupted(i32),
    /// The same, with what was kept and how to go on.
    Suspended(i32, String),
    /// Nothing is wrong, but something has to happen before the work can go on: an exit code of its own, and what.
    Pending(u8, String),
}

impl Failure {
    /// A failed write to `name`.
    pub fn from_write(error: &io::Error, name: &str) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Runtime(Error::io("write", name, error)),
        }
    }

    /// An interruption of work that goes on in a folder, with what to do there; any other failure as it is.
    pub fn kept_in(self, folder: &Path) -> Self {
        match self {
            Self::Interrupted(signal) | Self::Suspended(signal, _) => Self::Suspended(
                signal,
                format!("kept in {}; --resume continues from there", folder.display()),
            ),
            other => other,
        }
    }

    /// Tells the user and returns the exit code. After an interruption the program ends by the signal itself, which is
    /// what a shell script expects.
    pub fn report(self) -> ExitCode {
        self.tell("");
        if let Self::Interrupted(signal) | Self::Suspended(signal, _) = self {
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
        ExitCode::from(self.code())
    }

    /// Tells the user; `who` stands before the message where it matters.
    pub(crate) fn tell(&self, who: &str) {
        let line = match self {
            Self::Usage(error) => {
                // A closed terminal leaves nobody to tell.
                let _ = error.print();
                return;
            }
            Self::Runtime(error) => format!("error: {who}{error}"),
            Self::Findings | Self::BrokenPipe => return,
            Self::Interrupted(_) => "interrupted: no output file was changed".to_owned(),
            Self::Suspended(_, kept) => format!("interrupted: {kept}"),
            Self::Pending(_, what) => what.clone(),
        };
        let _ = writeln!(io::stderr(), "{line}");
    }

    /// The exit code, of the table at the head of this file.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(error) if error.use_stderr() => USAGE,
            Self::Usage(_) | Self::BrokenPipe => SUCCESS,
            Self::Runtime(_) => ERROR,
            Self::Findings => FINDINGS,
            Self::Pending(code, _) => *code,
            Self::Interrupted(signal) | Self::Suspended(signal, _) => {
                u8::try_from(SIGNAL + signal).unwrap_or(u8::MAX)
            }
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Runtime(error)
    }
}

impl From<clap::Error> for Failure {
    fn from(error: clap::Error) -> Self {
        Self::Usage(error)
    }
}
