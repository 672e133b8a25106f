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
    /// Whether the positions, with images if there are any, are those of atoms that were not put back into the cell.
    pub(super) is_unwrapped: bool,
}

#[derive(Clone, Copy)]
enum Meaning {
    Id,
    Type,
    Element,
    Position(usize),
    Image(usize),
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
    /// How often the atom has gone through the cell in each direction.
    pub(super) images: Vec<[i32; 3]>,
    pub(super) forces: Vec<Vector3>,
    pub(super) velocities: Vec<Vector3>,
    pub(super) columns: Vec<Column>,
}

const WRAPPED: [&str; 3] = ["x", "y", "z"];
const UNWRAPPED: [&str; 3] = ["xu", "yu", "zu"];
const WRAPPED_FRACTIONAL: [&str; 3] = ["xs", "ys", "zs"];
const UNWRAPPED_FRACTIONAL: [&str; 3] = ["xsu", "ysu", "zsu"];
/// Positions in the order in which they are taken.
const POSITIONS: [[&str; 3]; 4] = [WRAPPED, UNWRAPPED, WRAPPED_FRACTIONAL, UNWRAPPED_FRACTIONAL];
/// The same where unwrapped ones are wanted.
const UNWRAPPED_FIRST: [[&str; 3]; 4] = [UNWRAPPED, UNWRAPPED_FRACTIONAL, WRAPPED, WRAPPED_FRACTIONAL];
const IMAGES: [&str; 3] = ["ix", "iy", "iz"];
const FORCES: [&str; 3] = ["fx", "fy", "fz"];
const VELOCITIES: [&str; 3] = ["vx", "vy", "vz"];

impl Columns {
    /// Reads the heading `ITEM: ATOMS …`, which is the current line; takes unwrapped positions if they are wanted.
    pub(super) fn read(lines: &Lines, rows: &mut Rows, unwrapped: bool) -> Result<Self> {
        let names: Vec<&str> = lines.words().skip(2).collect();
        let has = |name: &str| names.contains(&name);
        let has_all = |triple: &[&str; 3]| triple.iter().all(|name| has(name));
        if let Some(name) = (1..names.len()).find(|&k| names[..k].contains(&names[k])).map(|k| names[k]) {
            return Err(lines.error_at(name, format!("column {name} is given twice")));
        }
        let order = if unwrapped { UNWRAPPED_FIRST } else { POSITIONS };
        let Some(positions) = order.into_iter().find(has_all) else {
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
        let is_wrapped = [WRAPPED, WRAPPED_FRACTIONAL].contains(&positions);
        let takes_images = unwrapped && is_wrapped && has_all(&IMAGES);
        let mut meaning = |name: &&str| match *name {
            "id" => Meaning::Id,
            "type" => Meaning::Type,
            "element" => Meaning::Element,
            name => {
                if let Some(axis) = axis(&positions, name) {
                    Meaning::Position(axis)
                } else if let Some(axis) = axis(&IMAGES, name).filter(|_| takes_images) {
                    Meaning::Image(axis)
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
        Ok(Self {
            meanings,
            is_fractional: [WRAPPED_FRACTIONAL, UNWRAPPED_FRACTIONAL].contains(&positions),
            is_unwrapped: has("id") && (takes_images || !is_wrapped),
        })
    }

    /// Reads the row that is the current line.
    pub(super) fn read_row(&self, lines: &Lines, rows: &mut Rows) -> Result<()> {
        let mut words = lines.words();
        let (mut position, mut image, mut force, mut velocity) = ([0.0; 3], None, None, None);
        let expected = self.meanings.len();
        for &meaning in &self.meanings {
            let Some(word) = words.next() else {
                let got = lines.words().count();
                return Err(lines.error(format!("expected {expected} columns of an atom, got {got}")));
            };
            match meaning {
                Meaning::Id => rows.ids.push(lines.integer(word, "an atom id")?),
                Meaning::Type => rows.types.push(atom_type(lines, word)?),
                Meaning::Element => rows.elements.push(rows.names.index(element(lines, word)?)),
                Meaning::Position(axis) => position[axis] = lines.float(word, "a position")?,
                Meaning::Image(axis) => {
                    image.get_or_insert([0; 3])[axis] = lines.integer(word, "an image flag")?;
                }
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
        rows.images.extend(image);
        rows.forces.extend(force);
        rows.velocities.extend(velocity);
        Ok(())
    }
}

/// Reads a name. It may be that of no element, but lists of names have commas.
fn element<'a>(lines: &Lines, word: &'a str) -> Result<&'a str> {
    if word.contains(',') {
        let message = format!("expected the name of an element without a comma, got {}", shown(word));
        return Err(lines.error_at(word, message));
    }
    Ok(word)
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
