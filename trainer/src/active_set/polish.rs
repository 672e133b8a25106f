//! Out of the first local maximum of the volume, where no single swap gains: swaps of two rows at a time, and new beginnings.
//!
//! Replacing row j of A by candidate i loses a factor |C_ij| < 1; if some swap after it gains more, both are made. Only
//! rows whose grade is close to one can take part, and of those a limited number is tried.

use mtprs_core::Error;
use rayon::prelude::*;

use super::maxvol::{Candidates, improve};
use super::pass::FIRST_THRESHOLDS;
use super::rows::Source;
use super::volume::Volume;
use crate::random::splitmix;

/// Smallest |C_ij| of a first swap: the second must gain more than its inverse.
pub(super) const SMALLEST_LOSS: f64 = 0.5;
/// Trials that are made side by side; the best of them counts, so the number is the same for any number of threads.
const SIDE_BY_SIDE: usize = 64;
/// Gain of both swaps from which they are worth making.
const LEAST_GAIN: f64 = 1.0 + 1e-5;
/// Multiply-adds that polishing may take each time, a few seconds on one core.
const MOST_OPERATIONS: usize = 4_000_000_000;

/// New beginnings, and the share of the rows that all but the first of them take in before the others.
const BEGINNINGS: u64 = 3;
const FIRST_SHARE: f64 = 0.5;

/// A first swap and what can be gained after it.
#[derive(Clone, Copy)]
struct Trial {
    candidate: usize,
    row: usize,
    gain: f64,
}

/// Improves a converged set by pairs of swaps among the candidates; returns the number of swaps.
pub(super) fn polish(volume: &mut Volume, pool: &Candidates, threshold: f64) -> Result<usize, Error> {
    let mut swaps = 0;
    let mut operations = 0;
    while operations < MOST_OPERATIONS {
        let projection = volume.project(&pool.rows);
        let free: Vec<bool> = pool.sources.iter().map(|source| !volume.sources().contains(source)).collect();
        let trials = trials(&projection, &free, volume.size());
        let found = trials.chunks(SIDE_BY_SIDE).find_map(|trials| {
            operations += trials.len() * projection.len();
            if operations > MOST_OPERATIONS {
                return None;
            }
            let tried: Vec<Trial> =
                trials.par_iter().map(|trial| trial.look_ahead(&projection, &free, volume.size())).collect();
            let better = |best: Trial, next: Trial| if next.gain > best.gain { next } else { best };
            tried.into_iter().reduce(better).filter(|best| best.gain > LEAST_GAIN)
        });
        let Some(Trial { candidate, row, .. }) = found else { break };
        let size = volume.size();
        let entry = projection[candidate * size + row];
        let values = &pool.rows[candidate * size..(candidate + 1) * size];
        if volume.replace(row, values, pool.sources[candidate], entry).is_some() {
            swaps += 1;
        }
        swaps += improve(volume, pool, threshold)?;
        volume.factorize()?;
    }
    Ok(swaps)
}

/// Looks for a set of larger volume among the rows of the set and the candidates, from several beginnings; returns the number
/// of rows that are new in it.
pub(super) fn restart(volume: &mut Volume, pool: &Candidates, threshold: f64) -> Result<usize, Error> {
    let mut all = volume.chosen(|_| true);
    for (row, source) in pool.rows.chunks_exact(volume.size()).zip(&pool.sources) {
        if !volume.sources().contains(source) {
            all.rows.extend_from_slice(row);
            all.sources.push(*source);
        }
    }
    let mut best: Option<Volume> = None;
    for beginning in 0..BEGINNINGS {
        let Some(found) = from_beginning(volume, &all, beginning, threshold) else { continue };
        let known = best.as_ref().unwrap_or(volume).log_determinant();
        if found.log_determinant() > known + LEAST_GAIN.ln() {
            best = Some(found);
        }
    }
    let Some(best) = best else { return Ok(0) };
    let is_new = |source: &&Source| !volume.sources().contains(source);
    let swaps = best.sources().iter().filter(is_new).count();
    *volume = best;
    Ok(swaps)
}

/// A set that starts from nothing; `None` if rounding errors leave no digits.
fn from_beginning(volume: &Volume, all: &Candidates, beginning: u64, threshold: f64) -> Option<Volume> {
    let size = volume.size();
    let mut first = Candidates::default();
    for (index, (row, source)) in all.rows.chunks_exact(size).zip(&all.sources).enumerate() {
        let chance = splitmix(beginning << 32 | index as u64) as f64 / u64::MAX as f64;
        if beginning == 0 || chance < FIRST_SHARE {
            first.rows.extend_from_slice(row);
            first.sources.push(*source);
        }
    }
    let mut found = volume.beginning();
    for coarse in FIRST_THRESHOLDS {
        improve(&mut found, &first, coarse.max(threshold)).ok()?;
    }
    improve(&mut found, all, threshold).ok()?;
    found.factorize().ok()?;
    polish(&mut found, all, threshold).ok()?;
    Some(found)
}

/// All first swaps worth a trial, the smallest loss first.
fn trials(projection: &[f64], free: &[bool], size: usize) -> Vec<Trial> {
    let of_candidate = |(candidate, entries): (usize, &[f64])| {
        let near = entries.iter().enumerate().filter(|(_, entry)| entry.abs() > SMALLEST_LOSS);
        near.map(|(row, entry)| Trial { candidate, row, gain: entry.abs() }).collect::<Vec<_>>()
    };
    let candidates = projection.chunks_exact(size).enumerate().filter(|(candidate, _)| free[*candidate]);
    let mut trials: Vec<Trial> = candidates.flat_map(of_candidate).collect();
    trials.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    trials
}

impl Trial {
    /// The same with the gain of the best second swap after it.
    fn look_ahead(&self, projection: &[f64], free: &[bool], size: usize) -> Self {
        let entries = &projection[self.candidate * size..(self.candidate + 1) * size];
        let pivot = entries[self.row];
        let mut largest = 0.0_f64;
        for (other, row) in projection.chunks_exact(size).enumerate() {
            if !free[other] || other == self.candidate {
                continue;
            }
            let factor = row[self.row] / pivot;
            let after = |(value, entry): (&f64, &f64)| (value - factor * entry).abs();
            // In column `row` itself this gives zero, not the swap back, which gains nothing.
            largest = row.iter().zip(entries).map(after).fold(largest, f64::max);
        }
        Self { gain: largest * pivot.abs(), ..*self }
    }
}
