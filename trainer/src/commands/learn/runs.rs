//! The runs of LAMMPS of a cycle.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::time::Duration;

use mtprs_core::selection::GradeMode;
use mtprs_core::{Error, ErrorKind};

use super::Learning;
use crate::Failure;
use crate::cli::RunOptions;
use crate::job::absolute;
use crate::learning::files::{create_folder, remove_folder};
use crate::learning::journal::{Event, RunRecord};
use crate::learning::md_run::{self, Outcome, RunStructure, SAVED, SCRIPT, STRUCTURE, Variables};
use crate::learning::{call, template};
use crate::processes::in_parallel;
use crate::random::splitmix;
use crate::text::{counted, general};
use crate::training::checkpoint::checksum;

/// Largest seed that all commands of LAMMPS take.
const LARGEST_SEED: u64 = 900_000_000;

impl Learning<'_> {
    /// Refuses runs whose files cannot be read, before hours are spent on the potential for them.
    pub(super) fn check_runs(&self) -> Result<(), Failure> {
        self.script()?;
        if let Some(plugin) = &self.job.options.lammps.plugin {
            let plugin = self.job.path(plugin);
            File::open(&plugin).map_err(|error| {
                Error::io("open", &plugin.display().to_string(), &error)
                    .hint("set lammps.plugin to the file of the pair style, or leave it out if LAMMPS has mtp/rs built in")
            })?;
        }
        for run in &self.job.options.runs {
            RunStructure::read(&self.job.path(&run.structure), &self.species)?;
        }
        Ok(())
    }

    /// The input script of the job.
    fn script(&self) -> Result<String, Error> {
        let template = self.job.path(&self.job.options.lammps.input);
        fs::read_to_string(&template)
            .map_err(|error| Error::io("read", &template.display().to_string(), &error))
    }

    /// Makes these runs of a cycle.
    pub(super) fn run_all(&self, cycle: u64, names: &[String]) -> Result<(), Failure> {
        let runs = self.job.options.runs.iter().filter(|run| names.contains(&run.name));
        let runs: Vec<&RunOptions> = runs.collect();
        in_parallel(self.job.options.lammps.parallel, runs.len(), |index| self.run_one(cycle, runs[index]))
    }

    fn run_one(&self, cycle: u64, run: &RunOptions) -> Result<(), Failure> {
        self.interrupt.check()?;
        let folder = self.folder.run(cycle, &run.name);
        let limit = self.job.options.lammps.time_limit.map(Duration::from_secs_f64);
        let steps = self.steps(run);
        let waiting = || {
            self.say(&format!("cycle {cycle}: waiting for run {}, started by an earlier process", run.name));
        };
        if let Some(end) = call::survivor(&folder, limit, &self.interrupt, waiting)?
            && let Ok(outcome) = md_run::outcome(&folder, end, limit, steps)
        {
            return self.note_run(cycle, run, outcome, call::seconds(&folder));
        }
        let head = format!("mtprs learn, cycle {cycle}, run {}", run.name);
        let outcome = self.call_lammps(&folder, &head, cycle, run, &[], steps)?;
        self.note_run(cycle, run, outcome, call::seconds(&folder))
    }

    /// Runs LAMMPS in a new folder, with other values of some variables than the job gives.
    pub(super) fn call_lammps(
        &self,
        folder: &Path,
        head: &str,
        cycle: u64,
        run: &RunOptions,
        others: &[(&str, String)],
        steps: u64,
    ) -> Result<Outcome, Failure> {
        let limit = self.job.options.lammps.time_limit.map(Duration::from_secs_f64);
        remove_folder(folder)?;
        create_folder(folder)?;
        let structure = RunStructure::read(&self.job.path(&run.structure), &self.species)?;
        if let Some(note) = &structure.note {
            self.say(&format!("note: run {}: {note}", run.name));
        }
        structure.write(folder)?;
        let script = self.script()?;
        let mut variables = self.variables(cycle, run, &structure.species);
        for (name, value) in others {
            for (_, known) in variables.iter_mut().filter(|(known, _)| known == name) {
                known.clone_from(value);
            }
        }
        if let Some(plugin) = &self.job.options.lammps.plugin {
            let plugin = absolute(&self.job.path(plugin));
            variables.push(("plugin".to_owned(), plugin_for(folder, &plugin)?));
        }
        md_run::write_script(folder, head, &variables, &script)?;
        let job_folder = self.job.absolute_base();
        let values = [("input", SCRIPT), ("job", job_folder.as_str())];
        let command = template::fill(&self.job.options.lammps.command, &values)
            .map_err(|message| Error::new(ErrorKind::Argument, message))?;
        let end = call::run(folder, &command, limit, &self.interrupt)?;
        Ok(md_run::outcome(folder, end, limit, steps)?)
    }

    fn note_run(&self, cycle: u64, run: &RunOptions, outcome: Outcome, seconds: f64) -> Result<(), Failure> {
        let Outcome { broken, steps, largest_grade, frames } = outcome;
        let unbroken = broken.is_none();
        let time = if unbroken { run.time } else { steps as f64 * self.timestep(run) };
        let how = match &broken {
            None => format!("completed {} ps", general(run.time, 6)),
            Some(reason) => {
                format!("stopped at {} of {} ps ({reason})", general(time, 4), general(run.time, 6))
            }
        };
        self.say(&format!("cycle {cycle}: run {} {how}; {} saved", run.name, counted(frames, "frame")));
        let record = RunRecord {
            cycle,
            run: run.name.clone(),
            unbroken,
            reason: broken,
            time,
            largest_grade,
            frames,
            seconds,
        };
        Ok(self.folder.journal.add(Event::Run(record))?)
    }

    fn timestep(&self, run: &RunOptions) -> f64 {
        run.timestep.unwrap_or(self.job.options.lammps.timestep)
    }

    fn steps(&self, run: &RunOptions) -> u64 {
        // As exact as the number of steps that anybody waits for.
        ((run.time / self.timestep(run)).round() as u64).max(1)
    }

    /// What the input script gets: the files, the thresholds, a seed, and what the job says.
    fn variables(&self, cycle: u64, run: &RunOptions, types: &[Option<usize>]) -> Variables {
        let (options, species) = (&self.job.options, self.first.species());
        let elements: Vec<String> = types
            .iter()
            .map(|of| of.map_or_else(|| "NULL".to_owned(), |index| species.label(index)))
            .collect();
        let random = splitmix(options.seed ^ splitmix(cycle ^ splitmix(checksum(run.name.as_bytes()))));
        let mut variables: Variables = Vec::new();
        let mut set = |name: &str, value: String| variables.push((name.to_owned(), value));
        set("cycle", cycle.to_string());
        set("run", run.name.clone());
        set("potential", "../../pot.mtp".into());
        set("elements", elements.join(" "));
        set("state", "../../pot.mtps".into());
        set("mode", GradeMode::from(options.grades.mode).to_string());
        set("select", options.grades.select.to_string());
        set("break", options.grades.break_at.to_string());
        set("every", options.grades.every.to_string());
        set("save", SAVED.into());
        set("structure", STRUCTURE.into());
        set("seed", (1 + random % LARGEST_SEED).to_string());
        set("timestep", self.timestep(run).to_string());
        set("steps", self.steps(run).to_string());
        let own = options.lammps.variables.iter().filter(|(name, _)| !run.variables.contains_key(*name));
        for (name, value) in own.chain(&run.variables) {
            set(name, value.to_string());
        }
        variables
    }
}

/// How the script can name the plugin: LAMMPS takes no blanks in the path, so one with blanks gets a link.
fn plugin_for(folder: &Path, plugin: &Path) -> Result<String, Error> {
    let path = plugin.display().to_string();
    if !path.contains(char::is_whitespace) {
        return Ok(path);
    }
    let link = folder.join("mtprsplugin.so");
    symlink(plugin, &link).map_err(|error| Error::io("link", &link.display().to_string(), &error))?;
    Ok("./mtprsplugin.so".into())
}
