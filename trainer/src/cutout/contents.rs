//! What a cell holds: the core as it is, and around it the parent's atoms without those that the cut brings too close.

use mtprs_core::Result;
use mtprs_core::geometry::{Cell, Configuration, NeighborList, Vector3, dot, norm};

use super::filling::{Composition, Target, fill};
use super::frame::Frame;
use super::least_distances::LeastDistances;
use super::parent::{Image, shifted};

/// How far fractional coordinates are from the border at least to count as beyond, so that an atom on it counts once.
const BORDER: f64 = 1e-9;
/// Displacements that differ by less are the same, Å; distances that are smaller by less are not too short.
pub(super) const SAME: f64 = 1e-6;

/// Weight of the distances that images of the core lack beside the share of atoms that do not fit.
const SQUEEZED: f64 = 2.0;

/// An atom in the cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Atom {
    /// Which of the parent's it is; none if it was put where there was room.
    pub(super) parent: Option<usize>,
    pub(super) species: u32,
    /// Position less that of the center, Å.
    pub(super) displacement: Vector3,
    pub(super) is_core: bool,
}

/// The atoms in a cell, those of the core before the others.
#[derive(Clone, Debug)]
pub(super) struct Contents {
    pub(super) frame: Frame,
    pub(super) atoms: Vec<Atom>,
    /// Atoms that were taken out because others were too close, or because of the composition.
    pub(super) removed: usize,
    /// Atoms that were put where there was room.
    pub(super) added: usize,
    /// By how much atoms of the core and their images are closer than the closest of the parent, summed over pairs, as a share.
    squeezed: f64,
    /// What the cell is to have.
    pub(super) target: Target,
}

/// Two atoms that are too close.
#[derive(Clone, Copy, Debug)]
struct Conflict {
    pair: [usize; 2],
    /// Distance relative to the closest of the parent.
    closeness: f64,
}

impl Contents {
    /// Takes those of `around` that are in a cell, without those that are too close; `None` if images would come too close
    /// that cannot be taken out. `species` are those of the parent's atoms.
    pub(super) fn new(
        frame: Frame,
        around: &[Image],
        species: &[u32],
        radius: f64,
        least: &LeastDistances,
        composition: &Composition,
    ) -> Result<Option<Self>> {
        let mut atoms = atoms(&frame, around, species, radius);
        let Some((conflicts, squeezed)) = conflicts(&frame, &atoms, least)? else { return Ok(None) };
        let core: Vec<usize> = counts(atoms.iter().filter(|atom| atom.is_core), composition.species());
        let target = composition.target(frame.volume(), &core);
        let stays = resolve(&atoms, conflicts, &target.counts);
        let before = atoms.len();
        let mut stays = stays.into_iter();
        atoms.retain(|_| stays.next().unwrap_or(true));
        let removed = before - atoms.len();
        Ok(Some(Self { frame, atoms, removed, added: 0, squeezed, target }))
    }

    /// How badly it fits: the share of atoms that are missing or too many, and what images of the core have too little room.
    pub(super) fn unfitness(&self) -> f64 {
        let atoms = self.target.counts.iter().sum::<usize>().max(1) as f64;
        self.misfit() as f64 / atoms + SQUEEZED * self.squeezed
    }

    /// How many atoms are missing or too many.
    pub(super) fn misfit(&self) -> usize {
        let found = counts(&self.atoms, self.target.counts.len());
        found.iter().zip(&self.target.counts).map(|(found, target)| found.abs_diff(*target)).sum()
    }

    /// Puts in what is missing and takes out what is too much.
    pub(super) fn fill(&mut self, radius: f64, composition: &Composition) {
        let Self { frame, atoms, target, .. } = self;
        let [added, removed] = fill(frame, atoms, radius, composition, target);
        self.added += added;
        self.removed += removed;
    }

    /// As a configuration whose center is in the middle of the cell.
    pub(super) fn configuration(&self) -> Result<Configuration> {
        let middle = self.frame.middle();
        configuration(&self.frame, &self.atoms, middle)
    }
}

fn configuration(frame: &Frame, atoms: &[Atom], middle: Vector3) -> Result<Configuration> {
    let position = |atom: &Atom| std::array::from_fn(|k| middle[k] + atom.displacement[k]);
    let cell = Cell::new(&frame.vectors)?;
    let species = atoms.iter().map(|atom| atom.species).collect();
    Configuration::new(cell, species, atoms.iter().map(position).collect())
}

/// The atoms in the cell, each once.
fn atoms(frame: &Frame, around: &[Image], species: &[u32], radius: f64) -> Vec<Atom> {
    let is_inside = |image: &&Image| {
        let fractional = frame.fractional(image.displacement);
        fractional.iter().all(|x| (-0.5 - BORDER..0.5 - BORDER).contains(x))
    };
    let atom = |&Image { atom, displacement }: &Image| Atom {
        parent: Some(atom),
        species: species[atom],
        displacement,
        is_core: false,
    };
    let mut atoms: Vec<Atom> = around.iter().filter(is_inside).map(atom).collect();
    // Along vectors that are kept the core may go on beyond the cell: its atoms are inside as their images.
    let kept = &frame.shape.kept;
    for image in
        around.iter().take_while(|image| dot(image.displacement, image.displacement) <= radius * radius)
    {
        let turns = frame.fractional(image.displacement).map(|x| -(x + 0.5 + BORDER).floor());
        let inside = shifted(image.displacement, kept, turns);
        let is_same =
            |atom: &&mut Atom| atom.parent == Some(image.atom) && distance(atom.displacement, inside) < SAME;
        if let Some(atom) = atoms.iter_mut().find(is_same) {
            atom.is_core = true;
        }
    }
    atoms.sort_by_key(|atom| !atom.is_core);
    atoms
}

fn distance(a: Vector3, b: Vector3) -> f64 {
    norm(std::array::from_fn(|k| a[k] - b[k]))
}

/// Pairs that are too close, one of which at least is not of the core; `None` if the cell itself is too small: if there are
/// such pairs in the core that the parent does not have, or an atom is too close to its own image. And how much closer pairs of
/// the core are than the closest of the parent, which no relaxation mends.
fn conflicts(frame: &Frame, atoms: &[Atom], least: &LeastDistances) -> Result<Option<(Vec<Conflict>, f64)>> {
    let configuration = configuration(frame, atoms, [0.0; 3])?;
    let list = NeighborList::new(&configuration, least.largest / LeastDistances::CLOSER)?;
    let mut squeezed = 0.0;
    let mut conflicts = Vec::new();
    for (i, first) in atoms.iter().enumerate() {
        let (neighbors, displacements) = list.neighbors(i);
        for (&j, &displacement) in neighbors.iter().zip(displacements) {
            let (j, second) = (j as usize, &atoms[j as usize]);
            let allowed = least.of(first.species, second.species);
            let length = norm(displacement);
            let closeness = LeastDistances::CLOSER * length / allowed;
            if j < i || closeness >= 1.0 {
                continue;
            }
            let is_too_close = length < allowed - SAME;
            if i == j || (first.is_core && second.is_core) {
                if crosses_border(frame, first, second, displacement) {
                    if is_too_close {
                        return Ok(None);
                    }
                    squeezed += 1.0 - closeness;
                }
                continue;
            }
            if is_too_close {
                conflicts.push(Conflict { pair: [i, j], closeness });
            }
        }
    }
    Ok(Some((conflicts, squeezed)))
}

/// Whether atoms are as far apart as they are in the cell only by way of an edge that the parent does not have.
fn crosses_border(frame: &Frame, first: &Atom, second: &Atom, displacement: Vector3) -> bool {
    let more: Vector3 =
        std::array::from_fn(|k| displacement[k] - (second.displacement[k] - first.displacement[k]));
    frame.shape.free.iter().any(|unit| dot(*unit, more).abs() > SAME)
}

/// Which atoms stay. The closest pairs are resolved first. Atoms of the core stay; of two others the one goes of whose species
/// there are more, relative to what is `expected`; of one species, the one with more conflicts, and else the one farther from the center.
fn resolve(atoms: &[Atom], mut conflicts: Vec<Conflict>, target: &[usize]) -> Vec<bool> {
    conflicts.sort_by(|a, b| a.closeness.total_cmp(&b.closeness).then(a.pair.cmp(&b.pair)));
    let mut stays = vec![true; atoms.len()];
    let expected: Vec<f64> = target.iter().map(|count| (*count).max(1) as f64).collect();
    let mut found: Vec<f64> = counts(atoms, expected.len()).into_iter().map(|count| count as f64).collect();
    let remove = |atom: usize, stays: &mut Vec<bool>, found: &mut Vec<f64>| {
        stays[atom] = false;
        found[atoms[atom].species as usize] -= 1.0;
    };
    let beside_core = |conflict: &Conflict| conflict.pair.iter().any(|&atom| atoms[atom].is_core);
    for conflict in conflicts.iter().filter(|conflict| beside_core(conflict)) {
        for atom in conflict.pair.into_iter().filter(|&atom| !atoms[atom].is_core) {
            if stays[atom] {
                remove(atom, &mut stays, &mut found);
            }
        }
    }
    for conflict in &conflicts {
        let [i, j] = conflict.pair;
        if !(stays[i] && stays[j]) {
            continue;
        }
        let excess = |atom: usize| {
            let species = atoms[atom].species as usize;
            found[species] / expected[species]
        };
        let of_atom = |atom: usize| {
            let is_open = |conflict: &&Conflict| {
                conflict.pair.contains(&atom) && conflict.pair.iter().all(|&other| stays[other])
            };
            conflicts.iter().filter(is_open).count()
        };
        // The atoms stand in the order of their distance from the center.
        let order = excess(i).total_cmp(&excess(j)).then(of_atom(i).cmp(&of_atom(j))).then(i.cmp(&j));
        remove(if order.is_gt() { i } else { j }, &mut stays, &mut found);
    }
    restore(atoms, &conflicts, &expected, &mut stays, &mut found);
    stays
}

/// Puts atoms back whose conflicts are all gone with others, of the scarcest species first.
fn restore(atoms: &[Atom], conflicts: &[Conflict], expected: &[f64], stays: &mut [bool], found: &mut [f64]) {
    loop {
        let mut open: Vec<bool> = stays.iter().map(|stays| !stays).collect();
        for Conflict { pair: [i, j], .. } in conflicts {
            open[*i] &= !stays[*j];
            open[*j] &= !stays[*i];
        }
        let scarcity = |atom: &usize| {
            let species = atoms[*atom].species as usize;
            found[species] / expected[species]
        };
        let scarcest =
            (0..atoms.len()).filter(|atom| open[*atom]).min_by(|a, b| scarcity(a).total_cmp(&scarcity(b)));
        let Some(atom) = scarcest else { return };
        stays[atom] = true;
        found[atoms[atom].species as usize] += 1.0;
    }
}

fn counts<'a>(atoms: impl IntoIterator<Item = &'a Atom>, species: usize) -> Vec<usize> {
    let mut counts = vec![0; species];
    atoms.into_iter().for_each(|atom| counts[atom.species as usize] += 1);
    counts
}
