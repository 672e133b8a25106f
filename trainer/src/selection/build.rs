//! From a training set to an active set, in passes over the file.
//!
//! The first pass fills the set, further ones swap until a whole pass finds no row above the threshold; then the rows
//! whose grades are closest to one are tried in pairs, until that gains nothing either. Batches are
//! of fixed sizes and swaps are made between them, so the result is the same for any number of threads.

use std::sync::{PoisonError, RwLock};

use mtprs_core::potential::Potential;
use mtprs_core::selection::{
    ActiveSet, GradeMode, PotentialIdentity, RowSource, SelectionState, UNSUPPORTED_SCALE,
};
use mtprs_core::{Error, ErrorKind};

use super::maxvol::{Candidates, improve};
use super::polish::{SMALLEST_LOSS, polish};
use super::rows::{RowMaker, Source};
use super::volume::Volume;
use crate::Failure;
use crate::endpoint::Input;
use crate::interrupt::Interrupt;
use crate::job::RunSettings;
use crate::pipeline::{Batches, Item, Pipeline};

/// Thresholds of the first passes: coarse swaps first, so that few are made that later rows would undo.
const FIRST_THRESHOLDS: [f64; 3] = [2.0, 1.1, 1.01];
/// Passes after which a set that still changes is given up.
const MOST_PASSES: usize = 60;
/// Times that a converged set is tried to be improved by pairs of swaps.
const MOST_POLISHES: usize = 8;
/// Rows with grades close to one that are kept for that, times the rows of A.
const NEAR_ROWS: usize = 4;
/// Numbers in the rows of one batch at most (64 MiB), and atoms of one batch.
const BATCH_NUMBERS: usize = 1 << 23;
const BATCH_ATOMS: usize = 1 << 14;
/// Candidates that compete with each other at a time are twice the rows of A, but no fewer and no more than this: C
/// should stay in the processor's cache.
const MOST_CANDIDATES: [usize; 2] = [256, 2048];

/// How an active set is to be made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// What gets a grade.
    pub mode: GradeMode,
    /// Multiple of the unit matrix to start from.
    pub start: f64,
    /// Largest grade that a row of the training set may keep.
    pub threshold: f64,
}

impl Settings {
    /// The usual settings of a mode.
    pub fn new(mode: GradeMode) -> Self {
        Self { mode, start: UNSUPPORTED_SCALE, threshold: 1.0 + 1e-7 }
    }
}

/// An active set and how it came about.
#[derive(Debug)]
pub struct Built {
    /// The set.
    pub volume: Volume,
    /// Its mode.
    pub mode: GradeMode,
    /// Passes over the training set.
    pub passes: usize,
    /// Rows swapped in.
    pub swaps: usize,
    /// Configurations of the training set.
    pub configurations: u64,
    /// Rows of the training set.
    pub rows: u64,
    /// Largest grade of a row of the training set by the final set.
    pub largest_grade: f64,
}

impl Built {
    /// The state of a potential with this set.
    pub fn state(&self, potential: &Potential, training_set: &str) -> Result<SelectionState, Error> {
        let volume = &self.volume;
        let set = ActiveSet::new(volume.size(), volume.rows().to_vec(), volume.inverse_columns().to_vec())?;
        let sources = volume.sources().iter().copied().map(RowSource::from).collect();
        let mut state = SelectionState::new(self.mode, PotentialIdentity::of(potential), set, sources)?;
        state.potential = Some(potential.clone());
        state.training_set = training_set.to_owned();
        Ok(state)
    }
}

/// What one pass saw.
#[derive(Debug, Default)]
struct Pass {
    rows: u64,
    swaps: usize,
    largest_grade: f64,
    /// Rows with grades close to one, the largest first, with their grades.
    near: Vec<Near>,
}

/// Builds the active set of a training set, which is read several times.
pub fn build(
    potential: &Potential,
    training_set: &Input,
    settings: Settings,
    run: RunSettings,
    interrupt: Interrupt,
) -> Result<Built, Failure> {
    if *training_set == Input::Stdin {
        let message = "a training set is read several times: expected a file, got standard input";
        return Err(Error::new(ErrorKind::Argument, message).into());
    }
    let maker = RowMaker::new(potential, settings.mode)?;
    let volume = Volume::empty(maker.layout().len(), settings.start);
    let pipeline = Pipeline::new(maker, run, interrupt)?;
    let mut builder = Builder { pipeline, input: training_set, settings, volume };
    let (mut passes, mut swaps, mut polishes) = (0, 0, 0);
    loop {
        let threshold = FIRST_THRESHOLDS.get(passes).copied().unwrap_or(1.0).max(settings.threshold);
        passes += 1;
        let (mut pass, configurations) = builder.pass(threshold, passes)?;
        let Builder { pipeline, volume, .. } = &mut builder;
        let units = volume.units();
        pass.swaps += pipeline.install(|| improve(volume, &units, threshold))?;
        swaps += pass.swaps;
        builder.volume.factorize()?;
        let is_final = threshold <= settings.threshold;
        if is_final && pass.swaps == 0 && polishes < MOST_POLISHES {
            polishes += 1;
            let Builder { pipeline, volume, .. } = &mut builder;
            let pool = pass.pool(volume.units());
            pass.swaps += pipeline.install(|| polish(volume, &pool, threshold))?;
            swaps += pass.swaps;
        }
        if pass.rows == 0 {
            let error = Error::new(ErrorKind::InvalidConfiguration, "expected at least one atom, got none");
            return Err(error.in_file(&training_set.name()).into());
        }
        if (is_final && pass.swaps == 0) || passes == MOST_PASSES {
            let Builder { volume, .. } = builder;
            let (rows, largest_grade) = (pass.rows, pass.largest_grade);
            let mode = settings.mode;
            return Ok(Built { volume, mode, passes, swaps, configurations, rows, largest_grade });
        }
    }
}

struct Builder<'a> {
    pipeline: Pipeline<RowMaker>,
    input: &'a Input,
    settings: Settings,
    volume: Volume,
}

impl Builder<'_> {
    /// One pass over the training set: rows above the threshold become candidates of swaps.
    fn pass(&mut self, threshold: f64, number: usize) -> Result<(Pass, u64), Failure> {
        let Self { pipeline, input, settings, volume } = self;
        let rows_per_batch = (BATCH_NUMBERS / volume.size()).max(1);
        let atoms = match settings.mode {
            GradeMode::Configuration => BATCH_ATOMS,
            GradeMode::Neighborhood => rows_per_batch.min(BATCH_ATOMS),
        };
        let batches = Batches::Fixed { atoms, configurations: rows_per_batch };
        let volume = RwLock::new(volume);
        let mut pass = Pass::default();
        let work = |maker: &mut RowMaker, item: Item| {
            let (rows, atoms) = maker.rows(&item.configuration)?;
            let volume = volume.read().unwrap_or_else(PoisonError::into_inner);
            let configuration = (item.origin.number - 1) as usize;
            Ok(Graded::new(&volume, rows, &atoms, configuration, threshold))
        };
        let sink = |graded: Vec<Result<Graded, Failure>>| {
            let mut volume = volume.write().unwrap_or_else(PoisonError::into_inner);
            let volume: &mut Volume = &mut volume;
            let graded = graded.into_iter().collect::<Result<Vec<_>, _>>()?;
            let blocks = pass.blocks(graded, volume.size());
            pass.near.sort_by(|a, b| b.grade.total_cmp(&a.grade));
            pass.near.truncate((NEAR_ROWS * volume.size()).min(rows_per_batch));
            pass.swaps += pipeline.install(|| {
                blocks.iter().map(|block| improve(volume, block, threshold)).sum::<Result<usize, Error>>()
            })?;
            Ok(())
        };
        let label = format!("pass {number}: evaluated");
        let tally = pipeline.run_batches(input, batches, &label, work, sink)?;
        Ok((pass, tally.configurations))
    }
}

impl Pass {
    /// Counts the rows of a batch and divides its candidates into blocks for [`improve`].
    fn blocks(&mut self, batch: Vec<Graded>, size: usize) -> Vec<Candidates> {
        let most = (2 * size).clamp(MOST_CANDIDATES[0], MOST_CANDIDATES[1]);
        let mut blocks: Vec<Candidates> = Vec::new();
        for graded in batch {
            self.rows += graded.rows;
            self.largest_grade = self.largest_grade.max(graded.largest_grade);
            self.near.extend(graded.near);
            let Candidates { rows, sources } = graded.candidates;
            for (row, source) in rows.chunks_exact(size).zip(sources) {
                if blocks.last().is_none_or(|block| block.sources.len() == most) {
                    blocks.push(Candidates::default());
                }
                let Some(block) = blocks.last_mut() else { continue };
                block.rows.extend_from_slice(row);
                block.sources.push(source);
            }
        }
        blocks
    }

    /// The rows with grades close to one, and those of the start.
    fn pool(&mut self, units: Candidates) -> Candidates {
        let mut pool = units;
        for Near { row, source, .. } in self.near.drain(..) {
            pool.rows.extend(row);
            pool.sources.push(source);
        }
        pool
    }
}

/// A row with a grade close to one.
#[derive(Debug)]
struct Near {
    grade: f64,
    row: Vec<f64>,
    source: Source,
}

/// The rows of one configuration that may enter the active set.
struct Graded {
    rows: u64,
    largest_grade: f64,
    candidates: Candidates,
    near: Vec<Near>,
}

impl Graded {
    fn new(
        volume: &Volume,
        rows: Vec<f64>,
        atoms: &[Option<usize>],
        configuration: usize,
        threshold: f64,
    ) -> Self {
        let size = volume.size();
        let projection = volume.project_here(&rows);
        let mut graded = Self {
            rows: atoms.len() as u64,
            largest_grade: 0.0,
            candidates: Candidates::default(),
            near: Vec::new(),
        };
        for ((entries, row), &atom) in projection.chunks_exact(size).zip(rows.chunks_exact(size)).zip(atoms) {
            let grade = entries.iter().fold(0.0, |grade: f64, entry| grade.max(entry.abs()));
            graded.largest_grade = graded.largest_grade.max(grade);
            let source = Source::Training { configuration, atom };
            if grade > threshold {
                graded.candidates.rows.extend_from_slice(row);
                graded.candidates.sources.push(source);
            } else if grade > SMALLEST_LOSS {
                graded.near.push(Near { grade, row: row.to_vec(), source });
            }
        }
        graded
    }
}
