//! `mtprs learn`: active learning.

use std::path::PathBuf;

use clap::Args;

use super::RunArguments;

/// Options of `mtprs learn`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs learn job.toml
  mtprs learn job.toml --resume
  mtprs learn job.toml --status
  mtprs learn job.toml --status --json

Each cycle trains the potential, builds its active set, runs LAMMPS with extrapolation grades, selects among the saved \
frames, has them labeled, and adds them to the training set, until all MD runs complete. The folder of the loop holds \
a journal, and each step of a cycle is done only once: after a kill or a power failure the same command resumes the \
loop, and labels that have arrived are kept. report.html shows the progress. The job is a TOML file; README.md and \
examples/learn explain its keys, and --print-job prints it with all defaults.

Exit codes: 0 all runs completed; 1 error; 2 wrong usage; 3 labels are awaited (kind directory); 4 max-cycles is \
reached.")]
pub struct LearnArguments {
    /// The job file.
    #[arg(value_name = "JOB.toml")]
    pub job: PathBuf,

    /// Resume an existing loop; it is an error if there is none. Without this option a loop is resumed or, if there is
    /// none, started.
    #[arg(long)]
    pub resume: bool,

    /// Label the rejected frames of the current cycle again.
    #[arg(long)]
    pub retry: bool,

    /// Print the status of the loop, cycle by cycle, and exit.
    #[arg(long, conflicts_with_all = ["resume", "retry", "print_job"])]
    pub status: bool,

    /// With --status, print JSON: the next step with its open runs and frames, the cycles with their errors, runs and
    /// grades, failed attempts, and rejected frames.
    #[arg(long, requires = "status")]
    pub json: bool,

    /// With --status, print all columns of the table, wider than 100 characters: also the errors of the training set.
    #[arg(long, requires = "status", conflicts_with = "json")]
    pub wide: bool,

    /// Print the job with all defaults and exit.
    #[arg(long)]
    pub print_job: bool,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
