//! Labels from somebody else, in a folder for each frame: what VASP needs goes in, OUTCAR or vasprun.xml comes out.
//!
//! A folder appears when it is complete, and a result counts when its program has ended it. Whoever cannot get a label says
//! so in a file `FAILED`.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use mtprs_core::{Error, ErrorKind, Result};

use super::call::end_of;
use super::files::{create_folder, read, remove_folder, write};
use super::harvest::{Harvest, as_structure};
use super::label_settings::DirectoryLabels;
use super::label_store::LabelStore;
use crate::failure::{Failure, LABELS_AWAITED};
use crate::processes::Interrupt;
use crate::structure_files::{Format, write_structure};

/// Results, and what stands at the end of one that is complete; compressed ones were complete before.
const RESULTS: [(&str, &str); 6] = [
    ("vasprun.xml", "</modeling>"),
    ("OUTCAR", "General timing and accounting"),
    ("vasprun.xml.gz", ""),
    ("OUTCAR.gz", ""),
    ("label.xyz", ""),
    ("label.cfg", "END_CFG"),
];
/// Says that there will be no label, and why.
const FAILED: &str = "FAILED";

/// Between two looks for a signal.
const PAUSE: Duration = Duration::from_millis(100);

/// Folders and the frames in them.
pub struct Folders<'a> {
    /// What goes into them, and how long to wait.
    pub labels: &'a DirectoryLabels,
    /// The frames.
    pub store: &'a LabelStore<'a>,
    /// Ends the waiting on a signal.
    pub interrupt: Interrupt,
}

impl Folders<'_> {
    /// Makes the folders and takes the results that are there; waits for the rest, or ends the program.
    pub fn run(&self) -> std::result::Result<(), Failure> {
        for frame in self.store.open_frames() {
            self.interrupt.check()?;
            self.offer(frame)?;
        }
        let mut told = usize::MAX;
        loop {
            for frame in self.store.open_frames() {
                self.interrupt.check()?;
                self.look(frame)?;
            }
            let open = self.store.open_frames();
            if open.is_empty() {
                return Ok(());
            }
            let message = self.awaited(&open);
            let Some(poll) = self.labels.poll else { return Err(Failure::Pending(LABELS_AWAITED, message)) };
            if open.len() != told {
                (self.store.notes.say)(&message);
                told = open.len();
            }
            let begun = Instant::now();
            while begun.elapsed() < poll {
                self.interrupt.check()?;
                thread::sleep(PAUSE.min(poll));
            }
        }
    }

    fn awaited(&self, open: &[u64]) -> String {
        let (count, all) = (open.len(), self.store.frames.len());
        let folder = self.store.folder.display();
        let next =
            if self.labels.poll.is_some() { "" } else { "; run the same command again when they are there" };
        format!(
            "cycle {}: waiting for {count} of {all} labels in {folder}, as OUTCAR, vasprun.xml, label.xyz or \
             label.cfg{next}",
            self.store.notes.cycle
        )
    }

    fn folder(&self, frame: u64) -> PathBuf {
        self.store.folder.join(format!("{frame:04}"))
    }

    /// Makes the folder of a frame in one step.
    fn offer(&self, frame: u64) -> Result<()> {
        let folder = self.folder(frame);
        if folder.exists() {
            return Ok(());
        }
        let part = self.store.folder.join(format!(".{frame:04}.part"));
        let name = part.display().to_string();
        remove_folder(&part)?;
        create_folder(&part)?;
        let mut text = Vec::new();
        write_structure(&as_structure(self.store, frame), Format::POSCAR, false, &mut text)
            .map_err(|error| error.within(&format!("frame {frame}")).in_file(&name))?;
        write(&part.join("POSCAR"), &text)?;
        for template in &self.labels.templates {
            let file = template.file_name().unwrap_or_default();
            write(&part.join(file), &read(template)?)?;
        }
        if !self.labels.potcar.is_empty() {
            write(&part.join("POTCAR"), &self.potcar(&text)?)?;
        }
        fs::rename(&part, &folder).map_err(|error| Error::io("rename", &name, &error))
    }

    /// The POTCAR files of the elements in the order of a POSCAR, which is that of its sixth line.
    fn potcar(&self, poscar: &[u8]) -> Result<Vec<u8>> {
        let text = String::from_utf8_lossy(poscar);
        let mut joined = Vec::new();
        for element in text.lines().nth(5).unwrap_or_default().split_whitespace() {
            let Some((_, path)) = self.labels.potcar.iter().find(|(known, _)| known == element) else {
                let message = format!("labels.potcar: expected a file for {element}, got none");
                return Err(Error::new(ErrorKind::Argument, message));
            };
            joined.extend(read(path)?);
        }
        Ok(joined)
    }

    /// Takes the result of a frame if there is one.
    fn look(&self, frame: u64) -> Result<()> {
        let folder = self.folder(frame);
        let attempts = self.store.attempts(frame);
        if attempts > 0 && !is_put_away(&folder, attempts) {
            // It was counted before a kill.
            put_away(&folder, attempts)?;
        }
        let reason = if folder.join(FAILED).exists() {
            let text = end_of(&folder.join(FAILED));
            let text = text.trim();
            if text.is_empty() { "it is marked as failed".to_owned() } else { text.to_owned() }
        } else {
            let Some(result) = RESULTS.iter().find(|(name, end)| is_complete(&folder.join(name), end)) else {
                return Ok(());
            };
            let mut harvest = Harvest::of_file(&folder.join(result.0), self.store, &[frame]);
            if let Some((frame, labeled)) = harvest.take_labels().pop() {
                return self.store.keep(frame, &labeled);
            }
            harvest.reason(frame).unwrap_or_else(|| harvest.general())
        };
        self.store.notes.fail(frame, &reason)?;
        put_away(&folder, attempts + 1)
    }
}

fn is_complete(path: &Path, end: &str) -> bool {
    path.exists() && end_of(path).contains(end)
}

/// Whether the results of a failure have got other names.
fn is_put_away(folder: &Path, failure: u64) -> bool {
    results().any(|name| folder.join(format!("{name}.failed-{failure}")).exists())
}

/// Gives the results of a failure other names, so that new ones can take their place.
fn put_away(folder: &Path, failure: u64) -> Result<()> {
    for name in results() {
        let (from, to) = (folder.join(name), folder.join(format!("{name}.failed-{failure}")));
        if from.exists() {
            fs::rename(&from, &to)
                .map_err(|error| Error::io("rename", &from.display().to_string(), &error))?;
        }
    }
    Ok(())
}

fn results() -> impl Iterator<Item = &'static str> {
    RESULTS.iter().map(|(name, _)| *name).chain([FAILED])
}
