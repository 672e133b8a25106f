//! Where a loop stands: the events of its journal, folded one after the other.
//!
//! This is the one place that says what events mean. The loop, `--status` and the page ask the state; [`super::next`] says
//! what follows from it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::journal::{BegunRecord, Event, FrameReason, RunRecord, SelectedRecord, TrainedRecord};

/// All that a journal tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoopState {
    /// What the loop began with.
    pub begun: Option<BegunRecord>,
    /// The cycles in their order.
    pub cycles: Vec<CycleState>,
    /// All attempts at labels that failed, in their order.
    pub failed_attempts: Vec<FrameReason>,
    /// The cycle in which the loop reached its aim, if nothing has been done since.
    pub converged: Option<u64>,
}

/// A cycle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CycleState {
    /// Its number, from one.
    pub cycle: u64,
    /// Its potential.
    pub trained: Option<TrainedRecord>,
    /// Whether its active set is there.
    pub has_active_set: bool,
    /// The runs that have ended; of one that was made twice the last.
    pub runs: Vec<RunRecord>,
    /// How its frames were selected.
    pub selected: Option<SelectedRecord>,
    /// The frames that were selected, by their numbers in `selected.cfg`.
    pub frames: BTreeMap<u64, FrameState>,
    /// Whether the next cycle may begin.
    pub is_closed: bool,
}

/// What became of a frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameState {
    /// Attempts that have failed, all of them.
    pub attempts: u64,
    /// The same since the frame was last to be tried anew.
    pub failures: u64,
    /// Why the last of them failed.
    pub reason: Option<String>,
    /// Whether its label is there.
    pub is_labeled: bool,
    /// Why it was set aside.
    pub rejected: Option<String>,
}

/// How many frames of a cycle there are.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Frames {
    /// Saved by all runs.
    pub saved: u64,
    /// Selected for labels.
    pub selected: u64,
    /// With a label.
    pub labeled: u64,
    /// Set aside.
    pub rejected: u64,
}

impl LoopState {
    /// Takes up an event; says what is wrong with one that cannot have happened.
    pub fn take(&mut self, event: &Event) -> Result<(), String> {
        // What is done after the aim was reached may miss it.
        self.converged = None;
        match event {
            Event::Begun(record) => self.begun = Some(record.clone()),
            Event::Trained(record) => self.at(record.cycle).trained = Some(record.clone()),
            Event::State { cycle, .. } => self.at(*cycle).has_active_set = true,
            Event::Run(record) => {
                let runs = &mut self.at(record.cycle).runs;
                runs.retain(|other| other.run != record.run);
                runs.push(record.clone());
            }
            Event::Selected(record) => {
                let cycle = self.at(record.cycle);
                cycle.frames = (1..=record.selected).map(|frame| (frame, FrameState::default())).collect();
                cycle.selected = Some(record.clone());
            }
            Event::Failed(attempt) => {
                let state = self.frame(attempt.cycle, attempt.frame)?;
                (state.attempts, state.failures) = (state.attempts + 1, state.failures + 1);
                state.reason = Some(attempt.reason.clone());
                self.failed_attempts.push(attempt.clone());
            }
            Event::Labeled { cycle, frame } => self.frame(*cycle, *frame)?.is_labeled = true,
            Event::Rejected(FrameReason { cycle, frame, reason }) => {
                self.frame(*cycle, *frame)?.rejected = Some(reason.clone());
            }
            Event::Retried { cycle } => {
                for frame in self.at(*cycle).frames.values_mut() {
                    (frame.failures, frame.rejected) = (0, None);
                }
            }
            Event::Closed { cycle } => self.at(*cycle).is_closed = true,
            Event::Converged { cycle } => self.converged = Some(*cycle),
        }
        Ok(())
    }

    fn at(&mut self, cycle: u64) -> &mut CycleState {
        let index = self.cycles.iter().position(|row| row.cycle == cycle).unwrap_or_else(|| {
            self.cycles.push(CycleState { cycle, ..CycleState::default() });
            self.cycles.len() - 1
        });
        &mut self.cycles[index]
    }

    fn frame(&mut self, cycle: u64, frame: u64) -> Result<&mut FrameState, String> {
        let selected = self.at(cycle).frames.len();
        let state = self.at(cycle).frames.get_mut(&frame);
        state.ok_or_else(|| {
            format!("frame {frame} of cycle {cycle} is not one of the {selected} selected ones")
        })
    }

    /// A cycle of which something is known.
    pub fn cycle(&self, cycle: u64) -> Option<&CycleState> {
        self.cycles.iter().find(|row| row.cycle == cycle)
    }

    /// The cycle that is under way, or the one that begins next.
    pub fn present(&self) -> u64 {
        let is_closed = |cycle: &u64| self.cycle(*cycle).is_some_and(|row| row.is_closed);
        (1..).find(|cycle| !is_closed(cycle)).unwrap_or(u64::MAX)
    }

    /// The present cycle, if frames of it were set aside, which can be labeled again.
    pub fn to_retry(&self) -> Option<u64> {
        self.cycle(self.present()).filter(|row| row.rejected().next().is_some()).map(|row| row.cycle)
    }

    /// Every frame that was set aside and not tried again.
    pub fn rejected(&self) -> Vec<FrameReason> {
        let of = |row: &CycleState| {
            let cycle = row.cycle;
            let reasons = row.rejected().map(move |(frame, reason)| FrameReason {
                cycle,
                frame,
                reason: reason.to_owned(),
            });
            reasons.collect::<Vec<_>>()
        };
        self.cycles.iter().flat_map(of).collect()
    }
}

impl FrameState {
    /// Whether it has neither a label nor been set aside.
    pub fn is_open(&self) -> bool {
        !self.is_labeled && self.rejected.is_none()
    }
}

impl CycleState {
    /// The frames that have neither a label nor been set aside.
    pub fn open_frames(&self) -> impl Iterator<Item = (u64, &FrameState)> {
        self.frames.iter().filter(|(_, frame)| frame.is_open()).map(|(number, frame)| (*number, frame))
    }

    /// The frames that were set aside, with their reasons.
    pub fn rejected(&self) -> impl Iterator<Item = (u64, &str)> {
        self.frames.iter().filter_map(|(number, frame)| Some((*number, frame.rejected.as_deref()?)))
    }

    /// How many frames have a label.
    pub fn labeled(&self) -> u64 {
        self.frames.values().filter(|frame| frame.is_labeled).count() as u64
    }

    /// How many frames there are, once they have been selected.
    pub fn counts(&self) -> Option<Frames> {
        let SelectedRecord { saved, selected, .. } = *self.selected.as_ref()?;
        let rejected = self.rejected().count() as u64;
        Some(Frames { saved, selected, labeled: self.labeled(), rejected })
    }

    /// Whether a run of this name has ended, unless it has to last longer now, ps; one that broke is not made again.
    pub fn has_ended(&self, run: &str, time: f64) -> bool {
        self.runs.iter().any(|done| done.run == run && (!done.unbroken || done.lasted(time)))
    }

    /// Whether a run of this name lasted this long, ps.
    pub fn lasted(&self, run: &str, time: f64) -> bool {
        self.runs.iter().any(|done| done.run == run && done.lasted(time))
    }

    /// How many of the runs that have ended did not break.
    pub fn unbroken(&self) -> usize {
        self.runs.iter().filter(|run| run.unbroken).count()
    }

    /// Whether a run broke.
    pub fn is_broken(&self) -> bool {
        self.unbroken() < self.runs.len()
    }

    /// Largest grade of all runs.
    pub fn largest_grade(&self) -> Option<f64> {
        self.runs.iter().filter_map(|run| run.largest_grade).reduce(f64::max)
    }
}
