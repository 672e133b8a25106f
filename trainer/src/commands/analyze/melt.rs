//! `mtprs analyze melt`: whether a run melted, and what it ends with.

use mtprs_core::{Error, ErrorKind};

use super::reference;
use crate::Failure;
use crate::analysis::crystal::Crystal;
use crate::analysis::melt::{MeltReport, Track, table};
use crate::endpoint::{print_beside, say};
use crate::job::MeltJob;
use crate::pipeline::{Item, Pipeline};
use crate::processes::Interrupt;

/// What messages call a crystal that is the first frame.
const FIRST: &str = "the first frame";

pub(crate) fn run(job: &MeltJob, interrupt: Interrupt) -> Result<(), Failure> {
    let crystal = job.reference.as_ref().map(|one| reference::read(one, &job.reading)).transpose()?;
    let (track, first) = follow(job, crystal, interrupt.clone())?;
    let files = job.trajectory.files();
    let names = job.reading.naming.names().unwrap_or_default();
    let reference = job.reference.as_ref().map_or(FIRST.to_owned(), |one| one.input.name());
    let go_on = || interrupt.check();
    let report = MeltReport::new(&track, &first, &reference, &job.settings, &names, go_on);
    let report = report.map_err(|failure| match failure {
        Failure::Runtime(error) => Failure::Runtime(error.in_file(&files.join(", "))),
        other => other,
    })?;
    let report = MeltReport { files, ..report };
    hand_out(job, &report)?;
    match job.expect {
        Some(expected) if !expected.holds(&report) => {
            say(format!(
                "expected {expected}: {}, and the end is {}",
                report.verdict.words(),
                report.structure.name()
            ));
            Err(Failure::Findings)
        }
        _ => Ok(()),
    }
}

/// Follows the atoms through the run; the crystal that was given, or the first frame.
fn follow(
    job: &MeltJob,
    mut crystal: Option<Crystal>,
    interrupt: Interrupt,
) -> Result<(Track, Crystal), Failure> {
    let pipeline = Pipeline::new((), job.run, interrupt)?.taking(job.frames).joining();
    let mut track: Option<Track> = None;
    super::follow(&job.trajectory, &job.reading, &pipeline, |item| {
        let Item { configuration, motion, .. } = item;
        if let Some(track) = &mut track {
            return track.add(configuration, motion.is_unwrapped);
        }
        if crystal.is_none() {
            let names = job.reading.naming.names().unwrap_or_default();
            crystal = Some(reference::of(&configuration, &job.compare, &names)?);
        }
        track = Some(Track::new(configuration, motion.is_unwrapped)?);
        Ok(())
    })?;
    match track.zip(crystal) {
        None => Err(job.frames.no_frame(&job.trajectory.files()).into()),
        Some((track, _)) if track.frames() < 2 => {
            let message = "it has one frame: melting needs at least two";
            let error = Error::new(ErrorKind::InvalidConfiguration, message)
                .in_file(&job.trajectory.files().join(", "));
            Err(error
                .hint("mtprs analyze order --reference shows whether a single structure is a crystal")
                .into())
        }
        Some(both) => Ok(both),
    }
}

fn hand_out(job: &MeltJob, report: &MeltReport) -> Result<(), Failure> {
    if let Some(output) = &job.json {
        output.write_json(report)?;
    }
    print_beside(&[&job.json], || table::summary(report))
}
