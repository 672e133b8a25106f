//! The host: one configuration of a file, its species numbered in the order of the output with the ions among them.

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind, Place};

use crate::Failure;
use crate::endpoint::say;
use crate::insertion::{Contents, report};
use crate::job::InsertJob;
use crate::processes::Interrupt;
use crate::structure_files::{Sentence, SpeciesOrder, Structure, StructureReader};

/// A host that can be worked with.
pub(super) struct Host {
    structure: Structure,
    /// Elements by species.
    pub(super) names: Vec<String>,
    /// Species of the ions.
    pub(super) inserted: usize,
    /// Atoms by species.
    counts: Vec<usize>,
    file: String,
    /// Which of how many configurations it is.
    number: u64,
    read: u64,
}

impl Host {
    /// Reads it.
    pub(super) fn read(
        job: &InsertJob,
        potential: Option<&Potential>,
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        let file = job.host.name();
        let (mut structure, number, read) = frame(job, interrupt)?;
        if job.typed.frame.is_none() && read > 1 && !job.run.quiet {
            say(format!(
                "note: {file} has {read} configurations: the last one is used (--frame chooses another)"
            ));
        }
        let place = Place { file: file.clone(), line: structure.line, column: 0 };
        let explain = |error: Error| error.within(&format!("configuration {number}")).at(place.clone());
        check_periodic(&structure).map_err(explain)?;
        let order = order(job, potential, &structure)?;
        let names = order.names().to_vec();
        order.apply(&mut structure).map_err(explain)?;
        let inserted = position(&names, &job.typed.species)?;
        let species = &structure.configuration.species;
        let count = |index: usize| species.iter().filter(|species| **species as usize == index).count();
        let counts = (0..names.len()).map(count).collect();
        Ok(Self { structure, names, inserted, counts, file, number, read })
    }

    /// The atoms.
    pub(super) fn configuration(&self) -> &Configuration {
        &self.structure.configuration
    }

    /// What it holds together with this many ions.
    pub(super) fn contents(&self, count: usize) -> Contents<'_> {
        Contents { names: &self.names, host: &self.counts, inserted: (self.inserted, count) }
    }

    /// The host with ions at these places behind its atoms, without labels and velocities.
    pub(super) fn with_ions(&self, places: &[Vector3]) -> Result<Structure, Error> {
        let Configuration { cell, species, positions, .. } = self.configuration();
        let ion = u32::try_from(self.inserted).unwrap_or(u32::MAX);
        let species = species.iter().copied().chain(places.iter().map(|_| ion)).collect();
        let positions = [positions, places].concat();
        Ok(Structure {
            configuration: Configuration::new(cell.clone(), species, positions)?,
            elements: Some(self.names.clone()),
            is_ordered: true,
            lattice: self.structure.lattice,
            ..Structure::default()
        })
    }

    /// Says which configuration an error is about.
    pub(super) fn explain(&self, error: Error) -> Error {
        let place = Place { file: self.file.clone(), line: self.structure.line, column: 0 };
        error.within(&format!("configuration {}", self.number)).at(place)
    }

    /// It in figures.
    pub(super) fn figures(&self) -> report::Host {
        let counted = self.names.iter().cloned().zip(self.counts.iter().copied());
        report::Host {
            file: self.file.clone(),
            configuration: self.number,
            configurations: self.read,
            composition: counted.filter(|(_, count)| *count > 0).collect(),
        }
    }
}

/// The configuration that is asked for, or the last; its number, and how many were read.
fn frame(job: &InsertJob, interrupt: &Interrupt) -> Result<(Structure, u64, u64), Failure> {
    let file = job.host.name();
    let mut reader = StructureReader::open(&job.host, job.reading.format, &job.reading.settings)?;
    let (mut taken, mut read) = (None, 0);
    for structure in reader.by_ref() {
        interrupt.check()?;
        taken = Some(structure?);
        read += 1;
        if job.typed.frame == Some(read) {
            break;
        }
    }
    let sentences = reader.remarks().sentences(&file).into_iter().map(Sentence::Warning);
    job.reading.tell(sentences.collect(), false);
    let missing = |message: String| Error::new(ErrorKind::InvalidConfiguration, message).in_file(&file);
    match (taken, job.typed.frame) {
        (Some(_), Some(frame)) if frame > read => {
            Err(missing(format!("there is no configuration {frame}: the input has {read}")).into())
        }
        (Some(structure), _) if !structure.configuration.is_empty() => Ok((structure, read, read)),
        (Some(_), _) => Err(missing(format!("configuration {read} has no atoms")).into()),
        (None, _) => Err(missing("it has no configurations".to_owned()).into()),
    }
}

fn check_periodic(structure: &Structure) -> Result<(), Error> {
    let directions = ["no direction", "one direction", "two directions"];
    let Some(repeating) = directions.get(structure.configuration.cell.vectors().len()) else { return Ok(()) };
    let message =
        format!("the host is periodic in {repeating}: Ewald sums need cells that are periodic in three");
    Err(Error::new(ErrorKind::InvalidConfiguration, message))
}

/// The order of the elements: of the potential, given, or of the host with the ions behind.
fn order(
    job: &InsertJob,
    potential: Option<&Potential>,
    structure: &Structure,
) -> Result<SpeciesOrder, Error> {
    let input = job.reading.settings.input_species.as_deref();
    if let (Some(potential), Some(path)) = (potential, &job.typed.potential) {
        let file = path.display().to_string();
        let names = of_potential(job, potential).map_err(|error| error.in_file(&file))?;
        return Ok(SpeciesOrder::new(&names, input, &file));
    }
    if let Some(names) = &job.order {
        return Ok(SpeciesOrder::new(names, input, "--order"));
    }
    let file = job.host.name();
    let Some(mut names) = structure.elements.clone() else {
        let error = Error::new(ErrorKind::Species, "the host does not name its elements");
        return Err(error
            .in_file(&file)
            .hint("name them in the order of their numbers: --input-species V,O"));
    };
    if !names.contains(&job.typed.species) {
        names.push(job.typed.species.clone());
    }
    if job.output_format.numbers_species() && !structure.is_ordered && input.is_none() {
        let (format, known) = (job.output_format.name(), names.join(","));
        let message = format!("{format} numbers species, but the order of {} is not known", names.join(" "));
        let hint = format!("give it: --order {known}, or --potential POT.mtp to use that of a potential");
        return Err(Error::new(ErrorKind::Species, message).in_file(&file).hint(hint));
    }
    Ok(SpeciesOrder::new(&names, None, &file))
}

/// The elements of a potential, which may be given if it does not name them.
fn of_potential(job: &InsertJob, potential: &Potential) -> Result<Vec<String>, Error> {
    let species = potential.species();
    match (species.names(), &job.order) {
        (Some(names), Some(order)) if names != order.as_slice() => {
            let message = format!("--order {} differs from the order of the potential", order.join(","));
            Err(Error::new(ErrorKind::Species, message).hint(format!("it has {}", species.describe())))
        }
        (Some(names), _) => Ok(names.to_vec()),
        (None, Some(order)) if order.len() <= species.count() => Ok(order.clone()),
        (None, Some(order)) => {
            let message =
                format!("--order names {}, but the potential has {}", order.len(), species.describe());
            Err(Error::new(ErrorKind::Species, message))
        }
        (None, None) => {
            let error = Error::new(ErrorKind::Species, "the potential does not name its elements");
            Err(error.hint("give their order: --order Mg,V,O"))
        }
    }
}

fn position(names: &[String], species: &str) -> Result<usize, Error> {
    names.iter().position(|name| name == species).ok_or_else(|| {
        let message = format!("--species {species} is not in the order of the elements, {}", names.join(" "));
        Error::new(ErrorKind::Species, message).hint("the order is that of the potential, or of --order")
    })
}
