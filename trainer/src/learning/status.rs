//! Where a loop stands, for programs: what `mtprs learn --status --json` prints.
//!
//! The same as the tables of [`super::report`], and what the loop does or waits for next. Energies are eV, lengths Å, times of
//! runs ps, all other times s; cycles and frames count from one.

use serde::Serialize;

use super::journal::{FrameReason, RunRecord};
use super::next::{self, Action, End, Step};
use super::report;
use super::state::{CycleState, FrameState, Frames, LoopState};
use crate::figures::RmseFigures;

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
    failed_attempts: Vec<FrameReason>,
    /// Frames that were set aside.
    rejected: Vec<FrameReason>,
}

/// What has to be done next.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Next {
    cycle: u64,
    step: &'static str,
    /// Runs that have not ended, if it is their turn.
    runs: Vec<String>,
    /// Frames without a label, if it is their turn.
    frames: Vec<OpenFrame>,
}

/// A frame that has no label yet.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct OpenFrame {
    frame: u64,
    failed_attempts: u64,
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
    /// Of the loop in this folder, with this state and what comes next.
    pub fn new(folder: String, state: &LoopState, next: &next::Next) -> Self {
        Self {
            folder,
            standing: report::standing(state, next),
            converged: next.converged(),
            next: Next::new(state, next),
            begun_with: state.begun.as_ref().map_or(0, |begun| begun.configurations),
            cycles: state.cycles.iter().map(Cycle::new).collect(),
            failed_attempts: state.failed_attempts.clone(),
            rejected: state.rejected(),
        }
    }
}

impl Next {
    fn new(state: &LoopState, next: &next::Next) -> Self {
        let step = match &next.step {
            Step::Do(Action::Train) => "training",
            Step::Do(Action::BuildState) => "state",
            Step::Do(Action::Run(_)) => "runs",
            Step::Do(Action::Select) => "selection",
            Step::Do(Action::NoteLabel(_) | Action::SetAside(..) | Action::Label) => "labels",
            Step::Do(Action::Close) => "closing",
            Step::Do(Action::Converge) | Step::End(End::Converged) => "nothing",
            Step::End(End::MostCycles) => "more-cycles",
            Step::End(End::Stopped(_)) => "stopped",
        };
        let runs = match &next.step {
            Step::Do(Action::Run(runs)) => runs.clone(),
            _ => Vec::new(),
        };
        let open = state.cycle(next.cycle).filter(|_| step == "labels").map(|row| {
            let open = |(frame, of): (u64, &FrameState)| OpenFrame {
                frame,
                failed_attempts: of.attempts,
                reason: of.reason.clone(),
            };
            row.open_frames().map(open).collect()
        });
        Self { cycle: next.cycle, step, runs, frames: open.unwrap_or_default() }
    }
}

impl Cycle {
    fn new(row: &CycleState) -> Self {
        let trained = row.trained.as_ref();
        Self {
            cycle: row.cycle,
            configurations: trained.map(|trained| trained.configurations),
            training_seconds: trained.map(|trained| trained.seconds),
            training: trained.map(|trained| trained.training),
            validation: trained.and_then(|trained| trained.validation),
            runs: row.runs.iter().map(RunRow::new).collect(),
            largest_grade: row.largest_grade(),
            frames: row.counts(),
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
