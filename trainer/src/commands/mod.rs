//! One file per command; each takes its job and either does it or says why not.

mod check;
mod convert;
mod convert_output;
mod cutout;
mod cutout_search;
mod errors;
mod evaluate;
mod filter;
mod grade;
mod info;
mod init;
mod learn;
mod manual;
mod merge;
mod scaling;
mod select;
mod split;
mod state;
mod subsample;
mod train;
mod train_state;
mod tune;

use crate::Failure;
use crate::job::Job;
use crate::processes::group::by_first;
use crate::processes::{Group, Interrupt};

/// Carries out one job; training is the only one that a group of processes shares.
pub fn run(job: &Job, group: &dyn Group) -> Result<(), Failure> {
    match job {
        Job::Init(job) => init::run(job),
        Job::Info(job) => info::run(job),
        Job::Evaluate(job) => evaluate::run(job, watch(group)?),
        Job::Errors(job) => errors::run(job, watch(group)?),
        Job::Grade(job) => grade::run(job, watch(group)?),
        Job::Select(job) => select::run(job, watch(group)?),
        Job::Cutout(job) => cutout::run(job, watch(group)?),
        Job::Train(job) if job.print_job => by_first(group, || train::print_job(job)),
        Job::Train(job) => train::run(job, group, watch(group)?),
        Job::Tune(job) if job.print_job => tune::print_job(job),
        Job::Tune(job) => tune::run(job, watch(group)?),
        Job::Learn(call) => learn::run(call, watch(group)?),
        Job::Scaling(job) => scaling::run(job, watch(group)?),
        Job::StateBuild(job) => state::build(job, watch(group)?),
        Job::Check(job) => check::run(job, watch(group)?),
        Job::Split(job) => split::run(job, watch(group)?),
        Job::Merge(job) => merge::run(job, watch(group)?),
        Job::Filter(job) => filter::run(job, watch(group)?),
        Job::Subsample(job) => subsample::run(job, watch(group)?),
        Job::Convert(job) => convert::run(job, watch(group)?),
        Job::StateShow(job) => state::show(job),
        Job::Man(job) => manual::man(job),
        Job::Completions(job) => manual::completions(job),
    }
}

fn watch(group: &dyn Group) -> Result<Interrupt, Failure> {
    Interrupt::install(group).map_err(|error| {
        Failure::Runtime(mtprs_core::Error::new(
            mtprs_core::ErrorKind::Io,
            format!("cannot watch for signals: {error}"),
        ))
    })
}
