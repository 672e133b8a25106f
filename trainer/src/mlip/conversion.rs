//! `mlp convert-cfg` and `convert`: types are numbers by the order in the file, as in MLIP.

use std::fs;
use std::path::{Path, PathBuf};

use mtprs_core::species::{atomic_number, symbol};
use mtprs_core::{Error, ErrorKind, Place};

use super::files::Results;
use super::species::renamed;
use super::{Call, cells, replacing};
use crate::Failure;
use crate::cli::usage_error;
use crate::commands::watch;
use crate::endpoint::{Input, Output, Sink, print, say};
use crate::report::mlip::Dialect;
use crate::structure_files::{Format, ReadSettings, Structure, StructureReader, write_structure};
use crate::text::counted;

/// How types are given.
enum Types {
    /// As they are, or by the order in the file.
    InOrder,
    /// The type of each element in the order of the file.
    Renumbered(Vec<u32>),
    /// The elements in the order of the types.
    Elements(Vec<String>),
    /// Atomic numbers.
    Absolute,
}

pub(super) fn convert(call: &mut Call<'_>) -> Result<(), Failure> {
    let (input, output) = (Input::from(call.file(0)), call.file(1));
    let line = &mut call.line;
    let format = |name: &str, text: Option<String>| {
        let parsed =
            text.map(|text| Format::parse(&text).map_err(|error| format!("--{name}: {error}, got {text}")));
        parsed.transpose().map_err(usage_error)
    };
    let read = format("input-format", line.take_file("input-format"))?;
    let written = format("output-format", line.take_file("output-format"))?.unwrap_or(Format::CFG);
    if !written.is_written() {
        let message =
            format!("{} is read, not written: expected {}", written.name(), Format::written(Format::name));
        return Err(usage_error(message).into());
    }
    let order = line.take_file("elements-order").or(call.species.take());
    let absolute = line.take_flag("absolute-elements")?.unwrap_or(false);
    let types = types(order.as_deref(), absolute)?;
    let last = line.take_flag("last")?.unwrap_or(false);
    let append = line.take_flag("append")?.unwrap_or(false);
    let fixes = line.take_flag("fix-lattice")?.unwrap_or(false);
    let keep_unconverged = line.take_flag("save-nonconverged")?.unwrap_or(false);
    if append && !written.holds_many() {
        return Err(usage_error(format!("--append: {} holds one configuration", written.name())).into());
    }
    Results::default().add(&output, &[])?;
    let interrupt = watch(call.group)?;
    // Of a nameless layout the user writes the names himself.
    let is_nameless = call.dialect == Dialect::Mlip2 && written == Format::POSCAR;
    let settings = ReadSettings { keep_unconverged, ..ReadSettings::default() };
    let name = input.name();
    let mut reader = StructureReader::open(&input, read, &settings)?;
    let mut written_to = Written::new(output, written, append);
    let (mut number, mut kept) = (0, None);
    while let Some(structure) = reader.next() {
        interrupt.check()?;
        let mut structure = structure?;
        number += 1;
        let place = Place { file: name.clone(), line: structure.line, column: 0 };
        let explain = |error: Error| error.within(&format!("configuration {number}")).at(place.clone());
        types.apply(&mut structure).map_err(explain)?;
        if fixes {
            cells::fixed(&mut structure.configuration).map_err(explain)?;
            structure.lattice = None;
        }
        if is_nameless || !written.numbers_species() && matches!(types, Types::Absolute) {
            structure.elements = None;
        }
        let mut text = Vec::new();
        write_structure(&structure, written, reader.format() == Format::CFG, &mut text).map_err(explain)?;
        if last {
            kept = Some(text);
        } else {
            written_to.add(text)?;
        }
    }
    kept.map_or(Ok(()), |text| written_to.add(text))?;
    let remarks = reader.remarks();
    if !remarks.left_out.is_empty() || remarks.unconverged_kept > 0 {
        // There are programs that search standard output for it, to leave such files out.
        let steps = counted(remarks.left_out.len() as u64 + remarks.unconverged_kept, "step");
        print(&format!("WARNING: {name}: {steps} not converged, incomplete or not readable\n"))?;
    }
    for sentence in remarks.sentences(&name) {
        say(format!("warning: {}", sentence.replace("--keep-unconverged", "--save-nonconverged")));
    }
    if number == 0 {
        let message = "there is no configuration to write";
        return Err(Error::new(ErrorKind::InvalidConfiguration, message).in_file(&name).into());
    }
    written_to.finish()
}

/// Where configurations go: a file, or numbered ones where it holds a single one and there are more.
struct Written {
    path: PathBuf,
    holds_many: bool,
    appends: bool,
    sink: Option<Sink>,
    /// The first one of a format that holds one: its name depends on whether another follows.
    first: Option<Vec<u8>>,
    count: u64,
}

impl Written {
    fn new(path: PathBuf, format: Format, appends: bool) -> Self {
        Self { path, holds_many: format.holds_many(), appends, sink: None, first: None, count: 0 }
    }

    fn add(&mut self, text: Vec<u8>) -> Result<(), Failure> {
        if self.holds_many {
            if self.sink.is_none() {
                self.sink = Some(self.begin()?);
            }
            return self.sink.as_mut().map_or(Ok(()), |sink| sink.write(&text));
        }
        self.count += 1;
        if self.count == 1 {
            self.first = Some(text);
            return Ok(());
        }
        if let Some(first) = self.first.take() {
            whole(&self.numbered(0), &first)?;
        }
        whole(&self.numbered(self.count - 1), &text)
    }

    /// Begins the file, with what it holds if more is to be added to it.
    fn begin(&self) -> Result<Sink, Failure> {
        let mut sink = Output::File(replacing(&self.path)).create()?;
        if self.appends {
            match fs::read(&self.path) {
                Ok(before) => {
                    sink.write(&before)?;
                    if !matches!(before.last(), None | Some(b'\n')) {
                        sink.write(b"\n")?;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("read", &self.path.display().to_string(), &error).into()),
            }
        }
        Ok(sink)
    }

    fn numbered(&self, number: u64) -> PathBuf {
        let mut name = self.path.as_os_str().to_owned();
        name.push(number.to_string());
        name.into()
    }

    fn finish(self) -> Result<(), Failure> {
        if let Some(text) = &self.first {
            return whole(&self.path, text);
        }
        self.sink.map_or(Ok(()), Sink::finish)
    }
}

fn whole(path: &Path, text: &[u8]) -> Result<(), Failure> {
    let mut sink = Output::File(replacing(path)).create()?;
    sink.write(text)?;
    sink.finish()
}

/// What `--elements-order`, `--type_order` and `--absolute-elements` say.
fn types(order: Option<&str>, absolute: bool) -> Result<Types, Failure> {
    let Some(order) = order else { return Ok(if absolute { Types::Absolute } else { Types::InOrder }) };
    if absolute {
        return Err(usage_error("--absolute-elements and an order of elements do not go together").into());
    }
    let words: Vec<&str> = order.split([',', ' ']).filter(|word| !word.is_empty()).collect();
    let numbers: Option<Vec<u32>> = words.iter().map(|word| word.parse().ok()).collect();
    if let Some(numbers) = &numbers
        && numbers.contains(&0)
    {
        return Ok(Types::Renumbered(numbers.clone()));
    }
    let names = words.iter().map(|word| match word.parse::<usize>() {
        Ok(number) => symbol(number).map(str::to_owned),
        Err(_) => atomic_number(word).map(|_| (*word).to_owned()),
    });
    names.collect::<Option<Vec<String>>>().filter(|names| !names.is_empty()).map(Types::Elements).ok_or_else(|| {
        let message = format!(
            "expected types from 0 (0,1,2), elements (Mg,V,O) or atomic numbers (12,23,8) in the order of elements, got {order}"
        );
        usage_error(message).into()
    })
}

impl Types {
    /// Gives a structure these types.
    fn apply(&self, structure: &mut Structure) -> Result<(), Error> {
        let refused = |message: String| Error::new(ErrorKind::Species, message);
        match self {
            Self::InOrder => Ok(()),
            Self::Renumbered(numbers) => {
                for species in &mut structure.configuration.species {
                    *species = *numbers.get(*species as usize).ok_or_else(|| {
                        refused(format!("the file has more elements than the order: {}", numbers.len()))
                    })?;
                }
                let places = numbers.iter().enumerate().map(|(old, new)| (old, *new as usize));
                structure.elements = structure.elements.take().and_then(|names| renamed(&names, places));
                Ok(())
            }
            Self::Elements(order) => {
                let Some(names) = &structure.elements else {
                    // Numbers are in this order already.
                    structure.elements = Some(order.clone());
                    return match structure
                        .configuration
                        .species
                        .iter()
                        .all(|&species| (species as usize) < order.len())
                    {
                        true => Ok(()),
                        false => {
                            Err(refused(format!("the file has more types than {} elements", order.len())))
                        }
                    };
                };
                for species in &mut structure.configuration.species {
                    let name = names.get(*species as usize).cloned().unwrap_or_default();
                    let place = order.iter().position(|other| *other == name);
                    *species = place.and_then(|place| u32::try_from(place).ok()).ok_or_else(|| {
                        refused(format!("{name} is not among the elements of the order: {}", order.join(",")))
                    })?;
                }
                structure.elements = Some(order.clone());
                Ok(())
            }
            Self::Absolute => {
                let Some(names) = structure.elements.take() else {
                    return Err(refused("the file has no elements, only numbers".to_owned()));
                };
                for species in &mut structure.configuration.species {
                    let number = names.get(*species as usize).and_then(|name| atomic_number(name));
                    *species = number
                        .and_then(|number| u32::try_from(number).ok())
                        .ok_or_else(|| refused("an atom is of no element".to_owned()))?;
                }
                Ok(())
            }
        }
    }
}
