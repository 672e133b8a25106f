//! Which candidates a training set lacks: those that span the largest volume together with it, in the order of their gain.
//!
//! Passes over training set and candidates find the active set of their union. The candidates in it join the active set
//! of the training set one by one, the largest grade first; a last pass looks whether all candidates are covered, and
//! what is not joins too.

use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::LN_10;

use mtprs_core::Error;
use mtprs_core::ErrorKind;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::selection::SelectionState;

use super::build::{Settings, build};
use super::collect::{Member, collect};
use super::maxvol::Candidates;
use super::order::{Pool, Turn, order};
use super::pass::{Look, Passes, Segment};
use super::rows::{RowMaker, Source};
use super::screen::Screen;
use super::volume::Volume;
use crate::Failure;
use crate::endpoint::Input;
use crate::interrupt::Interrupt;
use crate::job::RunSettings;
use crate::pipeline::Pipeline;

/// Part of the threshold below which candidates are not looked at between two full passes.
const FLOOR: f64 = 0.7;
/// Times that candidates are added which the selection does not cover.
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
    TrainingSet(Input),
    /// An active set.
    State(Box<SelectionState>),
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
pub struct Selection {
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
    /// Passes over the files.
    pub passes: usize,
}

/// Selects from candidates, whose files are read several times.
pub fn select(
    potential: &Potential,
    start: Start,
    candidates: &[Input],
    choice: Choice,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<Selection, Failure> {
    if candidates.contains(&Input::Stdin) {
        let message = "candidates are read several times: expected a file, got standard input";
        return Err(Error::new(ErrorKind::Argument, message).into());
    }
    let mut selector = Selector::new(potential, start, candidates, choice, run, interrupt)?;
    let survey = selector.look(f64::INFINITY)?;
    if survey.above == 0 {
        return Ok(selector.finish(survey, survey, Vec::new(), 0));
    }
    selector.passes.converge(choice.settings.threshold, FLOOR)?;
    let (mut turns, members, mut covered) = selector.cover()?;
    let wanted = turns.len();
    if wanted > choice.limit {
        turns = selector.arrange(&selector.pool(&members), choice.limit)?;
        covered = selector.look(f64::INFINITY)?;
    }
    let mut members = members;
    let pick = |Turn { owner, grade, gain, atoms }: Turn| {
        let Member { file, number, configuration, grade: start_grade, atom_grades, .. } =
            members.remove(&owner)?;
        let log10_gain = gain / LN_10;
        Some(Pick { file, number, configuration, start_grade, atom_grades, grade, log10_gain, atoms })
    };
    let picks = turns.into_iter().filter_map(pick).collect();
    Ok(selector.finish(survey, covered, picks, wanted))
}

/// The grades of the candidates by one set.
#[derive(Clone, Copy, Debug)]
struct Coverage {
    above: u64,
    largest: f64,
    swaps: usize,
}

/// Configurations that may be selected, by their place in the order of all files.
type Members = BTreeMap<usize, Member>;

struct Selector {
    passes: Passes,
    start: Volume,
    choice: Choice,
    /// Configurations before the candidates.
    training: usize,
    /// Configurations of each file.
    counts: Vec<u64>,
    /// Unfit configurations.
    unfit: Vec<(usize, String)>,
    /// Rows of the training set in the active set of the union.
    union: Candidates,
}

impl Selector {
    fn new(
        potential: &Potential,
        start: Start,
        candidates: &[Input],
        choice: Choice,
        run: RunSettings,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let mut segments = Vec::new();
        let (mode, start, first, training) = match start {
            Start::TrainingSet(input) => {
                let set = [input];
                let built = build(potential, &set, choice.settings, run, interrupt.clone())?;
                segments.extend(set.map(|input| Segment { input, screen: None }));
                (built.mode, built.volume, 0, built.configurations as usize)
            }
            Start::State(state) => {
                let volume = Volume::of_state(&state, choice.settings.start)?;
                let numbers = volume.sources().iter().filter_map(Source::configuration);
                let first = numbers.max().map_or(0, |last| last + 1);
                (state.mode, volume, first, first)
            }
        };
        let species = potential.species().count();
        let screen = Some(Screen { min_distance: choice.min_distance, species });
        segments.extend(candidates.iter().map(|input| Segment { input: input.clone(), screen }));
        let pipeline = Pipeline::new(RowMaker::new(potential, mode)?, run, interrupt)?;
        let mut extra = start.units();
        extra.append(start.chosen(|source| source.configuration().is_some()));
        let (volume, grades) = (start.clone(), Vec::new());
        let passes = Passes { pipeline, segments, first, mode, volume, extra, grades, number: 0 };
        Ok(Self {
            passes,
            start,
            choice,
            training,
            counts: Vec::new(),
            unfit: Vec::new(),
            union: Candidates::default(),
        })
    }

    /// A full pass that swaps what is above `threshold`, and what it says about the candidates.
    fn look(&mut self, threshold: f64) -> Result<Coverage, Failure> {
        let pass = self.passes.pass(Look { threshold, floor: 0.0 })?;
        self.counts = pass.counts;
        self.unfit.extend(pass.unfit);
        let mut coverage = Coverage { above: 0, largest: 0.0, swaps: pass.swaps };
        for &grade in self.candidate_grades() {
            coverage.above += u64::from(grade > self.choice.threshold);
            coverage.largest = coverage.largest.max(grade);
        }
        Ok(coverage)
    }

    fn candidate_grades(&self) -> &[f64] {
        &self.passes.grades[self.training - self.passes.first..]
    }

    /// Arranges the candidates of the active set of the union, and adds what they leave uncovered.
    fn cover(&mut self) -> Result<(Vec<Turn>, Members, Coverage), Failure> {
        let mut wanted = BTreeSet::new();
        for round in 1.. {
            let training = self.training;
            wanted.extend(self.owners());
            self.union = self.passes.volume.chosen(|source| {
                source.configuration().is_some_and(|configuration| configuration < training)
            });
            let mut members = collect(&self.passes, &wanted, &self.counts, &self.start)?;
            let mut turns = self.arrange(&self.pool(&members), usize::MAX)?;
            // Whose rows later ones have all replaced is not needed; but once something was left uncovered, all stay, so
            // that the rounds come to an end.
            while round == 1 && turns.iter().any(|turn| !self.owners().contains(&turn.owner)) {
                let owners = self.owners();
                members.retain(|owner, _| owners.contains(owner));
                turns = self.arrange(&self.pool(&members), usize::MAX)?;
            }
            let arranged = self.passes.volume.clone();
            let coverage = self.look(self.choice.threshold)?;
            if coverage.swaps == 0 || round == MOST_ROUNDS {
                self.passes.volume = arranged;
                return Ok((turns, members, coverage));
            }
        }
        Err(Error::new(ErrorKind::Bug, "the rounds of a selection did not end").into())
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

    /// Lets the configurations of the pool join the set of the start; those that the others make superfluous do not.
    fn arrange(&mut self, pool: &Pool, limit: usize) -> Result<Vec<Turn>, Failure> {
        let Settings { threshold, .. } = self.choice.settings;
        let (passes, start) = (&mut self.passes, &self.start);
        let mut volume = start.clone();
        let turns = passes.pipeline.install(|| order(&mut volume, pool, threshold, limit))?;
        passes.volume = volume;
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

    fn finish(&self, before: Coverage, after: Coverage, picks: Vec<Pick>, wanted: usize) -> Selection {
        let set_aside = self.unfit.iter().map(|(place, reason)| self.set_aside(*place, reason)).collect();
        let log10 = |volume: &Volume| volume.log_determinant() / LN_10;
        Selection {
            picks,
            wanted,
            candidates: self.candidate_grades().len() as u64,
            set_aside,
            above: [before.above, after.above],
            largest_grade: [before.largest, after.largest],
            log10_determinant: [log10(&self.start), log10(&self.passes.volume)],
            passes: self.passes.number,
        }
    }
}
