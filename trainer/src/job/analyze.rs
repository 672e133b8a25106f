//! `mtprs analyze` as the program needs it.

use std::path::PathBuf;

use super::streams::{files, once, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::analysis::RdfSettings;
use crate::analysis::transport::{EscapeSettings, Settings, Subject};
use crate::cli::{DiffusionArguments, RdfArguments, ReadingArguments};
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

/// Whose diffusion is analyzed in which trajectories.
#[derive(Debug)]
pub struct DiffusionJob {
    /// The trajectories, and the temperature of each, K.
    pub trajectories: Vec<(Trajectory, Option<f64>)>,
    /// Whose motion.
    pub subject: Subject,
    /// What is taken for granted.
    pub settings: Settings,
    /// Length of a step of MD, ps.
    pub timestep: Option<f64>,
    /// Most lags of curves.
    pub lags: usize,
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

impl Job for RdfJob {
    type Typed = RdfArguments;

    fn new(typed: RdfArguments) -> Result<Self, clap::Error> {
        let write = typed.common.write;
        let run = RunSettings::from(typed.common.run);
        let reading = reading_places(typed.common.reading, run)?;
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
            outputs: AnalysisOutputs {
                table: write.optional(&typed.table),
                json: write.optional(&typed.json),
                report: write.optional(&typed.report),
            },
            run,
        })
    }

    fn files(&self) -> Files {
        self.outputs.files().takes(self.trajectories.iter().flat_map(|trajectory| &trajectory.inputs))
    }
}

impl Job for DiffusionJob {
    type Typed = DiffusionArguments;

    fn new(typed: DiffusionArguments) -> Result<Self, clap::Error> {
        let write = typed.common.write;
        let run = RunSettings::from(typed.common.run);
        let mut reading = reading_places(typed.common.reading, run)?;
        reading.settings.unwrapped = true;
        let escapes = EscapeSettings { distance: typed.escape, ..EscapeSettings::default() };
        let paths = typed.trajectories.len();
        let temperatures = temperatures(&typed.temperature, &typed.labels, paths)?;
        let trajectories = trajectories(typed.trajectories, &typed.labels, &reading)?;
        let temperatures = temperatures.into_iter().map(Some).chain(std::iter::repeat(None));
        Ok(Self {
            trajectories: trajectories.into_iter().zip(temperatures).collect(),
            subject: Subject { mobile: typed.mobile, frame: typed.frame.into() },
            settings: Settings { escapes, jump_length: typed.jump, ..Settings::default() },
            timestep: typed.timestep,
            lags: typed.lags,
            frames: typed.frames.into(),
            reading,
            outputs: AnalysisOutputs {
                table: write.optional(&typed.table),
                json: write.optional(&typed.json),
                report: write.optional(&typed.report),
            },
            run,
        })
    }

    fn files(&self) -> Files {
        let inputs = self.trajectories.iter().flat_map(|(trajectory, _)| &trajectory.inputs);
        self.outputs.files().takes(inputs)
    }
}

impl AnalysisOutputs {
    fn files(&self) -> Files {
        Files::default().makes(&self.table).makes(&self.json).makes(&self.report)
    }
}

/// How trajectories are read of which places alone are wanted.
fn reading_places(arguments: ReadingArguments, run: RunSettings) -> Result<Reading, clap::Error> {
    let has_names = arguments.species.is_some();
    let mut reading = reading(arguments)?.quiet(run.quiet);
    reading.is_for_places = true;
    if !has_names {
        reading.naming = Naming::by_name();
    }
    Ok(reading)
}

/// The temperatures of the trajectories, K, those of parts of one being the same; empty if none is given.
fn temperatures(given: &[f64], labels: &[String], paths: usize) -> Result<Vec<f64>, clap::Error> {
    if !given.is_empty() && given.len() != paths {
        let message =
            format!("--temperature: expected one for each of {paths} trajectories, got {}", given.len());
        return Err(usage_error(message));
    }
    let mut found = Vec::new();
    for (place, temperature) in given.iter().enumerate() {
        let label = labels.get(place);
        match label.and_then(|label| labels[..place].iter().position(|known| known == label)) {
            None => found.push(*temperature),
            Some(first) if given[first] == *temperature => {}
            Some(first) => {
                let (label, other) = (&labels[place], given[first]);
                let message = format!("--temperature: parts of {label} have {other} and {temperature} K");
                return Err(usage_error(message));
            }
        }
    }
    Ok(found)
}

/// The trajectories by their labels; those with the same label are one.
fn trajectories(
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
