//! The columns of extended XYZ: `Properties=species:S:1:pos:R:3:forces:R:3`, and what each of them is here.
//!
//! Elements, positions and forces of another shape than theirs are refused; of two columns of forces or elements that
//! say the same one is read, and contradictions are refused. Columns without a meaning are handed on.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::LabelKeys;
use super::extxyz_keys::{force_component, is_gradient, may_be_forces, squeezed};
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
    /// One component of the forces, or of the other ones; the first of them in a row begins the vector.
    ForceComponent {
        axis: usize,
        is_other: bool,
        begins: bool,
    },
    Velocity,
    Id,
    SiteEnergy,
    Grade,
    Other(usize),
}

/// A field of `Properties`.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'a str,
    kind: ColumnKind,
    width: usize,
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
    /// What the user should know.
    pub(super) notes: Vec<String>,
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
        let fields = fields(text)?;
        let mut properties = Self { columns: Vec::new(), words: 0 };
        let components = force_components(&fields, wanted, &mut rows.notes)?;
        for (&Field { name, kind, width }, component) in fields.iter().zip(components) {
            let found = match component {
                Some(component) => Some(component),
                None => meaning(name, kind, width, wanted)?,
            };
            let meaning = match found {
                Some(Meaning::Force) if properties.has(Meaning::OtherForce) => return Err(too_many_forces()),
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
                let column = Column { name: name.to_owned(), kind, width, words: Vec::new() };
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
                Meaning::ForceComponent { axis, is_other, begins } => {
                    let component = lines.float(self.word(lines, words)?, "a force")?;
                    let forces = if is_other { &mut rows.other_forces } else { &mut rows.forces };
                    if begins {
                        forces.push([0.0; 3]);
                    }
                    if let Some(force) = forces.last_mut() {
                        force[axis] = component;
                    }
                }
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
    let field = Field { name, kind, width };
    field.force_component().is_some() || !matches!(meaning(name, kind, width, wanted), Ok(None))
}

impl<'a> Field<'a> {
    /// The vector and the axis, if the column holds one component of forces.
    fn force_component(&self) -> Option<(&'a str, usize)> {
        let is_number = matches!(self.kind, ColumnKind::Real | ColumnKind::Integer) && self.width == 1;
        force_component(self.name).filter(|_| is_number)
    }
}

/// Takes the value of `Properties` apart.
fn fields(text: &str) -> Result<Vec<Field<'_>>> {
    let words: Vec<&str> = text.trim().split(':').collect();
    let mut fields: Vec<Field<'_>> = Vec::new();
    for words in words.chunks(3) {
        let &[name, kind, width] = words else {
            return Err(invalid(format!("expected name:type:columns in Properties, got {}", shown(text))));
        };
        let kind = match kind {
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
        if fields.iter().any(|field| field.name == name) {
            return Err(invalid(format!("column {name} is given twice")));
        }
        fields.push(Field { name, kind, width });
    }
    Ok(fields)
}

/// The fields that hold the components of forces, where all three of a vector are there: `fx:R:1:fy:R:1:fz:R:1`.
fn force_components(
    fields: &[Field<'_>],
    wanted: Wanted<'_>,
    notes: &mut Vec<String>,
) -> Result<Vec<Option<Meaning>>> {
    let mut meanings = vec![None; fields.len()];
    if wanted.keys.forces.is_some() {
        return Ok(meanings);
    }
    let is_whole = |field: &&Field<'_>| {
        matches!(meaning(field.name, field.kind, field.width, wanted), Ok(Some(Meaning::Force)))
    };
    let mut columns_of_forces = fields.iter().filter(is_whole).count();
    for places in force_vectors(fields)? {
        let [Some(x), Some(y), Some(z)] = places else { continue };
        let is_other = match columns_of_forces {
            0 => false,
            1 => true,
            _ => return Err(too_many_forces()),
        };
        columns_of_forces += 1;
        let first = x.min(y).min(z);
        for (axis, place) in [x, y, z].into_iter().enumerate() {
            meanings[place] = Some(Meaning::ForceComponent { axis, is_other, begins: place == first });
        }
        if !is_other {
            let names = [x, y, z].map(|place| fields[place].name).join(", ");
            notes.push(format!("{names} are read as the components of the forces"));
        }
    }
    Ok(meanings)
}

/// The vectors of forces whose components have columns of their own, and where these are.
fn force_vectors(fields: &[Field<'_>]) -> Result<Vec<[Option<usize>; 3]>> {
    let mut vectors: Vec<(&str, [Option<usize>; 3])> = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        let Some((vector, axis)) = field.force_component() else { continue };
        let known = vectors.iter().position(|(known, _)| *known == vector).unwrap_or_else(|| {
            vectors.push((vector, [None; 3]));
            vectors.len() - 1
        });
        if let Some(other) = vectors[known].1[axis].replace(place) {
            let message =
                format!("{} and {} are the same component of the forces", fields[other].name, field.name);
            return Err(invalid(message).hint("keep one of them"));
        }
    }
    Ok(vectors.into_iter().map(|(_, places)| places).collect())
}

fn too_many_forces() -> Error {
    invalid("expected forces in one column of Properties, or in two, got more".to_owned())
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
