//! vasprun.xml of VASP 5 and 6: one structure for each calculation, read as a stream.
//!
//! Stresses are in kB with the sign of `PlusStress`. A step that has not converged, by the number of its electronic steps
//! and their last change of the free energy, or that cannot be read, is left out alone. Electronic steps behind the
//! results of a calculation are those of a response (LEPSILON) and no part of that loop. A declaration `<?xml` begins a
//! new run, whatever came before.

use std::io::{self, BufRead, Read};

use mtprs_core::{Error, ErrorKind, Place, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::format::{self, Entry};
use super::reader::Source;
use super::remarks::{Remarks, Steps, UNCONVERGED};
use super::stream::{CUT, is_cut};
use super::structure::Structure;
use super::vasp_forces::ForceNotes;
use super::vasp_labels::sign;
use super::vasp_settings::LoopEnd;
use super::vasprun_step::{Setup, Step};
use super::{Format, ReadSettings};
use crate::endpoint::Stream;

impl Format {
    /// vasprun.xml.
    pub const VASPRUN: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &[".xml"],
    beginnings: &["vasprun"],
    recognize: |head| head.begins_with("<").filter(|_| head.text.contains("<modeling")),
    ..Entry::read("vasprun.xml", &["vasprun", "vasprun.xml"], format::Reader::OfText(VaspRunSource::open))
};

/// Most bytes of one element's text that are kept; numbers and names are shorter by far.
const MAX_TEXT_BYTES: usize = 1 << 12;

/// The element of a step.
const CALCULATION: &str = "calculation";

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 64;

/// Reads vasprun.xml.
pub(super) struct VaspRunSource {
    reader: Reader<LineCounter>,
    buffer: Vec<u8>,
    steps: Steps,
    /// The elements around the current place, with their names.
    path: Vec<Tag>,
    text: String,
    run: Setup,
    step: Step,
}

/// An element of the file: its tag and its attribute `name`.
#[derive(Clone, Debug, Default)]
pub(super) struct Tag {
    pub(super) tag: String,
    pub(super) name: String,
}

impl VaspRunSource {
    fn open(stream: Stream, name: &str, settings: &ReadSettings) -> Box<dyn Source> {
        let mut reader = Reader::from_reader(LineCounter::new(stream));
        // A step whose elements are not closed in order is left out; the next one begins anew.
        reader.config_mut().check_end_names = false;
        reader.config_mut().allow_unmatched_ends = true;
        Box::new(Self {
            reader,
            buffer: Vec::new(),
            steps: Steps::new(name, settings),
            path: Vec::new(),
            text: String::new(),
            run: Setup::default(),
            step: Step::default(),
        })
    }

    fn line(&self) -> usize {
        self.reader.get_ref().line
    }

    fn error(&self, message: impl Into<String>) -> Error {
        let place = Place { file: self.steps.file.clone(), line: self.line(), column: 0 };
        Error::new(ErrorKind::Syntax, message).at(place)
    }

    /// Reads up to the end of the next calculation; `false` at the end of the file.
    fn read_calculation(&mut self) -> Result<bool> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map(Event::into_owned);
            let event = match event {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    return self.end_unread(Error::io("read", &self.steps.file, &error));
                }
                Err(_) if self.is_at_end() => return self.end_file(),
                Err(error) => {
                    let reason = format!("what follows is not read: expected XML of VASP: {error}");
                    self.leave_out(self.line(), reason)?;
                    self.path.clear();
                    return Ok(false);
                }
            };
            match event {
                Event::Decl(_) => self.begin_run()?,
                Event::Start(start) => self.begin(&start)?,
                Event::Text(text) => {
                    let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
                    let part = &text[..text.len().min(room)];
                    self.text.push_str(part);
                }
                Event::End(end) if self.end(end.name().as_ref())? => return Ok(true),
                Event::Eof => return self.end_file(),
                _ => {}
            }
        }
    }

    fn begin_run(&mut self) -> Result<()> {
        self.abandon("the run ended within this step")?;
        self.end_run();
        self.path.clear();
        self.run = Setup::default();
        Ok(())
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<()> {
        if self.path.len() >= MAX_DEPTH {
            return Err(self.error(format!("expected elements at most {MAX_DEPTH} deep")));
        }
        let tag = start.name().as_ref().to_owned();
        let name = start.try_get_attribute("name").ok().flatten();
        let name = name.map(|name| name.value.into_owned()).unwrap_or_default();
        if tag == CALCULATION {
            self.abandon("another step starts before this one is complete")?;
            self.step = Step::new(self.line());
            self.path.retain(|around| around.tag != CALCULATION);
        }
        self.path.push(Tag { tag, name });
        self.text.clear();
        Ok(())
    }

    /// Takes what an element held; `true` at the end of a calculation.
    fn end(&mut self, tag: &str) -> Result<bool> {
        let Some(depth) = self.path.iter().rposition(|around| around.tag == tag) else {
            self.spoil_by_end(tag);
            return Ok(false);
        };
        if depth + 1 < self.path.len() {
            self.spoil_by_end(tag);
            if tag != CALCULATION && self.path[depth..].iter().any(|around| around.tag == CALCULATION) {
                self.abandon("an element around it ends before it is complete")?;
            }
            self.path.truncate(depth + 1);
        } else if self.path.iter().any(|around| around.tag == CALCULATION) {
            self.step.take(&self.path, &self.text, self.reader.get_ref().line);
        } else {
            self.run.take(&self.path, &self.text);
        }
        self.path.pop();
        self.text.clear();
        Ok(tag == CALCULATION)
    }

    /// Remembers that an element ends that is not the last to have begun.
    fn spoil_by_end(&mut self, tag: &str) {
        let expected = self.path.last().map_or("nothing", |last| last.tag.as_str());
        let message = format!("expected the end of {expected}, got </{}>", super::lines::shown(tag));
        self.step.spoil(message, self.reader.get_ref().line);
    }

    fn is_at_end(&mut self) -> bool {
        self.reader.get_mut().fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// Ends where a compressed file is cut; returns that there is no further calculation.
    fn end_unread(&mut self, error: Error) -> Result<bool> {
        if self.steps.settings.strict || !is_cut(&error) {
            return Err(error);
        }
        if !self.abandon(CUT)? {
            self.leave_out(self.line(), format!("what follows is not read: {CUT}"))?;
        }
        self.path.clear();
        self.end_run();
        Ok(false)
    }

    /// Says what the end of the file cut off; returns that there is no further calculation.
    fn end_file(&mut self) -> Result<bool> {
        if !self.path.is_empty() && !self.abandon("the file ends within this step")? {
            self.steps
                .remarks
                .note("the file ends before its last element is closed, as after a run that was killed");
        }
        self.path.clear();
        self.end_run();
        Ok(false)
    }

    /// Leaves the calculation out that has begun, if one has; whether it had.
    fn abandon(&mut self, reason: &str) -> Result<bool> {
        let has_begun = self.path.iter().any(|around| around.tag == CALCULATION);
        let step = std::mem::take(&mut self.step);
        if has_begun {
            let (reason, line) =
                step.defect.unwrap_or_else(|| (format!("it is incomplete: {reason}"), step.line));
            self.leave_out(line, reason)?;
        }
        Ok(has_begun)
    }

    /// Leaves out the step that comes after those that were counted.
    fn leave_out(&mut self, line: usize, reason: String) -> Result<()> {
        self.steps.count += 1;
        self.steps.leave_out(line, reason)
    }

    /// Says what holds for all steps of the run that ends.
    fn end_run(&mut self) {
        if self.steps.count > 0 {
            let settings = &self.run.settings;
            settings.notes().into_iter().for_each(|note| self.steps.remarks.note(note));
            ForceNotes::default().notes(settings).into_iter().for_each(|note| self.steps.remarks.note(note));
        }
    }

    /// The structure of the calculation that just ended; `None` if it is left out.
    fn finish(&mut self) -> Result<Option<Structure>> {
        let mut step = std::mem::take(&mut self.step);
        self.steps.count += 1;
        // The file does not say how the loop ended: fewer steps than NELM mean that EDIFF did.
        step.electronic.end = LoopEnd::Reached;
        if step.electronic.steps == 0 && step.defect.is_none() {
            let note = "steps without an electronic calculation are left out (those of VASP's machine-learned force field)";
            self.steps.remarks.note(note);
            return Ok(None);
        }
        let structure = self.structure(step);
        self.steps.kept(structure)
    }

    /// The structure of a calculation, or why it is left out, with the line of that.
    fn structure(&mut self, step: Step) -> std::result::Result<Structure, (String, usize)> {
        let line = step.line;
        if let Some(defect) = step.defect {
            return Err(defect);
        }
        let is_converged = step.electronic.is_converged(&self.run.settings, false);
        if !is_converged && !self.steps.settings.keep_unconverged {
            return Err((UNCONVERGED.to_owned(), line));
        }
        let whole = step.structure(&self.run, self.steps.settings.energy);
        let (mut structure, notes) = whole.map_err(|error| (error.message().to_owned(), line))?;
        notes.into_iter().for_each(|note| self.steps.remarks.note(note));
        self.steps.remarks.unconverged_kept += u64::from(!is_converged);
        structure.line = line;
        sign(&mut structure, &self.steps.file, self.steps.count, is_converged);
        Ok(structure)
    }
}

impl Source for VaspRunSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        while self.read_calculation()? {
            if let Some(structure) = self.finish()? {
                return Ok(Some(structure));
            }
        }
        Ok(None)
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}

/// Counts the lines that were read, and puts question marks for what is not ASCII: numbers and elements are, and titles
/// in the encodings of old do not matter.
struct LineCounter {
    stream: Stream,
    line: usize,
    buffer: Vec<u8>,
    consumed: usize,
}

/// Bytes that are read at a time.
const BUFFER_BYTES: usize = 1 << 16;

impl LineCounter {
    fn new(stream: Stream) -> Self {
        Self { stream, line: 1, buffer: Vec::new(), consumed: 0 }
    }
}

impl Read for LineCounter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for LineCounter {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.buffer.len() {
            self.buffer.resize(BUFFER_BYTES, 0);
            let count = self.stream.read(&mut self.buffer);
            self.buffer.truncate(*count.as_ref().unwrap_or(&0));
            self.consumed = 0;
            count?;
            self.buffer.iter_mut().filter(|byte| !byte.is_ascii()).for_each(|byte| *byte = b'?');
        }
        Ok(&self.buffer[self.consumed..])
    }

    fn consume(&mut self, count: usize) {
        let end = (self.consumed + count).min(self.buffer.len());
        self.line += self.buffer[self.consumed..end].iter().filter(|&&byte| byte == b'\n').count();
        self.consumed = end;
    }
}
