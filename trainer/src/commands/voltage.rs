//! `mtprs voltage`: energies of states on several threads, and what they say of voltages.

use std::path::PathBuf;

use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{load_potential, load_state};
use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::analyze::no_frame;
use crate::Failure;
use crate::analysis::number;
use crate::analysis::voltage::{Energy, Relaxation, Snapshot, State, Structure, VoltageReport, summary};
use crate::endpoint::{Input, print_beside};
use crate::job::{StructureJob, VoltageJob};
use crate::optimizer::{Limits, relax};
use crate::pipeline::{Batches, Item, Origin, Pipeline, Supply};
use crate::processes::Interrupt;
use crate::structure_files::Reading;
use crate::text::PROGRAM;

pub(super) fn run(job: &VoltageJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = job.potential.as_deref().map(load_potential).transpose()?;
    let reading = match (&potential, &job.potential) {
        (Some(potential), Some(file)) => job.reading.for_potential(potential, file)?,
        _ => job.reading.clone(),
    };
    let worker = potential.as_ref().map(|potential| Worker::new(job, potential)).transpose()?;
    let pipeline = Pipeline::new(worker.unwrap_or_default(), job.run, interrupt.clone())?.taking(job.frames);
    let work = Work { job, reading, pipeline, interrupt };
    let mut states = Vec::new();
    let mut structures = Vec::new();
    for inputs in &job.states {
        states.push(work.state(inputs, false)?);
    }
    for StructureJob { label, charged, discharged } in &job.structures {
        let (label, discharged, is_emptied) = (label.clone(), *discharged, charged.is_none());
        let charged = match charged {
            Some(charged) => *charged,
            None => {
                states.push(work.state(&job.states[discharged], true)?);
                states.len() - 1
            }
        };
        structures.push(Structure { label, charged, discharged, is_emptied });
    }
    let report = VoltageReport::new(PROGRAM, &job.ions, energy(job), &states, &structures, &work.names())?;
    if let Some(output) = &job.json {
        output.write_json(&report)?;
    }
    print_beside(&[&job.json], || summary(&report))
}

/// Where the energies are from.
fn energy(job: &VoltageJob) -> Energy {
    let name = |path: &PathBuf| path.display().to_string();
    let limits = |Limits { max_force, max_steps }| Relaxation { max_force, max_steps };
    Energy {
        potential: job.potential.as_ref().map(name),
        state: job.state.as_ref().map(name),
        relaxation: job.limits.map(limits),
    }
}

/// How states are measured.
struct Work<'a> {
    job: &'a VoltageJob,
    reading: Reading,
    pipeline: Pipeline<Worker>,
    interrupt: Interrupt,
}

impl Work<'_> {
    /// Names of the species that are known by now.
    fn names(&self) -> Vec<String> {
        self.reading.naming.names().unwrap_or_default()
    }

    /// The state of these files, or what is left of it without its ions.
    fn state(&self, inputs: &[Input], is_emptied: bool) -> Result<(State, Vec<String>), Failure> {
        let supplies = Supply::of_inputs(inputs, &self.reading);
        let files: Vec<String> = inputs.iter().map(Input::name).collect();
        let mut state = State::default();
        let measure = |worker: &mut Worker, item: Item| {
            let mut configuration = item.configuration;
            if is_emptied {
                configuration = self.emptied(&configuration)?;
            }
            Ok((worker.snapshot(configuration, self.job.limits, &self.interrupt)?, item.origin))
        };
        let add = |snapshots: Vec<Result<(Option<Snapshot>, Origin), Failure>>| {
            for snapshot in snapshots {
                let (snapshot, origin) = snapshot?;
                // One that was interrupted has none, and the pipeline ends.
                let added = snapshot.map_or(Ok(()), |snapshot| state.add(snapshot, &self.names()));
                added.map_err(|error| origin.explain(error, &files[origin.file]))?;
            }
            Ok(())
        };
        let label = match (&self.job.potential, is_emptied) {
            (None, _) => "read",
            (Some(_), false) => "evaluated",
            (Some(_), true) => "emptied and evaluated",
        };
        self.pipeline.run_batches(&supplies, Batches::Timed, label, measure, add)?;
        if state.configurations() == 0 {
            return Err(no_frame(&files, self.job.frames).into());
        }
        Ok((state, files))
    }

    /// A configuration without its ions; nothing else moves.
    fn emptied(&self, configuration: &Configuration) -> Result<Configuration, Error> {
        let ion = number(&self.job.ions.name, &self.names());
        let atoms = configuration.species.iter().zip(&configuration.positions);
        let (species, positions): (Vec<u32>, Vec<Vector3>) =
            atoms.filter(|(species, _)| Some(**species as usize) != ion).unzip();
        if species.len() == configuration.len() {
            let message = format!("there is no {} in it to take out", self.job.ions.name);
            return Err(Error::new(ErrorKind::Species, message));
        }
        Configuration::new(configuration.cell.clone(), species, positions)
    }
}

/// What evaluates, relaxes and grades; nothing where energies are those of the files.
#[derive(Clone, Default)]
struct Worker {
    evaluator: Option<Evaluator>,
    grader: Option<Grader>,
}

impl Worker {
    fn new(job: &VoltageJob, potential: &Potential) -> Result<Self, Error> {
        let file = job.potential.iter().map(|path| path.display().to_string()).collect::<String>();
        let evaluator = Evaluator::new(potential).map_err(|error| error.in_file(&file))?;
        let grader = |path: &PathBuf| {
            let state = load_state(path)?;
            Grader::new(potential, state).map_err(|error| error.in_file(&path.display().to_string()))
        };
        Ok(Self { evaluator: Some(evaluator), grader: job.state.as_ref().map(grader).transpose()? })
    }

    /// A configuration in figures; nothing if its relaxation was interrupted.
    fn snapshot(
        &mut self,
        mut configuration: Configuration,
        limits: Option<Limits>,
        interrupt: &Interrupt,
    ) -> Result<Option<Snapshot>, Error> {
        let mut snapshot = Snapshot { volume: configuration.cell.volume(), ..Snapshot::default() };
        for species in &configuration.species {
            *snapshot.counts.entry(*species as usize).or_default() += 1;
        }
        snapshot.energy = match (&mut self.evaluator, limits) {
            (None, _) => of_file(&configuration)?,
            (Some(evaluator), None) => evaluator.evaluate(&configuration)?.energy,
            (Some(evaluator), Some(limits)) => {
                let go_on = || interrupt.check().map_err(|_| Stopped::Interrupted);
                match relax(evaluator, &mut configuration, limits, go_on) {
                    Ok(relaxation) => {
                        snapshot.largest_force = Some(relaxation.largest_force);
                        relaxation.efs.energy
                    }
                    Err(Stopped::Interrupted) => return Ok(None),
                    Err(Stopped::Failed(error)) => return Err(error),
                }
            }
        };
        let grades = self.grader.as_mut().map(|grader| grader.grade(&configuration)).transpose()?;
        snapshot.grade = grades.map(|grades| grades.configuration);
        Ok(Some(snapshot))
    }
}

/// Why a relaxation did not end.
enum Stopped {
    Interrupted,
    Failed(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The energy that a file gives.
fn of_file(configuration: &Configuration) -> Result<f64, Error> {
    configuration.energy.ok_or_else(|| {
        Error::new(ErrorKind::InvalidConfiguration, "it has no energy")
            .hint("take those of a potential: --potential POT.mtp")
    })
}
