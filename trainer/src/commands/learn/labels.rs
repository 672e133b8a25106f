//! The labels of a cycle, and the frames that got none.

use mtprs_core::format::write_configuration;

use super::Learning;
use crate::Failure;
use crate::learning::called_labels::Caller;
use crate::learning::files::write;
use crate::learning::label_check::Check;
use crate::learning::label_folders::Folders;
use crate::learning::label_store::LabelStore;
use crate::learning::{LabelSource, journal};
use crate::text::Table;

impl Learning<'_> {
    /// Has the frames of a cycle labeled.
    pub(super) fn label(&self, cycle: u64) -> Result<(), Failure> {
        if self.is_closed(cycle) {
            return Ok(());
        }
        let frames = self.selected(cycle)?;
        let folder = self.folder.cycle(cycle);
        let labels = &self.job.labels;
        let species = &self.species;
        let mut check = Check::new(species, labels.max_force);
        if !self.job.options.training.fit.accept_outliers {
            check = check.beside(&self.folder.training_set())?;
        }
        let say = |line: &str| self.say(line);
        let store = LabelStore::open(
            cycle,
            &folder.join("labels"),
            &frames,
            species.names(),
            check,
            labels,
            &self.folder.journal,
            &say,
        )?;
        let outcome = match &labels.source {
            LabelSource::Command(labels) => Caller {
                labels,
                store: &store,
                job_folder: self.job.absolute_base(),
                interrupt: self.interrupt.clone(),
                say: &say,
            }
            .run(),
            LabelSource::Directory(labels) => {
                Folders { labels, store: &store, interrupt: self.interrupt.clone(), say: &say }.run()
            }
        };
        self.write_rejected(cycle)?;
        outcome?;
        let mut text = Vec::new();
        for frame in store.numbers() {
            if let Some(labeled) = store.label(frame)? {
                // Writing to memory cannot fail.
                let _ = write_configuration(&labeled, &mut text);
            }
        }
        Ok(write(&folder.join("labeled.cfg"), &text)?)
    }

    /// Writes the frames of all cycles up to this one that were set aside, with the reasons.
    fn write_rejected(&self, last: u64) -> Result<(), Failure> {
        let mut rejected = journal::rejected(&self.folder.journal.events());
        rejected.retain(|(cycle, ..)| *cycle <= last);
        let files = ["rejected.cfg", "rejected.txt"].map(|name| self.folder.path().join(name));
        if rejected.is_empty() && !files[0].exists() {
            return Ok(());
        }
        let mut table = Table::new(&[">cycle", ">frame", "reason"]);
        let mut text = Vec::new();
        for (cycle, frame, reason) in rejected {
            let frames = self.selected(cycle)?;
            if let Some(configuration) = frames.get(frame as usize - 1) {
                let mut configuration = configuration.clone();
                configuration.set_feature("rejected", reason.clone());
                let _ = write_configuration(&configuration, &mut text);
            }
            table.row(vec![cycle.to_string(), frame.to_string(), reason]);
        }
        write(&files[0], &text)?;
        Ok(write(&files[1], table.render().as_bytes())?)
    }
}
