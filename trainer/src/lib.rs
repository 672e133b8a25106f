//! The command line of mtprs, as a library so that its parts can be tested.
//!
//! What the user typed ([`cli`]) becomes what the program needs ([`job`]), a command carries it out ([`commands`]),
//! and a [`Failure`] says how it ended: exit code 0 for success, 1 for an error on the way, 2 for wrong usage, 3
//! for findings of a check or labels that are awaited, 4 for the last cycle of a loop.

pub mod active_set;
pub mod analysis;
pub mod checks;
pub mod cli;
pub mod commands;
mod constants;
pub mod cutout;
pub mod dataset;
pub mod endpoint;
mod failure;
pub mod figures;
pub mod insertion;
pub mod job;
pub mod learning;
mod mlip;
pub mod optimizer;
pub mod pipeline;
pub mod processes;
pub mod pruning;
mod random;
pub mod report;
pub mod scaling;
pub mod session;
mod statistics;
pub mod structure_files;
pub mod text;
pub mod training;
pub mod tuning;
pub mod validation;

pub use clap;
pub use failure::Failure;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::Cli;
use processes::{Alone, Group, together};

/// Runs one command line, the program's name first, and returns the exit code.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    processes::call::begin(&arguments);
    processes::threads::keep_global_pool_small();
    if let Some(words) = mlip::words(&arguments) {
        return run_mlip(arguments.first(), words);
    }
    if arguments.get(1).is_some_and(|command| command == "train") {
        #[cfg(feature = "mpi")]
        return processes::mpi_group::run(|group| carry_out(arguments, group));
        #[cfg(not(feature = "mpi"))]
        if let Err(error) = processes::group::refuse_copies() {
            return Failure::from(error).report();
        }
    }
    carry_out(arguments, &Alone).map_or_else(Failure::report, |()| ExitCode::SUCCESS)
}

/// Runs a command line of MLIP; the processes of `mpirun` share a training if the program knows MPI, and else the first works.
fn run_mlip(program: Option<&OsString>, words: &[OsString]) -> ExitCode {
    #[cfg(feature = "mpi")]
    if mlip::is_training(words) {
        return processes::mpi_group::run(|group| mlip::run(program, words, None, group));
    }
    match mlip::among_copies() {
        Ok(threads) => {
            mlip::run(program, words, threads, &Alone).map_or_else(Failure::report, |()| ExitCode::SUCCESS)
        }
        Err(code) => code,
    }
}

fn carry_out(arguments: Vec<OsString>, group: &dyn Group) -> Result<(), Failure> {
    let with_usage = |failure| match failure {
        Failure::Usage(error) => Failure::Usage(cli::with_usage(error, arguments.get(1))),
        other => other,
    };
    let job = Cli::read(&arguments).and_then(commands::prepare).map_err(Failure::from);
    let job = job.and_then(|job| job.check_files().map(|()| job)).map_err(with_usage);
    together(group, job)?.run(group).map_err(with_usage)
}
