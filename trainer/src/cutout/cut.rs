//! From a center to a cut-out: cells of nearly the same size, the best first, and their contents.

use std::collections::BTreeSet;

use mtprs_core::geometry::{Configuration, Vector3, norm};
use mtprs_core::{Error, ErrorKind, Result};

use super::contents::{Atom, Contents};
use super::filling::{Composition, widest};
use super::frame::Shape;
use super::least_distances::{GivenDistances, LeastDistances};
use super::parent::{Image, Parent};
use super::relaxation::{push_apart, set_apart};

/// Edges that are tried: the smallest and this many more, this much longer than the one before, Å.
const EDGE_STEP: f64 = 0.1;
const EDGE_STEPS: usize = 11;
/// Weight of the growth of the volume beside the share of atoms that do not fit.
const GROWTH: f64 = 0.5;
/// Atoms of a cell that are moved to where there is more room.
const MOVES: usize = 12;
/// Cells that are kept.
const CELLS: usize = 6;

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
    /// The atoms: first the center, then the rest of the core, then the others; all of the parent in their order if it is
    /// whole.
    pub configuration: Configuration,
    /// Index of the center.
    pub center: usize,
    /// Number of atoms in the core.
    pub core: usize,
    /// Atoms that were taken out because others were too close, or because of the composition.
    pub removed: usize,
    /// Atoms that were put where there was room.
    pub added: usize,
    /// Atoms among those that nothing set apart from others, and that so are missing.
    pub lost: usize,
    /// Formula units of the parent, if it has only whole ones.
    pub units: Option<usize>,
    /// Whether this is all of the parent in its own cell.
    pub is_whole: bool,
    /// Smallest distances that were kept.
    pub least: LeastDistances,
    /// Where the atoms are in the parent, if they come from there, Å.
    places: Vec<Option<Vector3>>,
}

/// Cells around a center.
#[derive(Debug)]
pub struct Cutting<'a> {
    parent: &'a Parent<'a>,
    center: usize,
    radius: f64,
    core: usize,
    least: LeastDistances,
    composition: Composition,
    /// The best first; none if the parent is to be taken whole.
    cells: Vec<Contents>,
}

impl<'a> Cutting<'a> {
    /// Looks for the cells in which the surroundings of an atom fit best.
    pub fn new(parent: &'a Parent<'a>, center: usize, settings: &Settings) -> Result<Self> {
        let Settings { radius, cutoff, ref distances } = *settings;
        parent.configuration.check_species(distances.species())?;
        let core = parent.around(center, radius);
        let of_parent: BTreeSet<usize> = core.iter().map(|image| image.atom).collect();
        let least = LeastDistances::new(parent, &of_parent, distances);
        let composition = Composition::new(parent, least.species());
        let core = of_parent.len();
        let mut cutting = Self { parent, center, radius, core, least, composition, cells: Vec::new() };
        // The core fits in, and its images are beyond the cutoff from the center; a grain more, so that no atom is on the
        // border.
        let smallest = radius + radius.max(cutoff) + 1e-6;
        let shape = Shape::smallest(&parent.vectors, smallest);
        if !shape.free.is_empty() {
            cutting.cells = cutting.cells(&shape, smallest)?;
        }
        Ok(cutting)
    }

    /// Number of cut-outs to choose from.
    pub fn count(&self) -> usize {
        self.cells.len().max(1)
    }

    /// One of them: the core as it is, and around it as many atoms as the parent has there.
    pub fn cutout(&self, index: usize) -> Result<Cutout> {
        let Some(cell) = self.cells.get(index) else { return Ok(self.whole()) };
        let mut cell = cell.clone();
        cell.fill(self.radius, &self.composition);
        let configuration = cell.configuration()?;
        let place = |(k, position): (usize, &Vector3)| cell.atoms[k].parent.map(|_| *position);
        let mut cutout = Cutout {
            center: 0,
            core: cell.atoms.iter().filter(|atom| atom.is_core).count(),
            removed: cell.removed,
            added: cell.added,
            lost: 0,
            units: cell.target.units.filter(|_| cell.misfit() == 0),
            is_whole: false,
            least: self.least.clone(),
            places: configuration.positions.iter().enumerate().map(place).collect(),
            configuration,
        };
        self.make_room(&cell, &mut cutout)?;
        Ok(cutout)
    }

    /// Sets atoms apart, moves those that stay too close to where there is most room, and in the end takes them out.
    fn make_room(&self, cell: &Contents, cutout: &mut Cutout) -> Result<()> {
        let middle = cell.frame.middle();
        for _ in 0..MOVES {
            let Some(atom) = push_apart(cutout, self.radius)? else { return Ok(()) };
            let Configuration { species, positions, .. } = &cutout.configuration;
            let others = (0..positions.len()).filter(|other| *other != atom).map(|other| Atom {
                parent: None,
                species: species[other],
                displacement: std::array::from_fn(|k| positions[other][k] - middle[k]),
                is_core: other < cutout.core,
            });
            let others: Vec<Atom> = others.collect();
            let to = widest(&cell.frame, &others, self.radius, &self.composition, species[atom]);
            let Some(displacement) = to else { break };
            cutout.put(atom, std::array::from_fn(|k| middle[k] + displacement[k]));
        }
        set_apart(cutout, self.radius)
    }

    /// All of the parent.
    fn whole(&self) -> Cutout {
        let Configuration { cell, ids, species, positions, .. } = self.parent.configuration.clone();
        let configuration = Configuration { cell, ids, species, positions, ..Configuration::default() };
        Cutout {
            places: configuration.positions.iter().copied().map(Some).collect(),
            configuration,
            center: self.center,
            core: self.core,
            removed: 0,
            added: 0,
            lost: 0,
            units: None,
            is_whole: true,
            least: self.least.clone(),
        }
    }

    /// Of the cells with edges from the smallest to 1 Å more those in which most atoms of the parent fit, and the smallest;
    /// longer edges only where the core would meet its image.
    fn cells(&self, shape: &Shape, smallest: f64) -> Result<Vec<Contents>> {
        let span = EDGE_STEP * (EDGE_STEPS - 1) as f64;
        let least_volume = shape.frame(&vec![smallest; shape.free.len()]).volume();
        let mut base = smallest;
        // At the last of them not even atoms on opposite sides of the core can be too close.
        while base <= smallest + self.least.largest + span {
            let largest = shape.frame(&vec![base + span; shape.free.len()]);
            let around: Vec<Image> = self.parent.around(self.center, largest.reach() + 1e-6);
            let species = &self.parent.configuration.species;
            let mut cells: Vec<(f64, Contents)> = Vec::new();
            for edges in edges(shape.free.len(), base) {
                let frame = shape.frame(&edges);
                let growth = frame.volume() / least_volume - 1.0;
                let new =
                    Contents::new(frame, &around, species, self.radius, &self.least, &self.composition)?;
                let Some(contents) = new else { continue };
                let rank = contents.unfitness() + GROWTH * growth;
                let place = cells.partition_point(|(known, _)| *known <= rank);
                cells.insert(place, (rank, contents));
                cells.truncate(CELLS);
            }
            if !cells.is_empty() {
                return Ok(cells.into_iter().map(|(_, contents)| contents).collect());
            }
            base += span;
        }
        Err(Error::new(ErrorKind::Bug, "no cell keeps the core apart from its images"))
    }
}

impl Cutout {
    /// Puts an atom elsewhere.
    fn put(&mut self, atom: usize, position: Vector3) {
        self.configuration.positions[atom] = position;
        if self.places[atom].take().is_some() {
            self.removed += 1;
            self.added += 1;
        }
    }

    /// Takes an atom out.
    pub(super) fn take_out(&mut self, atom: usize) {
        self.configuration.species.remove(atom);
        self.configuration.positions.remove(atom);
        self.configuration.ids.pop();
        let place = self.places.remove(atom);
        if place.is_some() {
            self.removed += 1;
        } else {
            self.added -= 1;
        }
        self.lost += 1;
        self.units = None;
    }

    /// How far an atom is from its place in the parent, Å; infinitely far if it has none.
    pub(super) fn moved(&self, atom: usize) -> f64 {
        let position = self.configuration.positions[atom];
        let distance = |place: Vector3| norm(std::array::from_fn(|k| position[k] - place[k]));
        self.places[atom].map_or(f64::INFINITY, distance)
    }

    /// Puts atoms that have a place in the parent there, as the last ones of the core.
    pub(super) fn join(&mut self, atoms: &[usize]) {
        let others = (0..self.places.len()).filter(|atom| *atom >= self.core && !atoms.contains(atom));
        let order: Vec<usize> = (0..self.core).chain(atoms.iter().copied()).chain(others).collect();
        let Configuration { species, positions, .. } = &mut self.configuration;
        for &atom in atoms {
            positions[atom] = self.places[atom].unwrap_or(positions[atom]);
        }
        *species = order.iter().map(|&atom| species[atom]).collect();
        *positions = order.iter().map(|&atom| positions[atom]).collect();
        self.places = order.iter().map(|&atom| self.places[atom]).collect();
        self.core += atoms.len();
    }
}

/// All combinations of edges.
fn edges(count: usize, smallest: f64) -> impl Iterator<Item = Vec<f64>> {
    let combinations = EDGE_STEPS.pow(count as u32);
    (0..combinations).map(move |index| {
        let step = |k: usize| index / EDGE_STEPS.pow(k as u32) % EDGE_STEPS;
        (0..count).map(|k| smallest + EDGE_STEP * step(k) as f64).collect()
    })
}
