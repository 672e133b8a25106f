//! LAMMPS data files with atom styles `atomic`, `charge`, `full` and their like; units `metal`.
//!
//! Elements are those of the type labels and the comments of `Masses`, or follow from masses that belong to one element
//! only (within 0.1 u), which is said; what contradicts each other is refused. Rows must have the words of their atom
//! style. The box repeats in all directions unless the first line says `boundary p p f`.

use std::collections::HashMap;

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::format::{Columns, Entry, Evidence, Reader, Writer};
use super::lammps_columns::atom_type;
use super::lammps_data_header::{Header, is_section, without_comment};
use super::lammps_types::{self, Mass};
use super::lines::{Lines, shown};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::{Column, ColumnKind, Structure};
use super::type_names::{self, NamedType};
use super::{Format, ReadSettings, lammps_data_writer};
use crate::endpoint::Stream;

impl Format {
    /// LAMMPS data file.
    pub const LAMMPS_DATA: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &[".data", ".lmp", ".lammps-data"],
    beginnings: &["data."],
    recognize: |head| head.lines.iter().any(|line| counts_atoms(line)).then_some(Evidence::Word),
    holds_many: false,
    numbers_species: true,
    writer: Some(Writer {
        write: lammps_data_writer::write,
        holds_labels: false,
        holds_velocities: true,
        columns: Columns::None,
    }),
    ..Entry::read("LAMMPS data", &["lammps-data", "lammps-datafile"], Reader::OfText(DataSource::open))
};

fn counts_atoms(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next().is_some_and(|word| word.parse::<u64>().is_ok()) && words.next() == Some("atoms")
}

/// An atom style. All rows have the same words, and three image flags may follow.
struct Style {
    name: &'static str,
    /// The words before `x`.
    before: &'static [&'static str],
    /// How many words follow `z`.
    after: usize,
}

impl Style {
    const fn new(name: &'static str, before: &'static [&'static str], after: usize) -> Self {
        Self { name, before, after }
    }

    /// Words of a row without image flags.
    const fn words(&self) -> usize {
        self.before.len() + 3 + self.after
    }

    fn has_rows_of(&self, words: usize) -> bool {
        words == self.words() || words == self.words() + IMAGE_FLAGS
    }
}

/// Words of a row that say in which image of the box an atom is.
const IMAGE_FLAGS: usize = 3;

const STYLES: [Style; 8] = [
    Style::new("atomic", &["id", "type"], 0),
    Style::new("charge", &["id", "type", "q"], 0),
    Style::new("bond", &["id", "mol", "type"], 0),
    Style::new("angle", &["id", "mol", "type"], 0),
    Style::new("molecular", &["id", "mol", "type"], 0),
    Style::new("full", &["id", "mol", "type", "q"], 0),
    Style::new("sphere", &["id", "type", "diameter", "density"], 0),
    Style::new("dipole", &["id", "type", "q"], 3),
];

/// Reads one data file.
pub(super) struct DataSource {
    lines: Lines,
    settings: ReadSettings,
    remarks: Remarks,
    ended: bool,
}

/// What the sections hold.
#[derive(Default)]
struct Sections {
    labels: Vec<(u32, String)>,
    masses: Vec<(u32, Mass)>,
    ids: Vec<i64>,
    /// Line of each id.
    lines: HashMap<i64, usize>,
    types: Vec<u32>,
    positions: Vec<Vector3>,
    velocities: HashMap<i64, Vector3>,
    columns: Vec<Column>,
}

impl DataSource {
    fn open(stream: Stream, name: &str, settings: &ReadSettings) -> Box<dyn Source> {
        let (lines, settings) = (Lines::new(stream, name), settings.clone());
        Box::new(Self { lines, settings, remarks: Remarks::default(), ended: false })
    }

    fn read_file(&mut self) -> Result<Structure> {
        let line = self.lines.number();
        let header = Header::read(&mut self.lines)?;
        let mut sections = Sections::default();
        loop {
            let heading = self.lines.text().to_owned();
            let name = without_comment(&heading);
            let rows = match name {
                "Atoms" | "Velocities" => header.atoms,
                "Masses" | "Atom Type Labels" => header.types,
                _ => 0,
            };
            match name {
                "Atoms" => self.read_atoms(&heading, rows, &mut sections)?,
                "Velocities" => self.read_velocities(rows, &mut sections)?,
                "Masses" => self.read_masses(rows, &mut sections)?,
                "Atom Type Labels" => self.read_labels(rows, &mut sections)?,
                _ => {}
            }
            if !self.find_section(rows > 0, &heading)? {
                break;
            }
        }
        let place = self.lines.place(0);
        self.structure(&header, sections, line).map_err(|error| match error.place() {
            Some(_) => error,
            None => error.at(place),
        })
    }

    /// Goes to the next section heading; `false` at the end. After a section that was read, anything else is surplus.
    fn find_section(&mut self, was_read: bool, heading: &str) -> Result<bool> {
        while self.lines.advance_over_blank()? {
            if is_section(self.lines.text()) {
                return Ok(true);
            }
            if was_read && !without_comment(self.lines.text()).is_empty() {
                let message = format!("the section {} has more rows than announced", heading.trim());
                return Err(self.lines.error(message));
            }
        }
        Ok(false)
    }

    /// Goes to the next row of a section.
    fn next_row(&mut self, what: &str) -> Result<()> {
        while self.lines.advance_over_blank()? {
            if !without_comment(self.lines.text()).is_empty() {
                self.remarks.notes.extend(self.lines.note_of_cut());
                return Ok(());
            }
        }
        Err(self.lines.error(format!("expected {what}, got the end of the file")))
    }

    fn read_labels(&mut self, types: usize, sections: &mut Sections) -> Result<()> {
        for _ in 0..types {
            self.next_row("an atom type and its label")?;
            let mut words = self.lines.words();
            let number = atom_type(&self.lines, self.lines.word(&mut words, "an atom type")?)?;
            sections.labels.push((number, self.lines.word(&mut words, "a label")?.to_owned()));
        }
        Ok(())
    }

    fn read_masses(&mut self, types: usize, sections: &mut Sections) -> Result<()> {
        for _ in 0..types {
            self.next_row("an atom type and its mass")?;
            let (row, comment) = self.lines.text().split_once('#').unwrap_or((self.lines.text(), ""));
            let mut words = row.split_whitespace();
            let number = self.type_of(self.lines.word(&mut words, "an atom type")?, &sections.labels)?;
            let mass = self.lines.float(self.lines.word(&mut words, "a mass")?, "a mass")?;
            let comment = comment.trim().to_owned();
            sections.masses.push((number, Mass { mass, comment, line: self.lines.number() }));
        }
        Ok(())
    }

    fn read_atoms(&mut self, heading: &str, atoms: usize, sections: &mut Sections) -> Result<()> {
        let named = heading.split_once('#').map(|(_, comment)| comment.trim().to_owned());
        let named = named.filter(|style| !style.is_empty()).or_else(|| self.settings.atom_style.clone());
        let mut style: Option<&Style> = None;
        for _ in 0..atoms {
            self.next_row("a row of an atom")?;
            let style = match style {
                Some(style) => style,
                None => *style.insert(self.style(named.as_deref(), sections)?),
            };
            self.read_atom(style, sections)?;
        }
        Ok(())
    }

    /// Reads the row that is the current line.
    fn read_atom(&self, style: &Style, sections: &mut Sections) -> Result<()> {
        let words: Vec<&str> = without_comment(self.lines.text()).split_whitespace().collect();
        let mut columns = sections.columns.iter_mut();
        for (name, word) in style.before.iter().zip(&words) {
            match *name {
                "id" => {
                    let id = self.lines.integer(word, "an atom id")?;
                    self.check_length(style, &words)?;
                    if let Some(first) = sections.lines.insert(id, self.lines.number()) {
                        let message = format!("atom id {id} is given twice, first in line {first}");
                        return Err(self.lines.error_at(word, message));
                    }
                    sections.ids.push(id);
                }
                "type" => sections.types.push(self.type_of(word, &sections.labels)?),
                _ => columns.by_ref().take(1).for_each(|column| column.words.push((*word).to_owned())),
            }
        }
        let mut position = words.into_iter().skip(style.before.len());
        sections.positions.push(self.lines.floats(&mut position, "a position")?);
        Ok(())
    }

    /// Refuses a row that is not one of the style: its words would be taken for something else.
    fn check_length(&self, style: &Style, words: &[&str]) -> Result<()> {
        let (name, expected, got) = (style.name, style.words(), words.len());
        if !style.has_rows_of(got) {
            let with_flags = expected + IMAGE_FLAGS;
            let message = format!(
                "expected {expected} words of atom style {name}, or {with_flags} with image flags, got {got}"
            );
            return Err(self.lines.error(message).hint(hint_of_style(got)));
        }
        match words[expected..].iter().find(|word| word.parse::<i64>().is_err()) {
            None => Ok(()),
            Some(word) => {
                let message = format!(
                    "expected integers for the image flags behind {expected} words of atom style {name}, got {}",
                    shown(word)
                );
                Err(self.lines.error_at(word, message).hint(hint_of_style(got)))
            }
        }
    }

    /// The style that is named, or that of the current row where the number of its words can mean only one thing.
    fn style(&self, named: Option<&str>, sections: &mut Sections) -> Result<&'static Style> {
        let count = without_comment(self.lines.text()).split_whitespace().count();
        let style = match named {
            Some(named) => STYLES.iter().find(|style| style.name == named),
            // Five words, or eight with image flags, can be nothing else.
            None => STYLES[..1].iter().find(|style| style.has_rows_of(count)),
        };
        let Some(style) = style else {
            let known = STYLES.iter().map(|style| style.name).collect::<Vec<_>>().join(", ");
            let message = match named {
                Some(named) => format!("atom style {} is not read, expected one of {known}", shown(named)),
                None => format!("the heading Atoms names no atom style, and rows have {count} words"),
            };
            let error = self.lines.error(message);
            return Err(error.hint("write Atoms # charge, for example, or give --atom-style"));
        };
        for name in style.before.iter().filter(|name| !["id", "type"].contains(name)) {
            let kind = if *name == "mol" { ColumnKind::Integer } else { ColumnKind::Real };
            sections.columns.push(Column { name: (*name).to_owned(), kind, width: 1, words: Vec::new() });
        }
        Ok(style)
    }

    fn type_of(&self, word: &str, labels: &[(u32, String)]) -> Result<u32> {
        match labels.iter().find(|(_, label)| label == word) {
            Some((number, _)) => Ok(*number),
            None => atom_type(&self.lines, word),
        }
    }

    fn read_velocities(&mut self, atoms: usize, sections: &mut Sections) -> Result<()> {
        for _ in 0..atoms {
            self.next_row("a row of a velocity")?;
            let mut words = self.lines.words();
            let id = self.lines.integer(self.lines.word(&mut words, "an atom id")?, "an atom id")?;
            sections.velocities.insert(id, self.lines.floats(&mut words, "a velocity")?);
        }
        Ok(())
    }

    fn structure(&mut self, header: &Header, sections: Sections, line: usize) -> Result<Structure> {
        let invalid = |message: String| Error::new(ErrorKind::Syntax, message);
        if sections.positions.len() != header.atoms {
            return Err(invalid("expected the section Atoms, got none".to_owned()));
        }
        if let Some(number) = sections.types.iter().find(|&&number| number as usize > header.types) {
            return Err(invalid(format!("expected atom types up to {}, got {number}", header.types)));
        }
        let types = self.types(header.types, &sections)?;
        let species = sections.types.iter().map(|number| number - 1).collect();
        let mut structure = Structure::new(header.lattice, species, sections.positions)?;
        if let Some(names) = type_names::elements(&types) {
            type_names::merge(&mut structure, &names);
            structure.is_ordered = true;
            self.remarks.notes.extend(lammps_types::note_of_merged(&types));
        }
        structure.types = types.into();
        structure.columns = sections.columns;
        structure.line = line;
        if !sections.velocities.is_empty() {
            let velocity = |id| sections.velocities.get(id).copied();
            let velocities: Option<Vec<Vector3>> = sections.ids.iter().map(velocity).collect();
            structure.velocities =
                Some(velocities.ok_or_else(|| invalid("expected a velocity for each atom id".to_owned()))?);
        }
        structure.configuration.ids = sections.ids;
        structure.sort_by_id();
        Ok(structure)
    }

    /// The elements of the types, as far as the file names them.
    fn types(&mut self, types: usize, sections: &Sections) -> Result<Vec<Option<NamedType>>> {
        let labels: HashMap<u32, &str> =
            sections.labels.iter().map(|(number, label)| (*number, label.as_str())).collect();
        let masses: HashMap<u32, &Mass> =
            sections.masses.iter().map(|(number, mass)| (*number, mass)).collect();
        let mut by_mass = Vec::new();
        let mut named = Vec::new();
        for number in (1..).take(types.min(labels.len().max(masses.len()))) {
            let given = self.settings.input_species.as_ref();
            let given = given.and_then(|given| given.get(number as usize - 1)).map(String::as_str);
            let (label, mass) = (labels.get(&number).copied(), masses.get(&number).copied());
            let found = lammps_types::element(number, label, mass, given).map_err(|error| {
                let line = mass.map_or(0, |mass| mass.line);
                error.at(Place { line, ..self.lines.place(0) })
            })?;
            if let Some((named, true)) = &found {
                by_mass.push((number, named.clone(), mass.map_or(0.0, |mass| mass.mass)));
            }
            named.push(found.map(|(named, _)| named));
        }
        self.remarks.notes.extend(lammps_types::note_of_weighed(&by_mass));
        named.resize(if named.is_empty() { 0 } else { types }, None);
        Ok(named)
    }
}

/// What to do about rows of this many words that are not of the style.
fn hint_of_style(words: usize) -> String {
    let styles: Vec<&str> =
        STYLES.iter().filter(|style| style.has_rows_of(words)).map(|style| style.name).collect();
    let styles = if styles.is_empty() { "no style that is read".to_owned() } else { styles.join(", ") };
    format!(
        "name the style of the rows, as in Atoms # charge, or by --atom-style where the heading names none; \
         rows of {words} words belong to {styles}"
    )
}

impl Source for DataSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        if std::mem::replace(&mut self.ended, true) || !self.lines.advance()? {
            return Ok(None);
        }
        self.read_file().map(Some)
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
    }
}
