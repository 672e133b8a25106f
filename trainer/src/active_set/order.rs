//! In which order configurations join an active set: always the one with the largest grade, with all its rows.
//!
//! What joined before may make the others superfluous: their grades follow, and who falls to the threshold is left out.

use mtprs_core::Error;

use super::maxvol::{Block, Candidates};
use super::rows::Source;
use super::select::Reason;
use super::volume::Volume;

/// Rows of configurations that wait to join, and rows that may be swapped in from the beginning.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    pub(super) candidates: Candidates,
    /// Which configuration each row waits for; none for rows of the beginning.
    pub(super) owners: Vec<Option<usize>>,
}

/// One configuration that joined.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Turn {
    pub(super) owner: usize,
    /// Its grade by the set that it joined.
    pub(super) grade: f64,
    /// ln |det A| after less before.
    pub(super) gain: f64,
    /// Atoms whose rows joined, in neighborhood mode.
    pub(super) atoms: Vec<usize>,
    /// Why it joined.
    pub(super) reason: Reason,
}

/// Lets configurations join until none has a grade above `threshold`, or `limit` have joined.
pub(super) fn order(
    volume: &mut Volume,
    pool: &Pool,
    threshold: f64,
    limit: usize,
) -> Result<Vec<Turn>, Error> {
    let owners = &pool.owners;
    let mut open: Vec<bool> = owners.iter().map(Option::is_none).collect();
    let mut block = Block::new(volume, &pool.candidates);
    let mut turns = Vec::new();
    while turns.len() < limit {
        let Some((i, _, entry)) = block.largest(|i| !open[i]) else { break };
        if entry.abs() <= volume.reliable(threshold) {
            break;
        }
        let Some(owner) = owners[i] else { break };
        for (open, other) in open.iter_mut().zip(owners) {
            *open = *open || *other == Some(owner);
        }
        let before = volume.log_determinant();
        block.swap(volume, threshold, |i| open[i])?;
        let gain = volume.log_determinant() - before;
        let (grade, atoms) = (entry.abs(), atoms(volume, owner));
        turns.push(Turn { owner, grade, gain, atoms, reason: Reason::Grade });
    }
    volume.factorize()?;
    Ok(turns)
}

/// Atoms of a configuration whose rows are in the active set.
pub(super) fn atoms(volume: &Volume, owner: usize) -> Vec<usize> {
    let of_owner = |source: &Source| match *source {
        Source::Training { configuration, atom } if configuration == owner => atom,
        _ => None,
    };
    let mut atoms: Vec<usize> = volume.sources().iter().filter_map(of_owner).collect();
    atoms.sort_unstable();
    atoms
}
