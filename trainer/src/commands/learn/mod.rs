//! `mtprs learn`: trains, runs LAMMPS, has labeled what extrapolates, and trains again, until nothing does.

mod cycle;
mod folder;
mod labels;
mod runs;

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use crate::cli::{LearnArguments, RunOptions};
use crate::endpoint::{Output, print, say};
use crate::failure::{Failure, MOST_CYCLES};
use crate::job::LearnJob;
use crate::learning::journal::{self, Event};
use crate::learning::page;
use crate::learning::report::LearnReport;
use crate::learning::status::{Aim, LearnStatus};
use crate::processes::Interrupt;
use crate::report::html;
use crate::text::general;
use folder::Folder;

pub(super) fn run(call: &LearnArguments, interrupt: Interrupt) -> Result<(), Failure> {
    let job = LearnJob::load(call)?;
    if call.print_job {
        return print(&job.options.to_toml()?);
    }
    if call.status {
        return status(&job, call.json);
    }
    let (folder, first, species) = Folder::open(&job, call.resume)?;
    let learning = Learning { job: &job, folder, first, species, interrupt };
    let outcome = if call.retry { learning.retry() } else { Ok(()) };
    let outcome = outcome.and_then(|()| learning.run());
    // What stopped the loop counts more than a page that cannot be written.
    let page = learning.write_report();
    let outcome = outcome.and(page);
    outcome.map_err(|failure| match failure {
        Failure::Interrupted(signal) | Failure::Suspended(signal, _) => {
            let folder = job.folder();
            let message = format!("all is kept in {}; the same command goes on from there", folder.display());
            Failure::Suspended(signal, message)
        }
        other => other,
    })
}

/// Tells what the journal of a loop says; the loop may go on meanwhile.
fn status(job: &LearnJob, json: bool) -> Result<(), Failure> {
    let path = job.folder().join(folder::JOURNAL);
    let (events, _) = journal::read(&path)?;
    if events.is_empty() {
        let error =
            Error::new(ErrorKind::Io, "there is no loop yet").in_file(&job.folder().display().to_string());
        return Err(error.into());
    }
    if !json {
        return print(&LearnReport::new(&events).render());
    }
    let aim = Aim {
        folder: job.folder().display().to_string(),
        runs: job.options.runs.iter().map(|run| (run.name.clone(), run.time)).collect(),
        max_cycles: job.options.max_cycles,
    };
    Output::Stdout.write_json(&LearnStatus::new(&aim, &events))
}

/// A loop under way.
struct Learning<'a> {
    job: &'a LearnJob,
    folder: Folder,
    /// The potential of the job, with the names that the training sets give it.
    first: Potential,
    /// Its species, with names even if the potential has no place for them.
    species: Species,
    interrupt: Interrupt,
}

impl Learning<'_> {
    /// Cycle after cycle; what the journal tells of is not done again.
    fn run(&self) -> Result<(), Failure> {
        self.check_runs()?;
        let most = self.job.options.max_cycles;
        for cycle in 1..=most {
            self.train(cycle)?;
            self.build_state(cycle)?;
            self.run_all(cycle)?;
            self.write_report()?;
            let is_aim = self.unbroken_cycles(cycle) >= self.job.options.unbroken_cycles;
            if is_aim && !self.is_selected(cycle) {
                return self.finish(cycle);
            }
            self.select(cycle)?;
            self.label(cycle)?;
            self.close(cycle)?;
            self.write_report()?;
        }
        let message = format!(
            "not all runs lasted in {most} cycles: raise max-cycles and run the same command to go on; {}",
            self.folder.path().join("pot.mtp").display()
        );
        Err(Failure::Pending(MOST_CYCLES, message))
    }

    /// Lets the frames of the present cycle that were set aside be labeled again.
    fn retry(&self) -> Result<(), Failure> {
        let events = self.folder.journal.events();
        let mut cycles = journal::rejected(&events).into_iter().map(|(cycle, ..)| cycle);
        let present = cycles.find(|&cycle| !self.is_closed(cycle));
        match present {
            Some(cycle) => Ok(self.folder.journal.add(Event::Retried { cycle })?),
            None => {
                let message = "--retry: no frame of the present cycle has been set aside";
                Err(Error::new(ErrorKind::Argument, message).into())
            }
        }
    }

    /// How many cycles up to this one had only unbroken runs, one after the other.
    fn unbroken_cycles(&self, cycle: u64) -> u64 {
        let is_whole = |cycle: u64| {
            let runs = self.runs(cycle);
            let lasted =
                |run: &RunOptions| runs.iter().any(|done| done.run == run.name && done.lasted(run.time));
            self.job.options.runs.iter().all(lasted)
        };
        (1..=cycle).rev().take_while(|&cycle| is_whole(cycle)).count() as u64
    }

    fn finish(&self, cycle: u64) -> Result<(), Failure> {
        let journal = &self.folder.journal;
        // What ran after the aim had been reached may have missed it.
        if !matches!(journal.events().last(), Some(Event::Converged { .. })) {
            journal.add(Event::Converged { cycle })?;
        }
        let path = self.folder.path().join("pot.mtp");
        self.say(&format!("all runs lasted in cycle {cycle}: {}", path.display()));
        Ok(())
    }

    /// Draws what has been done so far.
    fn write_report(&self) -> Result<(), Failure> {
        let report = LearnReport::new(&self.folder.journal.events());
        let name = self.job.options.potential.display().to_string();
        let grades = &self.job.options.grades;
        let facts = html::facts(
            &self.first,
            &name,
            &[("Select", general(grades.select, 4)), ("Break", general(grades.break_at, 4))],
        );
        let page = page::render(&report, &format!("Active learning of {}", html::file_name(&name)), &facts);
        Output::own(self.folder.path().join("report.html")).write(&page)
    }

    fn say(&self, line: &str) {
        if !self.job.run.quiet {
            say(line);
        }
    }
}
