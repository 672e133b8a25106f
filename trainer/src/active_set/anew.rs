//! Whether the candidates stay covered by a state that is built anew from the training set and what was selected.
//!
//! A set that no single row improves is one of several: the state that is built anew may end in another one than the
//! selection did, and grade a candidate above the threshold. Such candidates are selected, too, until there is none.

use std::collections::BTreeSet;
use std::sync::Arc;

use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;

use super::build::build;
use super::collect::collect;
use super::maxvol::improve;
use super::order::{Pool, Turn, order};
use super::select::{Pick, Reason, Selector};
use super::volume::Volume;
use crate::Failure;
use crate::dataset::changed_file;
use crate::pipeline::{RunSettings, Supply};
use crate::processes::Interrupt;

/// Times that a state is built.
const MOST_STATES: usize = 10;

/// What is added to the numbers of selected configurations in such a state: they follow upon the training set there, as the
/// candidates do here.
const APART: usize = usize::MAX / 2;

/// What a state is built anew from, beside the selected configurations, and how.
pub(super) struct Anew {
    pub(super) potential: Potential,
    pub(super) training_set: Vec<Supply>,
    pub(super) run: RunSettings,
    pub(super) interrupt: Interrupt,
}

impl Anew {
    /// The files of the training set.
    pub(super) fn name(&self) -> String {
        self.training_set.iter().map(Supply::name).collect::<Vec<_>>().join(", ")
    }
}

/// What the last state that was built anew says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BuiltAnew {
    /// Configurations that were selected because such a state graded them above the threshold.
    pub added: usize,
    /// Largest grade of a candidate.
    pub largest_grade: f64,
}

impl Selector {
    /// Adds to `picks` what a state built anew from the training set and them does not cover; nothing is known if the
    /// selection started from a state.
    pub(super) fn cover_anew(&mut self, picks: &mut Vec<Pick>) -> Result<Option<BuiltAnew>, Failure> {
        let mut found = None;
        let selected = picks.len();
        for _ in 0..MOST_STATES {
            let Some(anew) = &self.anew else { break };
            let held: Arc<[Configuration]> = picks.iter().map(|pick| pick.configuration.clone()).collect();
            let mut supplies = anew.training_set.clone();
            supplies.push(Supply::Held(held));
            let run = RunSettings { quiet: true, ..anew.run };
            let settings = self.choice.settings;
            let built = build(&anew.potential, &supplies, settings, run, anew.interrupt.clone())?;
            if built.configurations as usize != self.training + picks.len() {
                return Err(changed_file(&anew.name()).into());
            }
            let mut volume = built.volume;
            volume.renumber(|configuration| {
                configuration + if configuration < self.training { 0 } else { APART }
            });
            let union = std::mem::replace(&mut self.passes.volume, volume);
            let coverage = self.look(f64::INFINITY)?;
            found = Some(BuiltAnew { added: picks.len() - selected, largest_grade: coverage.largest });
            let before = picks.len();
            if coverage.above > 0 && before < self.choice.limit {
                self.pick_uncovered(union, picks)?;
            } else {
                self.passes.volume = union;
            }
            if picks.len() == before {
                break;
            }
        }
        Ok(found)
    }

    /// Adds the candidates above the threshold by the set of the last pass, always the one with the largest grade; `union`
    /// takes its place with what their rows add to it.
    fn pick_uncovered(&mut self, mut union: Volume, picks: &mut Vec<Pick>) -> Result<(), Failure> {
        let threshold = self.choice.threshold;
        let grades = self.candidate_grades().iter().enumerate();
        let above: BTreeSet<usize> =
            grades.filter(|(_, grade)| **grade > threshold).map(|(k, _)| self.training + k).collect();
        let volume = &self.passes.volume;
        let mut members = collect(&self.passes, &above, &self.counts, &self.start, volume)?;
        let mut pool = Pool::default();
        for (&owner, member) in &members {
            pool.candidates.append(member.candidates.clone());
            pool.owners.resize(pool.candidates.sources.len(), Some(owner));
        }
        let (mut volume, limit) = (volume.clone(), self.choice.limit - picks.len());
        let pipeline = &self.passes.pipeline;
        let turns = pipeline.install(|| order(&mut volume, &pool, threshold, limit))?;
        for turn in turns {
            let Some(member) = members.remove(&turn.owner) else { continue };
            let before = union.log_determinant();
            pipeline.install(|| improve(&mut union, &member.candidates, self.choice.settings.threshold))?;
            let gain = union.log_determinant() - before;
            picks.push(Pick::new(member, Turn { gain, reason: Reason::BuiltAnew, ..turn }));
        }
        pipeline.install(|| union.factorize())?;
        self.passes.volume = union;
        Ok(())
    }
}
