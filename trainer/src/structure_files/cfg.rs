//! `.cfg` with element names: the feature `elements` names the species by number, as in frames saved by the LAMMPS plugin.
//!
//! Programs that do not know the feature read past it, so a file stays what it was for them.

use mtprs_core::format::{CfgReader, write_configuration};
use mtprs_core::geometry::{Configuration, ExtraColumn};
use mtprs_core::{Error, ErrorKind, Place, Result};

use super::format::{Columns, Entry, Reader, Writer};
use super::lines::shown;
use super::reader::Source;
use super::remarks::{Remarks, Steps};
use super::structure::{Column, ColumnKind, Structure};
use super::type_names::NamedType;
use super::{Format, ReadSettings};
use crate::endpoint::Stream;

impl Format {
    /// `.cfg` text of MLIP-2.
    pub const CFG: Self = Self::new(&ENTRY);
}

pub(super) static ENTRY: Entry = Entry {
    refused: Some((
        "bin",
        "binary .cfg files of MLIP-2 cannot be read, because their format is not documented: have MLIP-2 write them as text",
    )),
    endings: &[".cfg"],
    recognize: |head| head.begins_with("BEGIN_CFG"),
    numbers_species: true,
    writer: Some(Writer { write, holds_labels: true, holds_velocities: false, columns: Columns::Own }),
    ..Entry::read(
        ".cfg",
        &["cfg", "txt"],
        Reader::OfText(|stream, name, settings| Box::new(CfgSource::new(stream, name, settings))),
    )
};

/// Key of the feature with the element names.
pub(super) const ELEMENTS: &str = "elements";

/// The configurations of a `.cfg` file. One with a number that its calculation could not give is left out and told; all
/// else that cannot be read ends the file.
pub(super) struct CfgSource {
    reader: CfgReader<Stream>,
    steps: Steps,
}

impl CfgSource {
    pub(super) fn new(stream: Stream, name: &str, settings: &ReadSettings) -> Self {
        Self { reader: CfgReader::new(stream, name), steps: Steps::new(name, settings) }
    }

    /// The next configuration as it stands in the file.
    pub(super) fn read_configuration(&mut self) -> Result<Option<Configuration>> {
        loop {
            self.steps.count += 1;
            let error = match self.reader.next() {
                None => return Ok(None),
                Some(Ok(configuration)) => return Ok(Some(configuration)),
                Some(Err(error)) => error,
            };
            let line = error.place().map_or(0, |place| place.line);
            if self.steps.settings.strict || !self.reader.pass_over_failed(&error)? {
                return Err(error);
            }
            self.steps.leave_out(line, error.message())?;
        }
    }

    /// Line on which the last configuration begins.
    pub(super) fn begin_line(&self) -> usize {
        self.reader.begin_line()
    }
}

impl Source for CfgSource {
    fn read(&mut self) -> Result<Option<Structure>> {
        let Some(configuration) = self.read_configuration()? else { return Ok(None) };
        let line = self.begin_line();
        let place = Place { file: self.steps.file.clone(), line, column: 0 };
        structure(configuration, line).map(Some).map_err(|error| error.at(place))
    }

    fn remarks(&self) -> Remarks {
        self.steps.remarks.clone()
    }
}

pub(super) fn structure(mut configuration: Configuration, line: usize) -> Result<Structure> {
    let elements = sole_names(&mut configuration)?;
    configuration.features.retain(|(key, _)| key != ELEMENTS);
    if let Some(names) = &elements {
        let named = names.len();
        if let Some(atom) = configuration.species.iter().position(|&species| species as usize >= named) {
            let message = format!(
                "atom {} is of type {}, but the feature {ELEMENTS} names {named} (numbered from 0)",
                atom + 1,
                configuration.species[atom]
            );
            return Err(Error::new(ErrorKind::Species, message));
        }
    }
    let columns = std::mem::take(&mut configuration.extra_columns).into_iter().map(column).collect();
    let is_ordered = elements.is_some();
    let source = || format!("the feature {ELEMENTS}");
    let named = |name: &String| Some(NamedType { element: name.clone(), source: source() });
    let types = elements.iter().flatten().map(named).collect();
    Ok(Structure { configuration, elements, types, is_ordered, columns, line, ..Structure::default() })
}

/// Element names by species number, if the configuration names them.
pub fn element_names(configuration: &Configuration) -> Option<Vec<String>> {
    configuration.feature(ELEMENTS).map(words)
}

/// Element names by species number. A configuration that names them more than once must say the same each time; one of
/// the features remains.
pub(super) fn sole_names(configuration: &mut Configuration) -> Result<Option<Vec<String>>> {
    let mut features = configuration.features.iter().filter(|(key, _)| key == ELEMENTS);
    let Some((_, first)) = features.next() else { return Ok(None) };
    let names = words(first);
    if let Some((_, other)) = features.find(|(_, other)| words(other) != names) {
        let message =
            format!("expected one feature {ELEMENTS}, got two: {} and {}", shown(first), shown(other));
        return Err(
            Error::new(ErrorKind::Species, message).hint("keep the one that names the types from 0 on")
        );
    }
    let mut is_first = true;
    configuration.features.retain(|(key, _)| key != ELEMENTS || std::mem::take(&mut is_first));
    Ok(Some(names))
}

fn words(text: &str) -> Vec<String> {
    let words = text.split([' ', '\t', ',']).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

fn column(ExtraColumn { name, words }: ExtraColumn) -> Column {
    let kind = if words.iter().all(|word| word.parse::<i64>().is_ok()) {
        ColumnKind::Integer
    } else if words.iter().all(|word| word.parse::<f64>().is_ok_and(f64::is_finite)) {
        ColumnKind::Real
    } else {
        ColumnKind::Text
    };
    Column { name, kind, width: 1, words }
}

/// Writes a structure as `.cfg`. Further columns are written only if `keeps_columns`: MLIP-2 knows none but its own.
pub(super) fn write(structure: &Structure, keeps_columns: bool, output: &mut Vec<u8>) -> Result<()> {
    write_configuration(&configuration(structure, keeps_columns), output)
        .map_err(|error| Error::new(ErrorKind::InvalidConfiguration, error.to_string()))
}

/// What stands in `.cfg` of a structure.
pub(super) fn configuration(structure: &Structure, keeps_columns: bool) -> Configuration {
    let mut configuration = structure.configuration.clone();
    if keeps_columns {
        let single = structure.columns.iter().filter(|column| column.width == 1);
        let extra =
            single.map(|column| ExtraColumn { name: column.name.clone(), words: column.words.clone() });
        configuration.extra_columns = extra.collect();
    }
    // Readers take the first of two, and this one would be foreign.
    configuration.features.retain(|(key, _)| key != ELEMENTS);
    if let Some(names) = &structure.elements {
        configuration.features.push((ELEMENTS.to_owned(), names.join(" ")));
    }
    configuration
}

#[cfg(test)]
mod tests {
    use super::super::{Format, ReadSettings, StructureReader};
    use super::*;

    const TEXT: &str = "BEGIN_CFG\n Size\n 2\n AtomData: id type cartes_x cartes_y cartes_z charge\n 1 1 0.0 0.0 0.0 -2\n \
                        2 0 2.0 0.0 0.0 2\n Feature elements Mg O\n Feature step 7\nEND_CFG\n";

    fn read(text: &str) -> Result<Structure> {
        let settings = ReadSettings::default();
        StructureReader::from_text(text.as_bytes(), "a.cfg", Format::CFG, &settings).next().unwrap()
    }

    #[test]
    fn names_and_columns_survive_a_round_trip() {
        let structure = read(TEXT).unwrap();
        assert_eq!((structure.element(0), structure.element(1)), (Some("O"), Some("Mg")));
        assert_eq!(structure.configuration.feature("step"), Some("7"));
        assert_eq!(structure.configuration.feature(ELEMENTS), None);
        assert_eq!(structure.columns[0].kind, ColumnKind::Integer);
        let mut text = Vec::new();
        write(&structure, true, &mut text).unwrap();
        assert_eq!(read(std::str::from_utf8(&text).unwrap()).unwrap(), structure);
    }

    #[test]
    fn elements_are_named_once_and_by_those_who_know_them() {
        let twice =
            |names: &str| TEXT.replace(" Feature step", &format!(" Feature elements {names}\n Feature step"));
        let message = read(&twice("O Mg")).unwrap_err().to_string();
        let expected = "a.cfg:1: expected one feature elements, got two: Mg O and O Mg\n  \
                        hint: keep the one that names the types from 0 on";
        assert_eq!(message, expected);
        let structure = read(&twice("Mg, O")).unwrap();
        assert_eq!(structure, read(TEXT).unwrap());
        let mut foreign = structure.clone();
        foreign.configuration.features.push((ELEMENTS.to_owned(), "O Mg".to_owned()));
        assert_eq!(configuration(&foreign, true), configuration(&structure, true));
    }

    /// What is read of a text, and what is said of it; or the error.
    fn read_all(text: &str, settings: &ReadSettings) -> Result<(usize, Vec<String>)> {
        let mut reader = StructureReader::from_text(text.as_bytes(), "a.cfg", Format::CFG, settings);
        let count = reader.by_ref().collect::<Result<Vec<_>>>()?.len();
        Ok((count, reader.remarks().sentences("a.cfg")))
    }

    #[test]
    fn what_a_calculation_could_not_give_is_left_out_and_told() {
        let with = |number: &str| format!("{TEXT}{}{TEXT}", TEXT.replace("2.0 0.0 0.0", number));
        let (settings, strict) =
            (ReadSettings::default(), ReadSettings { strict: true, ..Default::default() });
        for (number, expected) in [
            ("nan 0.0 0.0", "a finite number, got nan"),
            ("0.0 -NaN 0.0", "a finite number, got -NaN"),
            ("0.0 0.0 inf", "a finite number, got inf"),
            ("0.0 -Infinity 0.0", "a finite number, got -Infinity"),
            ("0.0 ******** 0.0", "a number, got ********"),
            ("1.#QNAN 0.0 0.0", "a number, got 1.#QNAN"),
            ("-nan(ind) 0.0 0.0", "a number, got -nan(ind)"),
        ] {
            let text = with(number);
            let sentence = format!("a.cfg: step 2 left out (line 15): expected {expected}");
            assert_eq!(read_all(&text, &settings).unwrap(), (2, vec![sentence]), "{number}");
            let error = read_all(&text, &strict).unwrap_err().to_string();
            assert!(error.starts_with("a.cfg:15:") && error.contains(expected), "{error}");
        }
        // Anything else is no failed calculation but a file that is not understood, and so is one without an end.
        for number in
            ["2,0 0.0 0.0", "2.0 0.0 1e999", "2.0d0 0.0 0.0", "infinite 0.0 0.0", "- 0.0 0.0", "nano 0.0 0.0"]
        {
            read_all(&with(number), &settings).unwrap_err();
        }
        let open = TEXT.replace("2.0 0.0 0.0", "nan 0.0 0.0").replace("END_CFG\n", "");
        for text in [open.clone(), format!("{open}{TEXT}")] {
            let error = read_all(&text, &settings).unwrap_err().to_string();
            assert!(error.starts_with("a.cfg:6:6: expected a finite number, got nan"), "{error}");
        }
        let first = "nan\n";
        assert!(
            read_all(&format!("{first}{TEXT}"), &settings).unwrap_err().to_string().starts_with("a.cfg:1:1:")
        );
    }

    #[test]
    fn a_type_without_a_name_is_refused() {
        let message = read(&TEXT.replace("elements Mg O", "elements Mg")).unwrap_err().to_string();
        assert_eq!(
            message,
            "a.cfg:1: atom 1 is of type 1, but the feature elements names 1 (numbered from 0)"
        );
    }
}
