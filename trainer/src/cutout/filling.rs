//! Which atoms a cell is to have, and where those go that the cut left no room for.
//!
//! The composition of the parent is kept in whole formula units, at its density. What is missing is put where there is most
//! room, measured by how close atoms of two species are in the parent; what is too much goes where there is least.

use mtprs_core::geometry::{Vector3, dot};

use super::contents::Atom;
use super::frame::Frame;
use super::parent::{CLOSE, Parent, shifted};
use crate::statistics::greatest_common_divisor;

/// Distance of the points that are looked at, Å.
const GRID: f64 = 0.4;
/// How far from the core atoms are put at least, Å: nearer ones it would draw in.
const BESIDE: f64 = 0.5;
/// Formula units count if one changes the density by no more than this share.
const FINE: f64 = 0.06;

/// What a parent is made of.
#[derive(Clone, Debug)]
pub(super) struct Composition {
    /// Atoms of each species per Å³.
    pub(super) density: Vec<f64>,
    /// Atoms of each species in a formula unit.
    unit: Vec<usize>,
    /// Mean distance from an atom to the nearest one of another species, Å, at most [`CLOSE`]; shape (species, species),
    /// the shorter of both ways.
    nearest: Vec<f64>,
}

/// Atoms of each species that a cell is to have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) counts: Vec<usize>,
    /// Formula units, if it has only whole ones.
    pub(super) units: Option<usize>,
}

impl Composition {
    /// That of a parent with at most this many species.
    pub(super) fn new(parent: &Parent<'_>, species: usize) -> Self {
        let mut counts = vec![0; species];
        parent.configuration.species.iter().for_each(|&species| counts[species as usize] += 1);
        let divisor = counts.iter().copied().fold(0, greatest_common_divisor).max(1);
        let unit = counts.iter().map(|count| count / divisor).collect();
        Self { density: parent.density(species), unit, nearest: nearest(parent, &counts) }
    }

    /// The atoms for a volume (Å³), not fewer of a species than `core` has.
    pub(super) fn target(&self, volume: f64, core: &[usize]) -> Target {
        let expected: Vec<f64> = self.density.iter().map(|density| density * volume).collect();
        let of_unit = self.unit.iter().sum::<usize>() as f64;
        let total = expected.iter().sum::<f64>();
        let units = (total / of_unit).round();
        let whole: Vec<usize> = self.unit.iter().map(|count| count * units as usize).collect();
        let holds_core = whole.iter().zip(core).all(|(count, core)| count >= core);
        if of_unit <= FINE * total && holds_core {
            return Target { counts: whole, units: Some(units as usize) };
        }
        let rounded =
            expected.iter().zip(core).map(|(expected, core)| (expected.round() as usize).max(*core));
        Target { counts: rounded.collect(), units: None }
    }

    /// Number of species.
    pub(super) fn species(&self) -> usize {
        self.density.len()
    }

    fn nearest(&self, a: u32, b: usize) -> f64 {
        self.nearest[a as usize * self.density.len() + b]
    }
}

fn nearest(parent: &Parent<'_>, counts: &[usize]) -> Vec<f64> {
    let species = counts.len();
    let mut sums = vec![0.0; species * species];
    for (atom, &of_atom) in parent.configuration.species.iter().enumerate() {
        let mut nearest = vec![CLOSE; species];
        let (neighbors, displacements) = parent.close_pairs.neighbors(atom);
        for (&other, displacement) in neighbors.iter().zip(displacements) {
            let nearest = &mut nearest[parent.configuration.species[other as usize] as usize];
            *nearest = nearest.min(dot(*displacement, *displacement).sqrt());
        }
        nearest.iter().enumerate().for_each(|(k, nearest)| sums[of_atom as usize * species + k] += nearest);
    }
    let mean =
        |a: usize, b: usize| if counts[a] > 0 { sums[a * species + b] / counts[a] as f64 } else { CLOSE };
    (0..species * species)
        .map(|pair| mean(pair / species, pair % species).min(mean(pair % species, pair / species)))
        .collect()
}

/// Makes the atoms of a cell those of the target; returns how many were put in and taken out.
pub(super) fn fill(
    frame: &Frame,
    atoms: &mut Vec<Atom>,
    radius: f64,
    composition: &Composition,
    target: &Target,
) -> [usize; 2] {
    let species = target.counts.len();
    let mut room = Room::new(frame, radius, composition);
    let mut missing: Vec<i64> = target.counts.iter().map(|count| *count as i64).collect();
    for atom in atoms.iter() {
        room.take(atom);
        missing[atom.species as usize] -= 1;
    }
    let mut taken_out = 0;
    for excess in 0..species {
        while missing[excess] < 0 {
            let of_species = |(_, atom): &(usize, &Atom)| !atom.is_core && atom.species as usize == excess;
            let candidates = atoms.iter().enumerate().filter(of_species);
            let by_room = |&(k, _): &(usize, &Atom)| room.beside(atoms, k);
            let Some((k, _)) = candidates.min_by(|a, b| by_room(a).total_cmp(&by_room(b))) else { break };
            atoms.remove(k);
            missing[excess] += 1;
            taken_out += 1;
        }
    }
    if taken_out > 0 {
        room = Room::new(frame, radius, composition);
        atoms.iter().for_each(|atom| room.take(atom));
    }
    // The species that need most room first.
    let mut order: Vec<usize> = (0..species).collect();
    let own = |species: usize| composition.nearest(species as u32, species);
    order.sort_by(|a, b| own(*b).total_cmp(&own(*a)).then(a.cmp(b)));
    let mut put_in = 0;
    for lacking in order {
        while missing[lacking] > 0
            && let Some(displacement) = room.widest(lacking)
        {
            let atom = Atom { parent: None, species: lacking as u32, displacement, is_core: false };
            room.take(&atom);
            atoms.push(atom);
            missing[lacking] -= 1;
            put_in += 1;
        }
    }
    [put_in, taken_out]
}

/// Where beside these atoms one of a species has most room; `None` if the core takes all of it.
pub(super) fn widest(
    frame: &Frame,
    atoms: &[Atom],
    radius: f64,
    composition: &Composition,
    species: u32,
) -> Option<Vector3> {
    let mut room = Room::new(frame, radius, composition);
    atoms.iter().for_each(|atom| room.take(atom));
    room.widest(species as usize)
}

/// How much room an atom of each species has at the points of a grid.
struct Room<'a> {
    frame: &'a Frame,
    composition: &'a Composition,
    points: Vec<Vector3>,
    /// Smallest distance by the nearest of the parent, over the atoms; shape (species, point).
    room: Vec<f64>,
}

impl<'a> Room<'a> {
    /// An empty cell but for the core, in and beside which nothing may go.
    fn new(frame: &'a Frame, radius: f64, composition: &'a Composition) -> Self {
        let counts = frame.vectors.map(|vector| (dot(vector, vector).sqrt() / GRID).ceil() as usize);
        let mut points = Vec::new();
        for index in 0..counts.iter().product() {
            let steps = [index % counts[0], index / counts[0] % counts[1], index / counts[0] / counts[1]];
            let fractional: Vec<f64> =
                (0..3).map(|k| (steps[k] as f64 + 0.5) / counts[k] as f64 - 0.5).collect();
            let point = shifted([0.0; 3], &frame.vectors, fractional);
            if frame.images(point, radius + BESIDE).next().is_none() {
                points.push(point);
            }
        }
        let room = vec![f64::INFINITY; points.len() * composition.density.len()];
        Self { frame, composition, points, room }
    }

    /// Takes the room of an atom.
    fn take(&mut self, atom: &Atom) {
        let count = self.points.len();
        for (k, point) in self.points.iter().enumerate() {
            let from = std::array::from_fn(|x| point[x] - atom.displacement[x]);
            let Some(distance) = self.frame.images(from, CLOSE).reduce(f64::min) else { continue };
            for species in 0..self.composition.density.len() {
                let room = &mut self.room[species * count + k];
                *room = room.min(distance / self.composition.nearest(atom.species, species));
            }
        }
    }

    /// The point with most room for an atom of a species.
    fn widest(&self, species: usize) -> Option<Vector3> {
        let room = &self.room[species * self.points.len()..(species + 1) * self.points.len()];
        let widest = (0..room.len()).max_by(|a, b| room[*a].total_cmp(&room[*b]).then(b.cmp(a)))?;
        Some(self.points[widest])
    }

    /// The room that an atom has among the others.
    fn beside(&self, atoms: &[Atom], index: usize) -> f64 {
        let own = &atoms[index];
        let others = atoms.iter().enumerate().filter(|(k, _)| *k != index).filter_map(|(_, other)| {
            let from = std::array::from_fn(|x| other.displacement[x] - own.displacement[x]);
            let distance = self.frame.images(from, CLOSE).reduce(f64::min)?;
            Some(distance / self.composition.nearest(own.species, other.species as usize))
        });
        others.fold(f64::INFINITY, f64::min)
    }
}
