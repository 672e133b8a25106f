//! The labels of one cycle: which frames have one, which are open, which have failed how often.
//!
//! Every label has a file of its own as soon as it has arrived.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Result};

use super::files::{create_folder, write};
use super::journal::{Event, Journal};
use super::label_check::Check;
use super::label_settings::{LabelSettings, OnFailure};

/// What became of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
struct Standing {
    /// Attempts that have failed, all of them.
    attempts: u64,
    /// The same since the frame was last to be tried anew.
    failures: u64,
    is_labeled: bool,
    /// Why it was set aside.
    rejected: Option<String>,
}

/// The frames of a cycle with their labels.
pub struct LabelStore<'a> {
    /// The cycle.
    pub cycle: u64,
    /// Folder of the labels.
    pub folder: PathBuf,
    /// The frames, of which number 1 is the first.
    pub frames: &'a [Configuration],
    /// Element names of the potential.
    pub elements: Option<Vec<String>>,
    /// What is asked of labels.
    pub check: Check,
    settings: &'a LabelSettings,
    journal: &'a Journal,
    standings: Mutex<BTreeMap<u64, Standing>>,
    /// Tells the user.
    say: &'a (dyn Fn(&str) + Sync),
}

impl<'a> LabelStore<'a> {
    /// Opens the labels of a cycle; what the journal does not know of yet is added to it.
    #[expect(clippy::too_many_arguments, reason = "each is a thing of its own")]
    pub fn open(
        cycle: u64,
        folder: &Path,
        frames: &'a [Configuration],
        elements: Option<&[String]>,
        check: Check,
        settings: &'a LabelSettings,
        journal: &'a Journal,
        say: &'a (dyn Fn(&str) + Sync),
    ) -> Result<Self> {
        create_folder(folder)?;
        let mut standings: BTreeMap<u64, Standing> = BTreeMap::new();
        for event in journal.events() {
            match event {
                Event::Failed { cycle: of, frame, .. } if of == cycle => {
                    let standing = standings.entry(frame).or_default();
                    (standing.attempts, standing.failures) = (standing.attempts + 1, standing.failures + 1);
                }
                Event::Retried { cycle: of } if of == cycle => {
                    for standing in standings.values_mut() {
                        (standing.failures, standing.rejected) = (0, None);
                    }
                }
                Event::Labeled { cycle: of, frame } if of == cycle => {
                    standings.entry(frame).or_default().is_labeled = true;
                }
                Event::Rejected { cycle: of, frame, reason } if of == cycle => {
                    standings.entry(frame).or_default().rejected = Some(reason);
                }
                _ => {}
            }
        }
        let elements = elements.map(<[String]>::to_vec);
        let standings = Mutex::new(standings);
        let store = Self {
            cycle,
            folder: folder.to_owned(),
            frames,
            elements,
            check,
            settings,
            journal,
            standings,
            say,
        };
        store.catch_up()?;
        Ok(store)
    }

    /// Adds to the journal what was done before a kill and not written down.
    fn catch_up(&self) -> Result<()> {
        for frame in self.open_frames() {
            if self.file(frame).exists() {
                self.note_label(frame)?;
            } else if self.standing(frame).failures > self.settings.retries
                && self.settings.on_failure == OnFailure::Continue
            {
                let reason = self.last_reason(frame);
                self.reject(frame, reason)?;
            }
        }
        self.check_share()
    }

    fn last_reason(&self, frame: u64) -> String {
        let mut last = String::new();
        for event in self.journal.events() {
            match event {
                Event::Failed { cycle, frame: of, reason } if (cycle, of) == (self.cycle, frame) => {
                    last = reason;
                }
                _ => {}
            }
        }
        last
    }

    fn standing(&self, frame: u64) -> Standing {
        let standings = self.standings.lock().unwrap_or_else(PoisonError::into_inner);
        standings.get(&frame).cloned().unwrap_or_default()
    }

    fn change(&self, frame: u64, change: impl FnOnce(&mut Standing)) {
        change(self.standings.lock().unwrap_or_else(PoisonError::into_inner).entry(frame).or_default());
    }

    /// Numbers of all frames.
    pub fn numbers(&self) -> std::ops::RangeInclusive<u64> {
        1..=self.frames.len() as u64
    }

    /// A frame by its number.
    pub fn frame(&self, number: u64) -> &Configuration {
        &self.frames[number as usize - 1]
    }

    /// The frames that have neither a label nor been set aside.
    pub fn open_frames(&self) -> Vec<u64> {
        self.numbers().filter(|&frame| self.is_open(frame)).collect()
    }

    /// Whether a frame has neither a label nor been set aside.
    pub fn is_open(&self, frame: u64) -> bool {
        let standing = self.standing(frame);
        !standing.is_labeled && standing.rejected.is_none()
    }

    /// How many attempts at a frame have failed.
    pub fn attempts(&self, frame: u64) -> u64 {
        self.standing(frame).attempts
    }

    /// Frames that were set aside, with their reasons.
    pub fn rejected(&self) -> Vec<(u64, String)> {
        self.numbers().filter_map(|frame| Some((frame, self.standing(frame).rejected?))).collect()
    }

    /// File of a label.
    fn file(&self, frame: u64) -> PathBuf {
        self.folder.join(format!("{frame:04}.cfg"))
    }

    /// The label of a frame, if it has arrived.
    pub fn label(&self, frame: u64) -> Result<Option<Configuration>> {
        if !self.standing(frame).is_labeled {
            return Ok(None);
        }
        let path = self.file(frame);
        let first = CfgReader::open(&path)?.next().transpose()?;
        first.map(Some).ok_or_else(|| {
            let message = "the journal tells of a label that is not here";
            Error::new(ErrorKind::InvalidState, message).in_file(&path.display().to_string())
        })
    }

    /// Keeps a label.
    pub fn keep(&self, frame: u64, labeled: &Configuration) -> Result<()> {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = write_configuration(labeled, &mut text);
        write(&self.file(frame), &text)?;
        self.note_label(frame)
    }

    fn note_label(&self, frame: u64) -> Result<()> {
        self.journal.add(Event::Labeled { cycle: self.cycle, frame })?;
        self.change(frame, |standing| standing.is_labeled = true);
        let done = self.frames.len() - self.open_frames().len();
        (self.say)(&format!(
            "cycle {}: frame {frame} is labeled; {done} of {}",
            self.cycle,
            self.frames.len()
        ));
        Ok(())
    }

    /// Notes that an attempt has failed; after the last one the frame is set aside, or the loop stops.
    pub fn fail(&self, frame: u64, reason: &str) -> Result<()> {
        // One line for each reason, in the journal and on the screen.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        self.journal.add(Event::Failed { cycle: self.cycle, frame, reason: reason.clone() })?;
        self.change(frame, |standing| {
            (standing.attempts, standing.failures) = (standing.attempts + 1, standing.failures + 1);
        });
        let Standing { attempts, failures, .. } = self.standing(frame);
        (self.say)(&format!("cycle {}: frame {frame}, attempt {attempts}: {reason}", self.cycle));
        if failures <= self.settings.retries {
            return Ok(());
        }
        if self.settings.on_failure == OnFailure::Stop {
            let message = format!("frame {frame} of cycle {} has no label: {reason}", self.cycle);
            let error = Error::new(ErrorKind::InvalidConfiguration, message);
            return Err(error
                .hint("run the same command again to try once more, or set labels.on-failure to continue"));
        }
        self.reject(frame, reason)?;
        self.check_share()
    }

    fn reject(&self, frame: u64, reason: String) -> Result<()> {
        (self.say)(&format!("cycle {}: frame {frame} is set aside", self.cycle));
        self.journal.add(Event::Rejected { cycle: self.cycle, frame, reason: reason.clone() })?;
        self.change(frame, |standing| standing.rejected = Some(reason));
        Ok(())
    }

    /// Stops when too many frames have been set aside.
    fn check_share(&self) -> Result<()> {
        let rejected = self.rejected();
        if rejected.len() as f64 <= self.settings.most_failures * self.frames.len() as f64 {
            return Ok(());
        }
        let (frame, reason) = rejected.last().cloned().unwrap_or_default();
        let message = format!(
            "{} of {} frames of cycle {} have no label, more than most-failures allows; frame {frame}: {reason}",
            rejected.len(),
            self.frames.len(),
            self.cycle
        );
        let hint =
            "mend what labels them and go on with --retry, or raise labels.most-failures to do without them";
        Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint))
    }
}
