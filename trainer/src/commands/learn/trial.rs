//! The trial of a loop before its first fit: LAMMPS with the job's script and a potential without forces, and one label.
//! Otherwise their faults would show only after hours.

use std::fs;
use std::path::Path;
use std::time::Instant;

use mtprs_core::Error;
use mtprs_core::format::{CfgReader, save_potential, save_state};
use mtprs_core::geometry::{Configuration, norm};
use mtprs_core::potential::{Parameters, Potential};

use super::Learning;
use crate::Failure;
use crate::active_set::{self, Settings};
use crate::learning::called_labels::Caller;
use crate::learning::files::{create_folder, remove_folder, write};
use crate::learning::journal::{Event, Journal, SelectedRecord};
use crate::learning::label_check::Check;
use crate::learning::label_store::{self, LabelNotes, LabelStore};
use crate::learning::next::Aim;
use crate::learning::{LabelSource, OnFailure, call};
use crate::pipeline::{RunSettings, Supply};
use crate::processes::in_parallel;
use crate::random::splitmix;
use crate::text::{counted, significant};

/// Steps of a run, enough for scripts that divide their number by something.
const STEPS: u64 = 100;
/// A grade that nothing has.
const NO_GRADE: f64 = 1e100;
/// Configurations of the training set that the active set of the trial is from.
const KNOWN: usize = 4;
/// Differences of a label from the one in the training set that are worth a word: meV/atom, and eV/Å.
const DIFFERS: [f64; 2] = [2.0, 0.05];

impl Learning<'_> {
    /// Runs LAMMPS once for each run of the job and has one configuration labeled, unless that has been done or the first
    /// potential is there already.
    pub(super) fn try_out(&self) -> Result<(), Failure> {
        let account = self.folder.start("trial.txt");
        let is_begun = self.folder.journal.look(|state| state.cycle(1).is_some());
        if !self.job.options.trial || is_begun || account.exists() {
            return Ok(());
        }
        let folder = self.folder.path().join("trial");
        let hint = |error: Error| {
            let hint = error.advice().map_or(String::new(), |hint| format!("{hint}; "));
            error.within("trial before the first fit").hint(format!(
                "{hint}nothing has been fitted yet: fix this and run the same command again; trial = false in the job skips \
                 the trial"
            ))
        };
        let tried = self.try_lammps(&folder).and_then(|runs| Ok([runs, self.try_label(&folder)?]));
        let lines = tried.map_err(|failure| match failure {
            Failure::Runtime(error) => Failure::Runtime(hint(error)),
            other => other,
        })?;
        write(&account, lines.concat().as_bytes())?;
        Ok(remove_folder(&folder)?)
    }

    /// Runs LAMMPS for some steps with a potential without forces; gives what is to be kept of it.
    fn try_lammps(&self, folder: &Path) -> Result<String, Failure> {
        let begun = Instant::now();
        self.await_survivors(folder)?;
        remove_folder(folder)?;
        create_folder(&folder.join("runs"))?;
        let potential = without_forces(&self.first)?;
        save_potential(&potential, &folder.join("pot.mtp"))?;
        let known: Vec<Configuration> =
            CfgReader::open(&self.folder.training_set())?.take(KNOWN).collect::<Result<_, _>>()?;
        let settings = Settings::new(self.job.options.grades.mode.into());
        let quiet = RunSettings { quiet: true, ..self.job.run };
        let supplies = [Supply::Held(known.into())];
        let built = active_set::build(&potential, &supplies, settings, quiet, self.interrupt.clone())?;
        save_state(&built.state(&potential, "trial")?, &folder.join("pot.mtps"))?;
        let runs = &self.job.options.runs;
        in_parallel(self.job.options.lammps.parallel, runs.len(), |index| {
            let run = &runs[index];
            let others = [
                ("steps", STEPS.to_string()),
                ("select", NO_GRADE.to_string()),
                ("break", NO_GRADE.to_string()),
            ];
            let head = format!("mtprs learn, trial of run {}", run.name);
            let folder = folder.join("runs").join(&run.name);
            self.call_lammps(&folder, &head, 0, run, &others, STEPS).map(drop)
        })?;
        Ok(self.tell_trial(format!(
            "trial: {} of {STEPS} LAMMPS steps in {:.1} s",
            counted(runs.len() as u64, "run"),
            begun.elapsed().as_secs_f64()
        )))
    }

    /// Waits for the commands of a trial that was killed: they work in folders that are to be made anew.
    fn await_survivors(&self, folder: &Path) -> Result<(), Failure> {
        for folder in ["runs", "labels"].map(|name| folder.join(name)) {
            for call in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
                let waiting = || {
                    self.say(&format!(
                        "trial: waiting for a command of an earlier process in {}",
                        call.display()
                    ));
                };
                call::survivor(&call, None, &self.interrupt, waiting)?;
            }
        }
        Ok(())
    }

    /// Has the smallest configuration of the training set labeled anew, and compares.
    fn try_label(&self, folder: &Path) -> Result<String, Failure> {
        let LabelSource::Command(labels) = &self.job.labels.source else {
            return Ok(
                self.tell_trial("trial: no label is tried, because labels are computed outside".into())
            );
        };
        let begun = Instant::now();
        let mut smallest: Option<Configuration> = None;
        for configuration in CfgReader::open(&self.folder.training_set())? {
            let configuration = configuration?;
            if !configuration.is_empty()
                && smallest.as_ref().is_none_or(|known| configuration.len() < known.len())
            {
                smallest = Some(configuration);
            }
        }
        let Some(reference) = smallest else { return Ok(String::new()) };
        let mut frame = reference.clone();
        (frame.energy, frame.forces, frame.virial, frame.site_energies) = (None, None, None, None);
        let folder = folder.join("labels");
        create_folder(&folder)?;
        let journal = Journal::open(&folder.join("journal.jsonl"))?;
        journal.add(Event::Selected(SelectedRecord {
            cycle: 1,
            saved: 1,
            selected: 1,
            left_out: 0,
            unfit: 0,
        }))?;
        let aim = Aim { retries: 0, on_failure: OnFailure::Stop, ..self.aim.clone() };
        let store = LabelStore {
            notes: LabelNotes { cycle: 1, journal: &journal, aim: &aim, say: &|_| {} },
            folder: folder.clone(),
            frames: vec![frame],
            elements: self.species.names(),
            check: Check::new(&self.species, self.job.labels.max_force),
        };
        let (job_folder, interrupt) = (self.job.absolute_base(), self.interrupt.clone());
        Caller { labels, store: &store, job_folder, interrupt }.run()?;
        let label = label_store::load(&folder, 1)?;
        let line = format!(
            "trial: one label in {:.1} s{}",
            begun.elapsed().as_secs_f64(),
            compared(&label, &reference)
        );
        Ok(self.tell_trial(line))
    }

    /// Tells a line, and gives it as one of a file.
    fn tell_trial(&self, line: String) -> String {
        self.say(&line);
        line + "\n"
    }
}

/// A potential of the same functions, with energies and forces of zero. Its basis functions are not.
fn without_forces(potential: &Potential) -> Result<Potential, Error> {
    let layout = potential.parameter_layout();
    let mut flat = potential.parameters().to_flat().unwrap_or_else(|| {
        let random = |index| splitmix(index as u64) as f64 / u64::MAX as f64 - 0.5;
        (0..layout.len()).map(random).collect()
    });
    flat[layout.species_coeffs()].fill(0.0);
    flat[layout.moment_coeffs()].fill(0.0);
    let mut parts = potential.clone().into_parts();
    parts.parameters = Parameters::from_flat(&layout, &flat)?;
    parts.pair_terms.clear();
    Potential::new(parts)
}

/// How a label differs from the one that the training set has of the same atoms.
fn compared(label: &Configuration, reference: &Configuration) -> String {
    let energy = label.energy.zip(reference.energy);
    let energy = energy.map(|(one, other)| 1000.0 * (one - other).abs() / reference.len() as f64);
    let force = label.forces.as_ref().zip(reference.forces.as_ref()).map(|(one, other)| {
        let lengths = one.iter().zip(other).map(|(a, b)| norm([a[0] - b[0], a[1] - b[1], a[2] - b[2]]));
        lengths.fold(0.0, f64::max)
    });
    let differs =
        [energy, force].into_iter().zip(DIFFERS).any(|(found, most)| found.is_some_and(|found| found > most));
    let figure = |figure: Option<f64>, unit: &str| {
        figure.map(|figure| format!("{} {unit}", significant(Some(figure), 2)))
    };
    let figures: Vec<String> =
        [figure(energy, "meV/atom"), figure(force, "eV/Å")].into_iter().flatten().collect();
    match (figures.is_empty(), differs) {
        (true, _) => String::new(),
        (false, false) => format!(", agrees with the training set to within {}", figures.join(" and ")),
        (false, true) => format!(
            "\nwarning: the label differs from that in the training set by {}: a potential cannot fit both; are the \
             settings of the calculation the same?",
            figures.join(" and ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;

    #[test]
    fn labels_are_compared_with_those_of_the_training_set() {
        let of = |energy: f64, force: f64| Configuration {
            energy: Some(energy),
            forces: Some(vec![[force, 0.0, 0.0], [0.0; 3]]),
            ..Configuration::new(Cell::open(), vec![0, 0], vec![[0.0; 3], [2.0, 0.0, 0.0]]).unwrap()
        };
        assert!(
            compared(&of(-8.0, 0.1), &of(-8.001, 0.11))
                .starts_with(", agrees with the training set to within 0.50 meV")
        );
        assert!(compared(&of(-8.0, 0.1), &of(-8.2, 0.1)).starts_with("\nwarning: the label differs"));
        assert!(compared(&of(-8.0, 0.1), &of(-8.0, 0.3)).contains("by 0.0 meV/atom and 0.20 eV/Å"));
        assert_eq!(compared(&Configuration::default(), &of(-8.0, 0.1)), "");
    }
}
