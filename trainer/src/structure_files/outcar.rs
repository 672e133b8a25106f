//! OUTCAR of VASP 5 and 6: one structure for each ionic step of static runs, relaxations and molecular dynamics.
//!
//! A step counts as converged once `aborting loop because EDIFF is reached` ends its electronic loop. Energies are those
//! after `FREE ENERGIE OF THE ION-ELECTRON SYSTEM`; stresses come from the line `in kB`, which has no kinetic part, and
//! whose sign is that of `PlusStress`. Steps that VASP's machine-learned force field predicted are left out.

use mtprs_core::geometry::Vector3;
use mtprs_core::{ErrorKind, Result};

use super::ReadSettings;
use super::lines::Lines;
use super::outcar_header::Header;
use super::reader::Source;
use super::remarks::{LeftOut, Remarks, UNCONVERGED};
use super::structure::{Lattice, Structure};
use super::vasp_labels::{Energies, sign, virial};
use crate::endpoint::Stream;

/// Most atoms that memory is set aside for on the word of the header alone.
const MAX_RESERVED: usize = 1 << 12;

/// Reads OUTCAR.
pub(super) struct OutcarSource {
    lines: Lines,
    file: String,
    settings: ReadSettings,
    header: Header,
    vectors: Option<[Vector3; 3]>,
    step: Step,
    steps: u64,
    without_forces: u64,
    remarks: Remarks,
}

/// An ionic step being read.
#[derive(Default)]
struct Step {
    /// Line on which it begins, if it has.
    line: Option<usize>,
    is_converged: bool,
    stress: Option<[f64; 6]>,
    positions: Vec<Vector3>,
    forces: Vec<Vector3>,
    energies: Energies,
}

impl OutcarSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self {
            lines: Lines::new(stream, name),
            file: name.to_owned(),
            settings: settings.clone(),
            header: Header::default(),
            vectors: None,
            step: Step::default(),
            steps: 0,
            without_forces: 0,
            remarks: Remarks::default(),
        }
    }

    /// Takes what the current line begins; `true` at the end of a step.
    fn take_line(&mut self) -> Result<bool> {
        let text = self.lines.text().trim_start();
        match text.as_bytes().first() {
            Some(b'T' | b'V' | b'i') => {
                if text.starts_with("in kB") {
                    self.read_stress()?;
                } else {
                    self.header.take(&self.lines)?;
                }
            }
            Some(b'-') if text.contains(" Iteration ") => self.begin_iteration(),
            Some(b'-') if text.contains("aborting loop") => {
                self.step.is_converged = text.contains("EDIFF is reached");
            }
            Some(b'd') if text.starts_with("direct lattice vectors") => self.read_vectors()?,
            // The table of VASP's force field has a mark of its own.
            Some(b'P')
                if text.starts_with("POSITION") && text.contains("TOTAL-FORCE") && !text.contains("(ML)") =>
            {
                self.read_atoms()?;
            }
            Some(b'f') if text.starts_with("free  energy ML TOTEN") => {
                let note = "steps predicted by VASP's machine-learned force field are left out";
                self.remarks.note(note);
            }
            Some(b'f') if text.starts_with("free  energy   TOTEN") => {
                self.step.energies.free = Some(self.energy_after(text, "TOTEN")?);
            }
            Some(b'e') if text.starts_with("energy  without entropy") => {
                self.step.energies.without_entropy = Some(self.energy_after(text, "entropy")?);
                self.step.energies.zero_smearing = Some(self.energy_after(text, "(sigma->0)")?);
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn begin_iteration(&mut self) {
        // "Iteration    12(   1)": the first electronic step of ionic step 12
        let count = self.lines.text().rsplit_once('(').and_then(|(_, rest)| rest.split_once(')'));
        let is_first = count.is_none_or(|(count, _)| count.trim() == "1");
        if is_first || self.step.line.is_none() {
            self.step = Step { line: Some(self.lines.number()), ..Step::default() };
        }
    }

    fn read_vectors(&mut self) -> Result<()> {
        let mut vectors = [[0.0; 3]; 3];
        for vector in &mut vectors {
            self.lines.require("a lattice vector")?;
            // The columns leave no blank before a minus.
            let words: Vec<&str> = separated(self.lines.text()).collect();
            *vector = self.lines.floats(&mut words.into_iter(), "a lattice vector")?;
        }
        self.vectors = Some(vectors);
        Ok(())
    }

    fn read_stress(&mut self) -> Result<()> {
        let text = self.lines.text().trim_start();
        let mut words = separated(text.get("in kB".len()..).unwrap_or_default());
        let stress = self.lines.floats(&mut words, "the stress in kB")?;
        self.step.stress.get_or_insert(stress);
        Ok(())
    }

    fn read_atoms(&mut self) -> Result<()> {
        let atoms = self.header.atoms();
        if atoms == 0 {
            return Err(self.lines.error("expected the line \"ions per type\" before the positions"));
        }
        self.step.line.get_or_insert(self.lines.number());
        self.lines.require("a line of dashes under POSITION")?;
        self.step.positions = Vec::with_capacity(atoms.min(MAX_RESERVED));
        self.step.forces = Vec::with_capacity(atoms.min(MAX_RESERVED));
        for _ in 0..atoms {
            self.lines.require("a row of positions and forces")?;
            let mut words = separated(self.lines.text());
            let [x, y, z, fx, fy, fz] = self.lines.floats(&mut words, "positions and forces")?;
            self.step.positions.push([x, y, z]);
            self.step.forces.push([fx, fy, fz]);
        }
        Ok(())
    }

    fn energy_after(&self, text: &str, key: &str) -> Result<f64> {
        let after = text.split_once(key).and_then(|(_, rest)| rest.split_once('='));
        let word = after.and_then(|(_, rest)| rest.split_whitespace().next());
        match word {
            Some(word) => self.lines.float(word, "an energy"),
            None => Err(self.lines.error(format!("expected an energy after {key}, got none"))),
        }
    }

    /// The structure of the step that just ended; `None` if it is left out.
    fn finish_step(&mut self) -> Result<Option<Structure>> {
        let step = std::mem::take(&mut self.step);
        if step.energies.free.is_none() {
            // Lines of the same form stand elsewhere, too.
            self.step = step;
            return Ok(None);
        }
        self.steps += 1;
        if step.positions.is_empty() {
            self.without_forces += 1;
            return Ok(None);
        }
        if !step.is_converged {
            if !self.settings.keep_unconverged {
                let left_out = LeftOut {
                    step: self.steps,
                    line: step.line.unwrap_or_default(),
                    reason: UNCONVERGED.to_owned(),
                };
                self.remarks.leave_out(&self.file, left_out, &self.settings)?;
                return Ok(None);
            }
            self.remarks.unconverged_kept += 1;
        }
        let Some(vectors) = self.vectors else {
            return Err(self.lines.error("expected lattice vectors before the end of the first step"));
        };
        let (species, elements) = self.header.species();
        let lattice = Lattice::crystal(vectors);
        let place = self.lines.place(0);
        let mut structure =
            Structure::new(lattice, species, step.positions).map_err(|error| error.at(place))?;
        structure.elements = elements;
        structure.line = step.line.unwrap_or_default();
        let configuration = &mut structure.configuration;
        configuration.energy = step.energies.get(self.settings.energy);
        configuration.forces = Some(step.forces);
        configuration.virial =
            step.stress.zip(lattice.volume()).map(|(stress, volume)| virial(stress, volume));
        sign(&mut structure, &self.file, self.steps, step.is_converged);
        Ok(Some(structure))
    }

    fn note_rest(&mut self) {
        if let Some(line) = self.step.line.take() {
            self.remarks.note(format!("the step that begins on line {line} is incomplete and left out"));
        }
        if self.without_forces > 0 {
            let note = format!(
                "{} steps without positions and forces are left out (see NWRITE)",
                self.without_forces
            );
            self.remarks.note(note);
            self.without_forces = 0;
        }
    }
}

impl Source for OutcarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        while self.lines.advance()? {
            let ends_step = match self.take_line() {
                Ok(ends_step) => ends_step && self.lines.is_terminated(),
                // A run that was killed may leave half a line.
                Err(error) if error.kind() == ErrorKind::Syntax && self.lines.is_at_end() => {
                    self.step.line.get_or_insert(self.lines.number());
                    break;
                }
                Err(error) => return Err(error),
            };
            if ends_step && let Some(structure) = self.finish_step()? {
                return Ok(Some(structure));
            }
        }
        self.note_rest();
        Ok(None)
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
    }
}

/// Words that are separated by blanks or by the minus of the next number: `0.000-10.371`.
fn separated(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|mut word| {
        std::iter::from_fn(move || {
            let glued = word.char_indices().skip(1).find(|&(index, character)| {
                character == '-' && word[..index].ends_with(|previous: char| previous.is_ascii_digit())
            });
            let end = glued.map_or(word.len(), |(index, _)| index);
            let (first, rest) = word.split_at(end);
            word = rest;
            (!first.is_empty()).then_some(first)
        })
    })
}
