//! Passes over files of configurations in which rows are swapped into an active set.
//!
//! Rows are made anew in every pass, in batches of fixed sizes, and swaps are made between batches, so the result is the
//! same for any number of threads. A pass remembers the grade of each configuration, so that the next may skip what was
//! far below the threshold.

use std::sync::{PoisonError, RwLock};

use mtprs_core::Error;
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::{GradeMode, grade_of_entries};

use super::maxvol::{Candidates, improve};
use super::polish::{SMALLEST_LOSS, polish, restart};
use super::rows::{RowMaker, Source};
use super::screen::Screen;
use super::volume::Volume;
use crate::Failure;
use crate::dataset::changed_file;
use crate::pipeline::{Batches, Item, Origin, Pipeline, Supply};

/// Thresholds of the first passes: coarse swaps first, so that few are made that later rows would undo.
pub(super) const FIRST_THRESHOLDS: [f64; 3] = [2.0, 1.1, 1.01];
/// Passes after which a set that still changes is given up.
const MOST_PASSES: usize = 60;
/// Times that a converged set is tried to be improved by pairs of swaps, and by new beginnings.
const MOST_POLISHES: usize = 8;
const MOST_RESTARTS: usize = 2;
/// Rows with grades close to one that are kept for that, times the rows of A.
const NEAR_ROWS: usize = 4;
/// Numbers in the rows of one batch at most (64 MiB), and atoms of one batch.
const BATCH_NUMBERS: usize = 1 << 23;
const BATCH_ATOMS: usize = 1 << 14;
/// Candidates that compete with each other at a time are twice the rows of A, but no fewer and no more than this: C
/// should stay in the processor's cache.
const MOST_CANDIDATES: [usize; 2] = [256, 2048];

/// A file, or configurations in memory, whose rows may enter the active set.
#[derive(Clone, Debug)]
pub(super) struct Segment {
    pub(super) supply: Supply,
    /// What makes a configuration unfit, if that is to be looked at.
    pub(super) screen: Option<Screen>,
}

/// What one pass looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// Rows with larger grades are swapped in; infinite to swap nothing.
    pub(super) threshold: f64,
    /// Configurations whose last grade was smaller are skipped.
    pub(super) floor: f64,
}

/// The files, the active set and what is known about the configurations.
pub(super) struct Passes {
    pub(super) pipeline: Pipeline<RowMaker>,
    pub(super) segments: Vec<Segment>,
    /// Number of the first configuration of the first file, from zero.
    pub(super) first: usize,
    pub(super) mode: GradeMode,
    pub(super) volume: Volume,
    /// Rows that stay candidates beside those of the files.
    pub(super) extra: Candidates,
    /// Last known grade of each configuration, the files one after the other; not a number for what is unfit.
    pub(super) grades: Vec<f64>,
    /// Passes made.
    pub(super) number: usize,
    /// Configurations of each file, once a pass has counted them.
    pub(super) counts: Vec<u64>,
}

/// What one pass saw.
#[derive(Debug, Default)]
pub(super) struct Pass {
    pub(super) configurations: u64,
    /// Configurations of each file.
    pub(super) counts: Vec<u64>,
    pub(super) rows: u64,
    pub(super) swaps: usize,
    pub(super) largest_grade: f64,
    /// Rows with grades close to one, the largest first, with their grades.
    near: Vec<Near>,
    /// Which configurations are unfit, in the order of the files from zero, and why; only found by the first pass.
    pub(super) unfit: Vec<(usize, String)>,
}

impl Passes {
    /// Passes until no row exceeds `threshold`; returns the last pass, with the swaps of all.
    ///
    /// Between two looks at all configurations, those far below are skipped if `floor` is above zero.
    pub(super) fn converge(&mut self, threshold: f64, floor: f64) -> Result<Pass, Failure> {
        let (mut swaps, mut polishes, mut restarts) = (0, 0, 0);
        let mut skip = floor > 0.0 && !self.grades.is_empty();
        for passes in 1.. {
            let coarse = FIRST_THRESHOLDS.get(passes - 1).copied().unwrap_or(1.0).max(threshold);
            let mut pass = self.pass(Look { threshold: coarse, floor: if skip { floor } else { 0.0 } })?;
            let Self { pipeline, volume, extra, .. } = &mut *self;
            pass.swaps += pipeline.install(|| improve(volume, extra, coarse))?;
            swaps += pass.swaps;
            pipeline.install(|| volume.factorize())?;
            let is_final = coarse <= threshold;
            if is_final && pass.swaps == 0 && polishes < MOST_POLISHES {
                polishes += 1;
                let pool = pass.pool(extra.clone());
                pass.swaps += pipeline.install(|| polish(volume, &pool, coarse))?;
                if pass.swaps == 0 && restarts < MOST_RESTARTS {
                    restarts += 1;
                    pass.swaps += pipeline.install(|| restart(volume, &pool, coarse))?;
                }
                swaps += pass.swaps;
            }
            if (is_final && pass.swaps == 0 && !skip) || passes == MOST_PASSES || pass.configurations == 0 {
                return Ok(Pass { swaps, ..pass });
            }
            skip = floor > 0.0 && (pass.swaps > 0 || !is_final);
        }
        Ok(Pass::default())
    }

    /// One pass over the files: rows above the threshold become candidates of swaps.
    pub(super) fn pass(&mut self, look: Look) -> Result<Pass, Failure> {
        self.number += 1;
        let Self { pipeline, segments, first, mode, volume, grades, number, .. } = self;
        let rows_per_batch = (BATCH_NUMBERS / volume.size()).max(1);
        let atoms = match mode {
            GradeMode::Configuration => BATCH_ATOMS,
            GradeMode::Neighborhood => rows_per_batch.min(BATCH_ATOMS),
        };
        let batches = Batches::Fixed { atoms, configurations: rows_per_batch };
        let known = std::mem::take(grades);
        let volume = RwLock::new(volume);
        let mut pass = Pass { counts: vec![0; segments.len()], ..Pass::default() };
        let work = |maker: &mut RowMaker, item: Item| {
            let Origin { place, file, .. } = item.origin;
            let last = known.get(place).copied().unwrap_or(f64::INFINITY);
            if last.is_nan() || last < look.floor {
                return Ok(Graded::skipped(file, last));
            }
            let (rows, atoms) = match fit_rows(maker, segments[file].screen.as_ref(), &item.configuration)? {
                Ok(rows) => rows,
                Err(reason) => return Ok(Graded { unfit: Some(reason), ..Graded::skipped(file, f64::NAN) }),
            };
            let volume = volume.read().unwrap_or_else(PoisonError::into_inner);
            let rows = OfConfiguration { file, configuration: *first + place, rows, atoms };
            match rows.graded(&volume, look.threshold) {
                Err(error) if segments[file].screen.is_some() => {
                    let reason = error.message().to_string();
                    Ok(Graded { unfit: Some(reason), ..Graded::skipped(file, f64::NAN) })
                }
                graded => Ok(graded?),
            }
        };
        let sink = |graded: Vec<Result<Graded, Failure>>| {
            let mut volume = volume.write().unwrap_or_else(PoisonError::into_inner);
            let volume: &mut Volume = &mut volume;
            let graded = graded.into_iter().collect::<Result<Vec<_>, _>>()?;
            for graded in &graded {
                pass.unfit.extend(graded.unfit.clone().map(|reason| (grades.len(), reason)));
                pass.counts[graded.file] += 1;
                grades.push(graded.grade);
            }
            let blocks = pass.blocks(graded, volume.size());
            pass.near.sort_by(|a, b| b.grade.total_cmp(&a.grade));
            pass.near.truncate((NEAR_ROWS * volume.size()).min(rows_per_batch));
            pass.swaps += pipeline.install(|| {
                let swaps = blocks.iter().map(|block| improve(volume, block, look.threshold));
                swaps.sum::<Result<usize, Error>>()
            })?;
            Ok(())
        };
        let label = format!("pass {number}: evaluated");
        let supplies = segments.iter().map(|segment| &segment.supply);
        pass.configurations = pipeline.run_batches(supplies, batches, &label, work, sink)?.configurations;
        self.hold_counts(&pass.counts)?;
        Ok(pass)
    }

    /// Fails if a file does not hold as many configurations as in the first pass.
    fn hold_counts(&mut self, now: &[u64]) -> Result<(), Failure> {
        let Self { segments, counts, .. } = self;
        if counts.is_empty() {
            now.clone_into(counts);
        }
        let mut files = segments.iter().zip(counts.iter().zip(now));
        match files.find(|(_, (before, now))| before != now) {
            None => Ok(()),
            Some((segment, _)) => Err(changed_file(&segment.supply.name()).into()),
        }
    }
}

/// Rows with the atom of each.
type Rows = (Vec<f64>, Vec<Option<usize>>);

/// The rows of a configuration, or why it is unfit.
pub(super) fn fit_rows(
    maker: &mut RowMaker,
    screen: Option<&Screen>,
    configuration: &Configuration,
) -> Result<Result<Rows, String>, Error> {
    let Some(screen) = screen else { return maker.rows(configuration).map(Ok) };
    if let Some(reason) = screen.reason(configuration)? {
        return Ok(Err(reason));
    }
    let (rows, atoms) = maker.rows(configuration)?;
    if rows.iter().all(|value| value.is_finite()) {
        return Ok(Ok((rows, atoms)));
    }
    Ok(Err("its derivatives by the parameters are not finite".to_owned()))
}

impl Pass {
    /// Counts the rows of a batch and divides its candidates into blocks for [`improve`].
    fn blocks(&mut self, batch: Vec<Graded>, size: usize) -> Vec<Candidates> {
        let most = (2 * size).clamp(MOST_CANDIDATES[0], MOST_CANDIDATES[1]);
        let mut blocks: Vec<Candidates> = Vec::new();
        for graded in batch {
            self.rows += graded.rows;
            if graded.rows > 0 {
                self.largest_grade = self.largest_grade.max(graded.grade);
            }
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

    /// The rows with grades close to one, and those given.
    fn pool(&mut self, mut pool: Candidates) -> Candidates {
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
    file: usize,
    rows: u64,
    grade: f64,
    candidates: Candidates,
    near: Vec<Near>,
    unfit: Option<String>,
}

impl Graded {
    /// Of a configuration that was not looked at.
    fn skipped(file: usize, grade: f64) -> Self {
        Self { file, rows: 0, grade, candidates: Candidates::default(), near: Vec::new(), unfit: None }
    }
}

/// The rows of one configuration.
struct OfConfiguration {
    file: usize,
    configuration: usize,
    rows: Vec<f64>,
    atoms: Vec<Option<usize>>,
}

impl OfConfiguration {
    /// Those above `threshold`, and those with grades close to one. Fails if a grade is not finite.
    fn graded(&self, volume: &Volume, threshold: f64) -> Result<Graded, Error> {
        let Self { file, configuration, ref rows, ref atoms } = *self;
        let size = volume.size();
        let projection = volume.project_here(rows);
        let mut graded = Graded { rows: atoms.len() as u64, ..Graded::skipped(file, 0.0) };
        for ((entries, row), &atom) in projection.chunks_exact(size).zip(rows.chunks_exact(size)).zip(atoms) {
            let grade = grade_of_entries(entries.iter().copied())?;
            graded.grade = graded.grade.max(grade);
            let source = Source::Training { configuration, atom };
            if grade > threshold {
                graded.candidates.rows.extend_from_slice(row);
                graded.candidates.sources.push(source);
            } else if grade > SMALLEST_LOSS && threshold.is_finite() {
                graded.near.push(Near { grade, row: row.to_vec(), source });
            }
        }
        Ok(graded)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mtprs_core::geometry::Cell;
    use mtprs_core::potential::Potential;
    use mtprs_core::species::Species;
    use mtprs_testing::transform::filled;
    use mtprs_testing::{cfg_text, scratch};

    use super::*;
    use crate::endpoint::Input;
    use crate::pipeline::RunSettings;
    use crate::processes::Interrupt;
    use crate::structure_files::Reading;

    #[test]
    fn a_file_that_grows_or_shrinks_between_two_passes_is_an_error() {
        let untrained = Potential::untrained(2, Species::unnamed(1), 1.0, 4.0, 4).unwrap();
        let potential = filled(&untrained, || 0.5);
        let path = scratch("passes").join("pairs.cfg");
        let write = |count: usize| {
            let pair = |k: usize| {
                let positions = vec![[0.0; 3], [2.0 + 0.1 * k as f64, 0.0, 0.0]];
                Configuration::new(Cell::open(), vec![0, 0], positions).unwrap()
            };
            fs::write(&path, cfg_text(&(0..count).map(pair).collect::<Vec<_>>())).unwrap();
        };
        for after in [2, 4] {
            write(3);
            let mode = GradeMode::Configuration;
            let run = RunSettings { threads: 1, quiet: true };
            let maker = RowMaker::new(&potential, mode).unwrap();
            let pipeline = Pipeline::new(maker, run, Interrupt::default()).unwrap();
            let volume = Volume::empty(potential.parameter_layout().len(), 1e-5);
            let extra = volume.units();
            let supply = Supply::Input(Input::File(path.clone()), Reading::default());
            let segments = vec![Segment { supply, screen: None }];
            let (grades, counts) = (Vec::new(), Vec::new());
            let mut passes =
                Passes { pipeline, segments, first: 0, mode, volume, extra, grades, number: 0, counts };
            let look = Look { threshold: 1.1, floor: 0.0 };
            for _ in 0..2 {
                assert_eq!(passes.pass(look).ok().map(|pass| pass.configurations), Some(3));
            }
            write(after);
            match passes.pass(look) {
                Err(Failure::Runtime(error)) => {
                    assert!(error.to_string().contains("the file changed while it was read"), "{error}");
                }
                _ => panic!("{after} configurations in place of 3 are not noticed"),
            }
        }
    }
}
