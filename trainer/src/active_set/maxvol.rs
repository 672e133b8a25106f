//! The swaps of maxvol within a block of candidate rows.
//!
//! With C = B A⁻¹ for the candidates B, replacing row j of A by candidate i multiplies |det A| by |C_ij|. The largest
//! entry is taken until none exceeds the threshold; C follows by a change of rank one.

use mtprs_core::Error;
use mtprs_core::selection::grade_of_entries;
use rayon::prelude::*;

use super::rows::Source;
use super::volume::Volume;

/// Candidates that one task updates at least.
const ROWS_PER_TASK: usize = 16;
/// Swaps allowed per candidate and row of A: far beyond what converges, in case that rounding errors let rows take turns.
const MOST_SWAPS: usize = 20;

/// Rows that may enter the active set.
#[derive(Clone, Debug, Default)]
pub struct Candidates {
    /// Shape (m, n).
    pub rows: Vec<f64>,
    /// Where each comes from.
    pub sources: Vec<Source>,
}

impl Candidates {
    /// The largest grade of a row.
    pub(super) fn grade(&self, volume: &Volume) -> Result<f64, Error> {
        grade_of_entries(volume.project(&self.rows).into_iter())
    }

    /// Adds others after these.
    pub(super) fn append(&mut self, others: Self) {
        self.rows.extend(others.rows);
        self.sources.extend(others.sources);
    }
}

/// Swaps candidates into the active set until no |C_ij| exceeds `threshold`; returns the number of swaps.
///
/// The threshold is taken no closer to one than the entries are known.
pub fn improve(volume: &mut Volume, candidates: &Candidates, threshold: f64) -> Result<usize, Error> {
    let mut block = Block::new(volume, candidates);
    block.swap(volume, threshold, |_| true)
}

/// C with the largest entry of each row.
pub(super) struct Block<'a> {
    size: usize,
    candidates: &'a Candidates,
    projection: Vec<f64>,
    /// Column and size of the largest entry of each row; rows that are in the active set have none.
    best: Vec<(usize, f64)>,
    chosen: Vec<bool>,
}

impl<'a> Block<'a> {
    pub(super) fn new(volume: &Volume, candidates: &'a Candidates) -> Self {
        let projection = volume.project(&candidates.rows);
        let chosen = candidates.sources.iter().map(|source| volume.sources().contains(source)).collect();
        let best = projection.par_chunks(volume.size()).map(largest).collect();
        Self { size: volume.size(), candidates, projection, best, chosen }
    }

    /// Swaps candidates that are `open` into the active set until no |C_ij| of them exceeds `threshold`; returns the number
    /// of swaps. The threshold is taken no closer to one than the entries are known.
    pub(super) fn swap(
        &mut self,
        volume: &mut Volume,
        threshold: f64,
        open: impl Fn(usize) -> bool,
    ) -> Result<usize, Error> {
        let candidates = self.candidates;
        let most = MOST_SWAPS * (volume.size() + candidates.sources.len());
        let mut swaps = 0;
        self.check()?;
        while swaps < most {
            let Some((i, j, entry)) = self.largest(&open) else { break };
            if entry.abs() <= volume.reliable(threshold) {
                break;
            }
            let row = &candidates.rows[i * volume.size()..(i + 1) * volume.size()];
            if let Some(entries) = volume.replace(j, row, candidates.sources[i], entry) {
                swaps += 1;
                self.follow(i, j, &entries, volume);
                if !volume.is_due() {
                    continue;
                }
            }
            volume.factorize()?;
            *self = Block::new(volume, candidates);
            self.check()?;
        }
        Ok(swaps)
    }

    /// Fails if an entry is not finite: no comparison would ever choose its row.
    fn check(&self) -> Result<(), Error> {
        grade_of_entries(self.projection.iter().copied()).map(|_| ())
    }

    /// Row, column and value of the largest entry, the first of equals, among rows that are open and not chosen.
    pub(super) fn largest(&self, open: impl Fn(usize) -> bool) -> Option<(usize, usize, f64)> {
        let free = self.best.iter().enumerate().filter(|(i, _)| !self.chosen[*i] && open(*i));
        let larger = |best: Option<(usize, usize, f64)>, (i, &(j, entry)): (usize, &(usize, f64))| match best
        {
            Some((.., value)) if entry.abs() <= value.abs() => best,
            _ => Some((i, j, entry)),
        };
        free.fold(None, larger)
    }

    /// C after row `j` of A was replaced by candidate `i`, of which c is `entries`.
    fn follow(&mut self, i: usize, j: usize, entries: &[f64], volume: &Volume) {
        let pivot = entries[j];
        let update = |(row, best): (&mut [f64], &mut (usize, f64))| {
            let factor = row[j] / pivot;
            *best = (j, factor);
            for (k, (value, entry)) in row.iter_mut().zip(entries).enumerate() {
                *value -= factor * entry;
                if value.abs() > best.1.abs() && k != j {
                    *best = (k, *value);
                }
            }
            row[j] = factor;
        };
        let rows = self.projection.par_chunks_mut(self.size).zip(self.best.par_iter_mut());
        rows.with_min_len(ROWS_PER_TASK).for_each(update);
        self.chosen[i] = true;
        // Whichever row left the active set may come back.
        for (chosen, source) in self.chosen.iter_mut().zip(&self.candidates.sources) {
            *chosen = *chosen && volume.sources().contains(source);
        }
    }
}

fn largest(row: &[f64]) -> (usize, f64) {
    let larger = |best: (usize, f64), (k, &entry): (usize, &f64)| {
        if entry.abs() > best.1.abs() { (k, entry) } else { best }
    };
    row.iter().enumerate().fold((0, 0.0), larger)
}
