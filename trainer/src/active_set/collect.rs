//! The few configurations of many that may be selected, with those of their rows that matter.

use std::collections::{BTreeMap, BTreeSet};

use mtprs_core::Error;
use mtprs_core::geometry::Configuration;
use mtprs_core::selection::grade_of_entries;

use super::maxvol::Candidates;
use super::pass::{Passes, Segment, fit_rows};
use super::rows::{RowMaker, Source};
use super::volume::Volume;
use crate::Failure;
use crate::dataset::changed_file;
use crate::pipeline::{Batches, Item, Origin};

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

/// Reads the configurations `wanted` from the files that are screened; their grades are those by `start`, and kept are the
/// rows with the largest grades by `volume`.
pub(super) fn collect(
    passes: &Passes,
    wanted: &BTreeSet<usize>,
    counts: &[u64],
    start: &Volume,
    volume: &Volume,
) -> Result<BTreeMap<usize, Member>, Failure> {
    let mut members = BTreeMap::new();
    let owners = passes.volume.sources();
    let is_screened = |segment: &&Segment| segment.screen.is_some();
    let known = passes.segments.iter().zip(counts).filter(|(segment, _)| segment.screen.is_none());
    let first = passes.first + known.map(|(_, &count)| count as usize).sum::<usize>();
    let screened: Vec<&Segment> = passes.segments.iter().filter(is_screened).collect();
    let work = |maker: &mut RowMaker, item: Item| {
        let Origin { place, file, number, .. } = item.origin;
        let index = first + place;
        if !wanted.contains(&index) {
            return Ok(None);
        }
        let fit = fit_rows(maker, screened[file].screen.as_ref(), &item.configuration)?;
        let Ok((rows, atoms)) = fit else { return Ok(None) };
        let candidates = kept(volume, &rows, &atoms, index, owners)?;
        let grades = grades(start, &rows)?;
        let grade = grades.iter().copied().fold(0.0, f64::max);
        let atom_grades = atoms.first().is_some_and(Option::is_some).then_some(grades);
        let configuration = item.configuration;
        Ok(Some((index, Member { file, number, configuration, grade, atom_grades, candidates })))
    };
    let sink = |found: Vec<Result<Option<(usize, Member)>, Failure>>| {
        found.into_iter().try_for_each(|member| {
            members.extend(member?);
            Ok(())
        })
    };
    let supplies = screened.iter().map(|segment| &segment.supply);
    let read = passes.pipeline.run_batches(supplies, BATCH, "collected from", work, sink)?;
    let expected: u64 = counts.iter().sum::<u64>() - (first - passes.first) as u64;
    if read.configurations == expected {
        return Ok(members);
    }
    let names: Vec<String> = screened.iter().map(|segment| segment.supply.name()).collect();
    Err(changed_file(&names.join(", ")).into())
}

/// The grade of each row.
fn grades(volume: &Volume, rows: &[f64]) -> Result<Vec<f64>, Error> {
    let grade = |entries: &[f64]| grade_of_entries(entries.iter().copied());
    volume.project_here(rows).chunks_exact(volume.size()).map(grade).collect()
}

/// The rows that matter: those of the active set, whose sources are `owners`, and those with the largest grades.
fn kept(
    volume: &Volume,
    rows: &[f64],
    atoms: &[Option<usize>],
    configuration: usize,
    owners: &[Source],
) -> Result<Candidates, Error> {
    let size = volume.size();
    let grades = grades(volume, rows)?;
    let mut by_grade: Vec<usize> = (0..grades.len()).collect();
    by_grade.sort_by(|&a, &b| grades[b].total_cmp(&grades[a]));
    let mut kept: Vec<usize> = by_grade.into_iter().take(MOST_ROWS).collect();
    let source = |row: usize| Source::Training { configuration, atom: atoms[row] };
    kept.extend((0..grades.len()).filter(|&row| owners.contains(&source(row))));
    kept.sort_unstable();
    kept.dedup();
    let mut candidates = Candidates::default();
    for row in kept {
        candidates.rows.extend_from_slice(&rows[row * size..(row + 1) * size]);
        candidates.sources.push(source(row));
    }
    Ok(candidates)
}
