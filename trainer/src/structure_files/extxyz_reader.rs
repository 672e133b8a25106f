//! Extended XYZ, and plain XYZ as its simplest case: any number of frames.
//!
//! A frame that cannot be read is left out and told, and the next one is found by the line that holds nothing but its number of
//! atoms. `free_energy` goes before `energy` unless another is asked for, `virial` before `stress`. `vel` is in Å/fs.
//! Other keys become features.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::cfg::ELEMENTS;
use super::extxyz_comment::parse;
use super::extxyz_declared::{Units, UnitsOfFrames};
use super::extxyz_elements as elements;
use super::extxyz_hints::{check_lattice, plain_comment, unread_labels};
use super::extxyz_keys::{Key, squeezed};
use super::extxyz_labels::Comment;
use super::extxyz_properties::{Properties, Rows, Wanted};
use super::extxyz_units::Quantity;
use super::extxyz_values::invalid;
use super::format::{Columns, Entry, Evidence, Reader, Writer};
use super::lines::Lines;
use super::reader::Source;
use super::remarks::{Remarks, Steps};
use super::structure::{Column, Structure};
use super::writer::check_finite;
use super::{Format, ReadSettings, extxyz_writer};
use crate::endpoint::Stream;

impl Format {
    /// XYZ, plain and extended.
    pub const EXTXYZ: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &[".xyz", ".extxyz"],
    recognize: |head| head.first.parse::<u64>().ok().map(|_| Evidence::Word),
    writer: Some(Writer {
        write: extxyz_writer::write,
        holds_labels: true,
        holds_velocities: true,
        columns: Columns::All,
    }),
    ..Entry::read(
        "extended XYZ",
        &["extxyz", "xyz"],
        Reader::OfText(|stream, name, settings| Box::new(ExtendedXyzSource::new(stream, name, settings))),
    )
};

/// 1 Å/fs in Å/ps.
pub(super) const PER_FEMTOSECOND: f64 = 1000.0;

/// Reads extended XYZ.
pub(super) struct ExtendedXyzSource {
    lines: Lines,
    steps: Steps,
    units: UnitsOfFrames,
}

impl ExtendedXyzSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self {
            lines: Lines::new(stream, name),
            steps: Steps::new(name, settings),
            units: UnitsOfFrames::default(),
        }
    }

    /// Reads the frame that begins on the current line; its fault, if it has one, is the inner error.
    fn read_frame(&mut self) -> Result<std::result::Result<Structure, Error>> {
        let lines = &mut self.lines;
        let line = lines.number();
        let atoms = count_of_atoms(lines)?;
        if !lines.advance()? {
            return Ok(Err(lines.error("expected a comment line, got the end of the file")));
        }
        let comment = lines.place(0);
        let at_comment = |error: Error| error.at(comment.clone());
        let mut frame = Frame::begin(lines.text(), &self.steps.settings).map_err(at_comment);
        if let Some(error) = read_rows(lines, atoms, &mut frame)? {
            return Ok(Err(error));
        }
        // What ends with the last word may have been longer: a number that is cut is a number still.
        let cut = if atoms > 0 { lines.note_of_cut() } else { None };
        if let Some(more) = pass_over_more_rows(lines, atoms)? {
            frame = Err(frame.err().unwrap_or(more));
        }
        let read = frame.and_then(|frame| frame.structure(atoms, &self.steps.settings).map_err(at_comment));
        let Read { structure, notes, units, present } = match read {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let units = self.units.notes(self.steps.count, &units, &present);
        for note in notes.into_iter().chain(units).chain(cut) {
            self.steps.remarks.note(note);
        }
        Ok(Ok(Structure { line, ..structure }))
    }
}

/// The number of atoms, which stands alone on the current line.
fn count_of_atoms(lines: &Lines) -> Result<usize> {
    let mut words = lines.words();
    let atoms = lines.integer(lines.word(&mut words, "a number of atoms")?, "the number of atoms")?;
    match words.next() {
        None => Ok(atoms),
        Some(word) => Err(lines.error_at(word, "expected the number of atoms alone on its line")),
    }
}

/// Reads the rows of a frame, which keeps the first fault; the error of one that has fewer.
fn read_rows(lines: &mut Lines, atoms: usize, frame: &mut Result<Frame>) -> Result<Option<Error>> {
    for row in 0..atoms {
        let is_there = lines.advance()?;
        // No row is a single word: the number of atoms was wrong, and here the next frame begins.
        if !is_there || is_count(lines) {
            let what = if is_there { "the next frame" } else { "the end of the file" };
            let error = lines.error(format!("expected {atoms} rows of atoms, got {row} and {what}"));
            if is_there {
                lines.give_back();
            }
            return Ok(Some(error));
        }
        let read = frame.as_mut().map(|frame| frame.properties.read_row(lines, &mut frame.rows));
        if let Ok(Err(error)) = read {
            *frame = Err(error);
        }
    }
    Ok(None)
}

/// Goes on to the next frame, and has the next `advance` give its line; the error of a frame with more rows.
fn pass_over_more_rows(lines: &mut Lines, atoms: usize) -> Result<Option<Error>> {
    let mut more = None;
    let mut is_there = lines.advance_over_blank()?;
    while is_there && !is_count(lines) {
        more = more.or_else(|| {
            Some(lines.error(format!("expected {atoms} rows of atoms and the next frame, got more rows")))
        });
        is_there = lines.advance()?;
    }
    if is_there {
        lines.give_back();
    }
    Ok(more)
}

impl Source for ExtendedXyzSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        while self.lines.advance_over_blank()? {
            self.steps.count += 1;
            let line = self.lines.number();
            let error = match self.read_frame()? {
                Ok(structure) => return Ok(Some(structure)),
                Err(error) => error,
            };
            if self.steps.settings.strict {
                return Err(error);
            }
            let line = error.place().map_or(line, |place| place.line);
            self.steps.leave_out(line, reason(&error))?;
        }
        Ok(None)
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}

/// Message and hint of an error without its place.
fn reason(error: &Error) -> String {
    let text = error.to_string();
    let place = error.place().map(|place| format!("{place}: ")).unwrap_or_default();
    text.strip_prefix(&place).unwrap_or(&text).to_owned()
}

/// Whether the current line holds a number of atoms and nothing else.
fn is_count(lines: &Lines) -> bool {
    let mut words = lines.words();
    words.next().is_some_and(|word| word.parse::<u64>().is_ok()) && words.next().is_none()
}

/// A frame that has been read.
struct Read {
    structure: Structure,
    /// What the user should know.
    notes: Vec<String>,
    units: Units,
    /// What the frame has that has a unit.
    present: Vec<Quantity>,
}

/// A frame whose comment line has been read.
struct Frame {
    comment: Comment,
    units: Units,
    properties: Properties,
    rows: Rows,
    is_extended: bool,
}

impl Frame {
    fn begin(text: &str, settings: &ReadSettings) -> Result<Self> {
        // A comment in words belongs to plain XYZ, apostrophes included.
        let pairs = match parse(text) {
            Err(message) if text.contains('=') => return Err(invalid(message)),
            pairs => pairs.unwrap_or_default(),
        };
        let is_extended = text.contains('=');
        let mut comment = Comment::new(if is_extended { pairs } else { Vec::new() });
        if !is_extended {
            comment.notes.extend(plain_comment(text)?.map(str::to_owned));
        }
        let units = comment.units()?;
        let text = comment.properties()?.unwrap_or_else(|| Properties::PLAIN.to_owned());
        let knows_velocities = units.declared(Quantity::Velocity).is_some();
        let mut rows = Rows::default();
        let properties =
            Properties::parse(&text, Wanted { keys: &settings.keys, knows_velocities }, &mut rows)?;
        comment.notes.append(&mut rows.notes);
        Ok(Self { comment, units, properties, rows, is_extended })
    }

    fn structure(self, atoms: usize, settings: &ReadSettings) -> Result<Read> {
        let Self { mut comment, units, mut rows, is_extended, .. } = self;
        if atoms == 0 {
            return Err(invalid("expected atoms in a frame, got none".to_owned()));
        }
        comment.check_count(atoms)?;
        let has_lattice = comment.has(&Key::Lattice);
        let mut structure = crystal(&mut comment, &units, &mut rows)?;
        let mut present = take_labels(&mut structure, &mut comment, &units, rows, settings)?;
        check_numbers(&structure)?;
        units.note_undeclared(&present, &mut comment.notes);
        comment.notes.extend(unread_labels(&comment, &structure, &settings.keys));
        comment.notes.extend(forces_of_constraints(&structure));
        if is_extended {
            structure.configuration.features = features(comment.pairs, &mut comment.notes);
        }
        present.push(Quantity::Position);
        present.extend(has_lattice.then_some(Quantity::Lattice));
        Ok(Read { structure, notes: comment.notes, units, present })
    }
}

/// Lattice, elements, positions and velocities of a frame, and what is handed on.
fn crystal(comment: &mut Comment, units: &Units, rows: &mut Rows) -> Result<Structure> {
    let (has_lattice, says_pbc) = (comment.has(&Key::Lattice), comment.has(&Key::Periodic));
    let lattice = comment.lattice(units)?;
    check_lattice(comment, has_lattice, says_pbc)?;
    check_lengths(units, has_lattice)?;
    let (names, species) = elements::number(&rows.symbols, &rows.atomic_numbers, &mut comment.notes)?;
    let positions = scaled(&rows.positions, units.of(Quantity::Position).factor).unwrap_or_default();
    let mut structure = Structure::new(lattice, species, positions)?;
    structure.elements = Some(names.into_vec());
    structure.columns = std::mem::take(&mut rows.columns);
    structure.velocities = scaled(&rows.velocities, PER_FEMTOSECOND * units.of(Quantity::Velocity).factor);
    Ok(structure)
}

/// Gives a frame its labels; the quantities that are there.
fn take_labels(
    structure: &mut Structure,
    comment: &mut Comment,
    units: &Units,
    rows: Rows,
    settings: &ReadSettings,
) -> Result<Vec<Quantity>> {
    check_same_forces(&rows.forces, &rows.other_forces)?;
    let atoms = structure.configuration.len();
    let has_velocities = structure.velocities.is_some() || structure.columns.iter().any(is_of_velocities);
    let energy = comment.energy(settings, units, atoms, has_velocities)?;
    let (virial, mut present) = comment.virial(settings, units, &structure.lattice(), atoms)?;
    let configuration = &mut structure.configuration;
    if !rows.ids.is_empty() {
        configuration.ids = rows.ids;
    }
    configuration.energy = energy;
    configuration.virial = virial;
    configuration.forces = scaled(&rows.forces, units.of(Quantity::Force).factor);
    let unit = units.of(Quantity::Energy);
    let site_energies: Vec<f64> =
        rows.site_energies.into_iter().map(|energy| unit.convert(energy, 1)).collect();
    configuration.site_energies = (!site_energies.is_empty()).then_some(site_energies);
    configuration.neighborhood_grades = (!rows.grades.is_empty()).then_some(rows.grades);
    present.extend(energy.map(|_| Quantity::Energy));
    present.extend(configuration.forces.as_ref().map(|_| Quantity::Force));
    Ok(present)
}

/// Vectors times a factor, if there are any.
fn scaled(vectors: &[Vector3], factor: f64) -> Option<Vec<Vector3>> {
    let scaled = vectors.iter().map(|vector| vector.map(|component| component * factor));
    (!vectors.is_empty()).then(|| scaled.collect())
}

/// Units may carry a number beyond what a double holds.
fn check_numbers(structure: &Structure) -> Result<()> {
    check_finite(structure)?;
    let mut site_energies = structure.configuration.site_energies.iter().flatten();
    match site_energies.find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(value) => Err(invalid(format!("expected finite site energies, got {value}"))),
    }
}

/// Positions and lattice must have the same unit or both say theirs.
fn check_lengths(units: &Units, has_lattice: bool) -> Result<()> {
    let (positions, lattice) = (units.declared(Quantity::Position), units.declared(Quantity::Lattice));
    if has_lattice
        && units.of(Quantity::Position) != units.of(Quantity::Lattice)
        && (positions.is_none() || lattice.is_none())
    {
        let without = if positions.is_none() { "positions" } else { "lattice" };
        let error =
            invalid(format!("the unit of the {without} is not declared, and the other length is not in Å"));
        return Err(error.hint("declare one for both: length-unit="));
    }
    Ok(())
}

fn check_same_forces(first: &[Vector3], second: &[Vector3]) -> Result<()> {
    let differ = |(a, b): (&f64, &f64)| (a - b).abs() > 1e-5 + 1e-5 * a.abs();
    if first.iter().flatten().zip(second.iter().flatten()).any(differ) {
        let error = invalid("two columns of forces contradict each other".to_owned());
        return Err(error.hint("take one: --forces-key forces"));
    }
    Ok(())
}

fn is_of_velocities(column: &Column) -> bool {
    ["velo", "velocity", "velocities", "momenta"].contains(&squeezed(&column.name).as_str())
}

/// A note where atoms that do not move have no forces and others have: these may be forces of a constraint.
fn forces_of_constraints(structure: &Structure) -> Option<String> {
    let mask = structure.columns.iter().find(|column| squeezed(&column.name) == "movemask")?;
    let forces = structure.configuration.forces.as_ref()?;
    let truths: Vec<bool> =
        mask.words.iter().map(|word| ["T", "True", "1"].contains(&word.as_str())).collect();
    let moves = |atom: usize, axis: usize| {
        truths.get(atom * mask.width + if mask.width == 3 { axis } else { 0 }).copied().unwrap_or(true)
    };
    let (mut held, mut free) = (Vec::new(), Vec::new());
    for (atom, force) in forces.iter().enumerate() {
        for (axis, component) in force.iter().enumerate() {
            if moves(atom, axis) { &mut free } else { &mut held }.push(*component);
        }
    }
    let are_zero = |forces: &[f64]| forces.iter().all(|force| *force == 0.0);
    (!held.is_empty() && are_zero(&held) && !are_zero(&free)).then(|| {
        "forces that move_mask holds are all zero: they may be those of a constraint, and not of the electrons".to_owned()
    })
}

/// Pairs without meaning here as features. One that `.cfg` would take for the names of its types gets another name.
fn features(pairs: Vec<(String, String)>, notes: &mut Vec<String>) -> Vec<(String, String)> {
    let mut features: Vec<(String, String)> = pairs.into_iter().map(feature).collect();
    let others: Vec<String> = features.iter().map(|(key, _)| key.clone()).collect();
    for (key, _) in &mut features {
        if key.eq_ignore_ascii_case(ELEMENTS) {
            let own = key.clone();
            while others.contains(key) {
                key.push('_');
            }
            notes.push(format!("{own} is not read, the rows name the elements: it is kept as {key}"));
        }
    }
    features
}

/// A pair without meaning here as a feature, whose key is one word and whose value one line.
fn feature((key, value): (String, String)) -> (String, String) {
    let key: Vec<&str> = key.split_whitespace().collect();
    let key = if key.is_empty() { "_".to_owned() } else { key.join("_") };
    let value = value.replace(['\n', '\r'], " ");
    (key, value.trim_matches([' ', '\t']).to_owned())
}
