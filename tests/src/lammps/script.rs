//! Pieces of input scripts that many tests share.

use mtprs_testing::structure::Structure;

/// Starts afresh, reads the data file `name.lmp` and sets the pair style with `name.mtp` and one element per type.
pub fn setup(structure: &Structure, name: &str, elements: &str) -> String {
    format!("{}{}", atoms(structure, name), pair(name, elements))
}

/// Starts afresh and reads the data file `name.lmp`.
pub fn atoms(structure: &Structure, name: &str) -> String {
    format!(
        "clear
         units metal
         atom_modify map array
         {}
         read_data {name}.lmp
         ",
        structure.boundary()
    )
}

/// Sets the pair style with `name.mtp` and one element per type.
pub fn pair(name: &str, elements: &str) -> String {
    format!(
        "pair_style mtp/rs
         pair_coeff * * {name}.mtp {elements}
         "
    )
}
