//! Vacancies: energies of atoms that are taken out, each alone in a repeated cell, with all others relaxed.
//!
//! Of an element E_f = E(N − 1) − E(N) + E/N. Of a compound one vacancy hangs on chemical potentials, the set of a formula unit
//! (Schottky) does not: Σ_s n_s (E(N − 1, s) − E(N)) + E(formula unit), without binding between the vacancies. Atoms of one
//! species with one energy and the same distances to their nearest neighbors are at equivalent sites; of several sites the one with
//! the lowest vacancy counts.

use mtprs_core::Error;
use mtprs_core::geometry::{Configuration, NeighborList, norm};
use rayon::prelude::*;
use serde::Serialize;

use super::calculator::{Calculator, larger};
use super::crystal::Crystal;
use super::lattice::{copies_for, repeated};
use crate::Failure;
use crate::text::{counted, general};

/// Difference of energies below which sites are the same, eV: energies of single atoms have no minimum where that of all has
/// one, and what is left of forces moves them.
const SAME_SITE: f64 = 1e-3;
/// Difference of the distances of neighbors below which sites are the same, Å, for as many of the nearest within a radius, Å.
const SAME_DISTANCE: f64 = 2e-3;
const NEAREST: usize = 24;
const RADIUS: f64 = 6.0;
/// Difference to the energy in a smaller cell that is no question of images any more, eV.
const MOST_CHANGE: f64 = 2.0;
/// Most atoms of a repeated cell.
pub const MOST_ATOMS: usize = 20_000;

/// All vacancies of a crystal.
#[derive(Clone, Debug, Serialize)]
pub struct Vacancies {
    /// Copies of the given cell along its vectors.
    pub copies: [usize; 3],
    /// Atoms of the repeated cell, before one is taken out.
    pub atoms: usize,
    /// Each site.
    pub sites: Vec<Vacancy>,
    /// Atoms of the set: species and number.
    pub set: Vec<(String, usize)>,
    /// The same as a formula.
    pub formula: String,
    /// Energy of the set, or of the vacancy of an element, eV.
    pub energy: f64,
    /// Energy without relaxation, eV.
    pub unrelaxed_energy: f64,
    /// How much the energy changes if the cell is smaller by one copy along each vector, eV.
    pub accuracy: Option<f64>,
    /// Largest extrapolation grade of an atom.
    pub grade: Option<f64>,
}

/// A vacancy at one site.
#[derive(Clone, Debug, Serialize)]
pub struct Vacancy {
    /// Name of the species.
    pub species: String,
    /// An atom of the given cell that is taken out, from one.
    pub atom: usize,
    /// Atoms of the given cell at such sites.
    pub equivalent: usize,
    /// E(N − 1) − E(N), relaxed, eV.
    pub energy: f64,
    /// The same where atoms stay in their places.
    pub unrelaxed_energy: f64,
    /// Largest force that is left, eV/Å.
    pub largest_force: f64,
    /// Whether it is not above the force that was asked for.
    pub is_relaxed: bool,
    /// Largest extrapolation grade of an atom.
    pub grade: Option<f64>,
}

/// Copies for a width (Å), and their atoms.
pub fn plan(crystal: &Crystal, width: f64) -> ([usize; 3], usize) {
    let copies = copies_for(&crystal.vectors, width);
    (copies, crystal.atoms.len() * copies.iter().product::<usize>())
}

/// One atom for each site of a crystal, with the number of atoms at such sites.
pub fn sites(crystal: &Crystal) -> Result<Vec<(usize, usize)>, Error> {
    let (species, energies) = (&crystal.atoms.species, &crystal.site_energies);
    let distances = nearest_distances(&crystal.atoms)?;
    let alike = |a: usize, b: usize| {
        let mut pairs = distances[a].iter().zip(&distances[b]);
        pairs.all(|(a, b)| (a - b).abs() < SAME_DISTANCE)
    };
    let mut sites: Vec<(usize, usize)> = Vec::new();
    for atom in 0..crystal.atoms.len() {
        let is_same = |&&mut (site, _): &&mut (usize, usize)| {
            species[site] == species[atom]
                && (energies[site] - energies[atom]).abs() < SAME_SITE
                && alike(site, atom)
        };
        match sites.iter_mut().find(is_same) {
            Some((_, count)) => *count += 1,
            None => sites.push((atom, 1)),
        }
    }
    Ok(sites)
}

/// Distances of the nearest neighbors of each atom in ascending order, Å.
fn nearest_distances(atoms: &Configuration) -> Result<Vec<Vec<f64>>, Error> {
    let list = NeighborList::new(atoms, RADIUS)?;
    let of_atom = |atom: usize| {
        let mut distances: Vec<f64> =
            list.neighbors(atom).1.iter().map(|&displacement| norm(displacement)).collect();
        distances.sort_by(f64::total_cmp);
        distances.truncate(NEAREST);
        distances
    };
    Ok((0..atoms.len()).map(of_atom).collect())
}

impl Vacancies {
    /// Computes them in a cell that is at least this wide, Å.
    pub fn of(
        crystal: &Crystal,
        calculator: &Calculator,
        width: f64,
        max_force: f64,
    ) -> Result<Self, Failure> {
        let (copies, atoms) = plan(crystal, width);
        let sites = Self::at(&sites(crystal)?, crystal, calculator, copies, max_force)?;
        let unit = crystal.formula_unit();
        let lowest: Vec<(&Vacancy, usize)> = unit
            .iter()
            .filter_map(|&(species, count)| {
                let name = crystal.name(species);
                let of_species = sites.iter().filter(|site| site.species == name);
                Some((of_species.min_by(|a, b| a.energy.total_cmp(&b.energy))?, count))
            })
            .collect();
        let of_unit: f64 =
            crystal.energy_per_atom() * unit.iter().map(|(_, count)| *count as f64).sum::<f64>();
        let total = |energies: &mut dyn Iterator<Item = f64>| of_unit + energies.sum::<f64>();
        let energy = total(&mut lowest.iter().map(|(site, count)| site.energy * *count as f64));
        let unrelaxed_energy =
            total(&mut lowest.iter().map(|(site, count)| site.unrelaxed_energy * *count as f64));
        let smaller = copies.map(|count| (count - 1).max(1));
        let accuracy = if smaller == copies {
            None
        } else {
            let chosen: Vec<(usize, usize)> =
                lowest.iter().map(|(site, _)| (site.atom - 1, site.equivalent)).collect();
            let again = Self::at(&chosen, crystal, calculator, smaller, max_force)?;
            let counts = lowest.iter().map(|(_, count)| *count as f64);
            Some(
                (total(&mut again.iter().zip(counts).map(|(site, count)| site.energy * count)) - energy)
                    .abs(),
            )
        };
        let set: Vec<(String, usize)> =
            unit.iter().map(|&(species, count)| (crystal.name(species), count)).collect();
        let part = |(name, count): &(String, usize)| match count {
            1 => name.clone(),
            _ => format!("{name}{count}"),
        };
        Ok(Self {
            formula: set.iter().map(part).collect(),
            grade: sites.iter().fold(None, |grade, site| larger(grade, site.grade)),
            copies,
            atoms,
            sites,
            set,
            energy,
            unrelaxed_energy,
            accuracy,
        })
    }

    /// Vacancies at some sites.
    fn at(
        sites: &[(usize, usize)],
        crystal: &Crystal,
        calculator: &Calculator,
        copies: [usize; 3],
        max_force: f64,
    ) -> Result<Vec<Vacancy>, Failure> {
        let whole = repeated(&crystal.atoms, copies)?;
        let energy = crystal.energy_per_atom() * whole.len() as f64;
        let found: Vec<Result<Vacancy, Failure>> = sites
            .par_iter()
            .with_max_len(1)
            .map(|&(atom, equivalent)| {
                let relaxed = calculator.clone().relaxed(without(&whole, atom)?, max_force)?;
                Ok(Vacancy {
                    species: crystal.name(whole.species[atom]),
                    atom: atom + 1,
                    equivalent,
                    energy: relaxed.energy - energy,
                    unrelaxed_energy: relaxed.first_energy - energy,
                    largest_force: relaxed.largest_force,
                    is_relaxed: relaxed.largest_force <= max_force,
                    grade: relaxed.grade,
                })
            })
            .collect();
        found.into_iter().collect()
    }

    /// Vacancies that did not come to a minimum, or that changed the whole cell.
    pub(super) fn remarks(&self) -> Vec<String> {
        let changed = self.accuracy.filter(|&accuracy| accuracy > MOST_CHANGE).map(|accuracy| {
            format!(
                "vacancies: in a smaller cell the energy differs by {} eV: the cell itself may have changed its structure; do not use it",
                general(accuracy, 2)
            )
        });
        self.unfinished().into_iter().chain(changed).collect()
    }

    fn unfinished(&self) -> Option<String> {
        let short: Vec<&Vacancy> = self.sites.iter().filter(|site| !site.is_relaxed).collect();
        let largest = short.iter().map(|site| site.largest_force).reduce(f64::max)?;
        Some(format!(
            "{} of {} did not come to a minimum: forces up to {} eV/Å are left",
            short.len(),
            counted(self.sites.len() as u64, "vacancy").replace("vacancys", "vacancies"),
            general(largest, 3)
        ))
    }
}

fn without(whole: &Configuration, atom: usize) -> Result<Configuration, Failure> {
    let (mut species, mut positions) = (whole.species.clone(), whole.positions.clone());
    species.remove(atom);
    positions.remove(atom);
    Ok(Configuration::new(whole.cell.clone(), species, positions)?)
}
