//! The columns of extended XYZ: `Properties=species:S:1:pos:R:3:forces:R:3`, and what each of them is here.
//!
//! Elements, positions and forces of another shape than theirs are refused; of two columns of forces or elements that
//! say the same one is read, and contradictions are refused. Columns without a meaning are handed on.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::LabelKeys;
use super::extxyz_keys::{is_gradient, may_be_forces, squeezed};
use super::extxyz_values::invalid;
use super::lines::{Lines, shown};
use super::structure::{Column, ColumnKind};

/// The columns of a frame, and where their words go.
pub(super) struct Properties {
    columns: Vec<(Meaning, usize)>,
    words: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Symbol,
    AtomicNumber,
    Position,
    Force,
    OtherForce,
    Velocity,
    Id,
    SiteEnergy,
    Grade,
    Other(usize),
}

/// What the rows of a frame hold.
#[derive(Default)]
pub(super) struct Rows {
    pub(super) symbols: Vec<String>,
    pub(super) atomic_numbers: Vec<u32>,
    pub(super) positions: Vec<Vector3>,
    pub(super) forces: Vec<Vector3>,
    pub(super) other_forces: Vec<Vector3>,
    pub(super) velocities: Vec<Vector3>,
    pub(super) ids: Vec<i64>,
    pub(super) site_energies: Vec<f64>,
    pub(super) grades: Vec<f64>,
    pub(super) columns: Vec<Column>,
}

/// What decides which columns are labels.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) keys: &'a LabelKeys,
    /// Whether the unit of velocities is declared.
    pub(super) knows_velocities: bool,
}

impl Properties {
    /// Those of a file that does not say: element and position.
    pub(super) const PLAIN: &str = "species:S:1:pos:R:3";

    /// Reads the value of `Properties`; says what is wrong with it.
    pub(super) fn parse(text: &str, wanted: Wanted<'_>, rows: &mut Rows) -> Result<Self> {
        let fields: Vec<&str> = text.trim().split(':').collect();
        let mut properties = Self { columns: Vec::new(), words: 0 };
        let mut names: Vec<&str> = Vec::new();
        for field in fields.chunks(3) {
            let [name, kind, width] = field else {
                return Err(invalid(format!(
                    "expected name:type:columns in Properties, got {}",
                    shown(text)
                )));
            };
            let kind = match *kind {
                "R" => ColumnKind::Real,
                "I" => ColumnKind::Integer,
                "L" => ColumnKind::Logical,
                "S" => ColumnKind::Text,
                other => {
                    let message = format!("expected a type R, I, S or L of {name}, got {}", shown(other));
                    return Err(invalid(message));
                }
            };
            let width = width.parse::<usize>().ok().filter(|width| (1..=1000).contains(width));
            let width = width.ok_or_else(|| invalid(format!("expected 1 to 1000 columns of {name}")))?;
            if names.contains(name) {
                return Err(invalid(format!("column {name} is given twice")));
            }
            names.push(name);
            let meaning = match meaning(name, kind, width, wanted)? {
                Some(Meaning::Force) if properties.has(Meaning::OtherForce) => {
                    let message = "expected forces in one column of Properties, or in two, got more";
                    return Err(invalid(message.to_owned()));
                }
                Some(Meaning::Force) if properties.has(Meaning::Force) => Some(Meaning::OtherForce),
                Some(meaning) if properties.has(meaning) => {
                    if meaning == Meaning::Position {
                        return Err(invalid(
                            "expected positions in one column of Properties, got two".to_owned(),
                        ));
                    }
                    None
                }
                meaning => meaning,
            };
            let meaning = meaning.unwrap_or_else(|| {
                let column = Column { name: (*name).to_owned(), kind, width, words: Vec::new() };
                rows.columns.push(column);
                Meaning::Other(rows.columns.len() - 1)
            });
            properties.columns.push((meaning, width));
            properties.words += width;
        }
        properties.check(wanted.keys)?;
        Ok(properties)
    }

    fn has(&self, wanted: Meaning) -> bool {
        self.columns.iter().any(|(meaning, _)| *meaning == wanted)
    }

    fn check(&self, keys: &LabelKeys) -> Result<()> {
        if !self.has(Meaning::Position) {
            return Err(invalid("Properties lacks the positions pos:R:3".to_owned()));
        }
        if let Some(key) = &keys.forces
            && !self.has(Meaning::Force)
        {
            return Err(invalid(format!("Properties lacks the forces {key}:R:3")));
        }
        if !self.has(Meaning::Symbol) && !self.has(Meaning::AtomicNumber) {
            return Err(invalid("Properties lacks the elements species:S:1".to_owned()));
        }
        Ok(())
    }

    /// Reads the row that is the current line.
    pub(super) fn read_row(&self, lines: &Lines, rows: &mut Rows) -> Result<()> {
        let mut words = lines.words();
        for &(meaning, width) in &self.columns {
            let words = &mut words;
            match meaning {
                Meaning::Symbol => rows.symbols.push(self.word(lines, words)?.to_owned()),
                Meaning::AtomicNumber => {
                    rows.atomic_numbers.push(lines.integer(self.word(lines, words)?, "an atomic number")?);
                }
                Meaning::Position => rows.positions.push(lines.floats(words, "a position")?),
                Meaning::Force => rows.forces.push(lines.floats(words, "a force")?),
                Meaning::OtherForce => rows.other_forces.push(lines.floats(words, "a force")?),
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

/// Whether a column of this name is read as something, or refused.
pub(super) fn is_taken(name: &str, kind: ColumnKind, width: usize) -> bool {
    let wanted = Wanted { keys: &LabelKeys::default(), knows_velocities: false };
    !matches!(meaning(name, kind, width, wanted), Ok(None))
}

/// What a column is here; an error if it has the name of a label and another shape.
fn meaning(name: &str, kind: ColumnKind, width: usize, wanted: Wanted<'_>) -> Result<Option<Meaning>> {
    let known = squeezed(name);
    let is_vector = matches!(kind, ColumnKind::Real | ColumnKind::Integer) && width == 3;
    let must_be = |expected: &str, is_so: bool, meaning: Meaning| {
        if is_so {
            return Ok(Some(meaning));
        }
        Err(invalid(format!(
            "expected {name}:{expected} in Properties, got {width} of type {}",
            letter(kind)
        )))
    };
    let is_force = match &wanted.keys.forces {
        Some(key) => name == key,
        None => (known == "forces" || known == "force") && !name.ends_with('_'),
    };
    if is_force {
        if is_gradient(name) {
            let message = format!("{name} has the name of gradients, and forces are the negative of these");
            return Err(invalid(message).hint("write them with the other sign in a column forces"));
        }
        return must_be("R:3", is_vector, Meaning::Force);
    }
    if name.ends_with('_') {
        return Ok(None);
    }
    match (known.as_str(), kind, width) {
        ("species" | "element" | "elements" | "symbol" | "symbols", _, _) => {
            must_be("S:1", kind == ColumnKind::Text && width == 1, Meaning::Symbol)
        }
        ("z" | "numbers" | "atomicnumbers" | "atomicnumber", ColumnKind::Integer, 1) => {
            Ok(Some(Meaning::AtomicNumber))
        }
        ("pos" | "position" | "positions", _, _) => must_be("R:3", is_vector, Meaning::Position),
        ("vel", ColumnKind::Real, 3) => Ok(Some(Meaning::Velocity)),
        ("velo" | "velocity" | "velocities", ColumnKind::Real, 3) if wanted.knows_velocities => {
            Ok(Some(Meaning::Velocity))
        }
        ("id", ColumnKind::Integer, 1) => Ok(Some(Meaning::Id)),
        ("siteen", ColumnKind::Real, 1) => Ok(Some(Meaning::SiteEnergy)),
        ("nbhgrades", ColumnKind::Real, 1) => Ok(Some(Meaning::Grade)),
        // `REF_forces:R:2`, and not `force_norm:R:1`
        (other, _, _) if may_be_forces(name) && (other.ends_with("force") || other.ends_with("forces")) => {
            if is_vector || wanted.keys.forces.is_some() {
                return Ok(None);
            }
            must_be("R:3", false, Meaning::Force)
        }
        _ => Ok(None),
    }
}

fn letter(kind: ColumnKind) -> char {
    match kind {
        ColumnKind::Real => 'R',
        ColumnKind::Integer => 'I',
        ColumnKind::Logical => 'L',
        ColumnKind::Text => 'S',
    }
}
