//! What a loop does next: one function of its state, of what the job asks for, and of the labels that lie in its folder.
//!
//! The loop does what [`next`] says until that is an end, `--status` prints it; so they cannot differ. Nothing is read or
//! written here.

use std::collections::BTreeSet;

use mtprs_core::{Error, ErrorKind};

use super::OnFailure;
use super::state::{CycleState, FrameState, LoopState};
use crate::Failure;

/// What the job asks of a loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Aim {
    /// Names of the runs, and how long they have to last, ps.
    pub runs: Vec<(String, f64)>,
    /// In how many cycles, one after the other, all runs have to last.
    pub unbroken_cycles: u64,
    /// Most cycles.
    pub max_cycles: u64,
    /// Further attempts at a label after the first.
    pub retries: u64,
    /// What happens once a frame has failed for the last time.
    pub on_failure: OnFailure,
    /// Largest share of the frames of a cycle that may be set aside.
    pub most_failures: f64,
    /// File that tells why they were.
    pub reasons: String,
}

/// What has to be done next, and in which cycle.
#[derive(Clone, Debug, PartialEq)]
pub struct Next {
    /// The cycle.
    pub cycle: u64,
    /// What has to be done.
    pub step: Step,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// This, then ask again.
    Do(Action),
    /// Nothing more.
    End(End),
}

/// A step of a cycle. Each leaves an event in the journal, or more than one.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Train the potential.
    Train,
    /// Build the active set.
    BuildState,
    /// Run LAMMPS, these runs.
    Run(Vec<String>),
    /// Select frames to label.
    Select,
    /// Write down that this frame has a label: its file is there, and the journal does not know of it.
    NoteLabel(u64),
    /// Set this frame aside, for this reason: it has failed for the last time.
    SetAside(u64, String),
    /// Have the open frames labeled.
    Label,
    /// Put the labels into the training set.
    Close,
    /// Write down that the aim is reached.
    Converge,
}

/// Why nothing more is done.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// All runs lasted.
    Converged,
    /// The most cycles are made.
    MostCycles,
    /// It cannot go on like this.
    Stopped(Error),
}

/// What a loop does next; `arrived` are the frames of the present cycle whose labels lie in its folder.
pub fn next(state: &LoopState, aim: &Aim, arrived: &BTreeSet<u64>) -> Next {
    let cycle = state.present();
    if cycle > aim.max_cycles {
        return Next { cycle: cycle - 1, step: Step::End(End::MostCycles) };
    }
    let new = CycleState::default();
    let row = state.cycle(cycle).unwrap_or(&new);
    let action = if row.trained.is_none() {
        Action::Train
    } else if !row.has_active_set {
        Action::BuildState
    } else if row.selected.is_some() {
        // A run that the job has got since then has its turn in the next cycle.
        return Next { cycle, step: aim.of_frames(row, arrived) };
    } else {
        let open = aim.runs.iter().filter(|(name, time)| !row.has_ended(name, *time));
        let open: Vec<String> = open.map(|(name, _)| name.clone()).collect();
        match (open.is_empty(), aim.is_reached(state, cycle)) {
            (false, _) => Action::Run(open),
            (true, true) if state.converged == Some(cycle) => {
                return Next { cycle, step: Step::End(End::Converged) };
            }
            (true, true) => Action::Converge,
            (true, false) => Action::Select,
        }
    };
    Next { cycle, step: Step::Do(action) }
}

impl Aim {
    /// Whether enough cycles up to this one, one after the other, had runs that all lasted.
    fn is_reached(&self, state: &LoopState, cycle: u64) -> bool {
        let lasted = |row: &CycleState| self.runs.iter().all(|(name, time)| row.lasted(name, *time));
        let is_whole = |cycle: &u64| state.cycle(*cycle).is_some_and(lasted);
        (1..=cycle).rev().take_while(is_whole).count() as u64 >= self.unbroken_cycles
    }

    /// What is done about the frames of a cycle.
    fn of_frames(&self, row: &CycleState, arrived: &BTreeSet<u64>) -> Step {
        for (number, frame) in row.open_frames() {
            if arrived.contains(&number) {
                return Step::Do(Action::NoteLabel(number));
            }
            if self.is_given_up(frame) && self.on_failure == OnFailure::Continue {
                return Step::Do(Action::SetAside(number, frame.reason.clone().unwrap_or_default()));
            }
        }
        if let Err(error) = self.check_set_aside(row) {
            return Step::End(End::Stopped(error));
        }
        if row.open_frames().next().is_some() {
            Step::Do(Action::Label)
        } else if row.labeled() == 0 && row.is_broken() {
            let message =
                format!("no frame of cycle {} got a label, so there is nothing to learn from", row.cycle);
            let error = Error::new(ErrorKind::InvalidConfiguration, message);
            Step::End(End::Stopped(error.in_file(&self.reasons)))
        } else {
            Step::Do(Action::Close)
        }
    }

    /// Whether a frame has failed for the last time.
    pub fn is_given_up(&self, frame: &FrameState) -> bool {
        frame.failures > self.retries
    }

    /// Refuses a cycle of which more frames were set aside than may be.
    pub fn check_set_aside(&self, row: &CycleState) -> Result<(), Error> {
        let (count, of) = (row.rejected().count(), row.frames.len());
        let Some((frame, reason)) = row.rejected().last() else { return Ok(()) };
        if count as f64 <= self.most_failures * of as f64 {
            return Ok(());
        }
        let message = format!(
            "{count} of {of} frames of cycle {} have no label, more than most-failures allows; frame {frame}: {reason}",
            row.cycle
        );
        let hint = "fix the labeling and resume with --retry, or raise labels.most-failures to continue without them";
        Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint))
    }
}

impl Next {
    /// The cycle in which the aim is reached.
    pub fn converged(&self) -> Option<u64> {
        matches!(self.step, Step::Do(Action::Converge) | Step::End(End::Converged)).then_some(self.cycle)
    }
}

/// What does the steps of a loop and writes them down.
pub trait Worker {
    /// What has been done so far.
    fn state(&self) -> LoopState;
    /// The frames of a cycle whose labels lie in its folder.
    fn arrived(&self, cycle: u64) -> BTreeSet<u64>;
    /// Does a step; what was done of it is in the state afterwards, also if the rest has failed.
    fn perform(&self, cycle: u64, action: &Action) -> Result<(), Failure>;
}

/// Does step after step until there is none, or one has failed.
pub fn drive(worker: &impl Worker, aim: &Aim) -> Result<(u64, End), Failure> {
    let mut before = None;
    loop {
        let state = worker.state();
        let Next { cycle, step } = next(&state, aim, &worker.arrived(state.present()));
        let action = match step {
            Step::Do(action) => action,
            Step::End(end) => return Ok((cycle, end)),
        };
        if before.as_ref() == Some(&state) {
            let message = format!("a step of cycle {cycle} has left nothing in the journal: {action:?}");
            return Err(Error::new(ErrorKind::Bug, message).into());
        }
        worker.perform(cycle, &action)?;
        before = Some(state);
    }
}
