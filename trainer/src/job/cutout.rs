//! `mtprs cutout` as the program needs it.

use super::convert::output_format;
use super::streams::{inputs, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::cli::CutoutArguments;
use crate::cutout::Limits;
use crate::endpoint::{Input, Output};
use crate::structure_files::{Format, Reading};

/// Around which atoms to cut, how, and where the cells go.
#[derive(Debug)]
pub struct CutoutJob {
    /// What was typed.
    pub typed: CutoutArguments,
    /// What to cut from.
    pub inputs: Vec<Input>,
    /// How they are read.
    pub reading: Reading,
    /// Where the cells go.
    pub output: Output,
    /// Their format.
    pub output_format: Format,
    /// When to stop relaxing.
    pub limits: Limits,
    /// Where the report goes as JSON.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

impl Job for CutoutJob {
    type Typed = CutoutArguments;

    fn new(typed: CutoutArguments) -> Result<Self, clap::Error> {
        let force = typed.common.write.force;
        let output = Output::new(typed.output.clone(), force);
        let json = typed.json.clone().map(|path| Output::new(path, force));
        let reading = reading(typed.common.reading.clone())?;
        let inputs = inputs(typed.inputs.clone(), 1, &reading)?;
        if typed.atoms.is_some() && inputs.len() > 1 {
            let message = format!("--atoms names atoms of one input, got {} inputs", inputs.len());
            return Err(usage_error(message));
        }
        let output_format = output_format(&output, typed.output_format)?;
        let limits = Limits { max_force: typed.max_force, max_steps: typed.max_steps };
        let run = typed.common.run.into();
        Ok(Self { typed, inputs, output, output_format, reading, limits, json, run })
    }

    fn files(&self) -> Files {
        let files = self.read().makes(&self.json);
        files.makes_series(&self.output, self.output_format, self.typed.limit)
    }
}

impl CutoutJob {
    /// What is read.
    pub fn read(&self) -> Files {
        Files::default().takes(&self.inputs).reads([&self.typed.potential]).reads(&self.typed.state)
    }
}
