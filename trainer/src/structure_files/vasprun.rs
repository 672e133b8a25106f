//! vasprun.xml of VASP 5 and 6: one structure for each calculation, read as a stream.
//!
//! Stresses are in kB with the sign of `PlusStress`. A step counts as converged if it took fewer electronic steps than
//! NELM, or if its last one changed the free energy by less than EDIFF.

use std::io::{self, BufRead, Read};

use mtprs_core::{Error, ErrorKind, Place, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ReadSettings;
use super::reader::Source;
use super::remarks::{LeftOut, Remarks, UNCONVERGED};
use super::structure::Structure;
use super::vasp_labels::sign;
use super::vasprun_step::{Run, Step};
use crate::endpoint::Stream;

/// Most bytes of one element's text that are kept; numbers and names are shorter by far.
const MAX_TEXT_BYTES: usize = 1 << 12;

/// Deepest nesting that is followed.
const MAX_DEPTH: usize = 64;

/// Reads vasprun.xml.
pub(super) struct VaspRunSource {
    reader: Reader<LineCounter>,
    buffer: Vec<u8>,
    file: String,
    settings: ReadSettings,
    /// The elements around the current place, with their names.
    path: Vec<Tag>,
    text: String,
    run: Run,
    step: Step,
    steps: u64,
    remarks: Remarks,
}

/// An element of the file: its tag and its attribute `name`.
#[derive(Clone, Debug, Default)]
pub(super) struct Tag {
    pub(super) tag: String,
    pub(super) name: String,
}

impl VaspRunSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self {
            reader: Reader::from_reader(LineCounter::new(stream)),
            buffer: Vec::new(),
            file: name.to_owned(),
            settings: settings.clone(),
            path: Vec::new(),
            text: String::new(),
            run: Run::default(),
            step: Step::default(),
            steps: 0,
            remarks: Remarks::default(),
        }
    }

    fn line(&self) -> usize {
        self.reader.get_ref().line
    }

    fn error(&self, message: impl Into<String>) -> Error {
        self.placed(Error::new(ErrorKind::Syntax, message))
    }

    fn placed(&self, error: Error) -> Error {
        error.at(Place { file: self.file.clone(), line: self.line(), column: 0 })
    }

    /// Reads up to the end of the next calculation; `false` at the end of the file.
    fn read_calculation(&mut self) -> Result<bool> {
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer).map(Event::into_owned);
            let event = match event {
                Ok(event) => event,
                Err(quick_xml::Error::Io(error)) => {
                    return Err(Error::io("read", &self.file, &error));
                }
                Err(_) if self.is_at_end() => return Ok(self.note_end()),
                Err(error) => return Err(self.error(format!("expected XML of VASP: {error}"))),
            };
            match event {
                Event::Start(start) => self.begin(&start)?,
                Event::Text(text) => {
                    let room = MAX_TEXT_BYTES.saturating_sub(self.text.len());
                    let part = &text[..text.len().min(room)];
                    self.text.push_str(part);
                }
                Event::End(_) if self.end()? => return Ok(true),
                Event::Eof => return Ok(self.note_end()),
                _ => {}
            }
        }
    }

    fn begin(&mut self, start: &BytesStart<'_>) -> Result<()> {
        if self.path.len() >= MAX_DEPTH {
            return Err(self.error(format!("expected elements at most {MAX_DEPTH} deep")));
        }
        let tag = start.name().as_ref().to_owned();
        let name = start.try_get_attribute("name").ok().flatten();
        let name = name.map(|name| name.value.into_owned()).unwrap_or_default();
        if tag == "calculation" {
            self.step = Step::new(self.line());
        }
        self.path.push(Tag { tag, name });
        self.text.clear();
        Ok(())
    }

    /// Takes what an element held; `true` at the end of a calculation.
    fn end(&mut self) -> Result<bool> {
        let Some(last) = self.path.last() else { return Ok(false) };
        let ends_calculation = last.tag == "calculation";
        let taken = if self.path.iter().any(|around| around.tag == "calculation") {
            self.step.take(&self.path, &self.text)
        } else {
            self.run.take(&self.path, &self.text);
            Ok(())
        };
        taken.map_err(|message| self.error(message))?;
        self.path.pop();
        self.text.clear();
        Ok(ends_calculation)
    }

    fn is_at_end(&mut self) -> bool {
        self.reader.get_mut().fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// Says what the end of the file cut off; returns that there is no further calculation.
    fn note_end(&mut self) -> bool {
        if self.path.iter().any(|around| around.tag == "calculation") {
            let line = self.step.line;
            self.remarks.note(format!("the step that begins on line {line} is incomplete and left out"));
        } else if !self.path.is_empty() {
            self.remarks
                .note("the file ends before its last element is closed, as after a run that was killed");
        }
        self.path.clear();
        false
    }

    /// The structure of the calculation that just ended; `None` if it is left out.
    fn finish(&mut self) -> Result<Option<Structure>> {
        let step = std::mem::take(&mut self.step);
        self.steps += 1;
        if step.electronic_steps == 0 {
            let note = "steps without an electronic calculation are left out (those of VASP's machine-learned force field)";
            self.remarks.note(note);
            return Ok(None);
        }
        let is_converged = step.is_converged(&self.run);
        if !is_converged {
            if !self.settings.keep_unconverged {
                let left_out = LeftOut { step: self.steps, line: step.line, reason: UNCONVERGED.to_owned() };
                self.remarks.leave_out(&self.file, left_out, &self.settings)?;
                return Ok(None);
            }
            self.remarks.unconverged_kept += 1;
        }
        let line = step.line;
        let place = Place { file: self.file.clone(), line, column: 0 };
        let structure = step.structure(&self.run, self.settings.energy);
        let mut structure = structure.map_err(|error| error.at(place))?;
        structure.line = line;
        sign(&mut structure, &self.file, self.steps, is_converged);
        Ok(Some(structure))
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
        self.remarks.clone()
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
