//! `mtprs analyze` as the program needs it.

use std::path::PathBuf;

use super::streams::{files, once, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::analysis::RdfSettings;
use crate::cli::{RdfArguments, ReadingArguments, ResultArguments, WriteArguments};
use crate::endpoint::{Input, Output};
use crate::pipeline::Frames;
use crate::structure_files::{Naming, Reading};

/// Which radial distribution functions are computed of which trajectories.
#[derive(Debug)]
pub struct RdfJob {
    /// The trajectories.
    pub trajectories: Vec<Trajectory>,
    /// What is computed.
    pub settings: RdfSettings,
    /// Which frames of each trajectory.
    pub frames: Frames,
    /// How they are read.
    pub reading: Reading,
    /// Where results go.
    pub outputs: AnalysisOutputs,
    /// Threads and progress.
    pub run: RunSettings,
}

/// Where the results of an analysis go, as far as they are wanted.
#[derive(Debug)]
pub struct AnalysisOutputs {
    /// Columns.
    pub table: Option<Output>,
    /// JSON.
    pub json: Option<Output>,
    /// The page.
    pub report: Option<Output>,
}

/// Files that follow each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trajectory {
    /// What it is called.
    pub label: String,
    /// Its parts in the order of time.
    pub inputs: Vec<Input>,
}

impl Trajectory {
    /// What its parts are called.
    pub fn files(&self) -> Vec<String> {
        self.inputs.iter().map(Input::name).collect()
    }
}

impl Job for RdfJob {
    type Typed = RdfArguments;

    fn new(typed: RdfArguments) -> Result<Self, clap::Error> {
        let run = RunSettings::from(typed.common.run);
        let reading = reading_of(typed.common.reading, run.quiet)?;
        for radius in &typed.within {
            if *radius > typed.cutoff {
                let message =
                    format!("--within {radius}: expected distances up to the cutoff, {} Å", typed.cutoff);
                return Err(usage_error(message));
            }
        }
        Ok(Self {
            trajectories: trajectories(typed.trajectories, &typed.labels, &reading)?,
            settings: RdfSettings {
                cutoff: typed.cutoff,
                bins: typed.bins,
                pairs: typed.pairs,
                within: typed.within,
                volume: typed.volume,
            },
            frames: typed.frames.into(),
            reading,
            outputs: AnalysisOutputs::new(&typed.results, typed.common.write),
            run,
        })
    }

    fn files(&self) -> Files {
        self.outputs.files().takes(self.trajectories.iter().flat_map(|trajectory| &trajectory.inputs))
    }
}

impl AnalysisOutputs {
    /// As they were asked for.
    pub(super) fn new(results: &ResultArguments, write: WriteArguments) -> Self {
        Self {
            table: write.optional(&results.table),
            json: write.optional(&results.json),
            report: write.optional(&results.report),
        }
    }

    /// The files among them.
    pub(super) fn files(&self) -> Files {
        Files::default().makes(&self.table).makes(&self.json).makes(&self.report)
    }
}

/// How structures are read of which only places count and species are only told apart.
pub(super) fn reading_of(arguments: ReadingArguments, quiet: bool) -> Result<Reading, clap::Error> {
    let has_names = arguments.species.is_some();
    let mut reading = reading(arguments)?.quiet(quiet);
    reading.is_for_places = true;
    if !has_names {
        reading.naming = Naming::by_name();
    }
    Ok(reading)
}

/// The same where atoms are followed from frame to frame.
pub(super) fn reading_to_follow(arguments: ReadingArguments, quiet: bool) -> Result<Reading, clap::Error> {
    let mut reading = reading_of(arguments, quiet)?;
    reading.settings.follows_atoms = true;
    // Steps of MD have places, whether their electrons have converged or not.
    reading.settings.keep_unconverged = true;
    Ok(reading)
}

/// The trajectories by their labels; those with the same label are one.
pub(super) fn trajectories(
    paths: Vec<PathBuf>,
    labels: &[String],
    reading: &Reading,
) -> Result<Vec<Trajectory>, clap::Error> {
    if !labels.is_empty() && labels.len() != paths.len() {
        let message = format!(
            "--labels: expected a label for each of {} trajectories, got {}",
            paths.len(),
            labels.len()
        );
        return Err(usage_error(message));
    }
    no_control_characters(labels)?;
    let mut trajectories: Vec<Trajectory> = Vec::new();
    for (number, path) in paths.into_iter().enumerate() {
        let label = labels.get(number).cloned();
        let mut parts: Vec<Input> = files(vec![path.clone()], reading).collect();
        let known = label.as_ref().and_then(|label| trajectories.iter_mut().find(|one| one.label == *label));
        match known {
            Some(known) => known.inputs.append(&mut parts),
            None => {
                let label = label.unwrap_or_else(|| Input::from(path).name());
                trajectories.push(Trajectory { label, inputs: parts });
            }
        }
    }
    once(trajectories.iter().flat_map(|trajectory| &trajectory.inputs), 1)?;
    Ok(trajectories)
}

/// Refuses labels that would break lines.
pub(super) fn no_control_characters(labels: &[String]) -> Result<(), clap::Error> {
    let broken = labels.iter().find(|label| label.chars().any(char::is_control));
    broken.map_or(Ok(()), |label| {
        Err(usage_error(format!("--labels: expected names without control characters, got {label:?}")))
    })
}

/// Refuses species that an option names twice.
pub(super) fn refuse_twice(option: &str, species: &[String]) -> Result<(), clap::Error> {
    let twice = species.iter().enumerate().find(|(place, name)| species[..*place].contains(name));
    twice.map_or(Ok(()), |(_, name)| Err(usage_error(format!("{option} names {name} twice"))))
}
