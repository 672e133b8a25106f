//! XDATCAR of VASP 5 and 6: positions of a trajectory, with one lattice for all or one for each configuration.
//!
//! A configuration that cannot be read is left out alone.

use mtprs_core::geometry::Vector3;
use mtprs_core::{Error, ErrorKind, Result};

use super::format::{Entry, Evidence, Reader};
use super::glued::separated;
use super::lines::Lines;
use super::poscar_header::{Header, Mode, has_lattice};
use super::reader::Source;
use super::remarks::{Remarks, Steps};
use super::structure::Structure;
use super::{Format, ReadSettings};
use crate::endpoint::Stream;

impl Format {
    /// XDATCAR of VASP 5 and 6.
    pub const XDATCAR: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    endings: &["xdatcar"],
    beginnings: &["xdatcar"],
    recognize: |head| {
        let is_trajectory = has_lattice(head) && head.lines.iter().any(|line| begins_configuration(line));
        is_trajectory.then_some(Evidence::Layout)
    },
    ..Entry::read("XDATCAR", &["xdatcar"], Reader::OfText(XdatcarSource::open))
};

/// Reads XDATCAR.
pub(super) struct XdatcarSource {
    lines: Lines,
    steps: Steps,
    header: Option<Header>,
    /// What is wrong with the last header.
    defect: Option<Error>,
}

impl XdatcarSource {
    fn open(stream: Stream, name: &str, settings: &ReadSettings) -> Box<dyn Source> {
        Box::new(Self {
            lines: Lines::new(stream, name),
            steps: Steps::new(name, settings),
            header: None,
            defect: None,
        })
    }

    /// Reads headers up to the line that begins a configuration; `false` at the end.
    fn find_configuration(&mut self) -> Result<bool> {
        loop {
            if !self.lines.advance()? {
                return Ok(false);
            }
            if begins_configuration(self.lines.text()) {
                if self.header.is_some() {
                    return Ok(true);
                }
                return Err(self.lines.error("expected a lattice before the first configuration"));
            }
            // The comment of a header may be blank, and so may be what ends the file.
            if self.lines.text().trim_ascii().is_empty() && self.lines.is_at_end() {
                return Ok(false);
            }
            match self.read_header() {
                Ok(mut header) => {
                    header.name_by_comment(&mut self.steps.remarks);
                    self.header = Some(header);
                    self.defect = None;
                }
                // Its configuration is left out, and the next one has a header again.
                Err(error) if self.steps.count > 0 && error.kind() == ErrorKind::Syntax => {
                    while !begins_configuration(self.lines.text()) {
                        if !self.lines.advance()? {
                            return Err(error);
                        }
                    }
                    self.defect = Some(error);
                    return Ok(true);
                }
                Err(error) => return Err(error),
            }
            self.lines.give_back();
        }
    }

    /// Reads a header up to the line that begins its configuration, which becomes the current one.
    fn read_header(&mut self) -> Result<Header> {
        let header = Header::read(&mut self.lines)?;
        self.lines.require("Direct configuration=")?;
        if !begins_configuration(self.lines.text()) {
            return Err(self.lines.error("expected Direct configuration= after the numbers of atoms"));
        }
        Ok(header)
    }

    /// Reads the configuration that the current line begins, to its end whether it can be read or not.
    fn read_configuration(&mut self) -> Result<Structure> {
        let (line, lines) = (self.lines.number(), &mut self.lines);
        let number = lines.text().split_once('=').map(|(_, number)| number.trim().to_owned());
        let Some(header) = &self.header else { return Err(lines.error("expected a lattice")) };
        let mut positions = Vec::new();
        let mut defect = self.defect.take();
        for _ in 0..header.atoms() {
            lines.require("a position")?;
            if begins_configuration(lines.text()) {
                lines.give_back();
                let message = format!("expected {} positions, got {}", header.atoms(), positions.len());
                return Err(defect.unwrap_or_else(|| lines.error(message)));
            }
            let fractional: Result<Vector3> = lines.floats(&mut separated(lines.text()), "a position");
            match fractional {
                Ok(fractional) => positions.push(header.position(fractional, Mode::Direct)),
                Err(error) => defect = defect.or(Some(error)),
            }
        }
        if let Some(error) = defect {
            return Err(error);
        }
        if !lines.is_terminated() {
            return Err(lines.error("expected the end of the line, got the end of the file"));
        }
        let mut structure = header.structure(lines, positions)?;
        structure.line = line;
        if let Some(number) = number.filter(|number| !number.is_empty()) {
            structure.configuration.set_feature("step", number);
        }
        Ok(structure)
    }
}

impl Source for XdatcarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        loop {
            match self.find_configuration() {
                Ok(true) => {}
                // A run that was killed may leave half a header.
                Err(error)
                    if self.steps.count > 0
                        && error.kind() == ErrorKind::Syntax
                        && self.lines.is_at_end() =>
                {
                    self.steps.remarks.note(format!("the last header is incomplete and left out: {error}"));
                    return Ok(None);
                }
                other => return other.map(|_| None),
            }
            self.steps.count += 1;
            let line = self.lines.number();
            match self.read_configuration() {
                Ok(structure) => return Ok(Some(structure)),
                Err(error) if error.kind() == ErrorKind::Syntax => {
                    let line = error.place().map_or(line, |place| place.line);
                    let is_cut = self.lines.is_at_end();
                    let reason = if is_cut { "it is incomplete: " } else { "" };
                    self.steps.leave_out(line, format!("{reason}{}", error.message()))?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}

fn begins_configuration(line: &str) -> bool {
    let words = line.trim_start().get(.."direct configuration".len());
    words.is_some_and(|words| words.eq_ignore_ascii_case("direct configuration"))
}

#[cfg(test)]
mod tests {
    use super::super::{Format, ReadSettings, StructureReader};
    use super::*;

    const HEADER: &str = "MgO\n 1.0\n 4 0 0\n 0 4 0\n 0 0 4\n Mg O\n 1 1\n";

    fn reader(text: &str) -> StructureReader {
        StructureReader::from_text(text.as_bytes(), "XDATCAR", Format::XDATCAR, &ReadSettings::default())
    }

    #[test]
    fn one_lattice_serves_all_and_a_later_one_replaces_it() {
        let text = format!(
            "{HEADER}Direct configuration=     1\n 0 0 0\n .5 0 0\nDirect configuration=     2\n 0 0 0\n .25 0 0\n{}\
             Direct configuration=     3\n 0 0 0\n .5 0 0\n\n",
            HEADER.replace("4 0 0", "8 0 0")
        );
        let structures: Vec<Structure> = reader(&text).map(Result::unwrap).collect();
        let lengths = structures.iter().map(|structure| structure.configuration.positions[1][0]);
        assert_eq!(lengths.collect::<Vec<_>>(), [2.0, 1.0, 4.0]);
        assert_eq!(structures[2].configuration.feature("step"), Some("3"));
        assert_eq!(structures[2].elements.as_deref().unwrap(), ["Mg", "O"]);
    }

    #[test]
    fn a_configuration_that_is_cut_off_is_left_out_and_named() {
        let text = format!(
            "{HEADER}Direct configuration=     1\n 0 0 0\n .5 0 0\nDirect configuration=     2\n 0 0"
        );
        let mut reader = reader(&text);
        assert!(reader.next().unwrap().is_ok());
        assert!(reader.next().is_none());
        let left_out = reader.remarks().left_out.remove(0);
        assert_eq!((left_out.step, left_out.line), (2, 12));
        assert_eq!(left_out.reason, "it is incomplete: expected a position, got the end of the file");
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_left_out_alone() {
        let good = |number: u32| format!("Direct configuration=     {number}\n 0 0 0\n .5 0 0\n");
        let header = HEADER.replace("4 0 0", "******** 0 0");
        assert_ne!(header, HEADER);
        for bad in [
            "Direct configuration=     2\n 0 0 0\n ******** 0 0\n".to_owned(),
            "Direct configuration=     2\n 0 0 nan\n 0 0 0\n".to_owned(),
            "Direct configuration=     2\n 0 0 0\n".to_owned(),
            header + &good(2),
        ] {
            // A lattice for all, or one for each configuration.
            let again = if bad.starts_with("Direct") { "" } else { HEADER };
            let mut reader = reader(&format!("{HEADER}{}{bad}{again}{}", good(1), good(3)));
            let steps = reader
                .by_ref()
                .map(|structure| structure.unwrap().configuration.feature("step").unwrap().to_owned());
            assert_eq!(steps.collect::<Vec<_>>(), ["1", "3"], "{bad}");
            let left_out = reader.remarks().left_out;
            assert!(left_out.len() == 1 && left_out[0].step == 2, "{bad}");
        }
    }
}
