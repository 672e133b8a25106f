//! The few configurations of many that may be selected, with those of their rows that matter.

use std::collections::{BTreeMap, BTreeSet};

use mtprs_core::geometry::Configuration;

use super::maxvol::Candidates;
use super::pass::{Passes, fit_rows};
use super::rows::{RowMaker, Source};
use super::volume::Volume;
use crate::Failure;
use crate::pipeline::{Batches, Item};

/// Rows of one configuration that are kept at most, beside those of the active set.
const MOST_ROWS: usize = 64;
/// Configurations that are read at a time, and their atoms.
const BATCH: Batches = Batches::Fixed { atoms: 1 << 14, configurations: 1 << 10 };

/// A configuration that may be selected.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// File among the candidates, from zero, and configuration in it, from one.
    pub(super) file: usize,
    pub(super) number: u64,
    pub(super) configuration: Configuration,
    /// Grades by the set before the selection: its own, and of its atoms in neighborhood mode.
    pub(super) grade: f64,
    pub(super) atom_grades: Option<Vec<f64>>,
    pub(super) candidates: Candidates,
}

/// Reads the configurations `wanted` from the files that are screened; their grades are those by `start`.
pub(super) fn collect(
    passes: &Passes,
    wanted: &BTreeSet<usize>,
    counts: &[u64],
    start: &Volume,
) -> Result<BTreeMap<usize, Member>, Failure> {
    let mut members = BTreeMap::new();
    let mut first = passes.first;
    let owners = passes.volume.sources();
    let mut file = 0;
    for (segment, &count) in passes.segments.iter().zip(counts) {
        if segment.screen.is_some() {
            let work = |maker: &mut RowMaker, item: Item| {
                let index = first + (item.origin.number - 1) as usize;
                if !wanted.contains(&index) {
                    return Ok(None);
                }
                let fit = fit_rows(maker, segment.screen.as_ref(), &item.configuration)?;
                let Ok((rows, atoms)) = fit else { return Ok(None) };
                let mut member = Member {
                    file,
                    number: item.origin.number,
                    configuration: item.configuration,
                    grade: 0.0,
                    atom_grades: None,
                    candidates: Candidates::default(),
                };
                member.keep(start, rows, &atoms, index, owners);
                Ok(Some((index, member)))
            };
            let sink = |found: Vec<Result<Option<(usize, Member)>, Failure>>| {
                found.into_iter().try_for_each(|member| {
                    members.extend(member?);
                    Ok(())
                })
            };
            passes.pipeline.run_batches(&segment.input, BATCH, "collected from", work, sink)?;
            file += 1;
        }
        first += count as usize;
    }
    Ok(members)
}

impl Member {
    /// Takes over the rows that matter: those of the active set and those with the largest grades.
    fn keep(
        &mut self,
        start: &Volume,
        rows: Vec<f64>,
        atoms: &[Option<usize>],
        configuration: usize,
        owners: &[Source],
    ) {
        let size = start.size();
        let projection = start.project_here(&rows);
        let largest = |entries: &[f64]| entries.iter().fold(0.0, |grade: f64, entry| grade.max(entry.abs()));
        let grades: Vec<f64> = projection.chunks_exact(size).map(largest).collect();
        let mut by_grade: Vec<usize> = (0..grades.len()).collect();
        by_grade.sort_by(|&a, &b| grades[b].total_cmp(&grades[a]));
        let mut kept: Vec<usize> = by_grade.into_iter().take(MOST_ROWS).collect();
        let source = |row: usize| Source::Training { configuration, atom: atoms[row] };
        kept.extend((0..grades.len()).filter(|&row| owners.contains(&source(row))));
        kept.sort_unstable();
        kept.dedup();
        for row in kept {
            self.candidates.rows.extend_from_slice(&rows[row * size..(row + 1) * size]);
            self.candidates.sources.push(source(row));
        }
        self.grade = grades.iter().copied().fold(0.0, f64::max);
        self.atom_grades = atoms.first().is_some_and(Option::is_some).then_some(grades);
    }
}
