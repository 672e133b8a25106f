//! From a center to a cut-out: the cell, its contents, and which of several cells of nearly the same size is taken.

use std::collections::BTreeSet;

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Result};

use super::contents::Contents;
use super::frame::Shape;
use super::least_distances::{GivenDistances, LeastDistances};
use super::parent::{Image, Parent};

/// Edges that are tried: the smallest and so many more, this much longer than the one before, Å.
const EDGE_STEP: f64 = 0.1;
const EDGE_STEPS: usize = 11;

/// How to cut.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Radius of the core, Å.
    pub radius: f64,
    /// Cutoff of the potential, Å.
    pub cutoff: f64,
    /// Smallest distances, as far as they are given.
    pub distances: GivenDistances,
}

/// The surroundings of an atom as a periodic cell.
#[derive(Clone, Debug)]
pub struct Cutout {
    /// The atoms: first the center, then the rest of the core, then the others, the nearest first; all of the parent in their
    /// order if it is whole.
    pub configuration: Configuration,
    /// Index of the center.
    pub center: usize,
    /// Number of atoms in the core.
    pub core: usize,
    /// The parent's atom that each of the atoms is.
    pub parent_atoms: Vec<usize>,
    /// Atoms that were taken out because others were too close.
    pub removed: usize,
    /// Whether this is all of the parent in its own cell.
    pub is_whole: bool,
    /// Smallest distances that were kept.
    pub least: LeastDistances,
}

/// Cuts the surroundings of an atom from a configuration.
pub fn cut(parent: &Parent<'_>, center: usize, settings: &Settings) -> Result<Cutout> {
    let Settings { radius, cutoff, ref distances } = *settings;
    parent.configuration.check_species(distances.species())?;
    let core = parent.around(center, radius);
    let of_parent: BTreeSet<usize> = core.iter().map(|image| image.atom).collect();
    let least = LeastDistances::new(parent, &of_parent, distances);
    // The core fits in, and its images are beyond the cutoff from the center; a grain more, so that no atom is on the border.
    let smallest = radius + radius.max(cutoff) + 1e-6;
    let shape = Shape::smallest(&parent.vectors, smallest);
    if shape.free.is_empty() {
        return Ok(whole(parent, center, of_parent.len(), least));
    }
    let contents = fill(parent, center, &shape, smallest, radius, &least)?;
    let atoms = &contents.atoms;
    Ok(Cutout {
        configuration: contents.configuration()?,
        center: 0,
        core: atoms.iter().filter(|atom| atom.is_core).count(),
        parent_atoms: atoms.iter().map(|atom| atom.parent).collect(),
        removed: contents.removed,
        is_whole: false,
        least,
    })
}

/// All of the parent.
fn whole(parent: &Parent<'_>, center: usize, core: usize, least: LeastDistances) -> Cutout {
    let Configuration { cell, ids, species, positions, .. } = parent.configuration.clone();
    let configuration = Configuration { cell, ids, species, positions, ..Configuration::default() };
    let parent_atoms = (0..configuration.len()).collect();
    Cutout { configuration, center, core, parent_atoms, removed: 0, is_whole: true, least }
}

/// The contents of that cell, of those with edges from the smallest to 1 Å more, which are closest to the parent in the
/// number of atoms of each species per volume; longer edges only where the core would meet its image.
fn fill(
    parent: &Parent<'_>,
    center: usize,
    shape: &Shape,
    smallest: f64,
    radius: f64,
    least: &LeastDistances,
) -> Result<Contents> {
    let density = parent.density(least.species());
    let span = EDGE_STEP * (EDGE_STEPS - 1) as f64;
    let mut base = smallest;
    // At the last of them not even atoms on opposite sides of the core can be too close.
    while base <= smallest + least.largest + span {
        let largest = shape.frame(&vec![base + span; shape.free.len()]);
        let around: Vec<Image> = parent.around(center, largest.reach() + 1e-6);
        let mut best: Option<Contents> = None;
        for edges in edges(shape.free.len(), base) {
            let species = &parent.configuration.species;
            let frame = shape.frame(&edges);
            let Some(next) = Contents::new(frame, &around, species, radius, least, &density)? else {
                continue;
            };
            // Of cells that are equally good, the smallest.
            let rank = |contents: &Contents| (contents.deviation, contents.frame.volume());
            let is_better = |best: &Contents| {
                let ((deviation, volume), (known, known_volume)) = (rank(&next), rank(best));
                deviation.total_cmp(&known).then(volume.total_cmp(&known_volume)).is_lt()
            };
            if best.as_ref().is_none_or(is_better) {
                best = Some(next);
            }
        }
        if let Some(best) = best {
            return Ok(best);
        }
        base += span;
    }
    Err(Error::new(ErrorKind::Bug, "no cell keeps the core away from its images"))
}

/// All combinations of edges.
fn edges(count: usize, smallest: f64) -> impl Iterator<Item = Vec<f64>> {
    let combinations = EDGE_STEPS.pow(count as u32);
    (0..combinations).map(move |index| {
        let step = |k: usize| index / EDGE_STEPS.pow(k as u32) % EDGE_STEPS;
        (0..count).map(|k| smallest + EDGE_STEP * step(k) as f64).collect()
    })
}
