//! `mtprs analyze diffusion` as the program needs it.

use super::analyze::{AnalysisOutputs, Trajectory, reading_to_follow, trajectories};
use super::{Files, Job, RunSettings, usage_error};
use crate::analysis::transport::{EscapeSettings, Settings, Subject};
use crate::cli::DiffusionArguments;
use crate::pipeline::Frames;
use crate::structure_files::Reading;

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

impl Job for DiffusionJob {
    type Typed = DiffusionArguments;

    fn new(typed: DiffusionArguments) -> Result<Self, clap::Error> {
        let run = RunSettings::from(typed.common.run);
        let reading = reading_to_follow(typed.common.reading, run.quiet)?;
        let escapes = EscapeSettings { distance: typed.escape, ..EscapeSettings::default() };
        let paths = typed.trajectories.len();
        let trajectories = trajectories(typed.trajectories, &typed.labels, &reading)?;
        let temperatures = temperatures(&typed.temperature, &typed.labels, paths, trajectories.len())?;
        let temperatures = temperatures.into_iter().map(Some).chain(std::iter::repeat(None));
        Ok(Self {
            trajectories: trajectories.into_iter().zip(temperatures).collect(),
            subject: Subject { mobile: typed.mobile, frame: typed.frame.into() },
            settings: Settings { escapes, jump_length: typed.jump, ..Settings::default() },
            timestep: typed.timestep,
            lags: typed.lags,
            frames: typed.frames.into(),
            reading,
            outputs: AnalysisOutputs::new(&typed.results, typed.common.write),
            run,
        })
    }

    fn files(&self) -> Files {
        let inputs = self.trajectories.iter().flat_map(|(trajectory, _)| &trajectory.inputs);
        self.outputs.files().takes(inputs)
    }
}

/// The temperatures of the trajectories, K: one was given for each, or for each of their files, those of parts of one
/// trajectory being the same; empty if none is given.
fn temperatures(
    given: &[f64],
    labels: &[String],
    paths: usize,
    trajectories: usize,
) -> Result<Vec<f64>, clap::Error> {
    if given.is_empty() || given.len() == trajectories {
        return Ok(given.to_vec());
    }
    if given.len() != paths {
        let wanted = match trajectories == paths {
            true => format!("of {paths} trajectories"),
            false => format!("trajectory ({trajectories}) or file ({paths})"),
        };
        let message = format!("--temperature: expected one for each {wanted}, got {}", given.len());
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
                let message = format!(
                    "--temperature: parts of {label} have different temperatures, {other} and {temperature} K"
                );
                return Err(usage_error(message));
            }
        }
    }
    Ok(found)
}
