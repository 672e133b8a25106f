//! OUTCAR of VASP 4 to 6: one structure for each ionic step of static runs, relaxations and molecular dynamics.
//!
//! Energies are those after `FREE ENERGIE OF THE ION-ELECTRON SYSTEM`; stresses come from the line `in kB`, which has no
//! kinetic part, and whose sign is that of `PlusStress`. A line ` vasp.…` begins a new run, whatever came before. A step
//! that has not converged, or that cannot be read, is left out alone; so are those that VASP's machine-learned force
//! field predicted.

use mtprs_core::geometry::Vector3;
use mtprs_core::{ErrorKind, Result};

use super::format::{Entry, Reader};
use super::glued::{ends_whole, separated};
use super::lines::Lines;
use super::outcar_header::Header;
use super::outcar_step::Step;
use super::reader::Source;
use super::remarks::{Remarks, Steps, UNCONVERGED};
use super::stream::{CUT, is_cut};
use super::structure::{Lattice, Structure};
use super::type_names;
use super::vasp_forces::ForceNotes;
use super::vasp_labels::{sign, virial};
use super::{Format, ReadSettings};
use crate::endpoint::Stream;

impl Format {
    /// OUTCAR of VASP 4 to 6.
    pub const OUTCAR: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &["outcar"],
    beginnings: &["outcar"],
    recognize: |head| head.begins_with("vasp."),
    ..Entry::read("OUTCAR", &["outcar", "vasp-outcar"], Reader::OfText(OutcarSource::open))
};

/// First version of VASP that says where NELM ended an electronic loop.
const SAYS_UNCONVERGED: u32 = 6;

/// Reads OUTCAR.
pub(super) struct OutcarSource {
    lines: Lines,
    steps: Steps,
    header: Header,
    vectors: Option<[Vector3; 3]>,
    step: Step,
    /// Whether electronic steps belong to the response to a perturbation, not to an ionic step.
    is_response: bool,
    /// The number that VASP gives the last ionic step that began.
    ionic: Option<u64>,
    forces: ForceNotes,
}

impl OutcarSource {
    fn open(stream: Stream, name: &str, settings: &ReadSettings) -> Box<dyn Source> {
        Box::new(Self {
            lines: Lines::new(stream, name),
            steps: Steps::new(name, settings),
            header: Header::default(),
            vectors: None,
            step: Step::default(),
            is_response: false,
            ionic: None,
            forces: ForceNotes::default(),
        })
    }

    /// Takes what the current line begins.
    fn take_line(&mut self) -> Result<()> {
        let text = self.lines.text().trim_start();
        match text.as_bytes().first() {
            Some(b'i') if text.starts_with("in kB") => self.step.take_stress(&self.lines)?,
            Some(b'-') if text.contains(" Iteration ") => return self.begin_iteration(),
            Some(b'-') if !self.is_response && text.contains("aborting loop") => {
                self.step.end_electronic(text);
            }
            Some(b't') if !self.is_response && text.starts_with("total energy-change") => {
                self.step.take_change(text);
            }
            Some(b'd') if text.starts_with("direct lattice vectors") => self.read_vectors()?,
            // The table of VASP's force field has a mark of its own.
            Some(b'P')
                if text.starts_with("POSITION") && text.contains("TOTAL-FORCE") && !text.contains("(ML)") =>
            {
                // A header that does not say how many atoms there are spoils the step once it is whole.
                self.step.read_table(&mut self.lines, self.header.atoms(), begins_run)?;
            }
            Some(b'f') if !self.is_response && text.starts_with("free energy    TOTEN") => {
                self.step.take_electronic_energy(text);
            }
            Some(b'f') if text.starts_with("free  energy ML TOTEN") => {
                let note = "steps predicted by VASP's machine-learned force field are left out";
                self.steps.remarks.note(note);
            }
            Some(b'f') if text.starts_with("free  energy   TOTEN") => {
                self.step.take_free_energy(&self.lines)?;
            }
            Some(b'e') if text.starts_with("energy  without entropy") => {
                self.step.take_other_energies(&self.lines)?;
            }
            Some(b'L' | b'l')
                if text.len() >= 15 && text.as_bytes()[..15].eq_ignore_ascii_case(b"linear response") =>
            {
                // The header has a heading of the same words.
                let has_begun = self.ionic.is_some();
                self.is_response |= has_begun && (self.step.line.is_none() || self.step.has_results());
            }
            Some(b'G') if text.starts_with("General timing") => self.end_run_regularly(),
            Some(b'C' | b'N' | b'V' | b'D' | b'T' | b'P' | b'n' | b'i' | b'E' | b'I' | b'S') => {
                self.forces.take(text);
                if self.step.line.is_none() {
                    self.header.take(&mut self.lines)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes `Iteration    12(   1)`, the first electronic step of ionic step 12.
    fn begin_iteration(&mut self) -> Result<()> {
        let (ionic, number) = iteration(self.lines.text());
        // A response has the number of the ionic step before it; another number is that of the next one.
        let ends_response =
            self.is_response && ionic.map_or(number == Some(1), |ionic| self.ionic != Some(ionic));
        if self.is_response && !ends_response {
            return Ok(());
        }
        self.is_response = false;
        self.ionic = ionic.or(self.ionic);
        if number == Some(1) || self.step.line.is_none() {
            let may_be_response = ends_response || self.step.is_response();
            if !self.step.is_response() {
                self.abandon("another step starts before this one is complete")?;
            }
            self.step = Step::new(self.lines.number());
            self.step.may_be_response = may_be_response;
        }
        self.step.begin_electronic(number);
        Ok(())
    }

    fn begin_run(&mut self) -> Result<()> {
        self.abandon("the run ended within this step")?;
        self.end_run();
        self.header = Header::new(self.lines.text());
        self.vectors = None;
        self.is_response = false;
        self.ionic = None;
        Ok(())
    }

    /// After the accounting of times nothing is missing.
    fn end_run_regularly(&mut self) {
        if !self.step.has_results() {
            self.step = Step::default();
        }
    }

    /// Says what holds for all steps of the run that ends.
    fn end_run(&mut self) {
        if self.steps.count > 0 {
            self.header.settings.notes().into_iter().for_each(|note| self.steps.remarks.note(note));
            self.forces
                .notes(&self.header.settings)
                .into_iter()
                .for_each(|note| self.steps.remarks.note(note));
        }
        self.forces = ForceNotes::default();
    }

    fn read_vectors(&mut self) -> Result<()> {
        self.vectors = None;
        let mut vectors = [[0.0; 3]; 3];
        for vector in &mut vectors {
            self.lines.require("a lattice vector")?;
            let mut words = separated(self.lines.text());
            *vector = self.lines.floats(&mut words, "a lattice vector")?;
        }
        self.vectors = Some(vectors);
        Ok(())
    }

    /// Leaves the step out that has begun, if one has, because it did not become whole.
    fn abandon(&mut self, reason: &str) -> Result<()> {
        let step = std::mem::take(&mut self.step);
        let Some(line) = step.line else { return Ok(()) };
        self.steps.count += 1;
        let (reason, line) = match step.defect {
            Some((reason, line)) => (reason, line),
            None if step.has_energies && !step.has_table => (
                "it has no positions and forces\n  hint: with NWRITE = 2 VASP prints them at every step"
                    .to_owned(),
                line,
            ),
            None => (format!("it is incomplete: {reason}"), line),
        };
        self.steps.leave_out(line, reason)
    }

    /// Leaves the step out that has begun, if one has, because the file is cut within it.
    fn cut_off(&mut self, reason: &str) -> Result<()> {
        if let Some(line) = self.step.line {
            self.step.defect.get_or_insert_with(|| (format!("it is incomplete: {reason}"), line));
        }
        self.abandon(reason)
    }

    /// Says what is lost where a compressed file is cut.
    fn end_unread(&mut self) -> Result<()> {
        if self.step.line.is_some() {
            self.cut_off(CUT)?;
        } else {
            self.steps.count += 1;
            self.steps.leave_out(self.lines.number(), format!("what follows is not read: {CUT}"))?;
        }
        self.end_run();
        Ok(())
    }

    /// The structure of the step that is whole; `None` if it is left out.
    fn finish_step(&mut self) -> Result<Option<Structure>> {
        let step = std::mem::take(&mut self.step);
        self.steps.count += 1;
        let structure = self.structure(step);
        self.steps.kept(structure)
    }

    /// The structure of a step, or why it is left out, with the line of that.
    fn structure(&mut self, step: Step) -> std::result::Result<Structure, (String, usize)> {
        let line = step.line.unwrap_or_default();
        let here = |reason: String| (reason, line);
        if let Some(defect) = step.defect {
            return Err(defect);
        }
        let (species, types) = self.header.species().map_err(here)?;
        let says_so = self.header.version >= SAYS_UNCONVERGED;
        let is_converged = step.electronic.is_converged(&self.header.settings, says_so);
        if !is_converged && !self.steps.settings.keep_unconverged {
            return Err(here(UNCONVERGED.to_owned()));
        }
        let vectors = self.vectors;
        let vectors = vectors
            .ok_or_else(|| here("no lattice vectors are printed for it that can be read".to_owned()))?;
        let lattice = Lattice::crystal(vectors);
        let structure = Structure::new(lattice, species, step.positions);
        let mut structure = structure.map_err(|error| here(error.message().to_owned()))?;
        self.steps.remarks.unconverged_kept += u64::from(!is_converged);
        self.forces.compare(&step.forces);
        if let Some(names) = type_names::elements(&types) {
            type_names::merge(&mut structure, &names);
        }
        structure.types = types.into();
        structure.line = line;
        let configuration = &mut structure.configuration;
        configuration.energy = step.energies.get(self.steps.settings.energy);
        configuration.forces = Some(step.forces);
        let stress = step.stress.filter(|_| self.header.settings.has_stress());
        configuration.virial = stress.zip(lattice.volume()).map(|(stress, volume)| virial(stress, volume));
        sign(&mut structure, &self.steps.file, self.steps.count, is_converged);
        Ok(structure)
    }

    /// Reads up to the end of the next step that is kept.
    fn read_step(&mut self) -> Result<Option<Structure>> {
        while self.lines.advance()? {
            if begins_run(self.lines.text()) {
                self.begin_run()?;
                continue;
            }
            let taken = self.take_line();
            // A run that was killed may leave half a number.
            let is_whole = self.lines.is_terminated() || is_whole(self.lines.text());
            match taken {
                // What cannot be read spoils its step, and no other.
                Err(error) if error.kind() == ErrorKind::Syntax && !self.steps.settings.strict => {
                    if is_whole && self.step.line.is_some() {
                        self.step.spoil(&error);
                    }
                }
                taken => taken?,
            }
            if !is_whole {
                self.cut_off("the file ends in the middle of a line")?;
            } else if self.step.is_whole()
                && let Some(structure) = self.finish_step()?
            {
                return Ok(Some(structure));
            }
        }
        self.abandon("the file ends within this step")?;
        self.end_run();
        Ok(None)
    }
}

impl Source for OutcarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        match self.read_step() {
            Err(error) if is_cut(&error) && !self.steps.settings.strict => self.end_unread().map(|()| None),
            read => read,
        }
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}

/// The ionic and the electronic step of a line `---- Iteration    12(   1)  ----`.
fn iteration(text: &str) -> (Option<u64>, Option<usize>) {
    let numbers = text.split_once("Iteration").and_then(|(_, rest)| rest.split_once('('));
    let Some((ionic, electronic)) = numbers else { return (None, None) };
    let electronic = electronic.split(')').next().unwrap_or_default();
    (ionic.trim().parse().ok(), electronic.trim().parse().ok())
}

/// Whether the last line of a step is whole although its end is missing: energies with all of their decimals, or the
/// dashes under the table.
fn is_whole(text: &str) -> bool {
    ends_whole(text) || text.trim_start().starts_with("---")
}

/// Whether a line begins the output of a run: ` vasp.6.4.2 20Jul23 (build …) complex`, also behind what a run that was
/// killed left of its last line.
fn begins_run(text: &str) -> bool {
    let Some((before, version)) = text.split_once("vasp.") else { return false };
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    let is_first = before.trim_ascii().is_empty();
    is_version
        && (is_first
            || (before.ends_with(' ')
                && ["(build", " complex", "gamma"].iter().any(|mark| version.contains(mark))))
}
