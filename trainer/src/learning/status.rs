//! Where a loop stands, for programs: what `mtprs learn --status --json` prints.
//!
//! The same as the tables of [`super::report`], and what the loop does or waits for next. Energies are eV, lengths Å, times of
//! runs ps, all other times s; cycles and frames count from one.

use serde::Serialize;

use super::journal::{Event, RunRecord};
use super::report::{CycleRow, Frames, LearnReport, RejectedRow};
use crate::figures::RmseFigures;

/// What the job says of a loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// The folder of the loop.
    pub folder: String,
    /// Names of the runs, and how long they have to last, ps.
    pub runs: Vec<(String, f64)>,
    /// Most cycles.
    pub max_cycles: u64,
}

/// All that is told.
#[derive(Clone, Debug, Serialize)]
pub struct LearnStatus {
    folder: String,
    /// In a sentence.
    standing: String,
    /// The cycle in which all runs lasted.
    converged: Option<u64>,
    next: Next,
    /// Configurations that the loop began with.
    begun_with: u64,
    cycles: Vec<Cycle>,
    /// Attempts at labels that failed.
    failed_attempts: Vec<RejectedRow>,
    /// Frames that were set aside.
    rejected: Vec<RejectedRow>,
}

/// What has to be done next.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Next {
    cycle: u64,
    step: Step,
    /// Runs that have not ended, if it is their turn.
    runs: Vec<String>,
    /// Frames without a label, if it is their turn.
    frames: Vec<OpenFrame>,
}

/// The steps of a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Step {
    Training,
    State,
    Runs,
    Selection,
    Labels,
    Closing,
    /// `max-cycles` is reached.
    MoreCycles,
    /// All runs lasted.
    Nothing,
}

/// A frame that has no label yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct OpenFrame {
    frame: u64,
    failed_attempts: usize,
    /// Why the last of them failed.
    reason: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
struct Cycle {
    cycle: u64,
    configurations: Option<u64>,
    /// Wall time of the training.
    training_seconds: Option<f64>,
    training: Option<RmseFigures>,
    validation: Option<RmseFigures>,
    runs: Vec<RunRow>,
    largest_grade: Option<f64>,
    frames: Option<Frames>,
    is_closed: bool,
}

#[derive(Clone, Debug, Serialize)]
struct RunRow {
    run: String,
    unbroken: bool,
    reason: Option<String>,
    time: f64,
    largest_grade: Option<f64>,
    frames: u64,
    seconds: f64,
}

impl LearnStatus {
    /// Puts together what a journal tells.
    pub fn new(aim: &Aim, events: &[Event]) -> Self {
        let report = LearnReport::new(events);
        let failed = |event: &Event| match event {
            Event::Failed { cycle, frame, reason } => {
                Some(RejectedRow { cycle: *cycle, frame: *frame, reason: reason.clone() })
            }
            _ => None,
        };
        let failed_attempts: Vec<RejectedRow> = events.iter().filter_map(failed).collect();
        Self {
            folder: aim.folder.clone(),
            standing: report.standing(),
            converged: report.converged,
            next: Next::new(aim, events, &report, &failed_attempts),
            begun_with: report.begun_with,
            cycles: report.cycles.iter().map(|row| Cycle::new(row, events)).collect(),
            failed_attempts,
            rejected: report.rejected,
        }
    }
}

impl Next {
    fn new(aim: &Aim, events: &[Event], report: &LearnReport, failed: &[RejectedRow]) -> Self {
        let row = report.cycles.last();
        let cycle = row.map_or(1, |row| row.cycle);
        let plain = |cycle, step| Self { cycle, step, runs: Vec::new(), frames: Vec::new() };
        if report.converged.is_some() {
            return plain(cycle, Step::Nothing);
        }
        let Some(row) = row.filter(|row| row.configurations.is_some()) else {
            return plain(cycle, Step::Training);
        };
        if row.is_closed {
            let is_last = cycle >= aim.max_cycles;
            let (cycle, step) = if is_last { (cycle, Step::MoreCycles) } else { (cycle + 1, Step::Training) };
            return plain(cycle, step);
        }
        if !events.iter().any(|event| matches!(event, Event::State { cycle: of, .. } if *of == cycle)) {
            return plain(cycle, Step::State);
        }
        let Some(frames) = row.frames else {
            let has_ended = |name: &str, time: f64| {
                row.runs.iter().any(|run| run.run == name && (!run.unbroken || run.lasted(time)))
            };
            let open = aim.runs.iter().filter(|(name, time)| !has_ended(name, *time));
            let runs: Vec<String> = open.map(|(name, _)| name.clone()).collect();
            let step = if runs.is_empty() { Step::Selection } else { Step::Runs };
            return Self { runs, ..plain(cycle, step) };
        };
        let frames = open_frames(cycle, frames.selected, events, report, failed);
        let step = if frames.is_empty() { Step::Closing } else { Step::Labels };
        Self { frames, ..plain(cycle, step) }
    }
}

fn open_frames(
    cycle: u64,
    selected: u64,
    events: &[Event],
    report: &LearnReport,
    failed: &[RejectedRow],
) -> Vec<OpenFrame> {
    let is_labeled = |frame: u64| events.contains(&Event::Labeled { cycle, frame });
    let is_it = |row: &&RejectedRow, frame: u64| (row.cycle, row.frame) == (cycle, frame);
    let is_open = |frame: &u64| !is_labeled(*frame) && !report.rejected.iter().any(|row| is_it(&row, *frame));
    let open = |frame: u64| {
        let attempts: Vec<&RejectedRow> = failed.iter().filter(|row| is_it(row, frame)).collect();
        let reason = attempts.last().map(|row| row.reason.clone());
        OpenFrame { frame, failed_attempts: attempts.len(), reason }
    };
    (1..=selected).filter(is_open).map(open).collect()
}

impl Cycle {
    fn new(row: &CycleRow, events: &[Event]) -> Self {
        let seconds = |event: &Event| match event {
            Event::Trained { cycle, seconds, .. } if *cycle == row.cycle => Some(*seconds),
            _ => None,
        };
        Self {
            cycle: row.cycle,
            configurations: row.configurations,
            training_seconds: events.iter().find_map(seconds),
            training: row.training,
            validation: row.validation,
            runs: row.runs.iter().map(RunRow::new).collect(),
            largest_grade: row.largest_grade(),
            frames: row.frames,
            is_closed: row.is_closed,
        }
    }
}

impl RunRow {
    fn new(record: &RunRecord) -> Self {
        let RunRecord { run, unbroken, reason, time, largest_grade, frames, seconds, .. } = record.clone();
        Self { run, unbroken, reason, time, largest_grade, frames, seconds }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(name: &str, unbroken: bool) -> Event {
        Event::Run(RunRecord {
            cycle: 1,
            run: name.into(),
            unbroken,
            reason: None,
            time: 0.5,
            largest_grade: Some(4.0),
            frames: 3,
            seconds: 1.25,
        })
    }

    #[test]
    fn every_event_brings_the_next_step() {
        let aim = Aim {
            folder: "loop".into(),
            runs: vec![("cold".into(), 0.5), ("hot".into(), 0.5)],
            max_cycles: 1,
        };
        let trained = Event::Trained {
            cycle: 1,
            configurations: 9,
            unchanged: false,
            steps: 7,
            training: RmseFigures::default(),
            validation: None,
            seconds: 2.0,
        };
        let failed = Event::Failed { cycle: 1, frame: 2, reason: "no energy".into() };
        let story = [
            (
                Event::Begun { format: String::new(), configurations: 9, identity: String::new() },
                Step::Training,
            ),
            (trained, Step::State),
            (Event::State { cycle: 1, unsupported: 0 }, Step::Runs),
            (run("hot", false), Step::Runs),
            (run("cold", true), Step::Selection),
            (Event::Selected { cycle: 1, saved: 3, selected: 2, left_out: 0, unfit: 0 }, Step::Labels),
            (Event::Labeled { cycle: 1, frame: 1 }, Step::Labels),
            (failed, Step::Labels),
            (Event::Rejected { cycle: 1, frame: 2, reason: "no energy".into() }, Step::Closing),
            (Event::Retried { cycle: 1 }, Step::Labels),
            (Event::Labeled { cycle: 1, frame: 2 }, Step::Closing),
            (Event::Closed { cycle: 1 }, Step::MoreCycles),
            (Event::Converged { cycle: 1 }, Step::Nothing),
        ];
        let events: Vec<Event> = story.iter().map(|(event, _)| event.clone()).collect();
        for (count, (event, step)) in story.iter().enumerate() {
            let status = LearnStatus::new(&aim, &events[..=count]);
            assert_eq!((status.next.step, status.next.cycle), (*step, 1), "{event:?}");
        }
        let next = |count: usize| LearnStatus::new(&aim, &events[..count]).next;
        assert_eq!((next(4).runs, next(5).runs), (vec!["cold".to_owned()], Vec::new()));
        let open = OpenFrame { frame: 2, failed_attempts: 1, reason: Some("no energy".into()) };
        assert_eq!((next(8).frames, next(10).frames), (vec![open.clone()], vec![open]));
        let more = LearnStatus::new(&Aim { max_cycles: 2, ..aim }, &events[..12]);
        assert_eq!((more.next.step, more.next.cycle), (Step::Training, 2));
    }
}
