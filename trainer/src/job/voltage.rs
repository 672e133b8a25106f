//! `mtprs voltage` as the program needs it.

use std::path::PathBuf;

use super::analyze::no_control_characters;
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
    /// Which configurations of each state.
    pub frames: Frames,
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
        let mut states = States { states: Vec::new(), reading: &reading };
        let structures = states.structures(typed.states, &typed.labels)?;
        let states = states.states;
        // What is emptied is read once more.
        once(states.iter().flatten(), if typed.remove { 2 } else { 1 })?;
        Ok(Self {
            states,
            structures,
            ions: Ions { name: typed.ion, charge, metal_energy: typed.metal_energy },
            limits: typed.relax.then_some(Limits { max_force: typed.max_force, max_steps: typed.max_steps }),
            potential: typed.potential,
            state: typed.state,
            frames: typed.frames.into(),
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
        for files in given.charged.iter().chain(&given.discharged) {
            refuse_twice(files)?;
        }
        let [charged, discharged] = [given.charged, given.discharged].map(|states| self.numbers(states));
        let count = discharged.len();
        if !labels.is_empty() && labels.len() != count {
            let message =
                format!("--labels: expected a label for each of {count} structures, got {}", labels.len());
            return Err(usage_error(message));
        }
        no_control_characters(labels)?;
        if let Some(twice) = labels.iter().enumerate().find(|(place, label)| labels[..*place].contains(label))
        {
            return Err(usage_error(format!("--labels: two structures are called {}", twice.1)));
        }
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
        discharged.iter().enumerate().map(structure).collect()
    }

    fn numbers(&mut self, states: Vec<Vec<PathBuf>>) -> Vec<usize> {
        states.into_iter().map(|paths| self.number(files(paths, self.reading).collect())).collect()
    }

    fn number(&mut self, state: Vec<Input>) -> usize {
        self.states.iter().position(|known| *known == state).unwrap_or_else(|| {
            self.states.push(state);
            self.states.len() - 1
        })
    }
}

/// Refuses a file that one state names twice: its energies would count twice.
fn refuse_twice(files: &[PathBuf]) -> Result<(), clap::Error> {
    let twice = files.iter().enumerate().find(|(place, file)| files[..*place].contains(file));
    twice.map_or(Ok(()), |(_, file)| Err(usage_error(format!("a state has {} twice", file.display()))))
}
