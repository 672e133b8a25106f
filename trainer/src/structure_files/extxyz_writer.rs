//! Writes extended XYZ with every digit, for ASE, quippy and OVITO.
//!
//! The virial stands in the comment twice: as `virial`, exactly, and as `stress`, which ASE takes for its own.

use std::io::Write;

use mtprs_core::geometry::Virial;
use mtprs_core::{Error, ErrorKind, Result};

use super::extxyz_comment::pair;
use super::extxyz_keys::Key;
use super::extxyz_properties::is_taken as is_taken_column;
use super::number::{list, shortest};
use super::structure::{ColumnKind, Structure};
use crate::constants::elements::is_element;

/// Writes a structure, which must have element names.
pub(super) fn write(structure: &Structure, _: bool, output: &mut Vec<u8>) -> Result<()> {
    let Some(elements) = &structure.elements else {
        let message = "extended XYZ names elements, but the input has only numbers";
        return Err(Error::new(ErrorKind::Species, message));
    };
    let configuration = &structure.configuration;
    if configuration.is_empty() {
        let message = "a frame of extended XYZ has atoms, and this configuration has none";
        return Err(Error::new(ErrorKind::InvalidConfiguration, message));
    }
    // Writing to memory cannot fail.
    let _ = writeln!(output, "{}\n{}", configuration.len(), comment(structure).join(" "));
    for atom in 0..configuration.len() {
        let name = elements.get(configuration.species[atom] as usize);
        let name = name.ok_or_else(|| {
            let species = configuration.species[atom];
            let message = format!("atom {} is of species {species}, which has no name", atom + 1);
            Error::new(ErrorKind::Species, message)
        })?;
        if !is_element(name) {
            let message = format!("extended XYZ names elements, and {name} is none");
            return Err(Error::new(ErrorKind::Species, message));
        }
        let _ = write!(output, "{name:<2} {}", list(configuration.positions[atom]));
        if has_ids(structure) {
            let _ = write!(output, " {}", configuration.ids[atom]);
        }
        if let Some(forces) = &configuration.forces {
            let _ = write!(output, " {}", list(forces[atom]));
        }
        if let Some(velocities) = &structure.velocities {
            let scaled = velocities[atom].map(|component| component / super::extxyz_reader::PER_FEMTOSECOND);
            let _ = write!(output, " {}", list(scaled));
        }
        for values in [&configuration.site_energies, &configuration.neighborhood_grades].into_iter().flatten()
        {
            let _ = write!(output, " {}", shortest(values[atom]));
        }
        for column in &structure.columns {
            let words = &column.words[atom * column.width..(atom + 1) * column.width];
            let _ = write!(output, " {}", words.join(" "));
        }
        output.push(b'\n');
    }
    Ok(())
}

/// Whether the ids say more than the order.
fn has_ids(structure: &Structure) -> bool {
    !structure.configuration.ids.iter().copied().eq(1..=structure.configuration.len() as i64)
}

/// The pairs of the comment line.
fn comment(structure: &Structure) -> Vec<String> {
    let configuration = &structure.configuration;
    let lattice = structure.lattice();
    let mut pairs = Vec::new();
    if lattice.vectors != [[0.0; 3]; 3] {
        pairs.push(pair("Lattice", &list(lattice.vectors.into_iter().flatten())));
    }
    if lattice.origin != [0.0; 3] {
        pairs.push(pair("Origin", &list(lattice.origin)));
    }
    pairs.push(format!("Properties={}", properties(structure)));
    if let Some(energy) = configuration.energy {
        pairs.push(pair("energy", &shortest(energy)));
        // The label is the energy whose derivatives the forces are; ASE asks for it by this name.
        pairs.push(pair("free_energy", &shortest(energy)));
    }
    if let Some(virial) = configuration.virial {
        if let Some(volume) = lattice.volume() {
            let stress = virial.to_cfg_order().map(|component| -component / volume);
            pairs.push(pair("stress", &matrix(Virial::from_cfg_order(stress))));
        }
        pairs.push(pair("virial", &matrix(virial)));
    }
    let truths = lattice.periodic.map(|periodic| if periodic { "T" } else { "F" });
    pairs.push(pair("pbc", &truths.join(" ")));
    for (key, value) in &configuration.features {
        // A feature that would be read as something else gets an underscore behind its name.
        let key = if Key::is_taken(key, value) { format!("{key}_") } else { key.clone() };
        pairs.push(pair(&key, value));
    }
    pairs
}

fn properties(structure: &Structure) -> String {
    let configuration = &structure.configuration;
    let mut properties = String::from("species:S:1:pos:R:3");
    let known = [
        (has_ids(structure), "id:I:1"),
        (configuration.forces.is_some(), "forces:R:3"),
        (structure.velocities.is_some(), "vel:R:3"),
        (configuration.site_energies.is_some(), "site_en:R:1"),
        (configuration.neighborhood_grades.is_some(), "nbh_grades:R:1"),
    ];
    for (_, property) in known.into_iter().filter(|(is_there, _)| *is_there) {
        properties.push(':');
        properties.push_str(property);
    }
    let mut names: Vec<String> = Vec::new();
    for column in &structure.columns {
        let kind = match column.kind {
            ColumnKind::Real => 'R',
            ColumnKind::Integer => 'I',
            ColumnKind::Logical => 'L',
            ColumnKind::Text => 'S',
        };
        let mut name = column.name.replace([':', '"', '=', ' '], "_");
        let is_known = |name: &str| names.iter().any(|known| known == name);
        // A column that would be read as something else gets an underscore behind its name, as do namesakes.
        while name.is_empty() || is_taken_column(&name, column.kind, column.width) || is_known(&name) {
            name.push('_');
        }
        properties.push_str(&format!(":{name}:{kind}:{}", column.width));
        names.push(name);
    }
    properties
}

fn matrix(Virial { xx, yy, zz, yz, xz, xy }: Virial) -> String {
    list([xx, xy, xz, xy, yy, yz, xz, yz, zz])
}
