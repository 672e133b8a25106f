//! `mtprs convert`: structures from one format into another, one in memory at a time.

use std::collections::BTreeSet;

use mtprs_core::{Error, ErrorKind, Place};

use super::convert_output::StructureOutput;
use crate::Failure;
use crate::endpoint::{Input, load_potential, say};
use crate::job::{ConvertJob, FrameChoice, OrderSource};
use crate::pipeline::{Progress, Tally};
use crate::processes::Interrupt;
use crate::structure_files::{Format, Remarks, SpeciesOrder, Structure, StructureReader};

pub(super) fn run(job: &ConvertJob, interrupt: Interrupt) -> Result<(), Failure> {
    let mut conversion = Conversion {
        job,
        order: job.order.as_ref().map(given_order).transpose()?,
        carried: None,
        output: StructureOutput::new(&job.output, job.output_format, job.read()),
        dropped: BTreeSet::new(),
        numbered: BTreeSet::new(),
        remarks: Vec::new(),
        tally: Tally::default(),
        interrupt,
    };
    let mut progress = Progress::new(size(&job.inputs), job.quiet);
    for input in &job.inputs {
        conversion.convert(input, &mut progress)?;
    }
    conversion.report();
    if conversion.tally.configurations == 0 {
        let message = "there are no configurations to write";
        return Err(Error::new(ErrorKind::InvalidConfiguration, message).in_file(&names(&job.inputs)).into());
    }
    conversion.output.finish()?;
    progress.finish("converted", conversion.tally, 1);
    Ok(())
}

/// A conversion under way.
struct Conversion<'a> {
    job: &'a ConvertJob,
    /// The order of the species, if it is given.
    order: Option<SpeciesOrder>,
    /// The order of the first input otherwise, where species are numbered, and whose it is.
    carried: Option<(Option<Vec<String>>, String)>,
    output: StructureOutput,
    /// What the output has no place for.
    dropped: BTreeSet<String>,
    /// Inputs whose species are numbers, which the order names.
    numbered: BTreeSet<String>,
    /// Sentences about the inputs.
    remarks: Vec<String>,
    tally: Tally,
    interrupt: Interrupt,
}

impl Conversion<'_> {
    fn convert(&mut self, input: &Input, progress: &mut Progress) -> Result<(), Failure> {
        let file = input.name();
        let reading = &self.job.reading;
        let opened = StructureReader::open(input, reading.format, &reading.settings);
        let mut reader = match opened {
            Err(error) if reading.forgives(&file, &error, 0, &Remarks::default()) => return Ok(()),
            opened => opened?,
        };
        let before = self.tally.bytes;
        let (mut number, mut taken) = (0, 0);
        let mut last = None;
        loop {
            let structure = match reader.next() {
                None => {
                    reading.ended(&file, number, &reader.remarks());
                    break;
                }
                Some(Err(error)) if reading.forgives(&file, &error, number, &reader.remarks()) => break,
                Some(structure) => structure?,
            };
            self.interrupt.check()?;
            number += 1;
            self.tally.bytes = before + reader.bytes_read();
            match self.job.choice {
                FrameChoice::Last => last = Some((structure, number)),
                FrameChoice::Range(frames) => {
                    if frames.takes(number - 1) {
                        self.take(structure, &file, number, reader.format())?;
                        taken += 1;
                        if taken == frames.limit {
                            reading.ended(&file, number, &reader.remarks());
                            break;
                        }
                    }
                }
            }
            progress.update(self.tally);
        }
        if let Some((structure, number)) = last {
            self.take(structure, &file, number, reader.format())?;
        }
        self.remarks.extend(reader.remarks().sentences(&file));
        if number == 0 {
            if self.job.reading.settings.strict {
                let message = "it has no configurations";
                return Err(Error::new(ErrorKind::InvalidConfiguration, message).in_file(&file).into());
            }
            self.remarks.push(format!("{file}: no configuration of it is kept"));
        }
        Ok(())
    }

    /// Writes a structure; it is the one with this number, from one, of the file.
    fn take(
        &mut self,
        mut structure: Structure,
        file: &str,
        number: u64,
        format: Format,
    ) -> Result<(), Failure> {
        let place = Place { file: file.to_owned(), line: structure.line, column: 0 };
        let explain = |error: Error| error.within(&format!("configuration {number}")).at(place.clone());
        self.number_species(&mut structure, file).map_err(explain)?;
        self.dropped.extend(self.job.output_format.dropped(&structure, format));
        self.tally.configurations += 1;
        self.tally.atoms += structure.configuration.len() as u64;
        self.output.write(&structure, format == Format::CFG, explain)
    }

    /// Numbers the species in the order that is given or carried along, or says why it is not known.
    fn number_species(&mut self, structure: &mut Structure, file: &str) -> Result<(), Error> {
        if let Some(order) = &self.order {
            if structure.elements.is_none() {
                self.numbered.insert(file.to_owned());
            }
            return order.apply(structure);
        }
        let format = self.job.output_format;
        if !format.numbers_species() {
            return match structure.elements {
                Some(_) => Ok(()),
                None => Err(nameless(format)),
            };
        }
        if let Some(names) = &structure.elements
            && !structure.is_ordered
        {
            return Err(orderless(format, names));
        }
        match &self.carried {
            None => self.carried = Some((structure.elements.clone(), file.to_owned())),
            Some((known, of)) if *known != structure.elements => {
                let shown = |names: &Option<Vec<String>>| {
                    names.as_ref().map_or("no names".to_owned(), |names| names.join(" "))
                };
                let message = format!(
                    "its species are {}, those of {of} are {}",
                    shown(&structure.elements),
                    shown(known)
                );
                let error = Error::new(ErrorKind::Species, message);
                return Err(error.hint("give one order for all with --species"));
            }
            Some(_) => {}
        }
        Ok(())
    }

    /// Says what the user should know about the data.
    fn report(&self) {
        self.job.reading.tell(Vec::new(), false);
        for remark in &self.remarks {
            say(format!("warning: {remark}"));
        }
        if self.job.quiet {
            return;
        }
        match &self.carried {
            Some((Some(names), file)) => {
                say(format!("species: {} (the order of {file})", names.join(" ")));
            }
            Some((None, file)) => {
                say(format!("species: numbers as in {file}, from 0 in .cfg and from 1 in LAMMPS"));
            }
            None => {}
        }
        if let Some(order) = &self.order {
            let names = order.names().join(" ");
            for file in &self.numbered {
                say(format!("species: {file} names no elements; by their numbers they are {names}"));
            }
        }
        for what in &self.dropped {
            say(format!("not written: {what} (not supported by {})", self.job.output_format.name()));
        }
    }
}

/// The order that the user gave or named a potential for.
fn given_order(source: &OrderSource) -> Result<SpeciesOrder, Error> {
    match source {
        OrderSource::Given(names) => Ok(SpeciesOrder::new(names, None, "--species")),
        OrderSource::Potential(path) => {
            let name = path.display().to_string();
            let potential = load_potential(path)?;
            let names = potential.species().names().ok_or_else(|| {
                let error = Error::new(ErrorKind::Species, "the potential does not name its elements");
                error.in_file(&name).hint("give their order with --species")
            })?;
            Ok(SpeciesOrder::new(names, None, &name))
        }
    }
}

fn nameless(format: Format) -> Error {
    let message = format!("{} names elements, but the input has only numbers", format.name());
    Error::new(ErrorKind::Species, message).hint("name them in the order of the numbers: --species Mg,V,O")
}

fn orderless(format: Format, names: &[String]) -> Error {
    let message =
        format!("{} numbers species, but the order of {} is not known", format.name(), names.join(" "));
    let hint =
        format!("give it: --species {}, or --potential POT.mtp to use that of a potential", names.join(","));
    Error::new(ErrorKind::Species, message).hint(hint)
}

/// Size of all inputs in bytes, if they are files.
fn size(inputs: &[Input]) -> Option<u64> {
    inputs.iter().map(Input::size).sum()
}

fn names(inputs: &[Input]) -> String {
    inputs.iter().map(Input::name).collect::<Vec<_>>().join(", ")
}
