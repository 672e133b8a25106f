//! Atoms as the files of other programs hold them: a configuration with element names and what `.cfg` has no place for.
//!
//! Lengths in Å, energies in eV, virials as in `PlusStress`; positions are Cartesian and kept as the file has them, also
//! outside the cell.

use mtprs_core::Result;
use mtprs_core::geometry::{Cell, Configuration, Vector3};

use super::type_names::NamedTypes;

/// One configuration of a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Structure {
    /// Atoms and labels; its species are indices of `elements`, its further columns are in `columns`.
    pub configuration: Configuration,
    /// Element names by species index; `None` if the file has numbers only.
    pub elements: Option<Vec<String>>,
    /// The types by which the file numbers atoms, with the elements that it names them by; empty if it numbers none.
    pub types: NamedTypes,
    /// Whether the file itself says in which order elements are numbered.
    pub is_ordered: bool,
    /// The lattice where the file has more of it than the periodic vectors.
    pub lattice: Option<Lattice>,
    /// Velocities, Å/ps.
    pub velocities: Option<Vec<Vector3>>,
    /// Columns of the atoms without a meaning here.
    pub columns: Vec<Column>,
    /// What the file says of the motion of the atoms.
    pub motion: Motion,
    /// Line of the file on which it begins.
    pub line: usize,
}

/// What a trajectory says of a frame beside its places.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Motion {
    /// Time, ps, where the format has a unit for it.
    pub time: Option<f64>,
    /// Whether atoms that left the cell were not put back into it, and the file tells which atom is which.
    pub is_unwrapped: bool,
}

/// What the words of a [`Column`] are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Real numbers.
    Real,
    /// Integers.
    Integer,
    /// Truth values.
    Logical,
    /// Anything else.
    Text,
}

/// A column of the atoms that is only handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What its words are.
    pub kind: ColumnKind,
    /// Words for each atom.
    pub width: usize,
    /// The words, atom by atom.
    pub words: Vec<String>,
}

/// Three vectors (rows, Å), which of them repeat, and the corner of the box.
///
/// A direction that does not repeat may have a vector of zeros: its length is not known then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lattice {
    /// The vectors.
    pub vectors: [Vector3; 3],
    /// Which of them repeat.
    pub periodic: [bool; 3],
    /// The corner from which the vectors start, Å.
    pub origin: Vector3,
}

impl Lattice {
    /// A lattice that repeats in all directions.
    pub fn crystal(vectors: [Vector3; 3]) -> Self {
        Self { vectors, periodic: [true; 3], origin: [0.0; 3] }
    }

    /// The vectors of a cell, followed by zeros.
    fn of_cell(cell: &Cell) -> Self {
        let vectors = cell.vectors();
        Self {
            vectors: std::array::from_fn(|k| vectors.get(k).copied().unwrap_or_default()),
            periodic: std::array::from_fn(|k| k < vectors.len()),
            origin: [0.0; 3],
        }
    }

    /// The periodic vectors as a cell.
    pub fn cell(&self) -> Result<Cell> {
        let repeating = self.vectors.iter().zip(self.periodic).filter(|(_, periodic)| *periodic);
        Cell::new(&repeating.map(|(vector, _)| *vector).collect::<Vec<_>>())
    }

    /// Volume, Å³, if all vectors are known, those that do not repeat included.
    pub fn volume(&self) -> Option<f64> {
        Cell::new(&self.vectors).ok()?.volume()
    }

    /// Cartesian position (Å) of fractional coordinates.
    pub fn cartesian(&self, fractional: Vector3) -> Vector3 {
        let [a, b, c] = &self.vectors;
        let [u, v, w] = fractional;
        std::array::from_fn(|k| u * a[k] + v * b[k] + w * c[k] + self.origin[k])
    }

    /// A position, Å, as often as `image` says further along the vectors.
    pub fn image(&self, position: Vector3, image: [i32; 3]) -> Vector3 {
        let [a, b, c] = &self.vectors;
        let [u, v, w] = image.map(f64::from);
        std::array::from_fn(|k| position[k] + u * a[k] + v * b[k] + w * c[k])
    }
}

impl Structure {
    /// Atoms in a lattice, numbered from one. There must be as many species as positions.
    pub fn new(lattice: Lattice, species: Vec<u32>, positions: Vec<Vector3>) -> Result<Self> {
        let configuration = Configuration::new(lattice.cell()?, species, positions)?;
        let lattice = (lattice != Lattice::of_cell(&configuration.cell)).then_some(lattice);
        Ok(Self { configuration, lattice, ..Self::default() })
    }

    /// The lattice: that of the file, or the periodic vectors followed by vectors of zeros.
    pub fn lattice(&self) -> Lattice {
        self.lattice.unwrap_or_else(|| Lattice::of_cell(&self.configuration.cell))
    }

    /// Name of the element of an atom.
    pub fn element(&self, atom: usize) -> Option<&str> {
        let species = self.configuration.species.get(atom)?;
        Some(self.elements.as_ref()?.get(*species as usize)?.as_str())
    }

    /// Puts the atoms in the order of their ids.
    pub fn sort_by_id(&mut self) {
        let ids = &self.configuration.ids;
        if ids.is_sorted() {
            return;
        }
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|&atom| ids[atom]);
        self.reorder(&order);
    }

    /// Puts the atoms in another order: place `k` gets atom `order[k]`.
    pub fn reorder(&mut self, order: &[usize]) {
        let configuration = &mut self.configuration;
        permute(&mut configuration.ids, order);
        permute(&mut configuration.species, order);
        permute(&mut configuration.positions, order);
        for vectors in [&mut configuration.forces, &mut self.velocities].into_iter().flatten() {
            permute(vectors, order);
        }
        let numbers = [&mut configuration.site_energies, &mut configuration.neighborhood_grades];
        for values in numbers.into_iter().flatten() {
            permute(values, order);
        }
        for column in &mut self.columns {
            let width = column.width;
            let words = order.iter().flat_map(|&atom| &column.words[atom * width..(atom + 1) * width]);
            column.words = words.cloned().collect();
        }
    }
}

fn permute<T: Clone>(values: &mut Vec<T>, order: &[usize]) {
    *values = order.iter().map(|&atom| values[atom].clone()).collect();
}

/// Element names with numbers in the order in which they are met.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(Vec<String>);

impl Names {
    /// The number of a name.
    pub(super) fn index(&mut self, name: &str) -> u32 {
        let known = self.0.iter().position(|known| known == name);
        let index = known.unwrap_or_else(|| {
            self.0.push(name.to_owned());
            self.0.len() - 1
        });
        // There are never more names than words in memory.
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The names by number.
    pub(super) fn into_vec(self) -> Vec<String> {
        self.0
    }
}
