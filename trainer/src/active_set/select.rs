//! Which candidates a training set lacks: those that span the largest volume together with it, in the order of their gain.
//!
//! Passes over training set and candidates find the active set of their union. The candidates in it are selected; their
//! order is that in which they join the active set of the training set, the largest grade first. At the end a state is
//! built anew (`anew.rs`), which must cover all candidates as well.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::LN_10;

use mtprs_core::Error;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::SelectionState;

use super::anew::{Anew, BuiltAnew};
use super::build::{Settings, build};
use super::collect::{Member, collect};
use super::maxvol::{Candidates, improve};
use super::order::{Pool, Turn, atoms, order};
use super::pass::{Look, Passes, Segment};
use super::rows::{RowMaker, Source};
use super::screen::Screen;
use super::volume::Volume;
use crate::Failure;
use crate::dataset::changed_file;
use crate::pipeline::{Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;

/// Part of the threshold below which candidates are not looked at between two full passes.
const FLOOR: f64 = 0.7;
/// Times that is looked whether the set of the union covers all candidates.
const MOST_ROUNDS: usize = 10;

/// How to choose.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    /// How active sets are made.
    pub settings: Settings,
    /// Largest grade that a candidate may have and not be selected.
    pub threshold: f64,
    /// Most configurations that are selected.
    pub limit: usize,
    /// Shortest distance of two atoms in a candidate, Å.
    pub min_distance: f64,
}

/// What the potential knows before the selection.
#[derive(Debug)]
pub enum Start {
    /// A training set, whose active set is built.
    TrainingSet(Vec<Supply>),
    /// An active set.
    State(Box<SelectionState>),
    /// Nothing.
    Nothing,
}

/// A selected configuration.
#[derive(Clone, Debug)]
pub struct Pick {
    /// File among the candidates, from zero.
    pub file: usize,
    /// Configuration in it, from one.
    pub number: u64,
    /// The configuration as it was read.
    pub configuration: Configuration,
    /// Its grade by the set before the selection.
    pub start_grade: f64,
    /// The same of its atoms, in neighborhood mode.
    pub atom_grades: Option<Vec<f64>>,
    /// Its grade by the set with those selected before it.
    pub grade: f64,
    /// log10 |det A| with it less without it.
    pub log10_gain: f64,
    /// Atoms that joined the active set, from zero; none in configuration mode.
    pub atoms: Vec<usize>,
    /// Why it was selected.
    pub reason: Reason,
}

/// Why a configuration is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It extrapolates by the set with those before it.
    Grade,
    /// It does not, but the set of largest volume holds rows of it.
    Volume,
    /// It extrapolates by a set that was built anew from the training set and those before it.
    BuiltAnew,
}

impl Pick {
    pub(super) fn new(member: Member, turn: Turn) -> Self {
        let Member { file, number, configuration, grade: start_grade, atom_grades, .. } = member;
        let Turn { grade, gain, atoms, reason, .. } = turn;
        let log10_gain = gain / LN_10;
        Self { file, number, configuration, start_grade, atom_grades, grade, log10_gain, atoms, reason }
    }
}

/// A candidate that cannot be selected.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAside {
    /// File among the candidates, from zero.
    pub file: usize,
    /// Configuration in it, from one.
    pub number: u64,
    /// Why.
    pub reason: String,
}

/// What was selected.
#[derive(Debug)]
pub struct Chosen {
    /// The selected configurations in the order of their gain.
    pub picks: Vec<Pick>,
    /// How many there would be without a limit.
    pub wanted: usize,
    /// Candidates that were read.
    pub candidates: u64,
    /// Candidates that are unfit: too close atoms, or derivatives that are not finite.
    pub set_aside: Vec<SetAside>,
    /// Candidates above the threshold before and after the selection.
    pub above: [u64; 2],
    /// Largest grade of a candidate before and after the selection.
    pub largest_grade: [f64; 2],
    /// log10 |det A| before and after the selection.
    pub log10_determinant: [f64; 2],
    /// What a state built anew from the training set and the selected ones says; unknown without a training set, and if
    /// there is a limit that left something out.
    pub built_anew: Option<BuiltAnew>,
    /// Passes over the files.
    pub passes: usize,
}

/// Selects from candidates, whose files are read several times.
pub fn select(
    potential: &Potential,
    start: Start,
    candidates: &[Supply],
    choice: Choice,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<Chosen, Failure> {
    Supply::refuse_streams(candidates, "candidates are")?;
    let mut selector = Selector::new(potential, start, candidates, choice, run, interrupt)?;
    let survey = selector.look(f64::INFINITY)?;
    if survey.above == 0 {
        return Ok(selector.finish(survey, survey, Vec::new(), 0, None));
    }
    selector.passes.converge(choice.settings.threshold, FLOOR)?;
    let (mut turns, members, mut covered) = selector.cover()?;
    let wanted = turns.len();
    if wanted > choice.limit {
        turns = selector.arrange(&members, choice.limit)?;
        covered = selector.look(f64::INFINITY)?;
    }
    let mut members = members;
    let pick = |turn: Turn| members.remove(&turn.owner).map(|member| Pick::new(member, turn));
    let mut picks: Vec<Pick> = turns.into_iter().filter_map(pick).collect();
    if wanted > choice.limit {
        return Ok(selector.finish(survey, covered, picks, wanted, None));
    }
    let built_anew = selector.cover_anew(&mut picks)?;
    if picks.len() > wanted {
        covered = selector.look(f64::INFINITY)?;
    }
    let wanted = picks.len();
    Ok(selector.finish(survey, covered, picks, wanted, built_anew))
}

/// The grades of the candidates by one set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coverage {
    pub(super) above: u64,
    pub(super) largest: f64,
    pub(super) swaps: usize,
}

/// Configurations that may be selected, by their place in the order of all files.
type Members = BTreeMap<usize, Member>;

/// A selection under way.
pub(super) struct Selector {
    pub(super) passes: Passes,
    pub(super) start: Volume,
    pub(super) choice: Choice,
    /// What a state is built anew from, if there is a training set.
    pub(super) anew: Option<Anew>,
    /// Configurations before the candidates.
    pub(super) training: usize,
    /// Configurations of each file.
    pub(super) counts: Vec<u64>,
    /// Unfit configurations.
    unfit: Vec<(usize, String)>,
    /// Rows of the training set in the active set of the union.
    union: Candidates,
}

impl Selector {
    fn new(
        potential: &Potential,
        start: Start,
        candidates: &[Supply],
        choice: Choice,
        run: RunSettings,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let mut segments = Vec::new();
        let mut anew = None;
        let mode = match &start {
            Start::State(state) => state.mode,
            Start::TrainingSet(_) | Start::Nothing => choice.settings.mode,
        };
        let pipeline = Pipeline::new(RowMaker::new(potential, mode)?, run, interrupt.clone())?;
        let (start, first, training) = match start {
            Start::TrainingSet(training_set) => {
                let built = build(potential, &training_set, choice.settings, run, interrupt.clone())?;
                let supplies = training_set.iter().cloned();
                segments.extend(supplies.map(|supply| Segment { supply, screen: None }));
                let potential = potential.clone();
                anew = Some(Anew { potential, training_set, run, interrupt });
                (built.volume, 0, built.configurations as usize)
            }
            Start::Nothing => {
                (Volume::empty(potential.parameter_layout().len(), choice.settings.start), 0, 0)
            }
            Start::State(state) => {
                let volume = pipeline.install(|| Volume::of_state(&state, choice.settings.start))?;
                let numbers = volume.sources().iter().filter_map(Source::configuration);
                let first = numbers.max().map_or(0, |last| last + 1);
                (volume, first, first)
            }
        };
        let species = potential.species().count();
        let screen = Some(Screen { min_distance: choice.min_distance, species });
        let supplies = candidates.iter().cloned();
        segments.extend(supplies.map(|supply| Segment { supply, screen }));
        let mut extra = start.units();
        extra.append(start.chosen(|source| source.configuration().is_some()));
        let (volume, grades) = (start.clone(), Vec::new());
        let passes =
            Passes { pipeline, segments, first, mode, volume, extra, grades, number: 0, counts: Vec::new() };
        Ok(Self {
            passes,
            start,
            choice,
            anew,
            training,
            counts: Vec::new(),
            unfit: Vec::new(),
            union: Candidates::default(),
        })
    }

    /// A full pass that swaps what is above `threshold`, and what it says about the candidates.
    pub(super) fn look(&mut self, threshold: f64) -> Result<Coverage, Failure> {
        let pass = self.passes.pass(Look { threshold, floor: 0.0 })?;
        self.counts = pass.counts;
        self.unfit.extend(pass.unfit);
        let known = self.passes.segments.iter().zip(&self.counts).filter(|(known, _)| known.screen.is_none());
        let training: u64 = known.map(|(_, count)| count).sum();
        if let Some(anew) = self.anew.as_ref().filter(|_| training != self.training as u64) {
            return Err(changed_file(&anew.name()).into());
        }
        let mut coverage = Coverage { above: 0, largest: 0.0, swaps: pass.swaps };
        for &grade in self.candidate_grades() {
            coverage.above += u64::from(grade > self.choice.threshold);
            coverage.largest = coverage.largest.max(grade);
        }
        Ok(coverage)
    }

    pub(super) fn candidate_grades(&self) -> &[f64] {
        &self.passes.grades[self.training - self.passes.first..]
    }

    /// The candidates of the active set of the union, in the order of their grades; by that set all are covered.
    fn cover(&mut self) -> Result<(Vec<Turn>, Members, Coverage), Failure> {
        let mut coverage = self.look(self.choice.threshold)?;
        for _ in 1..MOST_ROUNDS {
            if coverage.swaps == 0 {
                break;
            }
            coverage = self.look(self.choice.threshold)?;
        }
        let (union, training) = (self.passes.volume.clone(), self.training);
        let is_known = |source: &Source| source.configuration().is_some_and(|known| known < training);
        self.union = union.chosen(is_known);
        let members = collect(&self.passes, &self.owners(), &self.counts, &self.start, &self.start)?;
        let mut turns = self.arrange(&members, usize::MAX)?;
        // The order leads to a set of less volume than the search did. What is missing comes with those whose rows count
        // only all together: they are the last.
        let missing = union.log_determinant() - self.passes.volume.log_determinant();
        let last = turns.iter().rev().take_while(|turn| turn.reason == Reason::Volume).count().max(1);
        for turn in turns.iter_mut().rev().take(last) {
            turn.gain += missing / last as f64;
        }
        self.passes.volume = union;
        Ok((turns, members, coverage))
    }

    /// Candidates with rows in the active set.
    fn owners(&self) -> BTreeSet<usize> {
        let numbers = self.passes.volume.sources().iter().filter_map(Source::configuration);
        numbers.filter(|&configuration| configuration >= self.training).collect()
    }

    fn pool(&self, members: &Members) -> Pool {
        let mut pool = Pool::default();
        for candidates in [&self.passes.extra, &self.union] {
            pool.candidates.append(candidates.clone());
        }
        pool.owners.resize(pool.candidates.sources.len(), None);
        for (&owner, member) in members {
            pool.candidates.append(member.candidates.clone());
            pool.owners.resize(pool.candidates.sources.len(), Some(owner));
        }
        pool
    }

    /// Lets configurations join the set of the start; those that the others make superfluous come last.
    fn arrange(&mut self, members: &Members, limit: usize) -> Result<Vec<Turn>, Failure> {
        let Settings { threshold, .. } = self.choice.settings;
        let pool = self.pool(members);
        let mut volume = self.start.clone();
        let pipeline = &self.passes.pipeline;
        let mut turns = pipeline.install(|| order(&mut volume, &pool, threshold, limit))?;
        let joined: BTreeSet<usize> = turns.iter().map(|turn| turn.owner).collect();
        let others = members.iter().filter(|(owner, _)| !joined.contains(owner));
        let with_grade =
            |(&owner, member): (&usize, &'_ Member)| Ok((owner, member.candidates.grade(&volume)?));
        let others =
            pipeline.install(|| others.map(with_grade).collect::<Result<Vec<(usize, f64)>, Error>>());
        let mut others = others?;
        others.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        for (owner, grade) in others.into_iter().take(limit - turns.len()) {
            let before = volume.log_determinant();
            pipeline.install(|| improve(&mut volume, &members[&owner].candidates, threshold))?;
            let gain = volume.log_determinant() - before;
            let atoms = atoms(&self.passes.volume, owner);
            turns.push(Turn { owner, grade, gain, atoms, reason: Reason::Volume });
        }
        self.passes.volume = volume;
        Ok(turns)
    }

    /// The candidate at a place in the order of all files.
    fn set_aside(&self, place: usize, reason: &str) -> SetAside {
        let training = self.passes.segments.iter().filter(|segment| segment.screen.is_none()).count();
        let (mut file, mut number) = (0, place as u64);
        for (k, &count) in self.counts.iter().enumerate() {
            file = k - training.min(k);
            if number < count {
                break;
            }
            number -= count;
        }
        SetAside { file, number: number + 1, reason: reason.to_owned() }
    }

    fn finish(
        &self,
        before: Coverage,
        after: Coverage,
        picks: Vec<Pick>,
        wanted: usize,
        built_anew: Option<BuiltAnew>,
    ) -> Chosen {
        let set_aside = self.unfit.iter().map(|(place, reason)| self.set_aside(*place, reason)).collect();
        let log10 = |volume: &Volume| volume.log_determinant() / LN_10;
        Chosen {
            picks,
            wanted,
            candidates: self.candidate_grades().len() as u64,
            set_aside,
            above: [before.above, after.above],
            largest_grade: [before.largest, after.largest],
            log10_determinant: [log10(&self.start), log10(&self.passes.volume)],
            built_anew,
            passes: self.passes.number,
        }
    }
}
