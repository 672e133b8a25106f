//! `mtprs subsample`: each n-th configuration, some at random, or those that span the largest volume.

use std::collections::{BinaryHeap, HashSet};

use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::active_set::{Choice, Chosen, Start, select};
use crate::cli::{SubsampleArguments, usage_error};
use crate::dataset::{CfgSink, Walk};
use crate::endpoint::{load_potential, say};
use crate::job::Ready;
use crate::pipeline::{RunSettings, Supply, Tally};
use crate::processes::Interrupt;
use crate::random::splitmix;
use crate::text::counted;

/// Grade up to which a configuration adds nothing to a sample.
const NOTHING_NEW: f64 = 1.001;

pub(super) fn run(job: &Ready<SubsampleArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let quiet = job.run.quiet;
    let potential =
        job.potential.as_ref().map(|path| Ok::<_, Error>((load_potential(path)?, path))).transpose()?;
    let mut reading = job.reading.clone();
    if let Some((potential, path)) = &potential {
        reading = reading.for_potential(potential, path)?;
    }
    let walk = Walk::new(&job.inputs, &reading, quiet, interrupt.clone());
    let (written, total) = match (job.every, job.count, job.maxvol.zip(potential)) {
        (Some(step), _, _) => {
            let is_taken = |place: usize| {
                (place as u64).checked_sub(job.offset).is_some_and(|after| after.is_multiple_of(step))
            };
            copy(job, &walk, is_taken)?
        }
        (_, Some(count), _) => {
            let places = random_places(&walk, count, job.seed)?;
            copy(job, &walk, |place| places.contains(&place))?
        }
        (_, _, Some((count, (potential, _)))) => {
            // What is left out is told once, before the many passes.
            walk.run(|_, _| Ok(()))?;
            spanning(job, &potential, walk.supplies(), count, interrupt)?
        }
        _ => return Err(usage_error("expected --every, --count or --maxvol with --potential").into()),
    };
    if !quiet {
        let of = counted(total, "configuration");
        say(format!("wrote {} of {of} to {}", written.configurations, job.write.output(&job.output).name()));
    }
    Ok(())
}

/// Copies the configurations at some places.
fn copy(
    job: &Ready<SubsampleArguments>,
    walk: &Walk<'_>,
    is_taken: impl Fn(usize) -> bool,
) -> Result<(Tally, u64), Failure> {
    let mut sink = CfgSink::create(&job.write.output(&job.output))?;
    let total = walk.run(
        |origin, configuration| {
            if is_taken(origin.place) { sink.write(&configuration) } else { Ok(()) }
        },
    )?;
    if sink.written.configurations == 0 {
        let message = format!("the offset skips all of {}", counted(total.configurations, "configuration"));
        return Err(Error::new(ErrorKind::Argument, message).into());
    }
    Ok((sink.finish()?, total.configurations))
}

/// So many places by chance: those with the smallest random numbers.
fn random_places(walk: &Walk<'_>, count: usize, seed: u64) -> Result<HashSet<usize>, Failure> {
    let mut smallest = BinaryHeap::new();
    let total = walk.run(|origin, _| {
        smallest.push((splitmix(seed ^ splitmix(origin.place as u64 + 1)), origin.place));
        if smallest.len() > count {
            smallest.pop();
        }
        Ok(())
    })?;
    if smallest.len() < count {
        let message = format!("{count} are requested, but there are {}", total.configurations);
        return Err(Error::new(ErrorKind::Argument, message).into());
    }
    Ok(smallest.into_iter().map(|(_, place)| place).collect())
}

/// Writes those that span the largest volume, in the order of what they add.
fn spanning(
    job: &Ready<SubsampleArguments>,
    potential: &Potential,
    inputs: &[Supply],
    count: usize,
    interrupt: Interrupt,
) -> Result<(Tally, u64), Failure> {
    let choice = Choice {
        settings: job.build.settings()?,
        threshold: NOTHING_NEW,
        limit: count,
        min_distance: potential.radial_basis().min_dist() / 2.0,
    };
    let run = RunSettings { quiet: true, ..job.run.into() };
    let Chosen { picks, candidates, set_aside, .. } =
        select(potential, Start::Nothing, inputs, choice, run, interrupt)?;
    let mut sink = CfgSink::create(&job.write.output(&job.output))?;
    for pick in &picks {
        sink.write(&pick.configuration)?;
    }
    let written = sink.finish()?;
    if picks.len() < count {
        say(format!(
            "warning: {count} are requested, but {} span the largest volume: the others add nothing for this potential",
            picks.len()
        ));
    }
    if let Some(first) = set_aside.first() {
        say(format!(
            "warning: {} discarded, the first in {}, configuration {}: {}",
            counted(set_aside.len() as u64, "configuration"),
            job.inputs[first.file].name(),
            first.number,
            first.reason
        ));
    }
    Ok((written, candidates))
}
