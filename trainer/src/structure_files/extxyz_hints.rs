//! What looks like a label in a frame of extended XYZ and is not read, with the option that reads it.
//!
//! A label under a name that is not the usual one is lost otherwise, and a potential is fitted to the rest.

use mtprs_core::{Error, Result};

use super::LabelKeys;
use super::extxyz_keys::{
    count_of_numbers, force_component, is_gradient, is_reference, may_be_energy, may_be_energy_per_atom,
    may_be_force_component, may_be_forces, may_be_lattice, may_be_tensor, may_be_tensor_component,
};
use super::extxyz_labels::Comment;
use super::extxyz_values::{invalid, numbers};
use super::structure::{Column, ColumnKind, Structure};

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
pub(super) fn unread_labels(comment: &Comment, structure: &Structure, keys: &LabelKeys) -> Vec<String> {
    let mut notes = unread_energies(comment, structure.configuration.energy, keys);
    notes.extend(unread_forces(structure, keys));
    if keys.stress.is_none() && keys.virial.is_none() {
        let is_read = structure.configuration.virial.is_some();
        for (name, option) in [("virial", "--virial-key"), ("stress", "--stress-key")] {
            notes.extend(unread_tensors(comment, name, option, is_read));
        }
    }
    notes
}

fn unread_energies(comment: &Comment, read: Option<f64>, keys: &LabelKeys) -> Vec<String> {
    if keys.energy.is_some() {
        return Vec::new();
    }
    let told = |(key, value): &(String, String)| match read {
        None if may_be_energy(key, value) => {
            let is_hartree = key == "E" && comment.is_of_cp2k();
            let units = if is_hartree { ", in hartree as CP2K writes it" } else { "" };
            Some(unread(key, "the energy", "--energy-key", units))
        }
        // two energies of one frame, one of them by the name of a reference
        Some(energy) if may_be_energy(key, value) && is_reference(key) && differs(key, value, energy) => {
            Some(beside(key, "energy", "--energy-key"))
        }
        _ => None,
    };
    let per_atom = |(key, value): &(String, String)| {
        (read.is_none() && may_be_energy_per_atom(key, value))
            .then(|| format!("{key} is not read: expected the energy of the configuration as energy="))
    };
    comment.pairs.iter().filter_map(told).chain(comment.pairs.iter().filter_map(per_atom)).collect()
}

fn unread_forces(structure: &Structure, keys: &LabelKeys) -> Vec<String> {
    if keys.forces.is_some() {
        return Vec::new();
    }
    let is_read = structure.configuration.forces.is_some();
    let told = |column: &Column| {
        let name = &column.name;
        if !may_be_forces(name) || column.width != 3 || column.kind != ColumnKind::Real {
            return None;
        }
        match (is_gradient(name), is_read) {
            (true, true) => None,
            (true, false) => {
                Some(format!("the column {name} is not read: forces are the negative of gradients"))
            }
            (false, false) => Some(unread(name, "the forces", "--forces-key", "")),
            (false, true) => is_reference(name).then(|| beside(name, "forces", "--forces-key")),
        }
    };
    let mut notes: Vec<String> = structure.columns.iter().filter_map(told).collect();
    if !is_read {
        notes.extend(unread_force_components(&structure.columns));
    }
    notes
}

/// Sentences about what looks like a tensor of this name, and about its components.
fn unread_tensors(comment: &Comment, name: &str, option: &str, is_read: bool) -> Vec<String> {
    let keys_of = |may_be: fn(&str, &str, &str) -> bool| -> Vec<&str> {
        let pairs = comment.pairs.iter().filter(|(key, value)| may_be(name, key, value));
        pairs.map(|(key, _)| key.as_str()).collect()
    };
    let told = |key: &str| match is_read {
        false => Some(unread(key, &format!("the {name}"), option, "")),
        true => is_reference(key).then(|| beside(key, name, option)),
    };
    let mut notes: Vec<String> = keys_of(may_be_tensor).into_iter().filter_map(told).collect();
    let components = keys_of(may_be_tensor_component);
    if !is_read && components.len() > 2 {
        let hint = format!("write them as {name}=\"xx xy xz yx yy yz zx zy zz\"");
        let names = components.join(", ");
        notes.push(format!("{names} look like the {name} and are not read\n  hint: {hint}"));
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
        let error = invalid("the comment mentions bohr, but positions are read in Å".to_owned());
        return Err(error.hint(
            "declare it: length-unit=bohr in place of the comment; or length-unit=Å if they are in Å",
        ));
    }
    let has_number =
        || comment.split_whitespace().any(|word| count_of_numbers(word.trim_matches(['=', ':', ','])) == 1);
    let is_labelled = text.contains("energy") && has_number();
    Ok(is_labelled.then_some("comments of plain XYZ are not read: an energy in them is no label"))
}
