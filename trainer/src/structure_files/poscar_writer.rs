//! Writes POSCAR: atoms grouped by species, Cartesian positions with every digit, element and id of the atom behind each.
//!
//! VASP reads past what follows the numbers; the ids tell which atom of the data a row of the OUTCAR belongs to.

use std::io::Write;

use mtprs_core::{Error, ErrorKind, Result};

use super::number::columns;
use super::structure::Structure;

/// 1 Å/ps in Å/fs.
const PER_PICOSECOND: f64 = 1e-3;

/// Writes a structure, which must be periodic in all directions; without element names as VASP 4 has it, with the number of atoms of
/// every type.
pub(super) fn write(structure: &Structure, _: bool, output: &mut Vec<u8>) -> Result<()> {
    let [a, b, c] = structure.configuration.cell.vectors() else {
        let periodic = structure.configuration.cell.vectors().len();
        let message = format!("POSCAR needs a cell that is periodic in three directions, got {periodic}");
        let error = Error::new(ErrorKind::Unsupported, message);
        return Err(error.hint("write .cfg, extended XYZ or LAMMPS data, or give the cell three vectors"));
    };
    let groups: Vec<(&str, Vec<usize>)> = match &structure.elements {
        Some(elements) => (0..)
            .zip(elements)
            .map(|(number, name)| (name.as_str(), members(structure, number)))
            .filter(|(_, atoms)| !atoms.is_empty())
            .collect(),
        None => {
            let types = structure.configuration.species.iter().map(|species| species + 1).max().unwrap_or(0);
            (0..types).map(|number| ("", members(structure, number))).collect()
        }
    };
    let names: Vec<&str> = groups.iter().map(|(name, _)| *name).filter(|name| !name.is_empty()).collect();
    let counts: Vec<String> = groups.iter().map(|(_, atoms)| atoms.len().to_string()).collect();
    let comment =
        if names.is_empty() { "types in the order of their numbers".to_owned() } else { names.join(" ") };
    // Writing to memory cannot fail.
    let _ = writeln!(output, "{comment}\n1.0");
    for vector in [a, b, c] {
        let _ = writeln!(output, "{}", columns(*vector));
    }
    if !names.is_empty() {
        let _ = writeln!(output, "{comment}");
    }
    let _ = writeln!(output, "{}\nCartesian", counts.join(" "));
    for (name, atoms) in &groups {
        for &atom in atoms {
            let position = columns(structure.configuration.positions[atom]);
            let id = structure.configuration.ids[atom];
            let _ = match name.is_empty() {
                true => writeln!(output, "{position}"),
                false => writeln!(output, "{position} {name} {id}"),
            };
        }
    }
    if let Some(velocities) = &structure.velocities {
        output.push(b'\n');
        for &atom in groups.iter().flat_map(|(_, atoms)| atoms) {
            let velocity = velocities[atom].map(|component| component * PER_PICOSECOND);
            let _ = writeln!(output, "{}", columns(velocity));
        }
    }
    Ok(())
}

fn members(structure: &Structure, number: u32) -> Vec<usize> {
    let species = &structure.configuration.species;
    (0..species.len()).filter(|&atom| species[atom] == number).collect()
}
