//! Where neighborhoods come from: one trait for LAMMPS's lists and for our own neighbor search.

use crate::error::{Error, ErrorKind, Result};
use crate::geometry::{Configuration, NeighborList, Vector3};
use crate::kernels::ListedNeighbors;
use crate::potential::Potential;

/// Two atoms closer than this (squared, Å^2) are at the same place: the direction between them has no meaning.
pub const SAME_PLACE_SQUARED: f64 = 1e-16;

/// A central atom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Center {
    /// Index in the per-atom output arrays.
    pub atom: usize,
    /// Species index.
    pub species: usize,
    /// Factor of V_i and of all that follows from it.
    pub scale: f64,
}

/// A neighbor of a central atom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbor {
    /// Index in the per-atom output arrays.
    pub atom: usize,
    /// Species index.
    pub species: usize,
    /// r_j − r_i, Å.
    pub displacement: Vector3,
}

/// Central atoms and their neighbors.
pub trait Neighborhoods {
    /// Length of the per-atom output arrays.
    fn atom_count(&self) -> usize;

    /// Number of central atoms, counting those that [`center`](Self::center) leaves out.
    fn center_count(&self) -> usize;

    /// The k-th central atom; `None` if it does not take part.
    fn center(&self, k: usize) -> Option<Center>;

    /// No fewer than the neighbors that [`visit_neighbors`](Self::visit_neighbors) goes through.
    fn neighbor_bound(&self, k: usize) -> usize {
        let mut count = 0;
        self.visit_neighbors(k, |_| count += 1);
        count
    }

    /// Calls `visit` for every neighbor of the k-th central atom, whether within the cutoff or not.
    fn visit_neighbors(&self, k: usize, visit: impl FnMut(Neighbor));

    /// The neighbors that [`visit_neighbors`](Self::visit_neighbors) goes through, in the same order, where they stand in
    /// arrays: reading them there is several times as fast. It may hold more, of species that the potential does not
    /// have.
    fn listed_neighbors(&self, _k: usize) -> Option<ListedNeighbors<'_>> {
        None
    }

    /// Name of an atom for messages.
    fn label(&self, atom: usize) -> String {
        format!("atom {}", atom + 1)
    }
}

/// A configuration with the neighbor lists that we searched ourselves.
#[derive(Debug)]
pub struct ConfigurationNeighborhoods<'a> {
    configuration: &'a Configuration,
    list: NeighborList,
    /// Species of each entry of the list.
    species: Vec<u16>,
}

impl<'a> ConfigurationNeighborhoods<'a> {
    /// Checks species and positions of a configuration against a potential and finds the neighbors.
    pub fn new(configuration: &'a Configuration, cutoff: f64, species_count: usize) -> Result<Self> {
        configuration.check_species(species_count)?;
        let list = NeighborList::new(configuration, cutoff)?;
        let atoms = (0..list.len()).flat_map(|atom| list.neighbors(atom).0);
        let species = atoms
            .map(|&atom| ListedNeighbors::species_entry(configuration.species[atom as usize] as usize))
            .collect();
        Ok(Self { configuration, list, species })
    }

    /// The same for the cutoff and species of a potential.
    pub fn of_potential(configuration: &'a Configuration, potential: &Potential) -> Result<Self> {
        Self::new(configuration, potential.cutoff(), potential.species().count())
    }
}

impl Neighborhoods for ConfigurationNeighborhoods<'_> {
    fn atom_count(&self) -> usize {
        self.configuration.len()
    }

    fn center_count(&self) -> usize {
        self.configuration.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        Some(Center { atom: k, species: self.configuration.species[k] as usize, scale: 1.0 })
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.list.neighbors(k).0.len()
    }

    #[inline(always)]
    fn visit_neighbors(&self, k: usize, mut visit: impl FnMut(Neighbor)) {
        let (indices, displacements) = self.list.neighbors(k);
        for (&index, &displacement) in indices.iter().zip(displacements) {
            let atom = index as usize;
            visit(Neighbor { atom, species: self.configuration.species[atom] as usize, displacement });
        }
    }

    #[inline(always)]
    fn listed_neighbors(&self, k: usize) -> Option<ListedNeighbors<'_>> {
        let (entries, points) = self.list.neighbors(k);
        let species = &self.species[self.list.range(k)];
        Some(ListedNeighbors { points, species, entries, mask: !0, in_order: true, origin: [0.0; 3] })
    }
}

/// Why a central atom cannot be evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadNeighbor {
    /// This neighbor is at the same place.
    SamePlace(usize),
    /// Its list names an atom that there is not.
    Unknown,
}

impl BadNeighbor {
    /// The error for the k-th central atom, which is the atom `center`.
    #[cold]
    pub(super) fn error<N: Neighborhoods>(self, atoms: &N, k: usize, center: usize) -> Error {
        let whose = atoms.label(center);
        let error = match self {
            Self::SamePlace(neighbor) => {
                let message = format!("{whose} and {} are at the same place", atoms.label(neighbor));
                Error::new(ErrorKind::InvalidConfiguration, message)
            }
            Self::Unknown => {
                let unknown = atoms.listed_neighbors(k).and_then(|list| list.first_unknown());
                let which = unknown.map_or(String::new(), |(place, number, known)| {
                    // as the caller wrote it: below zero, perhaps
                    let number = number.cast_signed();
                    format!(": entry {place} (from 0) is {number}, expected the index of one of {known} atoms, from 0")
                });
                let message = format!("the neighbor list of {whose} (index {center}) names no atom{which}");
                Error::new(ErrorKind::Argument, message)
            }
        };
        error.about_atom(center)
    }
}

/// The error for an energy that is not finite, with the distance of the nearest neighbor as a clue.
pub(super) fn not_finite<N: Neighborhoods>(atoms: &N, k: usize, center: usize, min_dist: f64) -> Error {
    let mut nearest = f64::INFINITY;
    let mut finite = true;
    atoms.visit_neighbors(k, |neighbor| {
        let squared: f64 = neighbor.displacement.iter().map(|x| x * x).sum();
        finite &= squared.is_finite();
        nearest = nearest.min(squared.sqrt());
    });
    let clue = if finite {
        format!(
            "nearest neighbor at {nearest:.3} Å; the radial functions begin at min_dist = {min_dist:.2} Å"
        )
    } else {
        "its position or that of a neighbor is not finite".to_owned()
    };
    let message = format!("non-finite energy for {} ({clue})", atoms.label(center));
    Error::new(ErrorKind::NotFinite, message).about_atom(center)
}
