//! Extended XYZ, and plain XYZ as its simplest case: any number of frames.
//!
//! A frame that cannot be read is left out and told, and the next one is found by the line that holds nothing but its number of
//! atoms. `free_energy` goes before `energy` unless another is asked for, `virial` before `stress`. `vel` is in Å/fs.
//! Other keys become features.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, Result};

use super::ReadSettings;
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
use super::lines::Lines;
use super::reader::Source;
use super::remarks::{LeftOut, Remarks};
use super::structure::{Column, Structure};
use super::writer::check_finite;
use crate::endpoint::Stream;

/// 1 Å/fs in Å/ps.
pub(super) const PER_FEMTOSECOND: f64 = 1000.0;

/// Reads extended XYZ.
pub(super) struct ExtendedXyzSource {
    lines: Lines,
    file: String,
    settings: ReadSettings,
    frames: u64,
    units: UnitsOfFrames,
    remarks: Remarks,
}

impl ExtendedXyzSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self {
            lines: Lines::new(stream, name),
            file: name.to_owned(),
            settings: settings.clone(),
            frames: 0,
            units: UnitsOfFrames::default(),
            remarks: Remarks::default(),
        }
    }

    /// Reads the frame that begins on the current line; its fault, if it has one, is the inner error.
    fn read_frame(&mut self) -> Result<std::result::Result<Structure, Error>> {
        let lines = &mut self.lines;
        let line = lines.number();
        let mut words = lines.words();
        let word = lines.word(&mut words, "a number of atoms")?;
        let atoms: usize = lines.integer(word, "the number of atoms")?;
        if let Some(word) = words.next() {
            return Err(lines.error_at(word, "expected the number of atoms alone on its line"));
        }
        if !lines.advance()? {
            return Ok(Err(lines.error("expected a comment line, got the end of the file")));
        }
        let mut frame = Frame::begin(lines.text(), &self.settings).map_err(|error| error.at(lines.place(0)));
        let comment = lines.place(0);
        for row in 0..atoms {
            if !lines.advance()? {
                let error =
                    lines.error(format!("expected {atoms} rows of atoms, got {row} and the end of the file"));
                return Ok(Err(error));
            }
            if is_count(lines) {
                // No row is a single word: the number of atoms was wrong, and here the next frame begins.
                let error =
                    lines.error(format!("expected {atoms} rows of atoms, got {row} and the next frame"));
                lines.give_back();
                return Ok(Err(error));
            }
            let read = frame.as_mut().map(|frame| frame.properties.read_row(lines, &mut frame.rows));
            if let Ok(Err(error)) = read {
                frame = Err(error);
            }
        }
        // What ends with the last word may have been longer: a number that is cut is a number still.
        let cut = if atoms > 0 { lines.note_of_cut() } else { None };
        if lines.advance_over_blank()? {
            if is_count(lines) {
                lines.give_back();
            } else {
                let more =
                    lines.error(format!("expected {atoms} rows of atoms and the next frame, got more rows"));
                frame = Err(frame.err().unwrap_or(more));
                while lines.advance()? {
                    if is_count(lines) {
                        lines.give_back();
                        break;
                    }
                }
            }
        }
        let read =
            frame.and_then(|frame| frame.structure(atoms, &self.settings).map_err(|error| error.at(comment)));
        let Read { structure, notes, units, present } = match read {
            Ok(read) => read,
            Err(error) => return Ok(Err(error)),
        };
        let units = self.units.notes(self.frames, &units, &present);
        for note in notes.into_iter().chain(units).chain(cut) {
            self.remarks.note(note);
        }
        Ok(Ok(Structure { line, ..structure }))
    }
}

impl Source for ExtendedXyzSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        while self.lines.advance_over_blank()? {
            self.frames += 1;
            let line = self.lines.number();
            let error = match self.read_frame()? {
                Ok(structure) => return Ok(Some(structure)),
                Err(error) => error,
            };
            if self.settings.strict {
                return Err(error);
            }
            let line = error.place().map_or(line, |place| place.line);
            let left_out = LeftOut { step: self.frames, line, reason: reason(&error) };
            self.remarks.leave_out(&self.file, left_out, &self.settings)?;
        }
        Ok(None)
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
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
        let Self { mut comment, units, rows, is_extended, .. } = self;
        if atoms == 0 {
            return Err(invalid("expected atoms in a frame, got none".to_owned()));
        }
        comment.check_count(atoms)?;
        let says_pbc = comment.has(&Key::Periodic);
        let has_lattice = comment.has(&Key::Lattice);
        let lattice = comment.lattice(&units)?;
        check_lattice(&comment, has_lattice, says_pbc)?;
        check_lengths(&units, has_lattice)?;
        let (names, species) = elements::number(&rows.symbols, &rows.atomic_numbers, &mut comment.notes)?;
        let scaled = |vectors: Vec<Vector3>, factor: f64| -> Vec<Vector3> {
            vectors.into_iter().map(|vector| vector.map(|component| component * factor)).collect()
        };
        let factor = |quantity| units.of(quantity).factor;
        let positions = scaled(rows.positions, factor(Quantity::Position));
        let mut structure = Structure::new(lattice, species, positions)?;
        structure.elements = Some(names.into_vec());
        structure.columns = rows.columns;
        let velocities = scaled(rows.velocities, PER_FEMTOSECOND * factor(Quantity::Velocity));
        structure.velocities = (!velocities.is_empty()).then_some(velocities);
        check_same_forces(&rows.forces, &rows.other_forces)?;
        let has_velocities = structure.velocities.is_some() || structure.columns.iter().any(is_of_velocities);
        let energy = comment.energy(settings, &units, atoms, has_velocities)?;
        let (virial, mut present) = comment.virial(settings, &units, &lattice, atoms)?;
        let configuration = &mut structure.configuration;
        if !rows.ids.is_empty() {
            configuration.ids = rows.ids;
        }
        let forces = scaled(rows.forces, factor(Quantity::Force));
        present.extend(energy.map(|_| Quantity::Energy));
        present.extend((!forces.is_empty()).then_some(Quantity::Force));
        configuration.forces = (!forces.is_empty()).then_some(forces);
        let energy_unit = units.of(Quantity::Energy);
        let site_energies: Vec<f64> =
            rows.site_energies.into_iter().map(|energy| energy_unit.convert(energy, 1)).collect();
        configuration.site_energies = (!site_energies.is_empty()).then_some(site_energies);
        configuration.neighborhood_grades = (!rows.grades.is_empty()).then_some(rows.grades);
        configuration.energy = energy;
        configuration.virial = virial;
        // Units may carry a number beyond what a double holds.
        check_finite(&structure)?;
        if let Some(value) =
            structure.configuration.site_energies.iter().flatten().find(|value| !value.is_finite())
        {
            return Err(invalid(format!("expected finite site energies, got {value}")));
        }
        units.note_undeclared(&present, &mut comment.notes);
        comment.notes.extend(unread_labels(
            &comment,
            &structure.columns,
            &structure.configuration,
            &settings.keys,
        ));
        comment.notes.extend(forces_of_constraints(&structure));
        if is_extended {
            structure.configuration.features = features(comment.pairs, &mut comment.notes);
        }
        present.push(Quantity::Position);
        present.extend(has_lattice.then_some(Quantity::Lattice));
        Ok(Read { structure, notes: comment.notes, units, present })
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
