//! `mtprs analyze diffusion`: follows the ions through trajectories and says how they diffuse, if they do.

use mtprs_core::Error;

use super::outputs::hand_out;
use crate::Failure;
use crate::analysis::transport::{
    Clock, DiffusionReport, Followed, Follower, Host, RunOrigin, RunReport, Stamp, columns, render, summary,
    transport,
};
use crate::job::{DiffusionJob, Trajectory};
use crate::pipeline::{Item, Pipeline};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

pub(crate) fn run(job: &DiffusionJob, interrupt: Interrupt) -> Result<(), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames);
    let mut runs = Vec::new();
    for (trajectory, temperature) in &job.trajectories {
        let files = trajectory.files();
        let (followed, notes) = follow(job, trajectory, &pipeline)?;
        let host = followed.host.as_ref().map_or(Host::Unknown, Host::Sample);
        let found = transport(&followed.ions, host, &job.settings)
            .map_err(|error| error.in_file(&files.join(", ")))?;
        let label = trajectory.label.clone();
        let origin = RunOrigin { label, files, temperature: *temperature, notes };
        runs.push(RunReport::new(origin, &followed, &found, job.lags));
    }
    let report = DiffusionReport::new(
        PROGRAM,
        job.subject.mobile.to_string(),
        job.subject.frame.name(),
        &job.settings,
        runs,
    );
    let inputs: Vec<_> = job.trajectories.iter().flat_map(|(one, _)| one.inputs.clone()).collect();
    hand_out(&job.outputs, &inputs, &report, columns, render, summary)
}

/// Follows the atoms through one trajectory, and says what a user should know of its times.
fn follow(
    job: &DiffusionJob,
    trajectory: &Trajectory,
    pipeline: &Pipeline<()>,
) -> Result<(Followed, Vec<String>), Failure> {
    let mut way = Way { clock: Clock::new(job.timestep), file: 0, follower: None };
    super::follow(trajectory, &job.reading, pipeline, |item| {
        let names = job.reading.naming.names().unwrap_or_default();
        way.take(job, &item, &names)
    })?;
    let follower = way.follower.ok_or_else(|| job.frames.no_frame(&trajectory.files()))?;
    Ok((follower.finish(), way.clock.notes().to_vec()))
}

/// How far the atoms of a trajectory have been followed.
struct Way {
    clock: Clock,
    /// The file of the last frame.
    file: usize,
    follower: Option<Follower>,
}

impl Way {
    /// Takes in one frame.
    fn take(&mut self, job: &DiffusionJob, item: &Item, names: &[String]) -> Result<(), Error> {
        let Item { origin, configuration, motion } = item;
        let (file, number) = (origin.file, origin.number);
        let stamp = Stamp { time: motion.time, step: configuration.feature("step"), file, number };
        let time = self.clock.time(stamp)?;
        // A file may have lost count of how often its atoms went through the cell.
        let is_unwrapped = motion.is_unwrapped && file == self.file;
        self.file = file;
        match (&mut self.follower, time) {
            (Some(follower), Some(time)) => follower.push(time, configuration, is_unwrapped),
            (Some(follower), None) => follower.rejoin(configuration),
            (None, time) => {
                let time = time.unwrap_or_default();
                let first = Follower::new(&job.subject, time, configuration, motion.is_unwrapped, names)?;
                self.follower = Some(first);
                Ok(())
            }
        }
    }
}
