//! The columns of extended XYZ: `Properties=species:S:1:pos:R:3:forces:R:3`, and what each of them is here.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::LabelKeys;
use super::elements;
use super::lines::{Lines, shown};
use super::structure::{Column, ColumnKind, Names};

/// The columns of a frame, and where their words go.
pub(super) struct Properties {
    columns: Vec<(Meaning, usize)>,
    words: usize,
}

#[derive(Clone, Copy)]
enum Meaning {
    Symbol,
    AtomicNumber,
    Position,
    Force,
    Velocity,
    Id,
    SiteEnergy,
    Grade,
    Other(usize),
}

/// What the rows of a frame hold.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) names: Names,
    pub(super) species: Vec<u32>,
    pub(super) positions: Vec<Vector3>,
    pub(super) forces: Vec<Vector3>,
    pub(super) velocities: Vec<Vector3>,
    pub(super) ids: Vec<i64>,
    pub(super) site_energies: Vec<f64>,
    pub(super) grades: Vec<f64>,
    pub(super) columns: Vec<Column>,
}

impl Properties {
    /// Those of a file that does not say: element and position.
    pub(super) const PLAIN: &str = "species:S:1:pos:R:3";

    /// Reads the value of `Properties`; says what is wrong with it.
    pub(super) fn parse(text: &str, keys: &LabelKeys, rows: &mut Rows) -> std::result::Result<Self, String> {
        let fields: Vec<&str> = text.split(':').collect();
        let mut properties = Self { columns: Vec::new(), words: 0 };
        let mut names: Vec<&str> = Vec::new();
        for field in fields.chunks(3) {
            let [name, kind, width] = field else {
                return Err(format!("expected name:type:columns in Properties, got {}", shown(text)));
            };
            let kind = match *kind {
                "R" => ColumnKind::Real,
                "I" => ColumnKind::Integer,
                "L" => ColumnKind::Logical,
                "S" => ColumnKind::Text,
                other => return Err(format!("expected a type R, I, S or L of {name}, got {}", shown(other))),
            };
            let width = width.parse::<usize>().ok().filter(|width| (1..=1000).contains(width));
            let width = width.ok_or_else(|| format!("expected 1 to 1000 columns of {name}"))?;
            if names.contains(name) {
                return Err(format!("column {name} is given twice"));
            }
            names.push(name);
            let meaning = meaning(name, kind, width, keys).unwrap_or_else(|| {
                let column = Column { name: (*name).to_owned(), kind, width, words: Vec::new() };
                rows.columns.push(column);
                Meaning::Other(rows.columns.len() - 1)
            });
            properties.columns.push((meaning, width));
            properties.words += width;
        }
        properties.check(keys)
    }

    fn check(mut self, keys: &LabelKeys) -> std::result::Result<Self, String> {
        let has = |columns: &[(Meaning, usize)], wanted: fn(Meaning) -> bool| {
            columns.iter().any(|&(meaning, _)| wanted(meaning))
        };
        if !has(&self.columns, |meaning| matches!(meaning, Meaning::Position)) {
            return Err("Properties lacks the positions pos:R:3".to_owned());
        }
        if let Some(key) = &keys.forces
            && !has(&self.columns, |meaning| matches!(meaning, Meaning::Force))
        {
            return Err(format!("Properties lacks the forces {key}:R:3"));
        }
        if has(&self.columns, |meaning| matches!(meaning, Meaning::Symbol)) {
            // Both say the same; the symbol is read, the number is passed over.
            for (meaning, _) in &mut self.columns {
                if matches!(meaning, Meaning::AtomicNumber) {
                    *meaning = Meaning::Other(usize::MAX);
                }
            }
        } else if !has(&self.columns, |meaning| matches!(meaning, Meaning::AtomicNumber)) {
            return Err("Properties lacks the elements species:S:1".to_owned());
        }
        Ok(self)
    }

    /// Reads the row that is the current line.
    pub(super) fn read_row(&self, lines: &Lines, rows: &mut Rows) -> Result<()> {
        let mut words = lines.words();
        for &(meaning, width) in &self.columns {
            let words = &mut words;
            match meaning {
                Meaning::Symbol => rows.species.push(rows.names.index(self.word(lines, words)?)),
                Meaning::AtomicNumber => {
                    let word = self.word(lines, words)?;
                    let symbol = elements::symbol(lines.integer(word, "an atomic number")?);
                    let symbol = symbol.ok_or_else(|| {
                        lines.error_at(
                            word,
                            format!("expected an atomic number from 1 to 118, got {}", shown(word)),
                        )
                    })?;
                    rows.species.push(rows.names.index(symbol));
                }
                Meaning::Position => rows.positions.push(lines.floats(words, "a position")?),
                Meaning::Force => rows.forces.push(lines.floats(words, "a force")?),
                Meaning::Velocity => rows.velocities.push(lines.floats(words, "a velocity")?),
                Meaning::Id => rows.ids.push(lines.integer(self.word(lines, words)?, "an id")?),
                Meaning::SiteEnergy => {
                    rows.site_energies.extend(lines.floats::<1>(words, "a site energy")?);
                }
                Meaning::Grade => rows.grades.extend(lines.floats::<1>(words, "a grade")?),
                Meaning::Other(index) => {
                    for _ in 0..width {
                        let word = self.word(lines, words)?;
                        if let Some(column) = rows.columns.get_mut(index) {
                            column.words.push(word.to_owned());
                        }
                    }
                }
            }
        }
        match words.next() {
            None => Ok(()),
            Some(word) => {
                Err(lines.error_at(word, format!("expected {} words in a row, got more", self.words)))
            }
        }
    }

    fn word<'a>(&self, lines: &Lines, words: &mut impl Iterator<Item = &'a str>) -> Result<&'a str> {
        words.next().ok_or_else(|| self.too_short(lines))
    }

    fn too_short(&self, lines: &Lines) -> Error {
        lines.error(format!("expected {} words in a row, got {}", self.words, lines.words().count()))
    }
}

fn meaning(name: &str, kind: ColumnKind, width: usize, keys: &LabelKeys) -> Option<Meaning> {
    let is_force = match &keys.forces {
        Some(key) => name == key,
        None => name == "forces" || name == "force",
    };
    match (name, kind, width) {
        ("species" | "element", ColumnKind::Text, 1) => Some(Meaning::Symbol),
        ("Z" | "numbers", ColumnKind::Integer, 1) => Some(Meaning::AtomicNumber),
        ("pos" | "positions", ColumnKind::Real, 3) => Some(Meaning::Position),
        ("vel", ColumnKind::Real, 3) => Some(Meaning::Velocity),
        ("id", ColumnKind::Integer, 1) => Some(Meaning::Id),
        ("site_en", ColumnKind::Real, 1) => Some(Meaning::SiteEnergy),
        ("nbh_grades", ColumnKind::Real, 1) => Some(Meaning::Grade),
        (_, ColumnKind::Real, 3) if is_force => Some(Meaning::Force),
        _ => None,
    }
}
