//! `mtprs voltage` as the program needs it.

use std::path::PathBuf;

use super::analyze::no_control_characters;
use super::files::is_file;
use super::streams::{files, once, reading};
use super::{Files, Job, RunSettings, usage_error};
use crate::analysis::voltage::{Ions, charge};
use crate::cli::{StateFiles, VoltageArguments};
use crate::endpoint::{Input, Output};
use crate::optimizer::Limits;
use crate::pipeline::Frames;
use crate::structure_files::{Naming, Reading};

/// Voltages of which structures are computed, and how.
#[derive(Debug)]
pub struct VoltageJob {
    /// Files of the states, no two of them the same.
    pub states: Vec<Vec<Input>>,
    /// The structures.
    pub structures: Vec<StructureJob>,
    /// The ions.
    pub ions: Ions,
    /// The potential whose energies are taken, if it is not those of the files.
    pub potential: Option<PathBuf>,
    /// The state by which configurations are graded, if they are.
    pub state: Option<PathBuf>,
    /// When to stop relaxing, if they are relaxed.
    pub limits: Option<Limits>,
    /// Whether charged states are made from discharged ones.
    pub remove: bool,
    /// Which configurations of each state.
    pub frames: Frames,
    /// Whether it is the last one of each file.
    pub last: bool,
    /// How they are read.
    pub reading: Reading,
    /// Where the JSON goes, if wanted.
    pub json: Option<Output>,
    /// Threads and progress.
    pub run: RunSettings,
}

/// A structure with its states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructureJob {
    /// What it is called.
    pub label: String,
    /// The charged state, in the list of states; none if it is made from the discharged one.
    pub charged: Option<usize>,
    /// The discharged state.
    pub discharged: usize,
}

impl Job for VoltageJob {
    type Typed = VoltageArguments;

    fn new(typed: VoltageArguments) -> Result<Self, clap::Error> {
        let run = RunSettings::from(typed.common.run);
        let has_names = typed.common.reading.species.is_some();
        let mut reading = reading(typed.common.reading)?.quiet(run.quiet);
        reading.is_for_places = typed.potential.is_some();
        if !has_names && typed.potential.is_none() {
            reading.naming = Naming::by_name();
        }
        let charge = typed.charge.or_else(|| charge(&typed.ion)).ok_or_else(|| {
            usage_error(format!("the charge of {} is not known: give it, as in --charge 2", typed.ion))
        })?;
        if typed.states.charged.is_empty() && !typed.remove {
            let message = "expected charged states: --charged FILE, or --remove to take the ions out of the discharged ones";
            return Err(usage_error(message));
        }
        let mut states = States { states: Vec::new(), reading: &reading };
        let structures = states.structures(typed.states, &typed.labels)?;
        let states = states.states;
        once(states.iter().flatten(), 1)?;
        Ok(Self {
            states,
            structures,
            ions: Ions { name: typed.ion, charge, metal_energy: typed.metal_energy },
            limits: typed.relax.then_some(Limits { max_force: typed.max_force, max_steps: typed.max_steps }),
            potential: typed.potential,
            state: typed.state,
            remove: typed.remove,
            frames: typed.frames.into(),
            last: typed.last,
            json: typed.common.write.optional(&typed.json),
            reading,
            run,
        })
    }

    fn files(&self) -> Files {
        let inputs = Files::default().takes(self.states.iter().flatten());
        inputs.reads(&self.potential).reads(&self.state).makes(&self.json)
    }
}

/// States that are collected, each once.
struct States<'a> {
    states: Vec<Vec<Input>>,
    reading: &'a Reading,
}

impl States<'_> {
    /// The structures: the first charged state belongs to the first discharged one, and so on.
    fn structures(&mut self, given: StateFiles, labels: &[String]) -> Result<Vec<StructureJob>, clap::Error> {
        let charged = self.numbers(given.charged)?;
        let discharged = self.numbers(given.discharged)?;
        let count = discharged.len();
        if !labels.is_empty() && labels.len() != count {
            let message =
                format!("--labels: expected a label for each of {count} structures, got {}", labels.len());
            return Err(usage_error(message));
        }
        no_control_characters(labels)?;
        let of = |structure: usize| match charged[..] {
            [] => Ok(None),
            [only] => Ok(Some(only)),
            _ if charged.len() == count => Ok(Some(charged[structure])),
            _ => Err(usage_error(format!(
                "expected a --charged for each of {count} --discharged, or one for all, got {}",
                charged.len()
            ))),
        };
        let structure = |(number, &discharged): (usize, &usize)| {
            let label = labels.get(number).cloned().unwrap_or_else(|| self.states[discharged][0].name());
            Ok(StructureJob { label, charged: of(number)?, discharged })
        };
        let structures = discharged.iter().enumerate().map(structure);
        let structures: Vec<StructureJob> = structures.collect::<Result<_, clap::Error>>()?;
        tell_apart(&structures)?;
        Ok(structures)
    }

    fn numbers(&mut self, states: Vec<Vec<PathBuf>>) -> Result<Vec<usize>, clap::Error> {
        states.into_iter().map(|paths| self.number(files(paths, self.reading).collect())).collect()
    }

    /// The number of a state, which is known or new. A file that counted twice, or in two states that differ, would make errors
    /// too small.
    fn number(&mut self, state: Vec<Input>) -> Result<usize, clap::Error> {
        let twice = state
            .iter()
            .enumerate()
            .find(|(place, one)| state[..*place].iter().any(|known| is_same(known, one)));
        if let Some((_, file)) = twice {
            return Err(usage_error(format!("a state has {} twice", file.name())));
        }
        let has = |known: &[Input], one: &Input| known.iter().any(|known| is_same(known, one));
        for (number, known) in self.states.iter().enumerate() {
            let shared = state.iter().filter(|one| has(known, one)).count();
            if shared == state.len() && shared == known.len() {
                return Ok(number);
            }
            if let Some(file) = state.iter().find(|one| has(known, one)) {
                let message = format!(
                    "{} is in two states together with different files: their errors would not be independent",
                    file.name()
                );
                return Err(usage_error(message));
            }
        }
        self.states.push(state);
        Ok(self.states.len() - 1)
    }
}

/// Whether two names are one file.
fn is_same(one: &Input, other: &Input) -> bool {
    let metadata = |input: &Input| input.path().and_then(|path| path.metadata().ok());
    match (metadata(one), metadata(other)) {
        (Some(one), Some(other)) => is_file(&one, &other),
        _ => one == other,
    }
}

/// Refuses structures that have one name.
fn tell_apart(structures: &[StructureJob]) -> Result<(), clap::Error> {
    for (place, StructureJob { label, .. }) in structures.iter().enumerate() {
        if label.trim().is_empty() {
            return Err(usage_error("--labels: expected names, got an empty one"));
        }
        if structures[..place].iter().any(|known| known.label == *label) {
            return Err(usage_error(format!(
                "two structures are called {label}: name them, --labels FIRST,SECOND"
            )));
        }
    }
    Ok(())
}
