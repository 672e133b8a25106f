//! How a command can end other than well, and the exit code and message of each ending.

use std::io::{self, Write};
use std::process::ExitCode;

use mtprs_core::Error;

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

    /// 2 for wrong usage, 1 for an error, 3 for findings, 0 where nothing is wrong, 128 more than the signal after an interruption.
    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Usage(error) => {
                if error.use_stderr() {
                    2
                } else {
                    0
                }
            }
            Self::Runtime(_) => 1,
            Self::Findings => 3,
            Self::BrokenPipe => 0,
            Self::Pending(code, _) => *code,
            Self::Interrupted(signal) | Self::Suspended(signal, _) => {
                u8::try_from(128 + signal).unwrap_or(u8::MAX)
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
