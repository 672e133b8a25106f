//! What looks like a label in a frame of extended XYZ and is not read, with the option that reads it.
//!
//! A label under a name that is not the usual one is lost otherwise, and a potential is fitted to the rest.

use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, Result};

use super::LabelKeys;
use super::extxyz_keys::{
    count_of_numbers, force_component, is_gradient, is_reference, may_be_energy, may_be_energy_per_atom,
    may_be_force_component, may_be_forces, may_be_lattice, may_be_tensor, may_be_tensor_component,
};
use super::extxyz_labels::Comment;
use super::extxyz_values::{invalid, numbers};
use super::structure::{Column, ColumnKind};

/// Refuses a frame without a lattice that seems to have one under another name.
pub(super) fn check_lattice(comment: &Comment, has_lattice: bool, says_pbc: bool) -> Result<()> {
    let found = comment.pairs.iter().find(|(key, value)| may_be_lattice(key, value));
    match found {
        Some((key, _)) if !has_lattice && !says_pbc => Err(no_lattice(key)),
        _ => Ok(()),
    }
}

fn no_lattice(key: &str) -> Error {
    invalid(format!("{key} looks like the lattice, and there is no Lattice"))
        .hint("write it as Lattice=\"ax ay az bx by bz cx cy cz\", or pbc=\"F F F\" for a cluster")
}

/// Sentences about what looks like a label of a kind that was not found.
pub(super) fn unread_labels(
    comment: &Comment,
    columns: &[Column],
    configuration: &Configuration,
    keys: &LabelKeys,
) -> Vec<String> {
    let mut notes = Vec::new();
    let pairs = || comment.pairs.iter().map(|(key, value)| (key.as_str(), value.as_str()));
    let energies = pairs().filter(|(key, value)| may_be_energy(key, value));
    for (key, value) in energies.filter(|_| keys.energy.is_none()) {
        let units = if key == "E" && comment.is_of_cp2k() { ", in hartree as CP2K writes it" } else { "" };
        match configuration.energy {
            None => notes.push(unread(key, "the energy", "--energy-key", units)),
            // two energies of one frame, one of them by the name of a reference
            Some(energy) if is_reference(key) && differs(key, value, energy) => {
                notes.push(beside(key, "energy", "--energy-key"));
            }
            Some(_) => {}
        }
    }
    if configuration.energy.is_none() && keys.energy.is_none() {
        let found = pairs().filter(|(key, value)| may_be_energy_per_atom(key, value));
        notes.extend(found.map(|(key, _)| {
            format!("{key} is not read: expected the energy of the configuration as energy=")
        }));
    }
    let forces = columns.iter().filter(|column| may_be_forces(&column.name) && column.width == 3);
    for column in forces.filter(|column| keys.forces.is_none() && column.kind == ColumnKind::Real) {
        let name = &column.name;
        if is_gradient(name) {
            if configuration.forces.is_none() {
                notes.push(format!("the column {name} is not read: forces are the negative of gradients"));
            }
        } else if configuration.forces.is_none() {
            notes.push(unread(name, "the forces", "--forces-key", ""));
        } else if is_reference(name) {
            notes.push(beside(name, "forces", "--forces-key"));
        }
    }
    if configuration.forces.is_none() && keys.forces.is_none() {
        notes.extend(unread_force_components(columns));
    }
    if keys.stress.is_none() && keys.virial.is_none() {
        for (name, option) in [("virial", "--virial-key"), ("stress", "--stress-key")] {
            for (key, _) in pairs().filter(|(key, value)| may_be_tensor(name, key, value)) {
                if configuration.virial.is_none() {
                    notes.push(unread(key, &format!("the {name}"), option, ""));
                } else if is_reference(key) {
                    notes.push(beside(key, name, option));
                }
            }
            let components: Vec<&str> = pairs()
                .filter(|(key, value)| may_be_tensor_component(name, key, value))
                .map(|(key, _)| key)
                .collect();
            if configuration.virial.is_none() && components.len() > 2 {
                let hint = format!("write them as {name}=\"xx xy xz yx yy yz zx zy zz\"");
                let names = components.join(", ");
                notes.push(format!("{names} look like the {name} and are not read\n  hint: {hint}"));
            }
        }
    }
    notes
}

/// Sentences about columns that look like components of forces. Names that are read elsewhere are told even alone.
fn unread_force_components(columns: &[Column]) -> Vec<String> {
    let mut vectors: Vec<(&str, Vec<&str>)> = Vec::new();
    let numbers = columns
        .iter()
        .filter(|column| column.width == 1 && matches!(column.kind, ColumnKind::Real | ColumnKind::Integer));
    for name in numbers.map(|column| column.name.as_str()) {
        let Some((vector, _)) = may_be_force_component(name) else { continue };
        match vectors.iter_mut().find(|(known, _)| *known == vector) {
            Some((_, names)) => names.push(name),
            None => vectors.push((vector, vec![name])),
        }
    }
    let is_told =
        |names: &[&str]| names.len() > 2 || names.iter().any(|name| force_component(name).is_some());
    let told = vectors.into_iter().filter(|(_, names)| is_told(names));
    told.map(|(vector, names)| {
        let names = names.join(", ");
        if is_gradient(vector) {
            return format!("columns not read: {names}: forces are the negative of gradients");
        }
        let hint = "name all three fx, fy and fz, or join them in one column forces:R:3";
        format!("columns not read: {names}: a part of the forces, as it seems\n  hint: {hint}")
    })
    .collect()
}

fn unread(key: &str, what: &str, option: &str, how: &str) -> String {
    format!("{key} looks like {what} and is not read\n  hint: {option} {key} reads it{how}")
}

fn beside(key: &str, read: &str, option: &str) -> String {
    format!("{key} is there beside {read}, which is read\n  hint: {option} {key} reads it instead")
}

fn differs(key: &str, value: &str, energy: f64) -> bool {
    numbers(key, value).is_ok_and(|values| values.iter().any(|value| (value - energy).abs() > 1e-4))
}

/// What plain XYZ says in a comment that nothing is read from, if that may matter; an error where it says that positions are
/// not in Å.
pub(super) fn plain_comment(comment: &str) -> Result<Option<&'static str>> {
    let text = comment.to_lowercase();
    let mut words = text.split(|character: char| !character.is_alphanumeric());
    if words.any(|word| ["bohr", "bohrs"].contains(&word)) || text.contains("atomic units") {
        let error = invalid("the comment speaks of bohr, and positions are read in Å".to_owned());
        return Err(error.hint(
            "declare it: length-unit=bohr in place of the comment; or length-unit=Å if they are in Å",
        ));
    }
    let has_number =
        || comment.split_whitespace().any(|word| count_of_numbers(word.trim_matches(['=', ':', ','])) == 1);
    let is_labelled = text.contains("energy") && has_number();
    Ok(is_labelled.then_some("comments of plain XYZ are not read: an energy in them is no label"))
}
