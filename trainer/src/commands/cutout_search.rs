//! Which atoms of the inputs of `mtprs cutout` are centers: those that are named, or those with the largest grades.

use std::sync::Arc;

use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind, Place};
use rayon::prelude::*;

use crate::Failure;
use crate::active_set::state_files::reading_beside;
use crate::cli::AtomPlace;
use crate::cutout::report::Origin;
use crate::cutout::{Center, Parent, centers};
use crate::job::CutoutJob;
use crate::processes::Interrupt;
use crate::structure_files::{ConfigurationReader, Reading, Structure};

/// An atom to cut around.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The input.
    pub(super) file: String,
    /// Configuration in it, from one.
    pub(super) number: u64,
    /// Its atoms, shared by all that were found in it; species are numbered as in the potential.
    pub(super) structure: Arc<Structure>,
    /// Index of the atom.
    pub(super) center: usize,
    /// Its grade, if there is a state.
    pub(super) grade: Option<f64>,
}

impl Found {
    /// Where it is, counted from one.
    pub(super) fn origin(&self) -> Origin {
        Origin { file: self.file.clone(), configuration: self.number, atom: self.center + 1 }
    }
}

/// What is looked for.
pub(super) struct Search<'a> {
    job: &'a CutoutJob,
    grader: Option<Grader>,
    reading: Reading,
    separation: f64,
}

/// A configuration that was read.
struct Frame {
    number: u64,
    structure: Structure,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        job: &'a CutoutJob,
        potential: &Potential,
        grader: Option<Grader>,
        separation: f64,
    ) -> Result<Self, Error> {
        let state = job.typed.state.as_deref();
        let reading =
            reading_beside(&job.reading, potential, &job.typed.potential, state)?.quiet(job.run.quiet);
        Ok(Self { job, grader, reading, separation })
    }

    /// Reads the inputs; the largest grades come first, atoms that are named in the order of the input.
    pub(super) fn run(&self, pool: &rayon::ThreadPool, interrupt: &Interrupt) -> Result<Vec<Found>, Failure> {
        let mut found: Vec<Found> = Vec::new();
        for input in &self.job.inputs {
            let file = input.name();
            let mut reader = ConfigurationReader::open(input, &self.reading)?;
            let mut number = 0;
            loop {
                interrupt.check()?;
                let frames = self.read(&mut reader, &mut number);
                self.reading.tell(reader.remarks(), frames.is_err());
                let frames = frames?;
                if frames.is_empty() {
                    break;
                }
                let centers: Vec<Result<Vec<Center>, Error>> = pool.install(|| {
                    let centers = |grader: &mut Option<Grader>, frame: &Frame| self.centers(grader, frame);
                    frames.par_iter().map_init(|| self.grader.clone(), centers).collect()
                });
                for (Frame { number, structure }, centers) in frames.into_iter().zip(centers) {
                    let centers = centers.map_err(explanation(&file, number, structure.line))?;
                    let structure = Arc::new(structure);
                    found.extend(centers.into_iter().map(|Center { atom: center, grade }| Found {
                        file: file.clone(),
                        number,
                        structure: structure.clone(),
                        center,
                        grade: self.grader.as_ref().map(|_| grade),
                    }));
                }
                self.shorten(&mut found);
            }
            self.check_all_named(&file, number)?;
        }
        Ok(found)
    }

    /// Reads as many configurations as there are threads.
    fn read(&self, reader: &mut ConfigurationReader, number: &mut u64) -> Result<Vec<Frame>, Error> {
        let mut frames = Vec::new();
        while frames.len() < self.job.run.threads {
            let Some(structure) = reader.read_structure()? else { break };
            *number += 1;
            frames.push(Frame { number: *number, structure });
        }
        Ok(frames)
    }

    /// The centers in one configuration.
    fn centers(&self, grader: &mut Option<Grader>, frame: &Frame) -> Result<Vec<Center>, Error> {
        let configuration = &frame.structure.configuration;
        let named = self.job.typed.atoms.as_ref().map(|atoms| named(atoms, frame)).transpose()?;
        if named.as_ref().is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let grades = match grader {
            Some(grader) => grader.grade(configuration)?.atoms.unwrap_or_default(),
            None => Vec::new(),
        };
        match named {
            Some(atoms) => {
                let grade = |atom: usize| grades.get(atom).copied().unwrap_or(0.0);
                Ok(atoms.into_iter().map(|atom| Center { atom, grade: grade(atom) }).collect())
            }
            None => {
                let parent = Parent::new(configuration)?;
                Ok(centers(&parent, &grades, self.job.typed.threshold, self.separation))
            }
        }
    }

    /// Leaves those with the largest grades, as many as are wanted.
    fn shorten(&self, found: &mut Vec<Found>) {
        if self.job.typed.atoms.is_none() {
            let grade = |found: &Found| found.grade.unwrap_or(0.0);
            found.sort_by(|a, b| grade(b).total_cmp(&grade(a)));
        }
        found.truncate(self.job.typed.limit);
    }

    /// Whether there are all configurations of which atoms are named.
    fn check_all_named(&self, file: &str, count: u64) -> Result<(), Error> {
        let named = self.job.typed.atoms.iter().flatten().filter_map(|place| place.configuration);
        let Some(missing) = named.max().filter(|last| *last > count) else { return Ok(()) };
        let message = format!("there is no configuration {missing}: the input has {count}");
        Err(Error::new(ErrorKind::Argument, message).in_file(file))
    }
}

/// Says which configuration an error is about.
fn explanation(file: &str, number: u64, line: usize) -> impl Fn(Error) -> Error + use<> {
    let place = Place { file: file.to_owned(), line, column: 0 };
    move |error| error.within(&format!("configuration {number}")).at(place.clone())
}

/// Indices of the atoms of a configuration that are named.
fn named(atoms: &[AtomPlace], frame: &Frame) -> Result<Vec<usize>, Error> {
    let count = frame.structure.configuration.len();
    let mut indices = Vec::new();
    for &AtomPlace { configuration, atom } in atoms {
        if configuration.is_none() && frame.number > 1 {
            let message = format!("the input has several configurations: in which one is atom {atom}");
            let error = Error::new(ErrorKind::Argument, message);
            return Err(error.hint(format!("name it: --atoms CONFIGURATION:{atom}")));
        }
        if configuration.is_some_and(|number| number != frame.number) {
            continue;
        }
        if atom > count {
            let message = format!("there is no atom {atom}: the configuration has {count}");
            return Err(Error::new(ErrorKind::Argument, message));
        }
        indices.push(atom - 1);
    }
    Ok(indices)
}
