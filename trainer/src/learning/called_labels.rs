//! Labels from a program that is called here: with one frame, or with several, which need not all come back.
//!
//! Each attempt has a folder. Whatever an output holds is taken, also after a failure and after a kill; the next attempt
//! gets what is left.

use std::path::Path;

use mtprs_core::{Error, ErrorKind, Result};

use super::call::{self, End};
use super::files::{create_folder, remove_folder, write};
use super::harvest::{Harvest, as_structure};
use super::label_settings::CommandLabels;
use super::label_store::LabelStore;
use super::template;
use crate::Failure;
use crate::processes::{Interrupt, in_parallel};
use crate::structure_files::{Format, write_structure};

/// The script for calculators of ASE, and its file with the calculator.
const SCRIPT: &str = include_str!("label.py");
const SCRIPT_NAME: &str = "label.py";
const CALCULATOR: &str = "calculator.json";

/// A program and the frames that it has to label.
pub struct Caller<'a> {
    /// What to call.
    pub labels: &'a CommandLabels,
    /// The frames.
    pub store: &'a LabelStore<'a>,
    /// Folder of the job file.
    pub job_folder: String,
    /// Ends calls on a signal.
    pub interrupt: Interrupt,
}

impl Caller<'_> {
    /// Labels all frames or sets them aside.
    pub fn run(&self) -> std::result::Result<(), Failure> {
        let numbers: Vec<u64> = self.store.numbers().collect();
        let tasks: Vec<&[u64]> = numbers.chunks(self.labels.batch_size.min(numbers.len().max(1))).collect();
        in_parallel(self.labels.parallel, tasks.len(), |index| self.task(index + 1, tasks[index]))
    }

    /// Calls until no frame of a task is open.
    fn task(&self, number: usize, frames: &[u64]) -> std::result::Result<(), Failure> {
        loop {
            let open: Vec<u64> = frames.iter().copied().filter(|&frame| self.store.is_open(frame)).collect();
            let Some(attempts) = open.iter().map(|&frame| self.store.attempts(frame)).min() else {
                return Ok(());
            };
            let due: Vec<u64> =
                open.into_iter().filter(|&frame| self.store.attempts(frame) == attempts).collect();
            let folder = self.store.folder.join(format!("call-{number:04}-{}", attempts + 1));
            self.attempt(&folder, &due)?;
        }
    }

    /// One attempt, or the rest of one that was cut.
    fn attempt(&self, folder: &Path, due: &[u64]) -> std::result::Result<(), Failure> {
        let limit = self.labels.time_limit;
        let name = folder.display().to_string();
        let waiting =
            || (self.store.notes.say)(&format!("{name}: waiting for a command of an earlier process"));
        let mut end = call::survivor(folder, limit, &self.interrupt, waiting)?;
        let mut harvest = self.harvest(folder, due)?;
        if end.is_none() {
            let left: Vec<u64> = due.iter().copied().filter(|&frame| self.store.is_open(frame)).collect();
            if left.is_empty() {
                return Ok(());
            }
            self.prepare(folder, &left)?;
            let values = [
                ("input", self.labels.input.as_str()),
                ("output", self.labels.output.as_str()),
                ("job", self.job_folder.as_str()),
            ];
            let command = template::fill(&self.labels.command, &values)
                .map_err(|message| Error::new(ErrorKind::Argument, message))?;
            end = Some(call::run(folder, &command, limit, &self.interrupt)?);
            harvest = self.harvest(folder, &left)?;
        }
        let end = end.unwrap_or(End::Code(0));
        for &frame in due.iter().filter(|&&frame| self.store.is_open(frame)) {
            let reason = match harvest.reason(frame) {
                Some(reason) => reason,
                None if end == End::Code(0) => harvest.general(),
                None => said(folder, end, limit),
            };
            self.store.notes.fail(frame, &reason)?;
        }
        Ok(())
    }

    /// Keeps what an output holds.
    fn harvest(&self, folder: &Path, due: &[u64]) -> Result<Harvest> {
        let open: Vec<u64> = due.iter().copied().filter(|&frame| self.store.is_open(frame)).collect();
        let mut harvest = Harvest::of_file(&folder.join(&self.labels.output), self.store, &open);
        for (frame, labeled) in harvest.take_labels() {
            self.store.keep(frame, &labeled)?;
        }
        Ok(harvest)
    }

    /// A new folder with the frames.
    fn prepare(&self, folder: &Path, frames: &[u64]) -> Result<()> {
        let name = folder.display().to_string();
        remove_folder(folder)?;
        create_folder(folder)?;
        let format = Format::of_name(&self.labels.input).unwrap_or(Format::CFG);
        let mut text = Vec::new();
        for &frame in frames {
            let structure = as_structure(self.store, frame);
            write_structure(&structure, format, false, &mut text)
                .map_err(|error| error.within(&format!("frame {frame}")).in_file(&name))?;
        }
        write(&folder.join(&self.labels.input), &text)?;
        if let Some(calculator) = &self.labels.calculator {
            write(&folder.join(SCRIPT_NAME), SCRIPT.as_bytes())?;
            let settings = serde_json::json!({
                "calculator": calculator.path,
                "arguments": calculator.arguments,
                "folder": self.job_folder,
            });
            write(&folder.join(CALCULATOR), format!("{settings:#}\n").as_bytes())?;
        }
        Ok(())
    }
}

/// How a call ended, and its last word.
fn said(folder: &Path, end: End, limit: Option<std::time::Duration>) -> String {
    let output = call::output(folder);
    let last = output.lines().rev().find(|line| !line.trim().is_empty());
    match last {
        Some(last) => format!("{}: {}", end.describe(limit), last.trim()),
        None => end.describe(limit),
    }
}
