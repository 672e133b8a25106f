//! The labels of one cycle: what becomes of its frames is written down here.
//!
//! Every label has a file of its own as soon as it has arrived.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Result};

use super::files::write;
use super::journal::{Event, FrameReason, Journal};
use super::label_check::Check;
use super::label_settings::OnFailure;
use super::next::Aim;
use super::state::{CycleState, FrameState};

/// Frames that are set aside for the same reason before the loop is stopped, if none has a label.
const SAME_REASON: usize = 3;

/// Writes down what becomes of the frames of a cycle, and tells the user.
pub struct LabelNotes<'a> {
    /// The cycle.
    pub cycle: u64,
    /// Where it is written down.
    pub journal: &'a Journal,
    /// How often labels are tried for, and how many may be missing.
    pub aim: &'a Aim,
    /// Tells the user.
    pub say: &'a (dyn Fn(&str) + Sync),
}

impl LabelNotes<'_> {
    /// What the cycle is like now.
    fn look<T>(&self, look: impl FnOnce(&CycleState) -> T) -> T {
        self.journal.look(|state| match state.cycle(self.cycle) {
            Some(row) => look(row),
            None => look(&CycleState::default()),
        })
    }

    fn frame(&self, frame: u64) -> FrameState {
        self.look(|row| row.frames.get(&frame).cloned()).unwrap_or_default()
    }

    /// Notes that a label is there.
    pub fn label(&self, frame: u64) -> Result<()> {
        let cycle = self.cycle;
        self.journal.add(Event::Labeled { cycle, frame })?;
        let (open, all) = self.look(|row| (row.open_frames().count(), row.frames.len()));
        (self.say)(&format!("cycle {cycle}: frame {frame} is labeled; {} of {all}", all - open));
        Ok(())
    }

    /// Notes that an attempt has failed; after the last one the frame is set aside, or the loop stops.
    pub fn fail(&self, frame: u64, reason: &str) -> Result<()> {
        let cycle = self.cycle;
        // One line for each reason, in the journal and on the screen.
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        self.journal.add(Event::Failed(FrameReason { cycle, frame, reason: reason.clone() }))?;
        let state = self.frame(frame);
        (self.say)(&format!("cycle {cycle}: frame {frame}, attempt {}: {reason}", state.attempts));
        if !self.aim.is_given_up(&state) {
            return Ok(());
        }
        if self.aim.on_failure == OnFailure::Stop {
            let message = format!("frame {frame} of cycle {cycle} has no label: {reason}");
            let error = Error::new(ErrorKind::InvalidConfiguration, message);
            return Err(error.hint("run the same command to try again, or set labels.on-failure to continue"));
        }
        self.set_aside(frame, reason)?;
        if self.aim.most_failures < 1.0 {
            self.look(check_reasons)?;
        }
        self.look(|row| self.aim.check_set_aside(row))
    }

    /// Sets a frame aside.
    pub fn set_aside(&self, frame: u64, reason: String) -> Result<()> {
        (self.say)(&format!("cycle {}: frame {frame} is rejected", self.cycle));
        self.journal.add(Event::Rejected(FrameReason { cycle: self.cycle, frame, reason }))
    }
}

/// Refuses to go on where the first frames of a cycle were all set aside for the same reason: so will the others be.
fn check_reasons(row: &CycleState) -> Result<()> {
    let reasons: Vec<&str> = row.rejected().map(|(_, reason)| reason).collect();
    if row.labeled() > 0 || reasons.len() < SAME_REASON || reasons.iter().any(|reason| *reason != reasons[0])
    {
        return Ok(());
    }
    let message = format!(
        "the first {} frames failed for the same reason, and no frame has a label: {}",
        reasons.len(),
        reasons[0]
    );
    let error = Error::new(ErrorKind::InvalidConfiguration, message);
    Err(error.hint("the setup seems to be wrong: fix it, and run the same command again with --retry"))
}

/// The frames of a cycle with their labels.
pub struct LabelStore<'a> {
    /// What became of the frames.
    pub notes: LabelNotes<'a>,
    /// Folder of the labels.
    pub folder: PathBuf,
    /// The frames, of which number 1 is the first.
    pub frames: Vec<Configuration>,
    /// Element names of the potential.
    pub elements: Option<&'a [String]>,
    /// What is asked of labels.
    pub check: Check,
}

impl LabelStore<'_> {
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
        self.notes.look(|row| row.open_frames().map(|(frame, _)| frame).collect())
    }

    /// Whether a frame has neither a label nor been set aside.
    pub fn is_open(&self, frame: u64) -> bool {
        self.notes.frame(frame).is_open()
    }

    /// How many attempts at a frame have failed.
    pub fn attempts(&self, frame: u64) -> u64 {
        self.notes.frame(frame).attempts
    }

    /// Keeps a label.
    pub fn keep(&self, frame: u64, labeled: &Configuration) -> Result<()> {
        let mut text = Vec::new();
        // Writing to memory cannot fail.
        let _ = write_configuration(labeled, &mut text);
        write(&file(&self.folder, frame), &text)?;
        self.notes.label(frame)
    }
}

/// File of a label in the folder of a cycle's labels.
fn file(folder: &Path, frame: u64) -> PathBuf {
    folder.join(format!("{frame:04}.cfg"))
}

/// The label of a frame.
pub fn load(folder: &Path, frame: u64) -> Result<Configuration> {
    let path = file(folder, frame);
    CfgReader::open(&path)?.next().transpose()?.ok_or_else(|| {
        let message = "the label is in the journal, but not here";
        Error::new(ErrorKind::InvalidState, message).in_file(&path.display().to_string())
    })
}

/// The frames that have a label in a folder.
pub fn arrived(folder: &Path) -> BTreeSet<u64> {
    let names = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let number = |name: &str| name.strip_suffix(".cfg")?.parse().ok();
    names.filter_map(|name| number(name.to_str()?)).collect()
}

#[cfg(test)]
mod tests {
    use mtprs_testing::scratch;

    use super::super::tests::{aim, selected};
    use super::*;

    /// Of two frames one fails as often as it may; half of them may be set aside.
    fn failed(name: &str, aim: &Aim) -> Vec<Result<()>> {
        let journal = Journal::open(&scratch(&format!("notes/{name}")).join("journal")).unwrap();
        journal.add(selected(1, 2)).unwrap();
        let notes = LabelNotes { cycle: 1, journal: &journal, aim, say: &|_| {} };
        let mut outcomes: Vec<Result<()>> = (0..2).map(|_| notes.fail(1, "no\n  license")).collect();
        let first = notes.frame(1);
        assert_eq!((first.attempts, first.reason.as_deref()), (2, Some("no license")));
        assert_eq!(first.is_open(), aim.on_failure == OnFailure::Stop);
        outcomes.extend((0..2).map(|_| notes.fail(2, "no energy")));
        outcomes
    }

    #[test]
    fn one_reason_for_all_frames_stops_the_loop() {
        let aim = Aim { retries: 0, most_failures: 0.9, ..aim(1) };
        for (name, reasons, expected) in [
            (
                "same",
                ["no license"; 3],
                Some("the first 3 frames failed for the same reason, and no frame has a label: no license"),
            ),
            ("other", ["no license", "no license", "no energy"], None),
        ] {
            let journal = Journal::open(&scratch(&format!("notes/{name}")).join("journal")).unwrap();
            journal.add(selected(1, 5)).unwrap();
            let notes = LabelNotes { cycle: 1, journal: &journal, aim: &aim, say: &|_| {} };
            let outcomes = [1, 2, 3].map(|frame| notes.fail(frame, reasons[frame as usize - 1]).err());
            assert!(outcomes[..2].iter().all(Option::is_none));
            assert_eq!(outcomes[2].as_ref().map(Error::message), expected);
        }
    }

    #[test]
    fn a_frame_is_set_aside_or_stops_the_loop_after_its_last_attempt() {
        let said = |outcomes: &[Result<()>]| -> Vec<String> {
            outcomes
                .iter()
                .map(|outcome| outcome.as_ref().err().map_or(String::new(), Error::to_string))
                .collect()
        };
        let [_, second, _, last] = &said(&failed("continue", &aim(1)))[..] else { panic!("four attempts") };
        assert_eq!(second, "");
        assert!(
            last.starts_with(
                "2 of 2 frames of cycle 1 have no label, more than most-failures allows; frame 2: no energy"
            ),
            "{last}"
        );
        let stop = Aim { on_failure: OnFailure::Stop, ..aim(1) };
        let [first, second, ..] = &said(&failed("stop", &stop))[..] else { panic!("four attempts") };
        assert!(
            first.is_empty() && second.starts_with("frame 1 of cycle 1 has no label: no license"),
            "{second}"
        );
    }
}
