//! Radial distribution functions g(r) and running coordination numbers n(r), frame by frame.
//!
//! In a frame of volume V with N_a centers, g_ab of an interval is its pairs by N_a (N_b − δ_ab) / V times its volume, as in
//! LAMMPS's `compute rdf`; n_ab is pairs by N_a, summed up to the end of the interval. Both are averaged over the frames that
//! have such pairs.

use std::f64::consts::PI;
use std::ops::Range;

use mtprs_core::geometry::{Configuration, norm};
use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::blocks::Blocks;
use super::pair_counts::{PairCounter, PairCounts};
use super::pairs::{Numbers, Pair};

/// Most species of which all pairs are taken unless pairs are named.
const MOST_SPECIES: usize = 12;

/// What is computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RdfSettings {
    /// Largest distance, Å.
    pub cutoff: f64,
    /// Intervals up to there.
    pub bins: usize,
    /// The pairs; all pairs of species if none are named.
    #[serde(skip)]
    pub pairs: Vec<Pair>,
    /// Distances within which neighbors are counted, Å.
    pub within: Vec<f64>,
    /// Volume of frames that are not periodic in three directions, Å³.
    pub volume: Option<f64>,
}

impl Default for RdfSettings {
    fn default() -> Self {
        Self { cutoff: 10.0, bins: 200, pairs: Vec::new(), within: Vec::new(), volume: None }
    }
}

impl RdfSettings {
    /// Width of an interval, Å.
    pub fn width(&self) -> f64 {
        self.cutoff / self.bins as f64
    }

    /// Volume of the spherical shell of an interval, Å³.
    fn shell(&self, interval: usize) -> f64 {
        let edge = |k: usize| (k as f64 * self.width()).powi(3);
        4.0 / 3.0 * PI * (edge(interval + 1) - edge(interval))
    }

    /// Counts the pairs of a frame.
    pub fn count(&self, configuration: &Configuration) -> Result<Frame> {
        let volume = self.volume_of(configuration)?;
        let counter = PairCounter { cutoff: self.cutoff, intervals: self.bins };
        let duals = configuration.cell.duals();
        let height = duals.iter().map(|dual| 1.0 / norm(*dual)).fold(f64::INFINITY, f64::min);
        Ok(Frame { pairs: counter.count(configuration)?, volume, height })
    }

    fn volume_of(&self, configuration: &Configuration) -> Result<f64> {
        let invalid = |message: String| Error::new(ErrorKind::InvalidConfiguration, message);
        match (configuration.cell.volume(), self.volume) {
            (Some(volume), None) => Ok(volume),
            (None, Some(volume)) => Ok(volume),
            (Some(volume), Some(_)) => {
                let message =
                    format!("the cell is periodic in three directions, with a volume of {volume:.6} Å³");
                Err(invalid(message)
                    .hint("leave out --volume: it is for frames that have no volume of their own"))
            }
            (None, None) => {
                let directions = match configuration.cell.vectors().len() {
                    0 => "no direction",
                    1 => "one direction",
                    _ => "two directions",
                };
                let message = format!("the cell is periodic in {directions}: g(r) needs a volume");
                Err(invalid(message).hint("give the volume that the atoms occupy, Å³: --volume"))
            }
        }
    }
}

/// The pairs of a frame.
#[derive(Clone, Debug)]
pub struct Frame {
    pairs: PairCounts,
    volume: f64,
    /// Least distance between opposite faces of the cell, Å.
    height: f64,
}

/// Least and largest of a number, and their sum.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub(super) least: f64,
    pub(super) largest: f64,
    pub(super) sum: f64,
}

impl Default for Extent {
    fn default() -> Self {
        Self { least: f64::INFINITY, largest: f64::NEG_INFINITY, sum: 0.0 }
    }
}

impl Extent {
    fn add(&mut self, value: f64) {
        self.least = self.least.min(value);
        self.largest = self.largest.max(value);
        self.sum += value;
    }
}

/// A pair of species that is averaged.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// What the user calls it, if it was asked for.
    pub(super) asked: Option<Pair>,
    /// Its species, once they have been met.
    pub(super) species: Option<Numbers>,
    /// Atoms in the center, summed over frames.
    pub(super) centers: f64,
}

/// Averages over the frames of a trajectory.
#[derive(Clone, Debug)]
pub struct Rdf {
    pub(super) settings: RdfSettings,
    pub(super) groups: Vec<Group>,
    /// Of each group: g(r), then the growth of n(r), in all intervals.
    pub(super) blocks: Blocks,
    /// Volumes of the spherical shells, Å³.
    shells: Vec<f64>,
    /// Species so far.
    species: usize,
    pub(super) frames: u64,
    pub(super) atoms: Extent,
    pub(super) volume: Extent,
    pub(super) height: Extent,
}

impl Rdf {
    /// Without any frame yet.
    pub fn new(settings: &RdfSettings) -> Self {
        let group = |pair: &Pair| Group { asked: Some(pair.clone()), species: None, centers: 0.0 };
        Self {
            groups: settings.pairs.iter().map(group).collect(),
            blocks: Blocks::new(2 * settings.bins),
            shells: (0..settings.bins).map(|interval| settings.shell(interval)).collect(),
            species: 0,
            frames: 0,
            atoms: Extent::default(),
            volume: Extent::default(),
            height: Extent::default(),
            settings: settings.clone(),
        }
    }

    /// Frames so far.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Adds the next frame; `names` are those of the species by number, as far as they have any.
    pub fn add(&mut self, frame: &Frame, names: &[String]) -> Result<()> {
        self.meet(frame.pairs.atoms.len(), names)?;
        self.frames += 1;
        self.atoms.add(frame.pairs.atoms.iter().sum::<u64>() as f64);
        self.volume.add(frame.volume);
        self.height.add(frame.height);
        let (bins, shells) = (self.settings.bins, &self.shells);
        for (number, group) in self.groups.iter_mut().enumerate() {
            let Some(Present { centers, density }) = group.species.and_then(|species| frame.present(species))
            else {
                continue;
            };
            group.centers += centers;
            let [center, neighbor] = group.species.unwrap_or_default().map(|species| frame.range(species));
            self.blocks.add(number, |sums| {
                let (g, n) = sums.split_at_mut(bins);
                for (a, b) in center.flat_map(|a| neighbor.clone().map(move |b| (a, b))) {
                    for (interval, pairs) in frame.pairs.neighbors(a, b).enumerate() {
                        let around = pairs as f64 / centers;
                        n[interval] += around;
                        g[interval] += around / (density * shells[interval]);
                    }
                }
            });
        }
        self.blocks.end_frame();
        Ok(())
    }

    /// Finds the species of pairs, of which a frame may bring new ones.
    fn meet(&mut self, species: usize, names: &[String]) -> Result<()> {
        for group in self.groups.iter_mut().filter(|group| group.species.is_none()) {
            group.species = group.asked.as_ref().and_then(|pair| pair.numbers(names));
        }
        if species <= self.species || !self.settings.pairs.is_empty() {
            return Ok(());
        }
        if species > MOST_SPECIES {
            let pairs = species * (species + 1) / 2;
            let message = format!("there are {species} species, which make {pairs} pairs");
            return Err(Error::new(ErrorKind::Argument, message).hint("choose some: --pairs Mg-O,V-O"));
        }
        for b in self.species..species {
            let group = |a: usize| Group { asked: None, species: Some([Some(a), Some(b)]), centers: 0.0 };
            self.groups.extend((0..=b).map(group));
        }
        self.species = species;
        Ok(())
    }
}

/// Atoms of a pair in a frame that has such pairs.
struct Present {
    /// Atoms in the center.
    centers: f64,
    /// Neighbors that an atom has, by volume, Å⁻³.
    density: f64,
}

impl Frame {
    /// Numbers of species.
    fn range(&self, species: Option<usize>) -> Range<usize> {
        match species {
            None => 0..self.pairs.atoms.len(),
            Some(number) => number..number + 1,
        }
    }

    fn present(&self, species: Numbers) -> Option<Present> {
        let of = |species: Option<usize>| match species {
            None => self.pairs.atoms.iter().sum(),
            Some(number) => self.pairs.atoms.get(number).copied().unwrap_or(0),
        };
        let [centers, neighbors] = species.map(of);
        if centers == 0 || neighbors == 0 {
            return None;
        }
        let both = match species {
            [Some(a), Some(b)] if a != b => 0,
            _ => centers.min(neighbors),
        };
        let centers = centers as f64;
        let others = neighbors as f64 - both as f64 / centers;
        // An atom that is alone in its cell has its images as neighbors, and these have the density of the atom.
        let others = if others > 0.0 { others } else { neighbors as f64 };
        Some(Present { centers, density: others / self.volume })
    }
}
