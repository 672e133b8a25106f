//! Structures in the files of other programs: VASP, LAMMPS, extended XYZ, and `.cfg` beside them.
//!
//! Readers are streams of [`Structure`]s, one in memory at a time, whatever the size of the file; errors name file, line
//! and word. Writers put every digit into the file that its format can hold and refuse what it cannot. Units, signs and
//! orders are those of ARCHITECTURE.md; each reader says how its format differs.

mod ase;
mod cfg;
mod configurations;
mod extxyz_comment;
mod extxyz_declared;
mod extxyz_elements;
mod extxyz_hints;
mod extxyz_keys;
mod extxyz_labels;
mod extxyz_properties;
mod extxyz_reader;
mod extxyz_units;
mod extxyz_values;
mod extxyz_writer;
mod folder;
mod format;
mod glued;
mod lammps_box;
mod lammps_columns;
mod lammps_data;
mod lammps_data_header;
mod lammps_data_writer;
mod lammps_dump;
mod lammps_types;
mod lines;
mod naming;
mod number;
pub(crate) mod numbered_files;
mod outcar;
mod outcar_header;
mod outcar_step;
mod poscar;
mod poscar_header;
mod poscar_writer;
mod reader;
mod reading;
mod remarks;
mod species_order;
mod stream;
mod structure;
mod type_names;
mod vasp_forces;
mod vasp_labels;
mod vasp_settings;
mod vasprun;
mod vasprun_atoms;
mod vasprun_step;
mod writer;
mod xdatcar;

pub use cfg::element_names;
pub use configurations::{ConfigurationReader, holds_configurations};
pub use format::Format;
pub(crate) use lammps_box::restricted as in_lammps_box;
pub use naming::Naming;
pub use reader::StructureReader;
pub use reading::{Reading, Sentence, Voice};
pub use remarks::{LeftOut, Remarks};
pub use species_order::SpeciesOrder;
pub use structure::{Column, ColumnKind, Lattice, Motion, Structure};
pub use type_names::{NamedType, NamedTypes};
pub use writer::write_structure;

/// Which of VASP's energies is the label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnergyKind {
    /// The free energy (`free  energy   TOTEN`, `e_fr_energy`, `free_energy`), whose derivatives the forces are.
    #[default]
    Free,
    /// Extrapolated to zero smearing (`energy(sigma->0)`, `e_0_energy`; `energy` in extended XYZ).
    ZeroSmearing,
    /// Without the entropy of the electrons (`energy  without entropy`, `e_wo_entrp`).
    WithoutEntropy,
}

/// Names of the labels in extended XYZ where a file has names of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LabelKeys {
    /// Key of the energy.
    pub energy: Option<String>,
    /// Column of the forces.
    pub forces: Option<String>,
    /// Key of the stress, eV/Å³, positive under tension.
    pub stress: Option<String>,
    /// Key of the virial, eV, positive under compression.
    pub virial: Option<String>,
}

/// What readers are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSettings {
    /// Which of VASP's energies is the label.
    pub energy: EnergyKind,
    /// Whether steps whose electrons have not converged are kept.
    pub keep_unconverged: bool,
    /// Whether a step that would be left out is an error.
    pub strict: bool,
    /// Names of the labels in extended XYZ.
    pub keys: LabelKeys,
    /// Elements in the order of the types of inputs that do not name them.
    pub input_species: Option<Vec<String>>,
    /// Columns of LAMMPS data files, where the file does not name its atom style.
    pub atom_style: Option<String>,
    /// Whether atoms are followed from frame to frame: positions are wanted as atoms went, not put back into the cell, where
    /// the file has both, and no frame may be missing before another one.
    pub follows_atoms: bool,
}
