//! `mtprs voltage`: energies of states on several threads, and what they say of voltages.

mod worker;

use std::collections::BTreeMap;
use std::path::PathBuf;

use mtprs_core::geometry::{Configuration, Vector3};
use mtprs_core::{Error, ErrorKind};
use rayon::prelude::*;

use self::worker::{Worker, counted};
use crate::Failure;
use crate::active_set::state_files::reading_beside;
use crate::analysis::number;
use crate::analysis::voltage::{Energy, Snapshot, State, Structure, VoltageReport, summary, which_ion};
use crate::endpoint::{Input, is_pipe, load_potential, print_beside};
use crate::job::{StructureJob, VoltageJob};
use crate::pipeline::{Batches, Item, Origin, Pipeline, Source, Supply};
use crate::processes::Interrupt;
use crate::structure_files::Reading;
use crate::text::PROGRAM;

pub(super) fn run(job: &VoltageJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = job.potential.as_deref().map(load_potential).transpose()?;
    let reading = match (&potential, &job.potential) {
        (Some(potential), Some(file)) => reading_beside(&job.reading, potential, file, job.state.as_deref())?,
        _ => job.reading.clone(),
    };
    let worker = potential.as_ref().map(|potential| Worker::new(job, potential)).transpose()?;
    let worker = worker.unwrap_or_default();
    let pipeline = Pipeline::new(worker.clone(), job.run, interrupt.clone())?.taking(job.frames).joining();
    let work = Work { job, reading, worker, pipeline, interrupt };
    work.check_ion()?;
    if potential.is_some() {
        work.check_first()?;
    }
    let states: Vec<Measured> =
        job.states.iter().map(|inputs| work.state(inputs)).collect::<Result<_, _>>()?;
    let report = work.report(&states)?;
    if let Some(output) = &job.json {
        output.write_json(&report)?;
    }
    print_beside(&[&job.json], || summary(&report))
}

/// Where the energies are from.
fn energy(job: &VoltageJob) -> Energy {
    let name = |path: &PathBuf| path.display().to_string();
    Energy {
        potential: job.potential.as_ref().map(name),
        state: job.state.as_ref().map(name),
        relaxation: job.limits,
    }
}

/// A state, and what is left of it without its ions if that is wanted.
struct Measured {
    files: Vec<String>,
    state: State,
    emptied: State,
}

/// A configuration in figures, and the same of it without its ions if that is wanted.
type Snapshots = (Snapshot, Option<Snapshot>);

/// How states are measured.
struct Work<'a> {
    job: &'a VoltageJob,
    reading: Reading,
    worker: Worker,
    pipeline: Pipeline<Worker>,
    interrupt: Interrupt,
}

impl Work<'_> {
    /// Names of the species that are known by now.
    fn names(&self) -> Vec<String> {
        self.reading.naming.names().unwrap_or_default()
    }

    /// Refuses ions that are none of the species, if these have names already.
    fn check_ion(&self) -> Result<(), Error> {
        let (ion, names) = (&self.job.ions.name, self.names());
        if names.is_empty() || number(ion, &names).is_some() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Species, format!("--ion {ion}: there is no such species"))
            .hint(which_ion(&names)))
    }

    /// Refuses what makes no voltage by the first configurations, before hours of work. What cannot be read is told later.
    fn check_first(&self) -> Result<(), Failure> {
        let mut states = Vec::new();
        for inputs in &self.job.states {
            let supplies = Supply::of_inputs(inputs, &self.reading);
            if inputs.iter().any(is_read_once) {
                return Ok(());
            }
            let Ok(Some(item)) = Source::new(&supplies).next() else { return Ok(()) };
            let mut measured = Measured::new(inputs);
            let emptied = match self.job.remove {
                true => Some(counted(
                    &self
                        .emptied(&item.configuration)
                        .map_err(|error| self.explain(error, item.origin, inputs))?,
                )),
                false => None,
            };
            measured.add((counted(&item.configuration), emptied), &self.names())?;
            states.push(measured);
        }
        Ok(self.report(&states).map(drop)?)
    }

    fn explain(&self, error: Error, origin: Origin, inputs: &[Input]) -> Error {
        origin.explain(error, &inputs[origin.file].name())
    }

    /// The voltages of states. Those that are made of others come behind these.
    fn report(&self, measured: &[Measured]) -> Result<VoltageReport, Error> {
        let mut states: Vec<(State, Vec<String>)> =
            measured.iter().map(|one| (one.state.clone(), one.files.clone())).collect();
        states.extend(measured.iter().map(|one| (one.emptied.clone(), one.files.clone())));
        let structure = |one: &StructureJob| Structure {
            label: one.label.clone(),
            charged: one.charged.unwrap_or(measured.len() + one.discharged),
            discharged: one.discharged,
            is_emptied: one.charged.is_none(),
        };
        let structures: Vec<Structure> = self.job.structures.iter().map(structure).collect();
        VoltageReport::new(PROGRAM, &self.job.ions, energy(self.job), &states, &structures, &self.names())
    }

    /// The state of these files.
    fn state(&self, inputs: &[Input]) -> Result<Measured, Failure> {
        let mut state = Measured::new(inputs);
        let add = |snapshots: Vec<Result<(Option<Snapshots>, Origin), Failure>>| {
            for snapshot in snapshots {
                let (snapshots, origin) = snapshot?;
                // One that was interrupted has none, and the pipeline ends.
                let Some(snapshots) = snapshots else { continue };
                state.add(snapshots, &self.names()).map_err(|error| self.explain(error, origin, inputs))?;
            }
            Ok(())
        };
        let supplies = Supply::of_inputs(inputs, &self.reading);
        if self.job.last {
            self.last(&supplies, add)?;
        } else {
            let label = if self.job.potential.is_some() { "evaluated" } else { "read" };
            let measure = |worker: &mut Worker, item| self.measure(worker, item);
            self.pipeline.run_batches(&supplies, Batches::Timed, label, measure, add)?;
        }
        if state.state.configurations() == 0 {
            return Err(self.job.frames.no_frame(&state.files).into());
        }
        Ok(state)
    }

    /// The last configurations of files.
    fn last(
        &self,
        supplies: &[Supply],
        add: impl FnOnce(Vec<Result<(Option<Snapshots>, Origin), Failure>>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut items = BTreeMap::new();
        let mut source = Source::new(supplies);
        let read = (|| {
            while let Some(item) = source.next()? {
                self.interrupt.check()?;
                items.insert(item.origin.file, item);
            }
            Ok::<(), Failure>(())
        })();
        source.tell(read.is_err());
        read?;
        let measure = |worker: &mut Worker, (file, item): (usize, Item)| {
            let origin = item.origin;
            let found =
                self.measure(worker, item).map_err(|error| origin.explain(error, &supplies[file].name()));
            Ok(found?)
        };
        let items: Vec<(usize, Item)> = items.into_iter().collect();
        let measured = self.pipeline.install(|| {
            items.into_par_iter().with_max_len(1).map_init(|| self.worker.clone(), measure).collect()
        });
        self.interrupt.check()?;
        add(measured)
    }

    /// A configuration in figures, with and without its ions; nothing if its relaxation was interrupted.
    fn measure(&self, worker: &mut Worker, item: Item) -> Result<(Option<Snapshots>, Origin), Error> {
        let Item { mut configuration, origin, .. } = item;
        let (limits, interrupt) = (self.job.limits, &self.interrupt);
        let Some(snapshot) = worker.snapshot(&mut configuration, limits, interrupt)? else {
            return Ok((None, origin));
        };
        if !self.job.remove {
            return Ok((Some((snapshot, None)), origin));
        }
        // Of a relaxed configuration the relaxed one is emptied, and relaxed again.
        let emptied = worker.snapshot(&mut self.emptied(&configuration)?, limits, interrupt)?;
        Ok((emptied.map(|emptied| (snapshot, Some(emptied))), origin))
    }

    /// A configuration without its ions; nothing else moves.
    fn emptied(&self, configuration: &Configuration) -> Result<Configuration, Error> {
        let names = self.names();
        let ion = number(&self.job.ions.name, &names);
        let atoms = configuration.species.iter().zip(&configuration.positions);
        let (species, positions): (Vec<u32>, Vec<Vector3>) =
            atoms.filter(|(species, _)| Some(**species as usize) != ion).unzip();
        if species.len() == configuration.len() {
            let message = format!("it has no {} to take out", self.job.ions.name);
            return Err(Error::new(ErrorKind::Species, message).hint(which_ion(&names)));
        }
        Configuration::new(configuration.cell.clone(), species, positions)
    }
}

/// Whether an input is gone when it has been read.
fn is_read_once(input: &Input) -> bool {
    match input {
        Input::Stdin => true,
        Input::Held(..) => false,
        Input::File(path) => is_pipe(path),
    }
}

impl Measured {
    fn new(inputs: &[Input]) -> Self {
        let files = inputs.iter().map(Input::name).collect();
        Self { files, state: State::default(), emptied: State::default() }
    }

    fn add(&mut self, (snapshot, emptied): Snapshots, names: &[String]) -> Result<(), Error> {
        self.state.add(snapshot, names)?;
        emptied.map_or(Ok(()), |emptied| self.emptied.add(emptied, names))
    }
}
