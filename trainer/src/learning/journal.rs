//! What a loop has done, one line of JSON after the other.
//!
//! A line is on the disk before anything builds on it, and it is only written when what it tells of is on the disk, too. So
//! after a kill or a power cut the loop goes on behind the last line. A last line that was cut off is dropped.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use mtprs_core::{Error, ErrorKind, Place, Result};
use serde::{Deserialize, Serialize};

use super::state::LoopState;
use crate::figures::RmseFigures;

/// The format of the journal.
pub const FORMAT: &str = "mtprs learn 1";

/// Something that was done. Cycles and frames count from one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// The loop has begun.
    Begun(BegunRecord),
    /// The potential of a cycle is there.
    Trained(TrainedRecord),
    /// The active set of a cycle is there.
    State {
        /// The cycle.
        cycle: u64,
        /// Rows that no configuration supports.
        unsupported: u64,
    },
    /// A run has ended.
    Run(RunRecord),
    /// The frames to label are there.
    Selected(SelectedRecord),
    /// An attempt at a label has failed.
    Failed(FrameReason),
    /// A label is there.
    Labeled {
        /// The cycle.
        cycle: u64,
        /// The frame.
        frame: u64,
    },
    /// A frame has been set aside.
    Rejected(FrameReason),
    /// The frames of a cycle that were set aside are to be labeled again.
    Retried {
        /// The cycle.
        cycle: u64,
    },
    /// A cycle is over.
    Closed {
        /// The cycle.
        cycle: u64,
    },
    /// The loop has reached its aim in this cycle.
    Converged {
        /// The cycle.
        cycle: u64,
    },
}

/// What a loop began with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct BegunRecord {
    /// Of the journal.
    pub format: String,
    /// Configurations in the training sets that the loop begins with.
    pub configurations: u64,
    /// Checksums of the first potential and of these training sets, as read.
    pub identity: String,
}

/// The potential of a cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct TrainedRecord {
    /// The cycle.
    pub cycle: u64,
    /// Configurations of the training set.
    pub configurations: u64,
    /// Whether the potential is that of the cycle before, because nothing was added.
    pub unchanged: bool,
    /// Steps of the fit, 0 if there was none.
    pub steps: u64,
    /// Errors on the training set.
    pub training: RmseFigures,
    /// Errors on the validation set, if there is one.
    pub validation: Option<RmseFigures>,
    /// Wall time of the last part of the fit.
    pub seconds: f64,
}

/// How the frames of a cycle were selected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct SelectedRecord {
    /// The cycle.
    pub cycle: u64,
    /// Frames that were saved by all runs.
    pub saved: u64,
    /// Frames to label.
    pub selected: u64,
    /// Frames above the threshold of the selection that a limit left out.
    pub left_out: u64,
    /// Frames that no calculation could label.
    pub unfit: u64,
}

/// How a run of a cycle ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunRecord {
    /// The cycle.
    pub cycle: u64,
    /// Name of the run.
    pub run: String,
    /// Whether it lasted.
    pub unbroken: bool,
    /// Why it did not.
    pub reason: Option<String>,
    /// Time that was reached, ps.
    pub time: f64,
    /// Largest grade that was met.
    pub largest_grade: Option<f64>,
    /// Frames that were saved.
    pub frames: u64,
    /// Wall time, s.
    pub seconds: f64,
}

impl RunRecord {
    /// Whether the run lasted this long, ps.
    pub fn lasted(&self, time: f64) -> bool {
        self.unbroken && self.time >= time
    }
}

/// Why a frame has no label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameReason {
    /// The cycle.
    pub cycle: u64,
    /// The frame, by its number in `selected.cfg` of the cycle.
    pub frame: u64,
    /// Why.
    pub reason: String,
}

/// The journal of a folder, open for one process.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    state: LoopState,
}

impl Journal {
    /// Opens the journal of a loop, or begins one; drops a last line that was cut off.
    pub fn open(path: &Path) -> Result<Self> {
        let (state, end) = read(path)?;
        let failed = |action: &str, error| Error::io(action, &path.display().to_string(), &error);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(|error| failed("open", error))?;
        file.set_len(end).map_err(|error| failed("write", error))?;
        file.seek(SeekFrom::End(0)).map_err(|error| failed("write", error))?;
        // A folder that forgets the name of the file would forget all of the loop.
        if let Some(folder) = path.parent().and_then(|folder| File::open(folder).ok()) {
            let _ = folder.sync_all();
        }
        Ok(Self { path: path.to_owned(), inner: Mutex::new(Inner { file, state }) })
    }

    /// Adds a line, which is on the disk afterwards.
    pub fn add(&self, event: Event) -> Result<()> {
        let name = self.path.display().to_string();
        let mut line = serde_json::to_string(&event)
            .map_err(|error| Error::new(ErrorKind::Bug, format!("cannot write an event: {error}")))?;
        line.push('\n');
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let written = inner.file.write_all(line.as_bytes()).and_then(|()| inner.file.sync_data());
        written.map_err(|error| Error::io("write", &name, &error))?;
        let taken = inner.state.take(&event);
        taken.map_err(|message| Error::new(ErrorKind::Bug, message).in_file(&name))
    }

    /// What the state of the loop says.
    pub fn look<T>(&self, look: impl FnOnce(&LoopState) -> T) -> T {
        look(&self.inner.lock().unwrap_or_else(PoisonError::into_inner).state)
    }
}

/// The state that a journal tells of, the first one if there is no file, and the length of its whole lines in bytes.
pub fn read(path: &Path) -> Result<(LoopState, u64)> {
    let name = path.display().to_string();
    let mut state = LoopState::default();
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((state, 0)),
        Err(error) => return Err(Error::io("read", &name, &error)),
    };
    let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    for (index, line) in text[..whole].split_inclusive(|&byte| byte == b'\n').enumerate() {
        let wrong = |column: usize, message: String| {
            let place = Place { file: name.clone(), line: index + 1, column };
            Error::new(ErrorKind::InvalidState, message).at(place)
        };
        let event = serde_json::from_slice(line)
            .map_err(|error| wrong(error.column(), format!("expected an event of {FORMAT}: {error}")))?;
        if let Event::Begun(BegunRecord { format, .. }) = &event
            && format != FORMAT
        {
            let message = format!("the journal has the format {format}, expected {FORMAT}");
            return Err(Error::new(ErrorKind::InvalidState, message).in_file(&name));
        }
        state.take(&event).map_err(|message| wrong(1, message))?;
    }
    Ok((state, whole as u64))
}

#[cfg(test)]
mod tests {
    use mtprs_testing::scratch;

    use super::*;

    fn path(name: &str) -> PathBuf {
        scratch(&format!("journal/{name}")).join("journal")
    }

    fn record() -> RunRecord {
        RunRecord {
            cycle: 2,
            run: "hot".into(),
            unbroken: false,
            reason: Some("grade 11".into()),
            time: 0.1 + 0.2,
            largest_grade: Some(11.5),
            frames: 3,
            seconds: 1.0,
        }
    }

    fn state(events: &[Event]) -> LoopState {
        let mut state = LoopState::default();
        events.iter().for_each(|event| state.take(event).unwrap());
        state
    }

    #[test]
    fn events_are_read_back_and_a_torn_last_line_is_dropped() {
        let path = path("torn");
        let selected = SelectedRecord { cycle: 1, saved: 5, selected: 2, left_out: 1, unfit: 0 };
        let events = [
            Event::Selected(selected),
            Event::Labeled { cycle: 1, frame: 2 },
            Event::Run(record()),
            Event::Closed { cycle: 2 },
        ];
        let journal = Journal::open(&path).unwrap();
        for event in &events[..3] {
            journal.add(event.clone()).unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..30 {
            let mut torn = whole.clone();
            torn.extend_from_slice(&whole[..cut.min(20)]);
            std::fs::write(&path, torn).unwrap();
            let journal = Journal::open(&path).unwrap();
            assert_eq!(journal.look(LoopState::clone), state(&events[..3]));
            journal.add(events[3].clone()).unwrap();
            assert_eq!(read(&path).unwrap().0, state(&events));
        }
    }

    /// Lines as they have been written since the first release.
    #[test]
    fn the_format_stays_what_it_was() {
        let lines = [
            r#"{"event":"begun","format":"mtprs learn 1","configurations":8,"identity":"5f0f"}"#,
            r#"{"event":"trained","cycle":1,"configurations":8,"unchanged":false,"steps":41,"training":{"energy":0.0025,"force":0.0625,"virial":null},"validation":null,"seconds":0.5}"#,
            r#"{"event":"state","cycle":1,"unsupported":0}"#,
            r#"{"event":"run","cycle":1,"run":"hot","unbroken":false,"reason":"grade 11","time":0.25,"largest-grade":11.5,"frames":3,"seconds":1.5}"#,
            r#"{"event":"selected","cycle":1,"saved":3,"selected":2,"left-out":0,"unfit":0}"#,
            r#"{"event":"failed","cycle":1,"frame":1,"reason":"no energy"}"#,
            r#"{"event":"rejected","cycle":1,"frame":1,"reason":"no energy"}"#,
            r#"{"event":"retried","cycle":1}"#,
            r#"{"event":"labeled","cycle":1,"frame":1}"#,
            r#"{"event":"closed","cycle":1}"#,
            r#"{"event":"converged","cycle":2}"#,
        ];
        for line in lines {
            let event: Event = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&event).unwrap(), line);
        }
    }

    #[test]
    fn a_damaged_line_is_named() {
        let closed = "{\"event\":\"closed\",\"cycle\":1}\n";
        for (name, line, expected) in [
            ("misspelt", "{\"event\":\"clsoed\"}", "expected an event of mtprs learn 1"),
            (
                "stranger",
                "{\"event\":\"labeled\",\"cycle\":1,\"frame\":3}",
                "frame 3 of cycle 1 is not one of the 0 selected ones",
            ),
        ] {
            let path = path(name);
            std::fs::write(&path, format!("{closed}{line}\n")).unwrap();
            let message = Journal::open(&path).unwrap_err().to_string();
            assert!(message.contains(":2:") && message.contains(expected), "{message}");
        }
    }
}
