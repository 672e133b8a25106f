//! `mtprs learn`: trains, runs LAMMPS, has labeled what extrapolates, and trains again, until nothing does.

mod cycle;
mod folder;
mod labels;
mod runs;
mod trial;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use super::provenance;
use crate::cli::{GradeOptions, LearnArguments, RunOptions, TrainingOptions};
use crate::endpoint::{Input, Output, print, say};
use crate::failure::{Failure, MOST_CYCLES};
use crate::job::LearnJob;
use crate::learning::journal::{self, Event};
use crate::learning::next::{Action, Aim, End, Next, Worker, drive, next};
use crate::learning::state::LoopState;
use crate::learning::status::LearnStatus;
use crate::learning::{label_store, page, report};
use crate::processes::Interrupt;
use crate::report::html::{self, Head};
use crate::report::{FileRecord, Provenance};
use crate::text::general;
use folder::Folder;

pub(super) fn run(call: &LearnArguments, interrupt: Interrupt) -> Result<(), Failure> {
    let job = LearnJob::load(call)?;
    if call.print_job {
        return print(&job.options.to_toml()?);
    }
    if call.status {
        return status(&job, call);
    }
    let (folder, first, species) = Folder::open(&job, call.resume, &interrupt)?;
    let learning =
        Learning { aim: aim(&job), job: &job, folder, first, species, interrupt, read: OnceLock::new() };
    let outcome = if call.retry { learning.retry() } else { Ok(()) };
    let outcome = outcome.and_then(|()| learning.run());
    // What stopped the loop counts more than a page that cannot be written.
    let page = learning.write_report(false);
    let outcome = outcome.and(page);
    outcome.map_err(|failure| match failure {
        Failure::Interrupted(signal) | Failure::Suspended(signal, _) => {
            let folder = job.folder();
            let message =
                format!("everything is kept in {}; the same command resumes from there", folder.display());
            Failure::Suspended(signal, message)
        }
        other => other,
    })
}

/// What a job asks of its loop.
fn aim(job: &LearnJob) -> Aim {
    let run = |run: &RunOptions| (run.name.clone(), run.time);
    Aim {
        runs: job.options.runs.iter().map(run).collect(),
        unbroken_cycles: job.options.unbroken_cycles,
        max_cycles: job.options.max_cycles,
        retries: job.labels.retries,
        on_failure: job.labels.on_failure,
        most_failures: job.labels.most_failures,
        reasons: job.folder().join(folder::REASONS).display().to_string(),
    }
}

/// What is next in the loop of a folder.
fn next_in(folder: &Path, state: &LoopState, aim: &Aim) -> Next {
    next(state, aim, &label_store::arrived(&folder::labels(folder, state.present())))
}

/// Tells what the journal of a loop says; the loop may go on meanwhile.
fn status(job: &LearnJob, call: &LearnArguments) -> Result<(), Failure> {
    let folder = job.folder();
    let (state, _) = journal::read(&folder.join(folder::JOURNAL))?;
    let name = folder.display().to_string();
    if state == LoopState::default() {
        return Err(Error::new(ErrorKind::Io, "there is no loop yet").in_file(&name).into());
    }
    let next = next_in(&folder, &state, &aim(job));
    if call.json {
        return Output::Stdout.write_json(&LearnStatus::new(name, &state, &next));
    }
    print(&report::render(&state, &next, call.wide))
}

/// A loop under way.
struct Learning<'a> {
    job: &'a LearnJob,
    aim: Aim,
    folder: Folder,
    /// The potential of the job, with the names that the training sets give it.
    first: Potential,
    /// Its species, with names even if the potential has no place for them.
    species: Species,
    interrupt: Interrupt,
    /// The files that the loop began with, once somebody has looked at them.
    read: OnceLock<Vec<FileRecord>>,
}

impl Worker for Learning<'_> {
    fn state(&self) -> LoopState {
        self.folder.journal.look(LoopState::clone)
    }

    fn arrived(&self, cycle: u64) -> BTreeSet<u64> {
        label_store::arrived(&self.folder.labels(cycle))
    }

    fn perform(&self, cycle: u64, action: &Action) -> Result<(), Failure> {
        self.interrupt.check()?;
        let say = |line: &str| self.say(line);
        match action {
            Action::Train => self.train(cycle).and_then(|()| self.write_report(true)),
            Action::BuildState => self.build_state(cycle),
            Action::Run(names) => self.run_all(cycle, names).and_then(|()| self.write_report(true)),
            Action::Select => self.select(cycle),
            Action::NoteLabel(frame) => Ok(self.notes(cycle, &say).label(*frame)?),
            Action::SetAside(frame, reason) => {
                Ok(self.notes(cycle, &say).set_aside(*frame, reason.clone())?)
            }
            Action::Label => self.label(cycle),
            Action::Close => self.close(cycle).and_then(|()| self.write_report(true)),
            Action::Converge => Ok(self.folder.journal.add(Event::Converged { cycle })?),
        }
    }
}

impl Learning<'_> {
    /// Does what is left to do.
    fn run(&self) -> Result<(), Failure> {
        self.check_runs()?;
        self.try_out()?;
        let (cycle, end) = drive(self, &self.aim)?;
        let potential = self.folder.path().join("pot.mtp").display().to_string();
        match end {
            End::Converged => {
                self.say(&format!("all runs completed in cycle {cycle}: {potential}"));
                Ok(())
            }
            End::MostCycles => {
                let most = self.aim.max_cycles;
                let message = format!(
                    "not all runs completed within {most} cycles: raise max-cycles and run the same command to continue; \
                     {potential}"
                );
                Err(Failure::Pending(MOST_CYCLES, message))
            }
            End::Stopped(error) => {
                self.write_rejected()?;
                Err(error.into())
            }
        }
    }

    /// Lets the frames of the present cycle that were set aside be labeled again.
    fn retry(&self) -> Result<(), Failure> {
        match self.folder.journal.look(LoopState::to_retry) {
            Some(cycle) => Ok(self.folder.journal.add(Event::Retried { cycle })?),
            None => {
                let message = "--retry: no frame of the current cycle was rejected";
                Err(Error::new(ErrorKind::Argument, message).into())
            }
        }
    }

    /// Draws what has been done so far.
    fn write_report(&self, is_running: bool) -> Result<(), Failure> {
        let state = self.state();
        let next = next_in(self.folder.path(), &state, &self.aim);
        let options = &self.job.options;
        let name = options.potential.display().to_string();
        let GradeOptions { select, break_at, .. } = options.grades;
        let TrainingOptions { energy_weight, force_weight, stress_weight, .. } = options.training;
        let weights =
            [energy_weight, force_weight, stress_weight].map(|weight| general(weight, 6)).join(", ");
        let facts = [
            ("Select", general(select, 4)),
            ("Break", general(break_at, 4)),
            ("Weights (energy, force, stress)", weights),
            ("Seed", options.seed.to_string()),
        ];
        let head = Head {
            title: format!("Active learning of {}", html::file_name(&name)),
            facts: html::facts(&self.first, &name, &facts),
            advice: Vec::new(),
            provenance: Some(&self.provenance()?),
            is_running,
        };
        let times = self.aim.runs.iter().map(|(_, time)| *time).collect();
        let page = page::render(&state, &next, &page::Marks { select, break_at, times }, head);
        Output::own(self.folder.path().join("report.html")).write(&page)
    }

    /// Where the page comes from; the files are read once.
    fn provenance(&self) -> Result<Provenance, Failure> {
        let files = || {
            let options = &self.job.options;
            let files = [&options.potential].into_iter().chain(&options.training_sets);
            provenance(files.map(|path| Input::from(path.clone())), None).files
        };
        let files = self.read.get_or_init(files).clone();
        Ok(Provenance { files, ..provenance([], Some(self.job.options.to_toml()?)) })
    }

    fn say(&self, line: &str) {
        if !self.job.run.quiet {
            say(line);
        }
    }
}
