//! Writes LAMMPS data files, `atom_style atomic`, units `metal`: type t is species t − 1, elements stand behind the masses.
//!
//! A cell that has not LAMMPS's orientation is turned, positions and velocities with it. Data files do not say where a
//! box repeats: the first line says which boundary the input needs.

use std::io::Write;

use mtprs_core::{Error, ErrorKind, Result};

use super::lammps_box::restricted;
use super::number::{column, columns};
use super::structure::Structure;
use crate::constants::elements;

/// Writes a structure.
pub(super) fn write(structure: &Structure, _: bool, output: &mut Vec<u8>) -> Result<()> {
    let (structure, lattice) = restricted(structure)?;
    let configuration = &structure.configuration;
    let found = configuration.species.iter().map(|&species| species as usize + 1).max().unwrap_or(0);
    let named = structure.elements.as_deref().unwrap_or_default();
    let title = if named.is_empty() { "LAMMPS data".to_owned() } else { named.join(" ") };
    let boundary = lattice.periodic.map(|periodic| if periodic { "p" } else { "f" }).join(" ");
    // Writing to memory cannot fail.
    let _ = writeln!(output, "# {title}, boundary {boundary}\n");
    let _ = writeln!(output, "{} atoms\n{} atom types\n", configuration.len(), found.max(named.len()));
    for (k, axis) in ["x", "y", "z"].into_iter().enumerate() {
        let (low, length) = (lattice.origin[k], lattice.vectors[k][k]);
        let _ = writeln!(output, "{}{} {axis}lo {axis}hi", column(low), column(low + length));
    }
    let [_, b, c] = lattice.vectors;
    if [b[0], c[0], c[1]] != [0.0; 3] {
        let _ = writeln!(output, "{} xy xz yz", columns([b[0], c[0], c[1]]));
    }
    if !named.is_empty() {
        let _ = writeln!(output, "\nMasses\n");
        for (index, element) in named.iter().enumerate() {
            let mass = elements::mass(element).ok_or_else(|| {
                let message = format!("{element} is not the symbol of an element, so its mass is not known");
                Error::new(ErrorKind::Species, message)
            })?;
            let _ = writeln!(output, "{} {mass} # {element}", index + 1);
        }
    }
    let ids = ids(structure.configuration.ids.as_slice());
    let _ = writeln!(output, "\nAtoms # atomic\n");
    for atom in 0..configuration.len() {
        let (id, number) = (ids[atom], u64::from(configuration.species[atom]) + 1);
        let _ = writeln!(output, "{id} {number}{}", columns(configuration.positions[atom]));
    }
    if let Some(velocities) = &structure.velocities {
        let _ = writeln!(output, "\nVelocities\n");
        for (id, velocity) in ids.iter().zip(velocities) {
            let _ = writeln!(output, "{id}{}", columns(*velocity));
        }
    }
    Ok(())
}

/// The ids, or numbers from one where they are not what LAMMPS takes: positive and all different.
fn ids(ids: &[i64]) -> Vec<i64> {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    let is_fine =
        sorted.first().is_none_or(|&least| least > 0) && sorted.windows(2).all(|pair| pair[0] < pair[1]);
    if is_fine { ids.to_vec() } else { (1..=ids.len() as i64).collect() }
}
