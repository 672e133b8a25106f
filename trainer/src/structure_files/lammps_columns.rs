//! The columns of a LAMMPS dump: `id type element x y z …`, custom ones included.
//!
//! Positions are taken from the first complete triple of `x y z`, `xu yu zu`, `xs ys zs` (fractional) and
//! `xsu ysu zsu` (fractional); what has no meaning here is handed on.

use mtprs_core::Result;
use mtprs_core::geometry::Vector3;

use super::lines::{Lines, shown};
use super::structure::{Column, ColumnKind, Names};

/// The heading of a dump.
pub(super) struct Columns {
    meanings: Vec<Meaning>,
    pub(super) is_fractional: bool,
}

#[derive(Clone, Copy)]
enum Meaning {
    Id,
    Type,
    Element,
    Position(usize),
    Force(usize),
    Velocity(usize),
    Other(usize),
}

/// What the rows of a frame hold.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) names: Names,
    pub(super) ids: Vec<i64>,
    /// Types from one.
    pub(super) types: Vec<u32>,
    /// Numbers of element names.
    pub(super) elements: Vec<u32>,
    pub(super) positions: Vec<Vector3>,
    pub(super) forces: Vec<Vector3>,
    pub(super) velocities: Vec<Vector3>,
    pub(super) columns: Vec<Column>,
}

const POSITIONS: [[&str; 3]; 4] =
    [["x", "y", "z"], ["xu", "yu", "zu"], ["xs", "ys", "zs"], ["xsu", "ysu", "zsu"]];
const FORCES: [&str; 3] = ["fx", "fy", "fz"];
const VELOCITIES: [&str; 3] = ["vx", "vy", "vz"];

impl Columns {
    /// Reads the heading `ITEM: ATOMS …`, which is the current line.
    pub(super) fn read(lines: &Lines, rows: &mut Rows) -> Result<Self> {
        let names: Vec<&str> = lines.words().skip(2).collect();
        let has = |name: &str| names.contains(&name);
        let has_all = |triple: &[&str; 3]| triple.iter().all(|name| has(name));
        if let Some(name) = (1..names.len()).find(|&k| names[..k].contains(&names[k])).map(|k| names[k]) {
            return Err(lines.error_at(name, format!("column {name} is given twice")));
        }
        let Some(positions) = POSITIONS.iter().position(has_all) else {
            return Err(lines.error(
                "the dump lacks positions: expected columns x y z, xu yu zu, xs ys zs or xsu ysu zsu",
            ));
        };
        if !has("type") && !has("element") {
            return Err(lines.error("the dump lacks species: expected a column type or element"));
        }
        let axis = |triple: &[&str; 3], name: &str| {
            has_all(triple).then(|| triple.iter().position(|known| *known == name)).flatten()
        };
        let mut meaning = |name: &&str| match *name {
            "id" => Meaning::Id,
            "type" => Meaning::Type,
            "element" => Meaning::Element,
            name => {
                if let Some(axis) = axis(&POSITIONS[positions], name) {
                    Meaning::Position(axis)
                } else if let Some(axis) = axis(&FORCES, name) {
                    Meaning::Force(axis)
                } else if let Some(axis) = axis(&VELOCITIES, name) {
                    Meaning::Velocity(axis)
                } else {
                    let column =
                        Column { name: name.to_owned(), kind: ColumnKind::Text, width: 1, words: Vec::new() };
                    rows.columns.push(column);
                    Meaning::Other(rows.columns.len() - 1)
                }
            }
        };
        let meanings = names.iter().map(&mut meaning).collect();
        Ok(Self { meanings, is_fractional: positions >= 2 })
    }

    /// Reads the row that is the current line.
    pub(super) fn read_row(&self, lines: &Lines, rows: &mut Rows) -> Result<()> {
        let mut words = lines.words();
        let (mut position, mut force, mut velocity) = ([0.0; 3], None, None);
        let expected = self.meanings.len();
        for &meaning in &self.meanings {
            let Some(word) = words.next() else {
                let got = lines.words().count();
                return Err(lines.error(format!("expected {expected} columns of an atom, got {got}")));
            };
            match meaning {
                Meaning::Id => rows.ids.push(lines.integer(word, "an atom id")?),
                Meaning::Type => rows.types.push(atom_type(lines, word)?),
                Meaning::Element => rows.elements.push(rows.names.index(word)),
                Meaning::Position(axis) => position[axis] = lines.float(word, "a position")?,
                Meaning::Force(axis) => {
                    force.get_or_insert([0.0; 3])[axis] = lines.float(word, "a force")?;
                }
                Meaning::Velocity(axis) => {
                    velocity.get_or_insert([0.0; 3])[axis] = lines.float(word, "a velocity")?;
                }
                Meaning::Other(index) => rows.columns[index].words.push(word.to_owned()),
            }
        }
        if let Some(word) = words.next() {
            return Err(lines.error_at(word, format!("expected {expected} columns of an atom, got more")));
        }
        rows.positions.push(position);
        rows.forces.extend(force);
        rows.velocities.extend(velocity);
        Ok(())
    }
}

/// Reads a LAMMPS type, from one.
pub(super) fn atom_type(lines: &Lines, word: &str) -> Result<u32> {
    let number: u32 = lines.integer(word, "an atom type")?;
    if number == 0 {
        return Err(lines.error_at(word, format!("expected an atom type from 1, got {}", shown(word))));
    }
    Ok(number)
}

impl Rows {
    /// The masses (u) of the first types by their number from zero, as far as the column `mass` gives all atoms of a
    /// type the same one.
    pub(super) fn masses(&self, types: usize) -> Vec<Option<f64>> {
        let mut masses: Vec<Option<f64>> = vec![None; types];
        let Some(column) = self.columns.iter().find(|column| column.name == "mass") else { return masses };
        for (number, word) in self.types.iter().zip(&column.words) {
            let mass = word.parse().unwrap_or(f64::NAN);
            if let Some(known) = masses.get_mut(*number as usize - 1) {
                *known = Some(if known.is_none_or(|known| known == mass) { mass } else { f64::NAN });
            }
        }
        masses.into_iter().map(|mass| mass.filter(|mass| mass.is_finite())).collect()
    }

    /// Finds out what the words of the columns that are handed on are.
    pub(super) fn settle_kinds(&mut self) {
        for column in &mut self.columns {
            let all = |is_kind: fn(&String) -> bool| column.words.iter().all(is_kind);
            if all(|word| word.parse::<i64>().is_ok()) {
                column.kind = ColumnKind::Integer;
            } else if all(|word| word.parse::<f64>().is_ok_and(f64::is_finite)) {
                column.kind = ColumnKind::Real;
            }
        }
    }
}
