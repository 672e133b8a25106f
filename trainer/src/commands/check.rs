//! `mtprs check`: reads configurations once and tells what is in them and what is wrong.

use mtprs_core::{Error, Place};

use crate::Failure;
use crate::checks::Inspection;
use crate::cli::CheckArguments;
use crate::endpoint::{Input, print_beside};
use crate::job::Ready;
use crate::pipeline::{Progress, Tally};
use crate::processes::Interrupt;
use crate::structure_files::{Sentence, SpeciesOrder, Structure, StructureReader};

pub(super) fn run(job: &Ready<CheckArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let mut check = Check {
        job,
        order: job.reading.naming.names().map(|names| SpeciesOrder::new(&names, None, "--species")),
        names: Vec::new(),
        inspection: Inspection::default(),
        tally: Tally::default(),
        interrupt,
    };
    let mut progress = Progress::new(None, job.common.quiet);
    let mut unreadable = None;
    for input in &job.inputs {
        if let Err(failure) = check.read(input, &mut progress) {
            let Failure::Runtime(error) = failure else { return Err(failure) };
            unreadable.get_or_insert(error);
        }
    }
    let report = check.inspection.finish();
    progress.finish("checked", check.tally, 1);
    let json = job.common.write.optional(&job.json);
    print_beside(&[&json], || report.render())?;
    if let Some(output) = json {
        let mut sink = output.create()?;
        sink.write(report.to_json()?.as_bytes())?;
        sink.finish()?;
    }
    if let Some(error) = unreadable {
        return Err(error.into());
    }
    if report.kinds().is_empty() { Ok(()) } else { Err(Failure::Findings) }
}

/// A check under way.
struct Check<'a> {
    job: &'a Ready<CheckArguments>,
    order: Option<SpeciesOrder>,
    /// Names of the species by number, in the order in which files bring them.
    names: Vec<String>,
    inspection: Inspection,
    tally: Tally,
    interrupt: Interrupt,
}

impl Check<'_> {
    fn read(&mut self, input: &Input, progress: &mut Progress) -> Result<(), Failure> {
        let file = input.name();
        self.inspection.begin_file(&file);
        let (mut number, before) = (0, self.tally.bytes);
        let outcome = (|| {
            let mut reader =
                StructureReader::open(input, self.job.reading.format, &self.job.reading.settings)?;
            while let Some(mut structure) = reader.next().transpose()? {
                self.interrupt.check()?;
                number += 1;
                let place = Place { file: file.clone(), line: structure.line, column: 0 };
                self.add(&mut structure, number)
                    .map_err(|error| error.within(&format!("configuration {number}")).at(place))?;
                self.tally.bytes = before + reader.bytes_read();
                progress.update(self.tally);
            }
            self.job.reading.ended(&file, number, &reader.remarks());
            let remarks = reader.remarks().sentences(&file);
            self.job.reading.tell(remarks.into_iter().map(Sentence::Warning).collect(), false);
            Ok(())
        })();
        if let Err(Failure::Runtime(error)) = &outcome {
            let line = error.place().map_or(0, |place| place.line);
            self.inspection.add_unreadable(error.message(), number + 1, line);
        }
        outcome
    }

    fn add(&mut self, structure: &mut Structure, number: u64) -> Result<(), Error> {
        match &self.order {
            Some(order) => {
                order.apply(structure)?;
                self.names = order.names().to_vec();
            }
            None => self.renumber(structure),
        }
        self.inspection.name_species(&self.names);
        self.tally.configurations += 1;
        self.tally.atoms += structure.configuration.len() as u64;
        self.inspection.add(&structure.configuration, number, structure.line)
    }

    /// Numbers species by their names, the same in all files; numbers without names count as names.
    fn renumber(&mut self, structure: &mut Structure) {
        let elements = structure.elements.take();
        let count = structure.configuration.species.iter().max().map_or(0, |&species| species as usize + 1);
        let known = elements.as_ref().map_or(count, |elements| elements.len().max(count));
        let numbers: Vec<u32> = (0..known)
            .map(|species| {
                let named = elements.as_ref().and_then(|elements| elements.get(species));
                let name = named.cloned().unwrap_or_else(|| format!("type{species}"));
                let found = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
                    self.names.push(name);
                    self.names.len() - 1
                });
                u32::try_from(found).unwrap_or(u32::MAX)
            })
            .collect();
        for species in &mut structure.configuration.species {
            *species = numbers[*species as usize];
        }
    }
}
