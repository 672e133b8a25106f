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

Each cycle trains the potential, builds its active set, runs LAMMPS with grades, selects from the frames that \
extrapolate, has them labeled and adds them to the training set, until all runs last their time. The folder of the loop \
holds a journal, and everything in a cycle is done once: after a kill or a power cut the same command goes on, and labels \
that have arrived are kept. report.html shows the course. The job is a TOML file; README.md and examples/learn explain \
its keys, --print-job shows those that it leaves to their defaults.

Exit codes: 0 all runs lasted, 1 an error, 2 wrong usage, 3 labels are awaited (kind directory), 4 max-cycles is reached.")]
pub struct LearnArguments {
    /// What to do.
    #[arg(value_name = "JOB.toml")]
    pub job: PathBuf,

    /// Go on with a loop that was begun; without it one is begun if there is none.
    #[arg(long)]
    pub resume: bool,

    /// Have the frames of the present cycle that were set aside labeled again.
    #[arg(long)]
    pub retry: bool,

    /// Show what has been done, cycle by cycle, and stop.
    #[arg(long, conflicts_with_all = ["resume", "retry", "print_job"])]
    pub status: bool,

    /// With --status, print it as JSON: what has to be done next, with runs and frames that are open, cycles with errors, runs
    /// and grades, failed attempts, and frames that were set aside.
    #[arg(long, requires = "status")]
    pub json: bool,

    /// Print the job with all defaults and stop.
    #[arg(long)]
    pub print_job: bool,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
