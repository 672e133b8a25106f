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

use crate::figures::RmseFigures;

/// The format of the journal.
pub const FORMAT: &str = "mtprs learn 1";

/// Something that was done. Cycles and frames count from one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Event {
    /// The loop has begun.
    Begun {
        /// Of the journal.
        format: String,
        /// Configurations in the training sets that the loop begins with.
        configurations: u64,
        /// Checksums of the first potential and of these training sets, as read.
        identity: String,
    },
    /// The potential of a cycle is there.
    Trained {
        /// The cycle.
        cycle: u64,
        /// Configurations of the training set.
        configurations: u64,
        /// Whether the potential is that of the cycle before, because nothing was added.
        unchanged: bool,
        /// Steps of the fit, 0 if there was none.
        steps: u64,
        /// Errors on the training set.
        training: RmseFigures,
        /// Errors on the validation set, if there is one.
        validation: Option<RmseFigures>,
        /// Wall time of the last part of the fit.
        seconds: f64,
    },
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
    Selected {
        /// The cycle.
        cycle: u64,
        /// Frames that were saved by all runs.
        saved: u64,
        /// Frames to label.
        selected: u64,
        /// Frames above the threshold of the selection that a limit left out.
        left_out: u64,
        /// Frames that no calculation could label.
        unfit: u64,
    },
    /// An attempt at a label has failed.
    Failed {
        /// The cycle.
        cycle: u64,
        /// The frame.
        frame: u64,
        /// Why.
        reason: String,
    },
    /// A label is there.
    Labeled {
        /// The cycle.
        cycle: u64,
        /// The frame.
        frame: u64,
    },
    /// A frame has been set aside.
    Rejected {
        /// The cycle.
        cycle: u64,
        /// The frame.
        frame: u64,
        /// Why.
        reason: String,
    },
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
    /// Whether the run lasted so long, ps.
    pub fn lasted(&self, time: f64) -> bool {
        self.unbroken && self.time >= time
    }
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
    events: Vec<Event>,
}

impl Journal {
    /// Opens the journal of a loop, or begins one; drops a last line that was cut off.
    pub fn open(path: &Path) -> Result<Self> {
        let (events, end) = read(path)?;
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
        Ok(Self { path: path.to_owned(), inner: Mutex::new(Inner { file, events }) })
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
        inner.events.push(event);
        Ok(())
    }

    /// All events so far.
    pub fn events(&self) -> Vec<Event> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).events.clone()
    }

    /// Whether something was done.
    pub fn has(&self, is_it: impl Fn(&Event) -> bool) -> bool {
        self.find(|event| is_it(event).then_some(())).is_some()
    }

    /// What the first event that fits says.
    pub fn find<T>(&self, choose: impl FnMut(&Event) -> Option<T>) -> Option<T> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).events.iter().find_map(choose)
    }
}

/// Cycle, frame and reason of every frame that was set aside and not tried again.
pub fn rejected(events: &[Event]) -> Vec<(u64, u64, String)> {
    let mut rejected = Vec::new();
    for event in events {
        match event {
            Event::Rejected { cycle, frame, reason } => rejected.push((*cycle, *frame, reason.clone())),
            Event::Retried { cycle } => rejected.retain(|(of, ..)| of != cycle),
            _ => {}
        }
    }
    rejected.sort();
    rejected
}

/// The events of a journal, none if there is no file, and the length of its whole lines in bytes.
pub fn read(path: &Path) -> Result<(Vec<Event>, u64)> {
    let name = path.display().to_string();
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok((Vec::new(), 0)),
        Err(error) => return Err(Error::io("read", &name, &error)),
    };
    let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(0, |last| last + 1);
    let mut events = Vec::new();
    for (index, line) in text[..whole].split_inclusive(|&byte| byte == b'\n').enumerate() {
        let event = serde_json::from_slice(line).map_err(|error| {
            let message = format!("expected an event of {FORMAT}: {error}");
            let place = Place { file: name.clone(), line: index + 1, column: error.column() };
            Error::new(ErrorKind::InvalidState, message).at(place)
        })?;
        if let (0, Event::Begun { format, .. }) = (index, &event)
            && format != FORMAT
        {
            let message = format!("the journal has the format {format}, expected {FORMAT}");
            return Err(Error::new(ErrorKind::InvalidState, message).in_file(&name));
        }
        events.push(event);
    }
    Ok((events, whole as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("mtprs-journal-{}-{name}", std::process::id()));
        let _absent_at_first = std::fs::remove_file(&path);
        path
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

    #[test]
    fn events_are_read_back_and_a_torn_last_line_is_dropped() {
        let path = path("torn");
        let events =
            [Event::Labeled { cycle: 1, frame: 2 }, Event::Run(record()), Event::Closed { cycle: 2 }];
        let journal = Journal::open(&path).unwrap();
        for event in &events[..2] {
            journal.add(event.clone()).unwrap();
        }
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for cut in 1..30 {
            let mut torn = whole.clone();
            torn.extend_from_slice(&whole[..cut.min(20)]);
            std::fs::write(&path, torn).unwrap();
            let journal = Journal::open(&path).unwrap();
            assert_eq!(journal.events(), events[..2]);
            journal.add(events[2].clone()).unwrap();
            assert_eq!(read(&path).unwrap().0, events);
        }
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_damaged_line_is_named() {
        let path = path("damaged");
        std::fs::write(&path, "{\"event\":\"closed\",\"cycle\":1}\n{\"event\":\"clsoed\"}\n").unwrap();
        let message = Journal::open(&path).unwrap_err().to_string();
        assert!(
            message.contains(":2:") && message.contains("expected an event of mtprs learn 1"),
            "{message}"
        );
        std::fs::remove_file(path).unwrap();
    }
}
