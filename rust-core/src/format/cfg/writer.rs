//! Writer of `.cfg` files: what it writes is read back as an equal configuration.
//!
//! Numbers are the shortest decimals that stand for the same double, with their points in line.

use std::io::{self, Write};

use super::super::numbers::shortest;
use super::columns::KNOWN;
use crate::geometry::{Configuration, Vector3};

/// Writes one configuration and a blank line.
///
/// Fails with [`io::ErrorKind::InvalidData`] for what could not be read back: numbers that are not finite, columns of
/// unequal length, names or values that do not fit their place.
pub fn write_configuration(configuration: &Configuration, output: &mut impl Write) -> io::Result<()> {
    check(configuration).map_err(|message| io::Error::new(io::ErrorKind::InvalidData, message))?;
    writeln!(output, "BEGIN_CFG\n Size\n    {}", configuration.len())?;
    if !configuration.cell.vectors().is_empty() {
        writeln!(output, " Supercell")?;
        for vector in configuration.cell.vectors() {
            writeln!(output, "   {}", triple(vector))?;
        }
    }
    write_atoms(configuration, output)?;
    if let Some(energy) = configuration.energy {
        writeln!(output, " Energy\n   {}", aligned(energy).trim_end_matches(' '))?;
    }
    if let Some(virial) = configuration.virial {
        let headings = ["xx", "yy", "zz", "yz", "xz", "xy"].map(heading).concat();
        writeln!(output, " PlusStress:{}", headings[9..].trim_end_matches(' '))?;
        let components = virial.to_cfg_order().map(aligned).concat();
        writeln!(output, "   {}", components.trim_end_matches(' '))?;
    }
    for (key, value) in &configuration.features {
        writeln!(output, " Feature   {key}\t{value}")?;
    }
    writeln!(output, "END_CFG\n")
}

fn write_atoms(configuration: &Configuration, output: &mut impl Write) -> io::Result<()> {
    let Configuration { ids, species, positions, forces, site_energies, neighborhood_grades, .. } =
        configuration;
    let extra_columns = &configuration.extra_columns;
    let only_positions = forces.is_none()
        && site_energies.is_none()
        && neighborhood_grades.is_none()
        && extra_columns.is_empty();
    if configuration.is_empty() && only_positions {
        return Ok(());
    }
    let mut headings = ["cartes_x", "cartes_y", "cartes_z"].map(heading).concat();
    if forces.is_some() {
        headings += &["fx", "fy", "fz"].map(heading).concat();
    }
    if site_energies.is_some() {
        headings += &heading("site_en");
    }
    if neighborhood_grades.is_some() {
        headings += &heading("nbh_grades");
    }
    for column in extra_columns {
        headings = format!("{} {}", headings.trim_end_matches(' '), column.name);
    }
    writeln!(output, " AtomData:  id type {}", headings.trim_end_matches(' '))?;
    for atom in 0..positions.len() {
        let mut row = format!(" {:>12} {:>4} {}", ids[atom], species[atom], triple(&positions[atom]));
        if let Some(forces) = forces {
            row += &triple(&forces[atom]);
        }
        for column in [site_energies, neighborhood_grades].into_iter().flatten() {
            row += &aligned(column[atom]);
        }
        for column in extra_columns {
            row = format!("{} {}", row.trim_end_matches(' '), column.words[atom]);
        }
        writeln!(output, "{}", row.trim_end_matches(' '))?;
    }
    Ok(())
}

/// A number with its point in the seventh column and room for 17 decimals, after a blank.
fn aligned(value: f64) -> String {
    let text = shortest(value);
    let before_point = text.find(['.', 'e']).unwrap_or(text.len());
    let filling = 6usize.saturating_sub(before_point);
    format!(" {:filling$}{text:<width$}", "", width = 24 - filling)
}

/// The heading of a column of aligned numbers.
fn heading(name: &str) -> String {
    format!(" {name:>12}{:12}", "")
}

fn triple(vector: &Vector3) -> String {
    vector.map(aligned).concat()
}

fn check(configuration: &Configuration) -> Result<(), String> {
    let atoms = configuration.len();
    check_lengths(configuration, atoms)?;
    let vectors = [Some(configuration.positions.as_slice()), configuration.forces.as_deref()];
    let columns = [configuration.site_energies.as_deref(), configuration.neighborhood_grades.as_deref()];
    let virial = configuration.virial.map(|virial| virial.to_cfg_order());
    let mut numbers = vectors
        .into_iter()
        .flatten()
        .flatten()
        .flatten()
        .chain(columns.into_iter().flatten().flatten())
        .chain(&configuration.energy)
        .chain(virial.iter().flatten());
    if let Some(value) = numbers.find(|value| !value.is_finite()) {
        return Err(format!("expected finite numbers in a configuration, got {value}"));
    }
    check_names(configuration)
}

fn check_lengths(configuration: &Configuration, atoms: usize) -> Result<(), String> {
    let lengths = [
        ("id", configuration.ids.len()),
        ("type", configuration.species.len()),
        ("fx", configuration.forces.as_ref().map_or(atoms, Vec::len)),
        ("site_en", configuration.site_energies.as_ref().map_or(atoms, Vec::len)),
        ("nbh_grades", configuration.neighborhood_grades.as_ref().map_or(atoms, Vec::len)),
    ];
    let extra = configuration.extra_columns.iter().map(|column| (column.name.as_str(), column.words.len()));
    match lengths.into_iter().chain(extra).find(|(_, length)| *length != atoms) {
        Some((name, length)) => Err(format!("expected {atoms} entries in column {name}, got {length}")),
        None => Ok(()),
    }
}

fn check_names(configuration: &Configuration) -> Result<(), String> {
    let extra_columns = &configuration.extra_columns;
    for (index, column) in extra_columns.iter().enumerate() {
        let taken = KNOWN.contains(&column.name.as_str())
            || extra_columns[..index].iter().any(|earlier| earlier.name == column.name);
        if taken {
            return Err(format!("column {} is given twice", column.name));
        }
        if let Some(word) = column.words.iter().chain([&column.name]).find(|word| !is_word(word)) {
            return Err(format!("expected a single word in an extra column, got {word:?}"));
        }
    }
    for (key, value) in &configuration.features {
        if !is_word(key) {
            return Err(format!("expected a single word as the name of a feature, got {key:?}"));
        }
        if value.contains('\n') || value.trim_matches([' ', '\t', '\r']) != value {
            return Err(format!(
                "expected one line without blanks around it in feature {key}, got {value:?}"
            ));
        }
    }
    Ok(())
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains([' ', '\t', '\r', '\n'])
}
