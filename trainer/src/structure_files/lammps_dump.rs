//! LAMMPS dumps in text form: any number of frames, restricted and general triclinic boxes, custom columns.
//!
//! Atoms come in the order of their ids. Units must be `metal` where the dump says. The time step becomes the feature
//! `step`, a time the feature `time`.

use mtprs_core::{ErrorKind, Result};

use super::lammps_box::{from_enclosing, is_periodic, of_bounds};
use super::lammps_columns::{Columns, Rows};
use super::lines::{Lines, shown};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::{Lattice, Structure};
use crate::endpoint::Stream;

/// Reads a dump.
pub(super) struct DumpSource {
    lines: Lines,
    frames: u64,
    remarks: Remarks,
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
    pub(super) fn new(stream: Stream, name: &str) -> Self {
        Self { lines: Lines::new(stream, name), frames: 0, remarks: Remarks::default() }
    }

    fn read_frame(&mut self) -> Result<Structure> {
        let line = self.lines.number();
        let mut head = Head::default();
        loop {
            let item = self.lines.text().trim_end();
            if item.starts_with("ITEM: ATOMS") {
                break;
            }
            self.read_item(&mut head)?;
            self.lines.require("ITEM: ATOMS")?;
        }
        let missing = |what: &str| self.lines.error(format!("expected ITEM: {what} before ITEM: ATOMS"));
        let atoms = head.atoms.ok_or_else(|| missing("NUMBER OF ATOMS"))?;
        let lattice = head.lattice.ok_or_else(|| missing("BOX BOUNDS"))?;
        let mut rows = Rows::default();
        let place = self.lines.place(0);
        let columns = Columns::read(&self.lines, &mut rows)?;
        for _ in 0..atoms {
            self.lines.require("a row of an atom")?;
            columns.read_row(&self.lines, &mut rows)?;
        }
        if !self.lines.is_terminated() {
            return Err(self.lines.error("expected the end of the line, got the end of the file"));
        }
        let mut structure = structure(rows, &columns, lattice).map_err(|error| error.at(place))?;
        structure.line = line;
        for (key, value) in [("step", head.step), ("time", head.time)] {
            if let Some(value) = value {
                structure.configuration.set_feature(key, value);
            }
        }
        Ok(structure)
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
            "UNITS" if value != "metal" => {
                let error = lines.error(format!("expected units metal, got {}", shown(value)));
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
            Ok(of_bounds(from_enclosing(enclosing, tilts), tilts, periodic))
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

fn structure(mut rows: Rows, columns: &Columns, lattice: Lattice) -> Result<Structure> {
    rows.settle_kinds();
    let is_named = rows.elements.len() == rows.positions.len() && !rows.elements.is_empty();
    let species =
        if is_named { rows.elements } else { rows.types.into_iter().map(|number| number - 1).collect() };
    let positions = if columns.is_fractional {
        rows.positions.into_iter().map(|position| lattice.cartesian(position)).collect()
    } else {
        rows.positions
    };
    let mut structure = Structure::new(lattice, species, positions)?;
    structure.elements = is_named.then(|| rows.names.into_vec());
    structure.configuration.forces = (!rows.forces.is_empty()).then_some(rows.forces);
    structure.velocities = (!rows.velocities.is_empty()).then_some(rows.velocities);
    structure.columns = rows.columns;
    if !rows.ids.is_empty() {
        structure.configuration.ids = rows.ids;
    }
    structure.sort_by_id();
    let ids = &structure.configuration.ids;
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(structure),
        Some(pair) => {
            let message = format!("atom id {} is given twice", pair[0]);
            Err(mtprs_core::Error::new(ErrorKind::Syntax, message))
        }
    }
}

impl Source for DumpSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        if !self.lines.advance_over_blank()? {
            return Ok(None);
        }
        let line = self.lines.number();
        match self.read_frame() {
            Ok(structure) => {
                self.frames += 1;
                Ok(Some(structure))
            }
            // A run that was killed leaves its last frame incomplete.
            Err(error) if self.frames > 0 && error.kind() == ErrorKind::Syntax && self.lines.is_at_end() => {
                let note = format!("the last frame, from line {line}, is incomplete and left out: {error}");
                self.remarks.note(note);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
    }
}
