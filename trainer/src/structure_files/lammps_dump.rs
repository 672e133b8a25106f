//! LAMMPS dumps in text form: any number of frames, restricted and general triclinic boxes, custom columns.
//!
//! Atoms come in the order of their ids; the columns `element` and `mass` name their elements. Units must be `metal`
//! where the dump says. The time step becomes the feature `step`, a time the feature `time`. A frame that cannot be
//! read is left out alone.

use mtprs_core::{Error, ErrorKind, Result};

use super::format::{Entry, Reader};
use super::lammps_box::{from_enclosing, is_periodic, of_bounds};
use super::lammps_columns::{Columns, Rows};
use super::lammps_types;
use super::lines::{Lines, shown};
use super::reader::Source;
use super::remarks::{Remarks, Steps};
use super::structure::{Lattice, Names, Structure};
use super::type_names::NamedType;
use super::{Format, ReadSettings};
use crate::constants::elements;
use crate::endpoint::Stream;

impl Format {
    /// LAMMPS dump, text.
    pub const LAMMPS_DUMP: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &[".lammpstrj", ".dump"],
    beginnings: &["dump."],
    recognize: |head| head.begins_with("ITEM:"),
    ..Entry::read("LAMMPS dump", &["lammps-dump"], Reader::OfText(DumpSource::open))
};

/// Reads a dump.
pub(super) struct DumpSource {
    lines: Lines,
    steps: Steps,
}

/// Why a frame could not be read.
enum Failure {
    /// What holds for all frames.
    File(Error),
    /// Something in this frame.
    Frame(Error),
}

/// What stands before the atoms of a frame.
#[derive(Default)]
struct Head {
    step: Option<String>,
    time: Option<String>,
    atoms: Option<usize>,
    lattice: Option<Lattice>,
}

impl DumpSource {
    fn open(stream: Stream, name: &str, settings: &ReadSettings) -> Box<dyn Source> {
        Box::new(Self { lines: Lines::new(stream, name), steps: Steps::new(name, settings) })
    }

    fn read_frame(&mut self) -> std::result::Result<Structure, Failure> {
        let line = self.lines.number();
        // What is wrong with the head of the first frame is wrong with all.
        let is_first = self.steps.count == 0;
        let of_head = |error| if is_first { Failure::File(error) } else { of_kind(error) };
        let (head, atoms, lattice) = self.read_head().map_err(of_head)?;
        let mut rows = Rows::default();
        let place = self.lines.place(0);
        let columns =
            Columns::read(&self.lines, &mut rows, self.steps.settings.follows_atoms).map_err(of_head)?;
        for _ in 0..atoms {
            self.lines.require("a row of an atom").map_err(of_kind)?;
            columns.read_row(&self.lines, &mut rows).map_err(of_kind)?;
        }
        if !self.lines.is_terminated() {
            let error = self.lines.error("expected the end of the line, got the end of the file");
            return Err(Failure::Frame(error));
        }
        let given = self.steps.settings.input_species.as_deref().unwrap_or_default();
        let structure = structure(rows, &columns, lattice, given, &mut self.steps.remarks);
        let mut structure = structure.map_err(|error| match error.kind() {
            // Who is wrong about elements is so in all frames.
            ErrorKind::Species => Failure::File(error.at(place)),
            _ => Failure::Frame(error.at(place)),
        })?;
        structure.line = line;
        structure.motion.time = head.time.as_ref().and_then(|time| time.parse().ok());
        for (key, value) in [("step", head.step), ("time", head.time)] {
            if let Some(value) = value {
                structure.configuration.set_feature(key, value);
            }
        }
        Ok(structure)
    }

    /// Reads up to the heading of the atoms: what stands before, their number, the box.
    fn read_head(&mut self) -> Result<(Head, usize, Lattice)> {
        let mut head = Head::default();
        while !self.lines.text().trim_end().starts_with("ITEM: ATOMS") {
            self.read_item(&mut head)?;
            self.lines.require("ITEM: ATOMS")?;
        }
        let missing = |what: &str| self.lines.error(format!("expected ITEM: {what} before ITEM: ATOMS"));
        let atoms = head.atoms.ok_or_else(|| missing("NUMBER OF ATOMS"))?;
        let lattice = head.lattice.ok_or_else(|| missing("BOX BOUNDS"))?;
        Ok((head, atoms, lattice))
    }

    /// Goes on to the line that begins the next frame after that of a line, and has the next `advance` give it.
    fn skip_frame(&mut self, begin: usize) -> Result<()> {
        loop {
            let begins = ["ITEM: TIMESTEP", "ITEM: TIME", "ITEM: UNITS"].contains(&self.lines.text().trim());
            if begins && self.lines.number() > begin {
                self.lines.give_back();
                return Ok(());
            }
            if !self.lines.advance()? {
                return Ok(());
            }
        }
    }

    /// Reads an item other than the atoms; its heading is the current line.
    fn read_item(&mut self, head: &mut Head) -> Result<()> {
        let lines = &mut self.lines;
        let heading = lines.text().trim().to_owned();
        let Some(item) = heading.strip_prefix("ITEM: ") else {
            let message = format!("expected ITEM: of a LAMMPS dump, got {}", shown(&heading));
            return Err(lines.error(message));
        };
        if let Some(kind) = item.strip_prefix("BOX BOUNDS") {
            head.lattice = Some(read_box(lines, kind)?);
            return Ok(());
        }
        lines.require("the value of an item")?;
        let value = lines.text().trim();
        match item {
            "TIMESTEP" => head.step = Some(value.to_owned()),
            "TIME" => head.time = Some(value.to_owned()),
            "NUMBER OF ATOMS" => head.atoms = Some(lines.integer(value, "the number of atoms")?),
            "UNITS" if value != "metal" && lines.is_terminated() => {
                let message = format!("expected units metal, got {}", shown(value));
                let error = Error::new(ErrorKind::Unsupported, message).at(lines.place(0));
                return Err(error.hint("only Å, eV and ps are read: write the dump with units metal"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Reads the three lines of a box; `kind` is what follows BOX BOUNDS in the heading.
fn read_box(lines: &mut Lines, kind: &str) -> Result<Lattice> {
    let words: Vec<&str> = kind.split_whitespace().collect();
    let (form, boundaries) =
        words.split_at(words.iter().take_while(|word| is_periodic(word).is_none()).count());
    let periodic: Option<Vec<bool>> = boundaries.iter().map(|word| is_periodic(word)).collect();
    let periodic: [bool; 3] = match periodic.and_then(|periodic| periodic.try_into().ok()) {
        Some(periodic) => periodic,
        // Dumps of long ago do not say.
        None if boundaries.is_empty() => [true; 3],
        None => {
            return Err(lines.error(format!("expected three boundaries like pp, got {}", shown(kind.trim()))));
        }
    };
    match form {
        [] => {
            let mut bounds = [[0.0; 2]; 3];
            for bound in &mut bounds {
                lines.require("bounds of the box")?;
                *bound = lines.floats(&mut lines.words(), "bounds of the box")?;
                check_bounds(lines, *bound)?;
            }
            Ok(of_bounds(bounds, [0.0; 3], periodic))
        }
        ["xy", "xz", "yz"] => {
            let mut enclosing = [[0.0; 2]; 3];
            let mut tilts = [0.0; 3];
            for (bound, tilt) in enclosing.iter_mut().zip(&mut tilts) {
                lines.require("bounds and a tilt factor of the box")?;
                let [low, high, factor] = lines.floats(&mut lines.words(), "bounds and a tilt factor")?;
                (*bound, *tilt) = ([low, high], factor);
            }
            let bounds = from_enclosing(enclosing, tilts);
            bounds.iter().try_for_each(|bound| check_bounds(lines, *bound))?;
            Ok(of_bounds(bounds, tilts, periodic))
        }
        ["abc", "origin"] => {
            let mut lattice = Lattice { vectors: [[0.0; 3]; 3], periodic, origin: [0.0; 3] };
            for (vector, origin) in lattice.vectors.iter_mut().zip(&mut lattice.origin) {
                lines.require("a vector and the origin of the box")?;
                let [x, y, z, corner] = lines.floats(&mut lines.words(), "a vector and the origin")?;
                (*vector, *origin) = ([x, y, z], corner);
            }
            Ok(lattice)
        }
        _ => Err(lines.error(format!(
            "expected BOX BOUNDS, BOX BOUNDS xy xz yz or BOX BOUNDS abc origin, got {}",
            shown(kind.trim())
        ))),
    }
}

/// Refuses a box that is turned inside out.
fn check_bounds(lines: &Lines, [low, high]: [f64; 2]) -> Result<()> {
    if low <= high {
        return Ok(());
    }
    Err(lines.error(format!("expected a lower and an upper bound of the box, got {low} and {high}")))
}

/// Whether an error is about the frame alone.
fn of_kind(error: Error) -> Failure {
    if error.kind() == ErrorKind::Syntax { Failure::Frame(error) } else { Failure::File(error) }
}

/// Most types whose elements are looked up one by one.
const MAX_TYPES: u32 = 1 << 12;

/// What LAMMPS calls all types where `dump_modify element` is missing.
const UNNAMED: &str = "C";

/// Species of the atoms of a frame, and their names.
#[derive(Default)]
struct Named {
    species: Vec<u32>,
    elements: Option<Vec<String>>,
    types: Vec<Option<NamedType>>,
    is_ordered: bool,
}

/// Names the atoms of a frame by its columns `element` and `mass`, which must agree. The user names its types by
/// `given`.
fn named(rows: &mut Rows, given: &[String], remarks: &mut Remarks) -> Result<Named> {
    let names = std::mem::take(&mut rows.names).into_vec();
    let most = rows.types.iter().max().copied().filter(|&most| most <= MAX_TYPES).unwrap_or(0);
    let masses = rows.masses(most as usize);
    let mut weighed: Vec<_> = masses.iter().map(|mass| mass.and_then(lammps_types::by_mass)).collect();
    let mut is_named = !rows.elements.is_empty() && rows.elements.len() == rows.positions.len();
    if is_named && let Some(reason) = reason_against_column(rows, &names, given, &weighed) {
        remarks.note(format!("{reason}: the column element is passed over"));
        is_named = false;
    }
    let by_column = if is_named { types_by_column(rows, &names, most) } else { vec![None; most as usize] };
    if has_heavy_hydrogen(&by_column, &masses) {
        weighed.fill(None);
    }
    let types = agreed(&by_column, &weighed, given)?;
    if is_named && types == by_column {
        let species = std::mem::take(&mut rows.elements);
        return Ok(Named { species, elements: Some(names), types, is_ordered: false });
    }
    if !is_named {
        let told: Vec<(u32, NamedType, f64)> = (1..)
            .zip(weighed.iter().zip(&masses))
            .filter_map(|(number, (named, mass))| Some((number, named.clone()?, (*mass)?)))
            .collect();
        if let Some(note) = lammps_types::note_of_weighed(&told) {
            remarks.note(note);
        }
    }
    let named = by_type(rows, types);
    if named.elements.is_some()
        && let Some(note) = lammps_types::note_of_merged(&named.types)
    {
        remarks.note(note);
    }
    Ok(named)
}

/// Why the column `element` does not name the atoms: LAMMPS calls all of them C where nobody has named their types.
fn reason_against_column(
    rows: &Rows,
    names: &[String],
    given: &[String],
    weighed: &[Option<NamedType>],
) -> Option<&'static str> {
    if names != [UNNAMED] {
        return None;
    }
    if rows.types.iter().any(|number| Some(number) != rows.types.first()) {
        return Some("all types are called C, as LAMMPS calls them where dump_modify element is missing");
    }
    let index = match rows.types.first() {
        Some(number) => *number as usize - 1,
        // The only name is that of all atoms.
        None if given.len() == 1 => 0,
        None => return None,
    };
    match (given.get(index), weighed.get(index).and_then(Option::as_ref)) {
        (Some(given), _) if given != UNNAMED => Some(
            "all atoms are called C, as LAMMPS calls them where dump_modify element is missing, \
             and --input-species names them",
        ),
        (None, Some(named)) if named.element != UNNAMED => Some(
            "all atoms are called C, as LAMMPS calls them where dump_modify element is missing, \
             and have another mass",
        ),
        _ => None,
    }
}

/// Whether masses are repartitioned: what makes hydrogen heavier makes its neighbors lighter, and those of oxygen look like
/// those of carbon.
fn has_heavy_hydrogen(by_column: &[Option<NamedType>], masses: &[Option<f64>]) -> bool {
    let is_hydrogen = |named: &Option<NamedType>| named.as_ref().is_some_and(|named| named.element == "H");
    by_column
        .iter()
        .zip(masses)
        .any(|(named, mass)| is_hydrogen(named) && mass.is_some_and(|mass| mass > 1.5))
}

/// The types of a frame as its column `element` names them; none where it has no types.
fn types_by_column(rows: &Rows, names: &[String], most: u32) -> Vec<Option<NamedType>> {
    let mut types = vec![None; most as usize];
    for (number, element) in rows.types.iter().zip(&rows.elements) {
        if let (Some(named @ None), Some(name)) =
            (types.get_mut(*number as usize - 1), names.get(*element as usize))
        {
            *named = Some(NamedType { element: name.clone(), source: "the column element".to_owned() });
        }
    }
    types
}

/// The elements of the types by what the columns `element` and `mass` say.
fn agreed(
    by_column: &[Option<NamedType>],
    weighed: &[Option<NamedType>],
    given: &[String],
) -> Result<Vec<Option<NamedType>>> {
    let mut types = Vec::new();
    for (index, (column, weighed)) in by_column.iter().zip(weighed).enumerate() {
        // A name that is no element, like that of a molecule's site, contradicts no mass.
        let is_site = column.as_ref().is_some_and(|named| !elements::is_element(&named.element));
        let weighed = weighed.iter().filter(|_| !is_site);
        let witnesses: Vec<NamedType> = column.iter().chain(weighed).cloned().collect();
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        types.push(lammps_types::agreed(number, &witnesses, given.get(index).map(String::as_str))?);
    }
    Ok(types)
}

/// Names the atoms by their types where those of all atoms are named; types of one element become one species.
fn by_type(rows: &Rows, types: Vec<Option<NamedType>>) -> Named {
    let mut names = Names::default();
    let number = |named: &Option<NamedType>| named.as_ref().map(|named| names.index(&named.element));
    let numbers: Vec<Option<u32>> = types.iter().map(number).collect();
    let of = |number: &u32| numbers.get(*number as usize - 1).copied().flatten();
    match rows.types.iter().map(of).collect::<Option<Vec<u32>>>() {
        Some(species) if !species.is_empty() => {
            Named { species, elements: Some(names.into_vec()), types, is_ordered: true }
        }
        _ if rows.types.is_empty() => Named { species: vec![0; rows.positions.len()], ..Named::default() },
        _ => {
            let species = rows.types.iter().map(|number| number - 1).collect();
            Named { species, types, ..Named::default() }
        }
    }
}

fn structure(
    mut rows: Rows,
    columns: &Columns,
    lattice: Lattice,
    given: &[String],
    remarks: &mut Remarks,
) -> Result<Structure> {
    rows.settle_kinds();
    let named = named(&mut rows, given, remarks)?;
    let mut positions = if columns.is_fractional {
        rows.positions.into_iter().map(|position| lattice.cartesian(position)).collect()
    } else {
        rows.positions
    };
    for (position, image) in positions.iter_mut().zip(&rows.images) {
        *position = lattice.image(*position, *image);
    }
    let mut structure = Structure::new(lattice, named.species, positions)?;
    structure.elements = named.elements;
    structure.types = named.types.into();
    structure.is_ordered = named.is_ordered;
    structure.configuration.forces = (!rows.forces.is_empty()).then_some(rows.forces);
    structure.velocities = (!rows.velocities.is_empty()).then_some(rows.velocities);
    structure.columns = rows.columns;
    structure.motion.is_unwrapped = columns.is_unwrapped;
    if !rows.ids.is_empty() {
        structure.configuration.ids = rows.ids;
    }
    structure.sort_by_id();
    let ids = &structure.configuration.ids;
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(structure),
        Some(pair) => {
            let message = format!("atom id {} is given twice", pair[0]);
            Err(Error::new(ErrorKind::Syntax, message))
        }
    }
}

impl Source for DumpSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        while self.lines.advance_over_blank()? {
            let begin = self.lines.number();
            let frame = self.read_frame();
            self.steps.count += 1;
            match frame {
                Ok(structure) => return Ok(Some(structure)),
                Err(Failure::File(error)) => return Err(error),
                Err(Failure::Frame(error)) => {
                    let line = error.place().map_or(0, |place| place.line);
                    // A run that was killed leaves its last frame incomplete.
                    let reason = if self.lines.is_at_end() { "it is incomplete: " } else { "" };
                    let reason = format!("{reason}{}", error.message());
                    self.steps.leave_out(line, reason)?;
                    if self.lines.is_at_end() {
                        return Ok(None);
                    }
                    self.skip_frame(begin)?;
                }
            }
        }
        Ok(None)
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}
