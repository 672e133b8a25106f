//! Where ions may go: the Voronoi vertices of a host that are far enough from its atoms, and from each other.
//!
//! The idea is that of pymatgen's TopographyAnalyzer. Of vertices close to each other the one with the most room stays.

use mtprs_core::geometry::{Bins, Configuration, NeighborList, Vector3, norm};
use mtprs_core::{Error, ErrorKind, Result};
use serde::Serialize;

use super::voronoi::{Vertex, thinned, vertices};

/// Atoms that are closer lie on top of each other, Å.
const OVERLAP: f64 = 0.5;

/// No closest pair of spheres is farther apart, in edges of the cube that an atom has for itself: that of a densest packing is at
/// 2^(1/6).
const CLOSEST: f64 = 1.13;

/// Which vertices are sites.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SiteSettings {
    /// Least distance from atoms with a positive charge, Å.
    pub cation_distance: f64,
    /// Least distance from all other atoms, Å.
    pub anion_distance: f64,
    /// Vertices that are closer are one site, Å.
    pub merge: f64,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self { cation_distance: 2.2, anion_distance: 1.6, merge: 0.5 }
    }
}

/// The sites, and of how many vertices they are left.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sites {
    /// Where they are in the cell, Å.
    #[serde(skip)]
    pub positions: Vec<Vector3>,
    /// Vertices of the tessellation.
    pub vertices: usize,
    /// Those of them that are far enough from atoms.
    pub far_enough: usize,
    /// Those of them that stay when vertices close to each other are merged: the number of sites.
    pub merged: usize,
}

impl Sites {
    /// The sites of a host; `is_cation` says of each species whether its charge is positive.
    pub fn of(host: &Configuration, is_cation: &[bool], settings: SiteSettings) -> Result<Self> {
        let all = vertices(host)?;
        let far = far_enough(host, is_cation, settings, &all)?;
        let merged =
            if settings.merge > 0.0 { thinned(&host.cell, &far, settings.merge)? } else { far.clone() };
        let positions = merged.iter().map(|vertex| vertex.position).collect();
        let points = Configuration::new(host.cell.clone(), vec![0; merged.len()], positions)?;
        Ok(Self {
            positions: Bins::new(&points, OVERLAP, OVERLAP)?.positions().to_vec(),
            vertices: all.len(),
            far_enough: far.len(),
            merged: merged.len(),
        })
    }
}

/// The vertices that no atom is too close to.
fn far_enough(
    host: &Configuration,
    is_cation: &[bool],
    settings: SiteSettings,
    vertices: &[Vertex],
) -> Result<Vec<Vertex>> {
    let least = |species: u32| match is_cation.get(species as usize) {
        Some(true) => settings.cation_distance,
        _ => settings.anion_distance,
    };
    let largest = settings.cation_distance.max(settings.anion_distance);
    if largest == 0.0 {
        return Ok(vertices.to_vec());
    }
    let mut all = host.clone();
    all.positions.extend(vertices.iter().map(|vertex| vertex.position));
    let near = NeighborList::new(&all, largest)?;
    let is_far = |index: usize| {
        let (indices, displacements) = near.neighbors(host.len() + index);
        indices.iter().zip(displacements).all(|(&atom, displacement)| {
            host.species.get(atom as usize).is_none_or(|&species| norm(*displacement) >= least(species))
        })
    };
    Ok((0..vertices.len()).filter(|&index| is_far(index)).map(|index| vertices[index]).collect())
}

/// Refuses atoms that lie on top of each other: neither sites nor energies mean anything then.
pub fn check_overlap(host: &Configuration) -> Result<()> {
    let Some(closest) = ClosestPair::of(host)?.filter(|closest| closest.distance < OVERLAP) else {
        return Ok(());
    };
    let [a, b] = closest.atoms.map(|atom| atom + 1);
    let message = match a == b {
        true => format!("atom {a} is {:.3} Å from its own image", closest.distance),
        false => format!("atoms {a} and {b} are {:.3} Å apart", closest.distance),
    };
    let error = Error::new(ErrorKind::InvalidConfiguration, message).about_atom(closest.atoms[0]);
    Err(error.hint("are positions and cell vectors in Å? remove one of two coinciding atoms"))
}

/// Two atoms, images included, and how far apart they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosestPair {
    /// The atoms.
    pub atoms: [usize; 2],
    /// Their distance, Å.
    pub distance: f64,
}

impl ClosestPair {
    /// The closest two atoms of a cell that repeats in three directions; none if there is no atom.
    pub fn of(configuration: &Configuration) -> Result<Option<Self>> {
        let Some(volume) = configuration.cell.volume().filter(|_| !configuration.is_empty()) else {
            return Ok(None);
        };
        let near = NeighborList::new(configuration, CLOSEST * (volume / configuration.len() as f64).cbrt())?;
        let pairs = (0..configuration.len()).flat_map(|atom| {
            let (others, displacements) = near.neighbors(atom);
            let pair = move |(&other, displacement): (&u32, &Vector3)| Self {
                atoms: [atom, other as usize],
                distance: norm(*displacement),
            };
            others.iter().zip(displacements).map(pair)
        });
        Ok(pairs.min_by(|a, b| a.distance.total_cmp(&b.distance)))
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    /// Rock salt with an edge of 4.2 Å.
    fn salt() -> Configuration {
        let cell = Cell::new(&[[4.2, 0.0, 0.0], [0.0, 4.2, 0.0], [0.0, 0.0, 4.2]]).unwrap();
        let place = |k: usize| [k & 1, k >> 1 & 1, k >> 2].map(|n| 2.1 * n as f64);
        let species = (0..8_u32).map(|k| k.count_ones() % 2).collect();
        Configuration::new(cell, species, (0..8).map(place).collect()).unwrap()
    }

    #[test]
    fn distances_are_those_of_each_kind_of_atom() {
        // The only holes are in the middle of the small cubes, 1.8187 Å from four atoms of each kind.
        let count = |cation_distance, anion_distance| {
            let settings = SiteSettings { cation_distance, anion_distance, merge: 0.5 };
            let sites = Sites::of(&salt(), &[true, false], settings).unwrap();
            assert_eq!((sites.vertices, sites.merged), (8, sites.positions.len()));
            sites.merged
        };
        assert_eq!([count(1.8, 1.8), count(1.82, 1.8), count(1.8, 1.82), count(0.0, 0.0)], [8, 0, 0, 8]);
    }

    #[test]
    fn of_close_vertices_one_stays() {
        let settings = SiteSettings { cation_distance: 0.0, anion_distance: 0.0, merge: 2.2 };
        let sites = Sites::of(&salt(), &[true, false], settings).unwrap();
        assert_eq!((sites.far_enough, sites.merged), (8, 4));
        assert!(sites.positions.iter().flatten().all(|x| (0.0..4.2).contains(x)), "{:?}", sites.positions);
    }

    #[test]
    fn atoms_in_one_place_are_refused() {
        check_overlap(&salt()).unwrap();
        let mut salt = salt();
        salt.positions[3] = [0.0, 0.1, 4.2];
        let message = check_overlap(&salt).unwrap_err().to_string();
        assert!(message.starts_with("atoms 1 and 4 are 0.100 Å apart"), "{message}");
    }
}
