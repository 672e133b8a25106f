//! The columns of `AtomData`: what the heading says, and the rows of atoms under it.

use super::super::cursor::{Cursor, shown};
use crate::error::{ErrorKind, Result};
use crate::geometry::{Configuration, ExtraColumn, Vector3};

/// Most atoms that memory is set aside for on the word of `Size` alone.
const MAX_RESERVED: usize = 1 << 12;

const CARTESIAN: [&str; 3] = ["cartes_x", "cartes_y", "cartes_z"];
const DIRECT: [&str; 3] = ["direct_x", "direct_y", "direct_z"];
const FORCES: [&str; 3] = ["fx", "fy", "fz"];

/// Names of columns that have a meaning here.
pub(super) const KNOWN: [&str; 13] = [
    "id",
    "type",
    "cartes_x",
    "cartes_y",
    "cartes_z",
    "direct_x",
    "direct_y",
    "direct_z",
    "fx",
    "fy",
    "fz",
    "site_en",
    "nbh_grades",
];

#[derive(Clone, Copy)]
enum Column {
    Id,
    Type,
    Position(usize),
    Force(usize),
    SiteEnergy,
    Grade,
    Extra(usize),
}

/// The heading of `AtomData`.
pub(super) struct Columns {
    columns: Vec<Column>,
    extra_names: Vec<String>,
    has_forces: bool,
    has_site_energies: bool,
    has_grades: bool,
    /// Whether positions are fractional.
    pub(super) direct: bool,
}

impl Columns {
    /// Reads the heading; the cursor stands after `AtomData:`.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self> {
        let heading = cursor.offset();
        let mut names: Vec<&str> = Vec::new();
        while let Some((start, word)) = cursor.word() {
            let name = cursor.utf8(start, word)?;
            if names.contains(&name) {
                return Err(cursor.syntax(start, format!("column {name} is given twice")));
            }
            names.push(name);
        }
        let has = |name: &str| names.contains(&name);
        let direct = DIRECT.into_iter().any(has);
        if direct && CARTESIAN.into_iter().any(has) {
            let message = "expected positions as either cartes_x … or direct_x …, got both".into();
            return Err(cursor.syntax(heading, message));
        }
        let position = if direct { DIRECT } else { CARTESIAN };
        let has_forces = FORCES.into_iter().any(has);
        let needed = ["type"].into_iter().chain(position);
        let needed = needed.chain(if has_forces { &FORCES[..] } else { &[] }.iter().copied());
        let missing: Vec<&str> = needed.filter(|name| !has(name)).collect();
        if !missing.is_empty() {
            let noun = if missing.len() == 1 { "column" } else { "columns" };
            let message = format!("AtomData lacks {noun} {}", missing.join(", "));
            return Err(cursor.syntax(heading, message));
        }
        let mut extra_names = Vec::new();
        let columns = names.iter().map(|name| column(name, &mut extra_names)).collect();
        Ok(Self {
            columns,
            has_forces,
            has_site_energies: has("site_en"),
            has_grades: has("nbh_grades"),
            direct,
            extra_names,
        })
    }

    /// Sets up the per-atom fields that the heading names, still without atoms.
    pub(super) fn prepare(&self, configuration: &mut Configuration, size: usize) {
        let reserved = size.min(MAX_RESERVED);
        configuration.ids.reserve(reserved);
        configuration.species.reserve(reserved);
        configuration.positions.reserve(reserved);
        configuration.forces = self.has_forces.then(|| Vec::with_capacity(reserved));
        configuration.site_energies = self.has_site_energies.then(Vec::new);
        configuration.neighborhood_grades = self.has_grades.then(Vec::new);
        configuration.extra_columns = self
            .extra_names
            .iter()
            .map(|name| ExtraColumn { name: name.clone(), words: Vec::new() })
            .collect();
    }

    /// Reads one row and adds its atom.
    pub(super) fn read_row(&self, cursor: &mut Cursor<'_>, configuration: &mut Configuration) -> Result<()> {
        let mut id = configuration.len() as i64 + 1;
        let mut position: Vector3 = [0.0; 3];
        let mut force: Vector3 = [0.0; 3];
        for (index, column) in self.columns.iter().enumerate() {
            let Some((start, word)) = cursor.word() else {
                return Err(self.wrong_count(cursor, cursor.offset(), index));
            };
            match *column {
                Column::Id => id = cursor.integer(start, word)?,
                Column::Type => configuration.species.push(species(cursor, start, word)?),
                Column::Position(axis) => position[axis] = cursor.float(start, word)?,
                Column::Force(axis) => force[axis] = cursor.float(start, word)?,
                Column::SiteEnergy => {
                    configuration.site_energies.get_or_insert_default().push(cursor.float(start, word)?);
                }
                Column::Grade => {
                    configuration
                        .neighborhood_grades
                        .get_or_insert_default()
                        .push(cursor.float(start, word)?);
                }
                Column::Extra(extra) => {
                    let word = cursor.utf8(start, word)?.to_owned();
                    configuration.extra_columns[extra].words.push(word);
                }
            }
        }
        if let Some((start, _)) = cursor.word() {
            let mut got = self.columns.len() + 1;
            while cursor.word().is_some() {
                got += 1;
            }
            return Err(self.wrong_count(cursor, start, got));
        }
        configuration.ids.push(id);
        configuration.positions.push(position);
        if let Some(forces) = &mut configuration.forces {
            forces.push(force);
        }
        Ok(())
    }

    fn wrong_count(&self, cursor: &Cursor<'_>, offset: usize, got: usize) -> crate::error::Error {
        cursor.syntax(offset, format!("expected {} columns of AtomData, got {got}", self.columns.len()))
    }
}

fn column(name: &str, extra_names: &mut Vec<String>) -> Column {
    let axis = |names: [&str; 3]| names.iter().position(|known| *known == name);
    if let Some(axis) = axis(CARTESIAN).or(axis(DIRECT)) {
        return Column::Position(axis);
    }
    if let Some(axis) = axis(FORCES) {
        return Column::Force(axis);
    }
    match name {
        "id" => Column::Id,
        "type" => Column::Type,
        "site_en" => Column::SiteEnergy,
        "nbh_grades" => Column::Grade,
        _ => {
            extra_names.push(name.to_owned());
            Column::Extra(extra_names.len() - 1)
        }
    }
}

fn species(cursor: &Cursor<'_>, start: usize, word: &[u8]) -> Result<u32> {
    let value = cursor.integer(start, word)?;
    u32::try_from(value).map_err(|_| {
        let message = format!("expected a type from 0 to {}, got {}", u32::MAX, shown(word));
        cursor.error(ErrorKind::InvalidConfiguration, start, message)
    })
}
