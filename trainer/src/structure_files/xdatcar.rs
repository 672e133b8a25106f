//! XDATCAR of VASP 5 and 6: positions of a trajectory, with one lattice for all or one for each configuration.

use mtprs_core::{ErrorKind, Result};

use super::lines::Lines;
use super::poscar::{Header, Mode};
use super::reader::Source;
use super::remarks::Remarks;
use super::structure::Structure;
use crate::endpoint::Stream;

/// Reads XDATCAR.
pub(super) struct XdatcarSource {
    lines: Lines,
    header: Option<Header>,
    remarks: Remarks,
}

impl XdatcarSource {
    pub(super) fn new(stream: Stream, name: &str) -> Self {
        Self { lines: Lines::new(stream, name), header: None, remarks: Remarks::default() }
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
            self.header = Some(Header::read(&mut self.lines)?);
            self.lines.require("Direct configuration=")?;
            if !begins_configuration(self.lines.text()) {
                return Err(self.lines.error("expected Direct configuration= after the numbers of atoms"));
            }
            self.lines.give_back();
        }
    }

    fn read_configuration(&mut self) -> Result<Option<Structure>> {
        if !self.find_configuration()? {
            return Ok(None);
        }
        let (line, lines) = (self.lines.number(), &mut self.lines);
        let Some(header) = &self.header else { return Ok(None) };
        let number = lines.text().split_once('=').map(|(_, number)| number.trim().to_owned());
        let mut positions = Vec::new();
        for _ in 0..header.atoms() {
            let fractional = lines.next_vector("a position")?;
            positions.push(header.position(fractional, Mode::Direct));
        }
        if !lines.is_terminated() {
            return Err(lines.error("expected the end of the line, got the end of the file"));
        }
        let mut structure = header.structure(lines, positions)?;
        structure.line = line;
        if let Some(number) = number.filter(|number| !number.is_empty()) {
            structure.configuration.set_feature("step", number);
        }
        Ok(Some(structure))
    }
}

impl Source for XdatcarSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        match self.read_configuration() {
            // A run that was killed leaves its last configuration incomplete.
            Err(error)
                if self.header.is_some() && error.kind() == ErrorKind::Syntax && self.lines.is_at_end() =>
            {
                self.remarks.note(format!("the last configuration is incomplete and left out: {error}"));
                Ok(None)
            }
            other => other,
        }
    }

    fn remarks(&self) -> Remarks {
        self.remarks.clone()
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
        StructureReader::from_text(text.as_bytes(), "XDATCAR", Format::Xdatcar, &ReadSettings::default())
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
        let notes = reader.remarks().notes;
        assert_eq!(
            notes,
            [
                "the last configuration is incomplete and left out: XDATCAR:12: expected 3 numbers for a position, got 2"
            ]
        );
    }
}
