//! `mtprs analyze rdf`: radial distribution functions of trajectories, frames on several threads, sums in the order of time.

use super::no_frame;
use crate::Failure;
use crate::analysis::{Rdf, RdfReport, TrajectoryReport, rdf_page, rdf_table};
use crate::endpoint::{Output, print, say};
use crate::job::{RdfJob, Trajectory};
use crate::pipeline::{Batches, Pipeline, Supply};
use crate::processes::Interrupt;
use crate::text::PROGRAM;

/// What is read before it is worked on: sums do not depend on it.
const BATCH: Batches = Batches::Fixed { atoms: 1 << 17, configurations: 256 };

pub(crate) fn run(job: &RdfJob, interrupt: Interrupt) -> Result<(), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames);
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
    hand_out(job, &RdfReport { program: PROGRAM, r, trajectories, settings })
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
        return Err(no_frame(trajectory, job.frames).into());
    }
    Ok(rdf.report(&trajectory.label, files, &names()).map_err(|error| error.in_file(&all))?)
}

fn hand_out(job: &RdfJob, report: &RdfReport) -> Result<(), Failure> {
    if let Some(output) = &job.table {
        output.write(&rdf_table::columns(report))?;
    }
    if let Some(output) = &job.json {
        output.write_json(report)?;
    }
    if let Some(output) = &job.report {
        output.write(&rdf_page::render(report))?;
    }
    if [&job.table, &job.json, &job.report].into_iter().any(|output| *output == Some(Output::Stdout)) {
        return Ok(());
    }
    print(&rdf_table::summary(report))
}
