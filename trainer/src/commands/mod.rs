//! One file per command; each takes its job and either does it or says why not.

mod convert;
mod convert_output;
mod errors;
mod evaluate;
mod grade;
mod info;
mod init;
mod pages;
mod state;
mod train;

use crate::Failure;
use crate::interrupt::Interrupt;
use crate::job::Job;

/// Carries out one job.
pub fn run(job: &Job) -> Result<(), Failure> {
    match job {
        Job::Init(job) => init::run(job),
        Job::Info(job) => info::run(job),
        Job::Convert(job) => convert::run(job, watch()?),
        Job::Evaluate(job) => evaluate::run(job, watch()?),
        Job::Errors(job) => errors::run(job, watch()?),
        Job::Grade(job) => grade::run(job, watch()?),
        Job::Train(job) if job.print_job => train::print_job(job),
        Job::Train(job) => train::run(job, watch()?),
        Job::StateBuild(job) => state::build(job, watch()?),
        Job::StateShow(job) => state::show(job),
    }
}

fn watch() -> Result<Interrupt, Failure> {
    Interrupt::install().map_err(|error| {
        Failure::Runtime(mtprs_core::Error::new(
            mtprs_core::ErrorKind::Io,
            format!("cannot watch for signals: {error}"),
        ))
    })
}
