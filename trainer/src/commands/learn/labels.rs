//! The labels of a cycle, and the frames that got none.

use mtprs_core::format::write_configuration;

use super::Learning;
use super::folder::REASONS;
use crate::Failure;
use crate::learning::LabelSource;
use crate::learning::called_labels::Caller;
use crate::learning::files::{create_folder, write};
use crate::learning::journal::Event;
use crate::learning::label_check::Check;
use crate::learning::label_folders::Folders;
use crate::learning::label_store::{self, LabelNotes, LabelStore};
use crate::learning::report::{REJECTED_COLUMNS, rejected_cells};
use crate::text::Table;

impl Learning<'_> {
    /// Writes down what becomes of the frames of a cycle.
    pub(super) fn notes<'a>(&'a self, cycle: u64, say: &'a (dyn Fn(&str) + Sync)) -> LabelNotes<'a> {
        LabelNotes { cycle, journal: &self.folder.journal, aim: &self.aim, say }
    }

    /// Has the frames of a cycle labeled that have neither a label nor been set aside.
    pub(super) fn label(&self, cycle: u64) -> Result<(), Failure> {
        let labels = &self.job.labels;
        let mut check = Check::new(&self.species, labels.max_force);
        if !self.job.options.training.fit.accept_outliers {
            check = check.beside(&self.folder.training_set())?;
        }
        let say = |line: &str| self.say(line);
        let folder = self.folder.labels(cycle);
        create_folder(&folder)?;
        let store = LabelStore {
            notes: self.notes(cycle, &say),
            folder,
            frames: self.selected(cycle)?,
            elements: self.species.names(),
            check,
        };
        let interrupt = self.interrupt.clone();
        let outcome = match &labels.source {
            LabelSource::Command(labels) => {
                let job_folder = self.job.absolute_base();
                Caller { labels, store: &store, job_folder, interrupt }.run()
            }
            LabelSource::Directory(labels) => Folders { labels, store: &store, interrupt }.run(),
        };
        self.write_rejected()?;
        outcome
    }

    /// Puts the labels of a cycle into the training set of the next one.
    pub(super) fn close(&self, cycle: u64) -> Result<(), Failure> {
        self.write_rejected()?;
        let frames = self.folder.journal.look(|state| state.cycle(cycle).map(|row| row.frames.clone()));
        let mut text = Vec::new();
        for (frame, _) in frames.unwrap_or_default().into_iter().filter(|(_, frame)| frame.is_labeled) {
            // Writing to memory cannot fail.
            let _ = write_configuration(&label_store::load(&self.folder.labels(cycle), frame)?, &mut text);
        }
        write(&self.folder.cycle(cycle).join("labeled.cfg"), &text)?;
        self.folder.extend_training_set(cycle)?;
        Ok(self.folder.journal.add(Event::Closed { cycle })?)
    }

    /// Writes all frames that were set aside, with the reasons.
    pub(super) fn write_rejected(&self) -> Result<(), Failure> {
        let rejected = self.folder.journal.look(|state| state.rejected());
        let files = ["rejected.cfg", REASONS].map(|name| self.folder.path().join(name));
        if rejected.is_empty() && !files[0].exists() {
            return Ok(());
        }
        let mut table = Table::new(&REJECTED_COLUMNS);
        let mut text = Vec::new();
        for of_cycle in rejected.chunk_by(|one, other| one.cycle == other.cycle) {
            let frames = self.selected(of_cycle[0].cycle)?;
            for frame in of_cycle {
                let mut configuration = frames[frame.frame as usize - 1].clone();
                configuration.set_feature("rejected", frame.reason.clone());
                let _ = write_configuration(&configuration, &mut text);
                table.row(rejected_cells(frame));
            }
        }
        write(&files[0], &text)?;
        Ok(write(&files[1], table.render().as_bytes())?)
    }
}
