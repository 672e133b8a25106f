//! Atoms on the sites of a crystal: the best shift, flip and assignment.

use std::fmt::Write;

use mtprs_core::geometry::{Configuration, Vector3, dot};
use mtprs_core::{Error, ErrorKind, Result};

use super::assignment::assignment;
use super::metric::{Metric, difference};
use super::reference::{Crystal, Sites};
use super::search::{Filling, fillings};
use crate::analysis::periodic::{fractional, of_species};

/// Atoms of the rarest species that are put onto each of its sites to find shifts.
const ANCHORS: usize = 6;

/// Atoms of each species that judge the shifts, round by round, and the shifts that are kept of each.
const ROUNDS_OF_JUDGES: [(usize, usize); 2] = [(6, 400), (32, 60)];

/// Shifts that are judged by an assignment each, of small cells and by their atoms of large ones, and those that are followed
/// to the end.
const ASSIGNED: usize = 24;
const ASSIGNED_ATOMS: usize = 4000;
const FOLLOWED: usize = 4;

/// Most assignments from one shift: each changes it, until the distance falls no more.
const ROUNDS: usize = 30;

/// A structure on a crystal.
#[derive(Clone, Debug)]
pub struct Match {
    /// Root mean square displacement over all atoms that were compared, Å.
    pub distance: f64,
    /// The same of each species.
    pub species: Vec<SpeciesDistance>,
    /// Root mean square of displacements by the spacing of like sites.
    pub ratio: f64,
    /// The largest factor, from one, by which an axis of the crystal is stretched or compressed.
    pub stretch: f64,
    /// Cells of the crystal along a, b, c of the structure, with their axes: `1 a, 2 b, 3 -c`.
    pub cells: String,
}

/// Atoms of a species on their sites.
#[derive(Clone, Debug)]
pub struct SpeciesDistance {
    /// Its name.
    pub species: String,
    /// Its atoms.
    pub atoms: usize,
    /// Root mean square displacement, Å.
    pub distance: f64,
    /// Distance of like sites, Å.
    pub spacing: f64,
}

/// Atoms and sites of one species, fractional.
struct Group<'a> {
    atoms: &'a [Vector3],
    sites: Vec<Vector3>,
}

/// Sites in the cell of the structure, with a shift.
struct Trial {
    filling: usize,
    shift: Vector3,
    squares: f64,
}

impl Crystal {
    /// The least distance of a structure that was found.
    pub fn distance(&self, configuration: &Configuration) -> Result<Match> {
        let places = fractional(configuration)?;
        let atoms = self.atoms(configuration, &places);
        let cells = self.cells(&atoms)?;
        let vectors: [Vector3; 3] = std::array::from_fn(|k| configuration.cell.vectors()[k]);
        let metric = Metric::new(vectors);
        let fillings = fillings(self, &vectors, cells);
        if fillings.iter().all(|filling| filling.misfit.is_too_large()) {
            return Err(no_filling(&fillings));
        }
        let filled: Vec<Vec<Group>> = fillings.iter().map(|filling| self.groups(filling, &atoms)).collect();
        let mut trials = self.shifts(&fillings, &filled);
        let assigned = (ASSIGNED_ATOMS / configuration.len().max(1)).clamp(FOLLOWED, ASSIGNED);
        for (judges, kept) in ROUNDS_OF_JUDGES {
            judge(&mut trials, kept, |trial| nearest(&filled[trial.filling], trial.shift, &metric, judges));
        }
        judge(&mut trials, assigned, |trial| {
            nearest(&filled[trial.filling], trial.shift, &metric, usize::MAX)
        });
        judge(&mut trials, FOLLOWED, |trial| sum(&refine(&filled[trial.filling], trial.shift, &metric, 1)));
        let follow =
            |trial: &Trial| (refine(&filled[trial.filling], trial.shift, &metric, ROUNDS), trial.filling);
        let best = trials.iter().map(follow).min_by(|a, b| sum(&a.0).total_cmp(&sum(&b.0)));
        let (squares, filling) = best.unwrap_or_default();
        Ok(self.found(&squares, &atoms, &fillings[filling]))
    }

    /// Atoms of each species of the crystal.
    fn atoms(&self, configuration: &Configuration, places: &[Vector3]) -> Vec<Vec<Vector3>> {
        self.species().map(|species| of_species(configuration, species, places).collect()).collect()
    }

    /// Cells of the crystal that have as many atoms.
    fn cells(&self, atoms: &[Vec<Vector3>]) -> Result<usize> {
        let cells =
            atoms.first().zip(self.sites.first()).map_or(0, |(a, sites)| a.len() / sites.places.len());
        let fits = |(atoms, sites): (&Vec<Vector3>, &Sites)| atoms.len() == cells * sites.places.len();
        if cells > 0 && atoms.iter().zip(&self.sites).all(fits) {
            return Ok(cells);
        }
        let list = |count: &dyn Fn(usize) -> usize| {
            let parts =
                self.sites.iter().enumerate().map(|(k, sites)| format!("{} {}", count(k), sites.name));
            parts.collect::<Vec<_>>().join(", ")
        };
        let (got, expected) = (list(&|k| atoms[k].len()), list(&|k| self.sites[k].places.len()));
        let message = format!("there are {got}: expected a whole multiple of the reference, {expected}");
        let error = Error::new(ErrorKind::InvalidConfiguration, message);
        Err(error
            .hint("give a reference of the same composition, or compare only some species: --compare V,O"))
    }

    fn groups<'a>(&self, filling: &Filling, atoms: &'a [Vec<Vector3>]) -> Vec<Group<'a>> {
        let copies = |place: &Vector3| filling.copies(*place).collect::<Vec<_>>();
        let group = |(sites, atoms): (&Sites, &'a Vec<Vector3>)| Group {
            atoms,
            sites: sites.places.iter().flat_map(copies).collect(),
        };
        self.sites.iter().zip(atoms).map(group).collect()
    }

    /// Shifts that put one of some atoms of the rarest species onto a site; and none.
    ///
    /// Of the copies of a site one is enough: the others are the same crystal.
    fn shifts(&self, fillings: &[Filling], filled: &[Vec<Group>]) -> Vec<Trial> {
        let Some(rarest) = (0..self.sites.len()).min_by_key(|k| self.sites[*k].places.len()) else {
            return Vec::new();
        };
        let mut trials = Vec::new();
        for (number, (filling, groups)) in fillings.iter().zip(filled).enumerate() {
            let copies = filling.repeats.iter().product::<usize>();
            let group = &groups[rarest];
            let anchors = group.atoms.iter().step_by(group.atoms.len().div_ceil(ANCHORS));
            let firsts = group.sites.iter().step_by(copies);
            let shifts = anchors.flat_map(|atom| firsts.clone().map(|site| difference(*atom, *site)));
            let trial = |shift| Trial { filling: number, shift, squares: 0.0 };
            trials.extend(shifts.chain([[0.0; 3]]).map(trial));
        }
        trials
    }

    fn found(&self, squares: &[f64], atoms: &[Vec<Vector3>], filling: &Filling) -> Match {
        let total: usize = atoms.iter().map(Vec::len).sum();
        let of = |((sites, atoms), squares): ((&Sites, &Vec<Vector3>), &f64)| SpeciesDistance {
            species: sites.name.clone(),
            atoms: atoms.len(),
            distance: (squares / atoms.len() as f64).sqrt(),
            spacing: sites.spacing,
        };
        let species: Vec<SpeciesDistance> = self.sites.iter().zip(atoms).zip(squares).map(of).collect();
        let ratios = species.iter().map(|one| one.atoms as f64 * (one.distance / one.spacing).powi(2));
        Match {
            distance: (squares.iter().sum::<f64>() / total as f64).sqrt(),
            ratio: (ratios.sum::<f64>() / total as f64).sqrt(),
            stretch: filling.misfit.stretch(),
            cells: filling.name(),
            species,
        }
    }
}

impl Filling {
    /// Cells along each axis of the structure: `1 a, 2 b, 3 -c`.
    fn name(&self) -> String {
        let mut name = String::new();
        for k in 0..3 {
            let (sign, axis) = (if self.signs[k] < 0.0 { "-" } else { "" }, ['a', 'b', 'c'][self.order[k]]);
            // Writing to a string cannot fail.
            let _ = write!(name, "{}{} {sign}{axis}", if k == 0 { "" } else { ", " }, self.repeats[k]);
        }
        name
    }
}

/// The error of a cell that no number of cells of the crystal, with their axes along its own, can fill.
fn no_filling(fillings: &[Filling]) -> Error {
    let stretch = fillings.iter().map(|filling| filling.misfit.stretch()).fold(f64::INFINITY, f64::min);
    let message = format!(
        "cells of the reference, with their axes along those of the structure, do not fill its cell: lengths would change by up to \
         {:.0} %, or angles by more than 6°",
        100.0 * (stretch - 1.0)
    );
    Error::new(ErrorKind::InvalidConfiguration, message)
        .hint("give the crystal in the setting of the structure: a conventional cell or a supercell with the same axes")
}

fn sum(squares: &[f64]) -> f64 {
    squares.iter().sum()
}

/// Keeps so many of the trials, those that are judged best.
fn judge(trials: &mut Vec<Trial>, kept: usize, squares: impl Fn(&Trial) -> f64) {
    trials.iter_mut().for_each(|trial| trial.squares = squares(trial));
    trials.sort_by(|a, b| a.squares.total_cmp(&b.squares));
    trials.truncate(kept);
}

/// Sum of the squared distances of atoms from the nearest site, each by itself, Å²; so many atoms of each species judge.
fn nearest(groups: &[Group], shift: Vector3, metric: &Metric, judges: usize) -> f64 {
    groups.iter().map(|group| group.nearest(shift, metric, judges)).sum()
}

/// Assigns and shifts by turns until the distance falls no more, at most so often; the sum of squares of each species, Å².
fn refine(groups: &[Group], mut shift: Vector3, metric: &Metric, rounds: usize) -> Vec<f64> {
    let total: usize = groups.iter().map(|group| group.atoms.len()).sum();
    let (mut best, mut least) = (Vec::new(), f64::INFINITY);
    for _ in 0..rounds {
        let displacements: Vec<Vec<Vector3>> =
            groups.iter().map(|group| group.displacements(shift, metric)).collect();
        let all = displacements.iter().flatten();
        let mean: Vector3 = std::array::from_fn(|k| all.clone().map(|d| d[k]).sum::<f64>() / total as f64);
        let square = |d: &Vector3| {
            let rest: Vector3 = std::array::from_fn(|k| d[k] - mean[k]);
            dot(rest, rest)
        };
        let squares: Vec<f64> = displacements.iter().map(|of| of.iter().map(square).sum()).collect();
        if sum(&squares) >= least * (1.0 - 1e-9) {
            break;
        }
        least = sum(&squares);
        best = squares;
        let moved = metric.fractional(mean);
        (0..3).for_each(|k| shift[k] += moved[k]);
    }
    best
}

impl Group<'_> {
    /// Sum of the squared distances of some atoms from the nearest site, Å².
    fn nearest(&self, shift: Vector3, metric: &Metric, judges: usize) -> f64 {
        let sites: Vec<Vector3> =
            self.sites.iter().map(|site| std::array::from_fn(|k| site[k] + shift[k])).collect();
        let nearest = |atom: &Vector3| {
            sites.iter().map(|site| metric.squared(difference(*atom, *site))).fold(f64::INFINITY, f64::min)
        };
        self.atoms.iter().step_by(self.atoms.len().div_ceil(judges).max(1)).map(nearest).sum()
    }

    /// Displacements of the atoms from the sites that are theirs, Å.
    fn displacements(&self, shift: Vector3, metric: &Metric) -> Vec<Vector3> {
        let sites: Vec<Vector3> =
            self.sites.iter().map(|site| std::array::from_fn(|k| site[k] + shift[k])).collect();
        let cost = |atom: &Vector3| {
            sites.iter().map(|site| metric.squared(difference(*atom, *site))).collect::<Vec<_>>()
        };
        let costs: Vec<f64> = self.atoms.iter().flat_map(cost).collect();
        let columns = assignment(&costs, sites.len());
        let pairs = self.atoms.iter().zip(columns);
        pairs.map(|(atom, site)| metric.shortest(difference(*atom, sites[site]))).collect()
    }
}
