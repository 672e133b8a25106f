//! A configuration: atoms in a cell with whatever is known about them.

use super::{Cell, Vector3, Virial};
use crate::error::{Error, ErrorKind, Result};

/// A per-atom column of a `.cfg` file that has no meaning here; its words are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraColumn {
    /// Heading of the column in the `AtomData` line.
    pub name: String,
    /// One word per atom.
    pub words: Vec<String>,
}

/// Atoms in a cell and, where they are known, the energy, forces and virial of the whole.
///
/// Per-atom fields hold one entry for each atom, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The periodic cell (`Supercell`).
    pub cell: Cell,
    /// Atom numbers of the file (`id`); free to be anything, 1..=n by default.
    pub ids: Vec<i64>,
    /// Species index of each atom (`type`), from zero.
    pub species: Vec<u32>,
    /// Positions (`cartes_x` …), Å.
    pub positions: Vec<Vector3>,
    /// Forces (`fx` …), eV/Å.
    pub forces: Option<Vec<Vector3>>,
    /// Energies of the atoms (`site_en`), eV.
    pub site_energies: Option<Vec<f64>>,
    /// Extrapolation grades of the atoms (`nbh_grades`).
    pub neighborhood_grades: Option<Vec<f64>>,
    /// Further columns of the file.
    pub extra_columns: Vec<ExtraColumn>,
    /// Total energy (`Energy`), eV.
    pub energy: Option<f64>,
    /// Virial (`PlusStress`), eV.
    pub virial: Option<Virial>,
    /// Key and value of every `Feature` line, in the order of the file; keys may repeat.
    pub features: Vec<(String, String)>,
}

impl Configuration {
    /// Atoms without labels, numbered from one. `species` and `positions` must have the same length.
    pub fn new(cell: Cell, species: Vec<u32>, positions: Vec<Vector3>) -> Result<Self> {
        if species.len() != positions.len() {
            let message = format!("got {} species for {} positions", species.len(), positions.len());
            return Err(Error::new(ErrorKind::InvalidConfiguration, message));
        }
        let ids = (1..=species.len() as i64).collect();
        Ok(Self { cell, ids, species, positions, ..Self::default() })
    }

    /// Refuses atoms of species that a potential of this many species does not have.
    pub fn check_species(&self, count: usize) -> Result<()> {
        let is_unknown = |species: &u32| *species as usize >= count;
        let Some(atom) = self.species.iter().position(is_unknown) else { return Ok(()) };
        let message = format!(
            "atom {} is of species {}, but the potential has {count} (numbered from 0)",
            atom + 1,
            self.species[atom]
        );
        Err(Error::new(ErrorKind::Species, message).about_atom(atom))
    }

    /// Number of atoms.
    pub fn len(&self) -> usize {
        self.positions.len()
    }

    /// Whether there is no atom at all.
    pub fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// Value of the first `Feature` with this key.
    pub fn feature(&self, key: &str) -> Option<&str> {
        self.features.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    /// Sets a `Feature`, replacing the first of that key if there is one.
    pub fn set_feature(&mut self, key: &str, value: impl Into<String>) {
        match self.features.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value.into(),
            None => self.features.push((key.to_owned(), value.into())),
        }
    }
}
