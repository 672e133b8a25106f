//! Atoms as they come across the C ABI: LAMMPS's arrays, or a bare configuration.

use super::growing::{self, Growing};
use super::guard::{array, bad_argument};
use mtprs_core::error::{Error, ErrorKind, Result};
use mtprs_core::evaluate::{Center, ListedNeighbors, Neighbor, Neighborhoods};
use mtprs_core::geometry::{Cell, Configuration, Vector3};

/// Atoms with full neighbor lists.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_atoms_t {
    pub struct_size: usize,
    pub central_count: i32,
    pub atom_count: i32,
    pub ilist: *const i32,
    pub numneigh: *const i32,
    pub firstneigh: *const *const i32,
    pub neighbor_mask: i32,
    pub type_count: i32,
    pub positions: *const [f64; 3],
    pub types: *const i32,
    pub species_of_type: *const i32,
    pub scale_of_type: *const f64,
    pub tags: *const i32,
}

/// Atoms in a cell without neighbor lists.
#[repr(C)]
#[derive(Debug)]
#[allow(missing_docs)]
pub struct mtprs_configuration_t {
    pub struct_size: usize,
    pub atom_count: usize,
    pub positions: *const [f64; 3],
    pub species: *const i32,
    pub cell_vectors: *const [f64; 3],
    pub periodic_count: usize,
}

// SAFETY: its size, then numbers and pointers.
unsafe impl Growing for mtprs_atoms_t {
    const NAME: &'static str = "mtprs_atoms_t";
    const FIRST_SIZE: usize = size_of::<Self>();
}

// SAFETY: its size, then numbers and pointers.
unsafe impl Growing for mtprs_configuration_t {
    const NAME: &'static str = "mtprs_configuration_t";
    const FIRST_SIZE: usize = size_of::<Self>();
}

/// The arrays of [`mtprs_atoms_t`], checked.
pub(super) struct LammpsNeighborhoods<'a> {
    ilist: &'a [i32],
    numneigh: *const i32,
    firstneigh: *const *const i32,
    mask: i32,
    positions: &'a [Vector3],
    types: &'a [i32],
    species_of_type: &'a [i32],
    scale_of_type: Option<&'a [f64]>,
    tags: Option<&'a [i32]>,
    /// Species by atom.
    species: &'a [u16],
    #[cfg(test)]
    panics_at: Option<usize>,
}

impl<'a> LammpsNeighborhoods<'a> {
    /// Checks counts, types, species, central atoms and the addresses of their lists, and fills `species` with that of each
    /// atom. The entries of the lists are checked where they are read.
    ///
    /// # Safety
    /// `atoms` points to a struct whose arrays have the documented lengths and stay valid for `'a`.
    pub(super) unsafe fn new(
        atoms: *const mtprs_atoms_t,
        species_count: usize,
        species: &'a mut Vec<u16>,
    ) -> Result<Self> {
        // SAFETY: all pointers are as the caller promises; null is checked by each call.
        unsafe {
            let atoms = growing::read(atoms, "atoms")?;
            let count = length(atoms.atom_count, "atom_count")?;
            let type_count = length(atoms.type_count, "type_count")?;
            let ilist = array(atoms.ilist, length(atoms.central_count, "central_count")?, "ilist")?;
            if !ilist.is_empty() && (atoms.numneigh.is_null() || atoms.firstneigh.is_null()) {
                return Err(bad_argument("numneigh or firstneigh is NULL"));
            }
            let scale = atoms.scale_of_type;
            let tags = atoms.tags;
            let mut checked = Self {
                ilist,
                numneigh: atoms.numneigh,
                firstneigh: atoms.firstneigh,
                mask: if atoms.neighbor_mask == 0 { !0 } else { atoms.neighbor_mask },
                positions: array(atoms.positions, count, "positions")?,
                types: array(atoms.types, count, "types")?,
                species_of_type: array(atoms.species_of_type, type_count + 1, "species_of_type")?,
                scale_of_type: if scale.is_null() {
                    None
                } else {
                    Some(array(scale, type_count + 1, "scale_of_type")?)
                },
                tags: if tags.is_null() { None } else { Some(array(tags, count, "tags")?) },
                species: &[],
                #[cfg(test)]
                panics_at: None,
            };
            checked.check(species_count)?;
            checked.list_species(species);
            checked.species = species;
            Ok(checked)
        }
    }

    /// With a place of a central atom at which evaluations panic.
    #[cfg(test)]
    pub(super) fn panicking_at(self, panics_at: Option<usize>) -> Self {
        Self { panics_at, ..self }
    }

    fn check(&self, species_count: usize) -> Result<()> {
        self.check_types(species_count)?;
        let count = self.positions.len();
        for (k, &atom) in self.ilist.iter().enumerate() {
            let index = usize::try_from(atom).ok().filter(|&index| index < count);
            let index = index.ok_or_else(|| {
                bad_argument(format!(
                    "ilist[{k}] is {atom}, expected the index of one of {count} atoms, from 0"
                ))
            })?;
            self.check_list(index)?;
            let position = self.positions[index];
            if position.iter().any(|x| !x.is_finite()) {
                let message = format!("the position of {} is not finite: {position:?}", self.label(index));
                return Err(Error::new(ErrorKind::InvalidConfiguration, message).about_atom(index));
            }
        }
        Ok(())
    }

    fn check_types(&self, species_count: usize) -> Result<()> {
        let type_count = self.species_of_type.len() - 1;
        let is_known = |species: i32| (-1..species_count as i32).contains(&species);
        if let Some(kind) = (1..=type_count).find(|&kind| !is_known(self.species_of_type[kind])) {
            let species = self.species_of_type[kind];
            return Err(bad_argument(format!(
                "type {kind} is of species {species}, expected 0 to {}, or -1 for none",
                species_count - 1
            )));
        }
        let scales = self.scale_of_type.unwrap_or_default().iter().skip(1).enumerate();
        if let Some((index, scale)) = scales.into_iter().find(|(_, scale)| !scale.is_finite()) {
            return Err(bad_argument(format!("the scale of type {} is not finite: {scale}", index + 1)));
        }
        let is_known = |kind: i32| kind >= 1 && kind as usize <= type_count;
        let Some(atom) = self.types.iter().position(|&kind| !is_known(kind)) else { return Ok(()) };
        let kind = self.types[atom];
        let message =
            format!("{} (index {atom}) has type {kind}, expected 1 to {type_count}", self.label(atom));
        Err(bad_argument(message).about_atom(atom))
    }

    /// Checks the length and the address of the list of a central atom.
    fn check_list(&self, center: usize) -> Result<()> {
        // SAFETY: `new` was promised both arrays for every central atom.
        let (length, list) = unsafe { (*self.numneigh.add(center), *self.firstneigh.add(center)) };
        // LAMMPS may leave lists without neighbors without an address.
        if length == 0 || (length > 0 && !list.is_null()) {
            return Ok(());
        }
        let whose = format!("{} (index {center})", self.label(center));
        let message = if length < 0 {
            format!("numneigh of {whose} is {length}, expected 0 or more")
        } else {
            format!("firstneigh of {whose} is NULL, expected a list of {length} neighbors")
        };
        Err(bad_argument(message).about_atom(center))
    }

    /// Fills a vector with the species of every atom. Neighbor atoms are looked up over a hundred times as often.
    fn list_species(&self, species: &mut Vec<u16>) {
        species.clear();
        // The number of ghost atoms goes up and down by a few.
        if species.capacity() < self.types.len() {
            species.reserve_exact(self.types.len() + self.types.len() / 16);
        }
        let of_type = |kind: i32| usize::try_from(self.species_of_type[kind as usize]).unwrap_or(usize::MAX);
        species.extend(self.types.iter().map(|&kind| ListedNeighbors::species_entry(of_type(kind))));
    }

    /// The list of a central atom.
    fn entries(&self, center: usize) -> &[u32] {
        // SAFETY: `new` has checked that lists with neighbors have an address, and was promised their lengths. An index is
        // as wide with a sign as without.
        unsafe {
            let length = (*self.numneigh.add(center)).max(0) as usize;
            if length == 0 {
                return &[];
            }
            std::slice::from_raw_parts((*self.firstneigh.add(center)).cast(), length)
        }
    }

    fn species(&self, atom: usize) -> Option<usize> {
        usize::try_from(self.species_of_type[self.types[atom] as usize]).ok()
    }
}

impl Neighborhoods for LammpsNeighborhoods<'_> {
    fn atom_count(&self) -> usize {
        self.positions.len()
    }

    fn center_count(&self) -> usize {
        self.ilist.len()
    }

    fn center(&self, k: usize) -> Option<Center> {
        let atom = self.ilist[k] as usize;
        let scale = self.scale_of_type.map_or(1.0, |scale| scale[self.types[atom] as usize]);
        Some(Center { atom, species: self.species(atom)?, scale })
    }

    fn neighbor_bound(&self, k: usize) -> usize {
        self.entries(self.ilist[k] as usize).len()
    }

    #[inline(always)]
    fn visit_neighbors(&self, k: usize, mut visit: impl FnMut(Neighbor)) {
        let center = self.ilist[k] as usize;
        let origin = self.positions[center];
        for &entry in self.entries(center) {
            let atom = (entry & self.mask as u32) as usize;
            let Some(species) = self.species(atom) else { continue };
            let position = self.positions[atom];
            let displacement = std::array::from_fn(|axis| position[axis] - origin[axis]);
            visit(Neighbor { atom, species, displacement });
        }
    }

    #[inline(always)]
    fn listed_neighbors(&self, k: usize) -> Option<ListedNeighbors<'_>> {
        let center = self.ilist[k] as usize;
        #[cfg(test)]
        assert_ne!(Some(k), self.panics_at, "the test asked for a panic");
        Some(ListedNeighbors {
            points: self.positions,
            species: self.species,
            entries: self.entries(center),
            mask: self.mask as u32,
            in_order: false,
            origin: self.positions[center],
        })
    }

    fn label(&self, atom: usize) -> String {
        match self.tags {
            Some(tags) => format!("atom {}", tags[atom]),
            None => format!("atom {}", atom + 1),
        }
    }
}

// SAFETY: the raw pointers are only read, and the caller keeps the arrays unchanged during a call.
unsafe impl Sync for LammpsNeighborhoods<'_> {}

/// Copies a bare configuration.
///
/// # Safety
/// `source` points to a struct whose arrays have the documented lengths.
pub(super) unsafe fn configuration(source: *const mtprs_configuration_t) -> Result<Configuration> {
    // SAFETY: all pointers are as the caller promises; null is checked by each call.
    unsafe {
        let source = growing::read(source, "configuration")?;
        if source.periodic_count > 3 {
            return Err(bad_argument(format!(
                "periodic_count is {}, expected 0 to 3",
                source.periodic_count
            )));
        }
        let cell = Cell::new(array(source.cell_vectors, source.periodic_count, "cell_vectors")?)?;
        let positions = array(source.positions, source.atom_count, "positions")?.to_vec();
        let species = array(source.species, source.atom_count, "species")?.iter().enumerate();
        let species = species.map(|(atom, &species)| {
            let message = || format!("species of atom {} is {species}, expected 0 or more", atom + 1);
            u32::try_from(species).map_err(|_| Error::new(ErrorKind::Species, message()).about_atom(atom))
        });
        Configuration::new(cell, species.collect::<Result<_>>()?, positions)
    }
}

fn length(count: i32, name: &str) -> Result<usize> {
    usize::try_from(count).map_err(|_| bad_argument(format!("{name} is {count}, expected 0 or more")))
}
