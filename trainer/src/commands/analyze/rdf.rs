//! `mtprs analyze rdf`: radial distribution functions of trajectories, frames on several threads, sums in the order of time.

use super::BATCH;
use super::outputs::hand_out;
use crate::Failure;
use crate::analysis::{Rdf, RdfReport, TrajectoryReport, rdf_page, rdf_table};
use crate::endpoint::say;
use crate::job::{RdfJob, Trajectory};
use crate::pipeline::{Pipeline, Supply};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

pub(crate) fn run(job: &RdfJob, interrupt: Interrupt) -> Result<(), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames).joining();
    let mut trajectories = Vec::new();
    for trajectory in &job.trajectories {
        trajectories.push(analyze(job, trajectory, &pipeline)?);
    }
    if job.reading.naming.names().is_none() && !job.run.quiet {
        say("note: no input names its species: they are numbered from 0 (--species Mg,V,O names them)");
    }
    let settings = job.settings.clone();
    let middle = |interval: usize| (interval as f64 + 0.5) * settings.width();
    let r = (0..settings.bins).map(middle).collect();
    let report = RdfReport { program: PROGRAM, r, trajectories, settings };
    let inputs: Vec<_> = job.trajectories.iter().flat_map(|one| one.inputs.clone()).collect();
    hand_out(&job.outputs, &inputs, &report, rdf_table::columns, rdf_page::render, rdf_table::summary)
}

fn analyze(
    job: &RdfJob,
    trajectory: &Trajectory,
    pipeline: &Pipeline<()>,
) -> Result<TrajectoryReport, Failure> {
    let supplies = Supply::of_inputs(&trajectory.inputs, &job.reading);
    let names = || job.reading.naming.names().unwrap_or_default();
    let files = trajectory.files();
    let mut rdf = Rdf::new(&job.settings);
    pipeline.run_batches(
        &supplies,
        BATCH,
        "analyzed",
        |(), item| job.settings.count(&item.configuration).map(|frame| (frame, item.origin)),
        |frames| {
            let names = names();
            for frame in frames {
                let (frame, origin) = frame?;
                rdf.add(&frame, &names).map_err(|error| origin.explain(error, &files[origin.file]))?;
            }
            Ok(())
        },
    )?;
    let all = files.join(", ");
    if rdf.frames() == 0 {
        return Err(job.frames.no_frame(&trajectory.files()).into());
    }
    Ok(rdf.report(&trajectory.label, files, &names()).map_err(|error| error.in_file(&all))?)
}
