//! `mtprs analyze diffusion`: follows the ions through trajectories and says how they diffuse, if they do.

use mtprs_core::Error;

use super::outputs::hand_out;
use super::{BATCH, no_frame};
use crate::Failure;
use crate::analysis::transport::{
    Clock, DiffusionReport, Followed, Follower, Host, RunOrigin, RunReport, Stamp, columns, render, summary,
    transport,
};
use crate::endpoint::say;
use crate::job::{DiffusionJob, Trajectory};
use crate::pipeline::{Item, Pipeline, Supply};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

pub(crate) fn run(job: &DiffusionJob, interrupt: Interrupt) -> Result<(), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames);
    let mut runs = Vec::new();
    for (trajectory, temperature) in &job.trajectories {
        let all = trajectory.files().join(", ");
        let followed = follow(job, trajectory, &pipeline)?;
        let origin = RunOrigin {
            label: trajectory.label.clone(),
            files: trajectory.files(),
            temperature: *temperature,
        };
        let host = followed.host.as_ref().map_or(Host::Unknown, Host::Sample);
        let found = transport(&followed.ions, host, &job.settings).map_err(|error| error.in_file(&all))?;
        runs.push(RunReport::new(origin, &followed, &found, job.lags));
    }
    let report = DiffusionReport::new(
        PROGRAM,
        job.subject.mobile.to_string(),
        job.subject.frame.name(),
        &job.settings,
        runs,
    );
    hand_out(&job.outputs, &report, columns, render, summary)
}

/// Follows the atoms through one trajectory.
fn follow(job: &DiffusionJob, trajectory: &Trajectory, pipeline: &Pipeline<()>) -> Result<Followed, Failure> {
    let supplies = Supply::of_inputs(&trajectory.inputs, &job.reading);
    let files = trajectory.files();
    let mut clock = Clock::new(job.timestep);
    let mut follower = None;
    let take = |item: Item| {
        let names = job.reading.naming.names().unwrap_or_default();
        let origin = item.origin;
        take(job, &mut clock, &mut follower, &item, &names)
            .map_err(|error| Failure::from(origin.explain(error, &files[origin.file])))
    };
    pipeline.run_batches(&supplies, BATCH, "followed", |(), item| Ok(item), {
        let mut take = take;
        move |items| items.into_iter().try_for_each(|item| take(item?))
    })?;
    if !job.run.quiet {
        clock.notes().iter().for_each(|note| say(format!("note: {}: {note}", trajectory.label)));
    }
    let follower: Option<Follower> = follower;
    let none = || no_frame(trajectory, job.frames);
    Ok(follower.ok_or_else(none)?.finish())
}

/// Takes in one frame.
fn take(
    job: &DiffusionJob,
    clock: &mut Clock,
    follower: &mut Option<Follower>,
    item: &Item,
    names: &[String],
) -> Result<(), Error> {
    let Item { origin, configuration, motion } = item;
    let stamp = Stamp { time: motion.time, step: configuration.feature("step"), file: origin.file };
    let Some(time) = clock.time(stamp)? else { return Ok(()) };
    match follower {
        Some(follower) => follower.push(time, configuration, motion.is_unwrapped),
        None => {
            *follower = Some(Follower::new(&job.subject, time, configuration, motion.is_unwrapped, names)?);
            Ok(())
        }
    }
}
