//! The potential, the active set and the selection of a cycle.

use std::fs;
use std::path::Path;
use std::time::Instant;

use mtprs_core::format::{CfgReader, save_potential, save_state, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::Learning;
use crate::Failure;
use crate::active_set::{self, Choice, Chosen, Pick, SetAside, Settings, Start};
use crate::dataset::Sets;
use crate::endpoint::{Input, load_potential, load_state};
use crate::figures::RmseFigures;
use crate::job::TrainJob;
use crate::learning::files::{join, write};
use crate::learning::journal::{Event, RunRecord, SelectedRecord, TrainedRecord};
use crate::learning::md_run::SAVED;
use crate::learning::state::CycleState;
use crate::pipeline::{RunSettings, Supply};
use crate::processes::Alone;
use crate::session::report::Wanted;
use crate::session::{self, FitReport, Keeper, SetErrors, Telling, Trained};
use crate::structure_files::{Reading, Voice};
use crate::text::{counted, significant};

impl Learning<'_> {
    /// Trains the potential of a cycle, or takes that of the cycle before if nothing was added.
    pub(super) fn train(&self, cycle: u64) -> Result<(), Failure> {
        let folder = self.folder.create_cycle(cycle)?;
        let labeled = self.folder.journal.look(|state| state.cycle(cycle - 1).map(CycleState::labeled));
        let (before, unchanged) = match labeled {
            None => (self.folder.start("pot.mtp"), self.first.is_trained()),
            Some(labeled) => (self.folder.cycle(cycle - 1).join("pot.mtp"), labeled == 0),
        };
        let job = self.training(&folder, &before)?;
        let begun = Instant::now();
        let (before_fit, sets) = session::prepare(&job.task, &Alone)?;
        let configurations = sets.fitted() as u64;
        let (potential, steps, seconds) = if unchanged {
            join([&before], &job.output.path)?;
            (load_potential(&job.output.path)?, 0, 0.0)
        } else {
            self.say(&format!("cycle {cycle}: training on {}", counted(configurations, "configuration")));
            if let Some(groups) = sets.sides.kept.describe(&job.task.sources.grouping).filter(|_| cycle == 1)
            {
                self.say(&format!("note: {groups}"));
            }
            let trained = self.fit(&job, &before_fit, &sets)?;
            (trained.potential, trained.steps, begun.elapsed().as_secs_f64())
        };
        let SetErrors { training, validation } =
            session::errors(&potential, &sets, &job.task.settings, &Alone)?;
        let of_validation =
            validation.map_or(String::new(), |figures| format!("; validation{}", shown(&figures)));
        self.say(&format!("cycle {cycle}: training errors{}{of_validation}", shown(&training)));
        join([&job.output.path], &self.folder.path().join("pot.mtp"))?;
        let record = TrainedRecord { cycle, configurations, unchanged, steps, training, validation, seconds };
        self.folder.journal.add(Event::Trained(record))?;
        // The potential is on the disk: nothing is lost with the checkpoint.
        let _ = fs::remove_file(&job.keeping.checkpoint);
        Ok(())
    }

    /// The training of a cycle in its folder, from this potential on.
    fn training(&self, folder: &Path, before: &Path) -> Result<TrainJob, Failure> {
        let mut job = self.job.training(folder, before, vec![self.folder.training_set()])?;
        // What the job says of the format holds for the files of the user; those of the loop are ours.
        job.task.sources.reading.format = None;
        if let Some(validation) = self.folder.validation_set() {
            job.task.sources.validation = vec![Input::File(validation)];
        }
        // What is added later is divided singly, so that nothing that was fitted validates.
        job.task.sources.grouped = self.folder.first_configurations();
        Ok(job)
    }

    /// Fits, and writes the potential and what is told of it.
    fn fit(&self, job: &TrainJob, potential: &Potential, sets: &Sets) -> Result<Trained, Failure> {
        let keeper =
            Keeper::new(&job.task, sets, &job.keeping, Telling::unless(job.quiet), &Alone, &self.interrupt);
        let trained = keeper.train(potential)?;
        save_potential(&trained.potential, &job.output.path)?;
        let (name, wanted) = (job.output.name(), Wanted::default());
        let report = FitReport::new(&job.task, &trained, &name, wanted, self.interrupt.clone())?;
        if let Some(output) = &job.json {
            output.write_json(&report.as_json(&job.options, &[]))?;
        }
        Ok(trained)
    }

    /// Builds the active set of a cycle.
    pub(super) fn build_state(&self, cycle: u64) -> Result<(), Failure> {
        let folder = self.folder.cycle(cycle);
        let potential = load_potential(&folder.join("pot.mtp"))?;
        let inputs =
            Supply::of_inputs(&[Input::File(self.folder.training_set())], &self.reading(&potential)?);
        let settings = Settings::new(self.job.options.grades.mode.into());
        let built = active_set::build(&potential, &inputs, settings, self.quiet(), self.interrupt.clone())?;
        // The same words whatever the folder is called.
        let state = built.state(&potential, &format!("training set of cycle {cycle}"))?;
        save_state(&state, &folder.join("pot.mtps"))?;
        join([folder.join("pot.mtps")], &self.folder.path().join("pot.mtps"))?;
        let unsupported = state.unsupported() as u64;
        Ok(self.folder.journal.add(Event::State { cycle, unsupported })?)
    }

    /// How the files of the loop are read: names are compared, and nothing is told about them again.
    fn reading(&self, potential: &Potential) -> Result<Reading, Error> {
        let reading = Reading { voice: Voice::Warnings, ..Reading::default() };
        reading.for_potential(potential, &self.folder.path().join("pot.mtp"))
    }

    fn quiet(&self) -> RunSettings {
        RunSettings { quiet: true, ..self.job.run }
    }

    /// Selects the frames of a cycle that are worth a label.
    pub(super) fn select(&self, cycle: u64) -> Result<(), Failure> {
        let runs = self.runs(cycle);
        let is_broken = runs.iter().any(|run| !run.unbroken);
        let runs: Vec<RunRecord> = runs.into_iter().filter(|run| run.frames > 0).collect();
        let saved: u64 = runs.iter().map(|run| run.frames).sum();
        let (mut text, mut selected, mut left_out, mut unfit) = (Vec::new(), 0, 0, Vec::new());
        if saved > 0 {
            let found = self.choose(cycle, &runs)?;
            for pick in &found.picks {
                // Writing to memory cannot fail.
                let _ = write_configuration(&marked(pick, cycle, &runs[pick.file]), &mut text);
            }
            (selected, left_out) = (found.picks.len(), found.wanted.saturating_sub(found.picks.len()));
            unfit = found.set_aside;
        }
        if is_broken && selected == 0 {
            let reason = match unfit.first() {
                None => "none is above selection.threshold".to_owned(),
                Some(SetAside { reason, .. }) => {
                    format!("{} of {saved} are unfit for labeling, the first because {reason}", unfit.len())
                }
            };
            let message =
                format!("runs of cycle {cycle} stopped early, but no frame can be selected: {reason}");
            let hint = "save more frames (grades.select, grades.every), or lower selection.min-distance";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint).into());
        }
        write(&self.folder.selected(cycle), &text)?;
        self.say(&format!("cycle {cycle}: selected {} of {saved} saved", counted(selected as u64, "frame")));
        let (selected, left_out, unfit) = (selected as u64, left_out as u64, unfit.len() as u64);
        let record = SelectedRecord { cycle, saved, selected, left_out, unfit };
        Ok(self.folder.journal.add(Event::Selected(record))?)
    }

    /// Chooses among the frames that runs of a cycle have saved.
    fn choose(&self, cycle: u64, runs: &[RunRecord]) -> Result<Chosen, Failure> {
        let folder = self.folder.cycle(cycle);
        let potential = load_potential(&folder.join("pot.mtp"))?;
        let start = Start::State(Box::new(load_state(&folder.join("pot.mtps"))?));
        let saved = |run: &RunRecord| Input::File(self.folder.run(cycle, &run.run).join(SAVED));
        let files: Vec<Input> = runs.iter().map(saved).collect();
        let files = Supply::of_inputs(&files, &self.reading(&potential)?);
        let options = &self.job.options.selection;
        let choice = Choice {
            settings: Settings::new(self.job.options.grades.mode.into()),
            threshold: options.threshold,
            limit: if options.limit == 0 { usize::MAX } else { options.limit },
            min_distance: options.min_distance.unwrap_or(potential.radial_basis().min_dist() / 2.0),
        };
        active_set::select(&potential, start, &files, choice, self.quiet(), self.interrupt.clone())
    }

    /// The runs of a cycle that have ended, in the order of the job.
    fn runs(&self, cycle: u64) -> Vec<RunRecord> {
        let runs = self.folder.journal.look(|state| state.cycle(cycle).map(|row| row.runs.clone()));
        let mut runs = runs.unwrap_or_default();
        runs.sort_by_key(|run| self.aim.runs.iter().position(|(known, _)| *known == run.run));
        runs
    }

    /// The frames of a cycle that were selected.
    pub(super) fn selected(&self, cycle: u64) -> Result<Vec<Configuration>, Error> {
        let path = self.folder.selected(cycle);
        let frames: Vec<Configuration> = CfgReader::open(&path)?.collect::<Result<_, _>>()?;
        let expected = self.folder.journal.look(|state| state.cycle(cycle).map_or(0, |row| row.frames.len()));
        if frames.len() == expected {
            return Ok(frames);
        }
        let message = format!("the journal has {expected} frames, the file has {}", frames.len());
        Err(Error::new(ErrorKind::InvalidState, message).in_file(&path.display().to_string()))
    }
}

/// The frame with where it comes from.
fn marked(pick: &Pick, cycle: u64, run: &RunRecord) -> Configuration {
    let mut configuration = pick.configuration.clone();
    configuration.neighborhood_grades.clone_from(&pick.atom_grades);
    for (key, value) in [
        ("MV_grade", pick.start_grade.to_string()),
        ("cycle", cycle.to_string()),
        ("run", run.run.clone()),
        ("selection_grade", pick.grade.to_string()),
    ] {
        configuration.set_feature(key, value);
    }
    configuration
}

/// Errors in a line.
fn shown(figures: &RmseFigures) -> String {
    let [energy, force, virial] = figures.in_report_units();
    let part = |figure: Option<f64>, unit: &str| {
        figure.map_or(String::new(), |figure| format!(" {} {unit}", significant(Some(figure), 3)))
    };
    part(energy, "meV/atom") + &part(force, "eV/Å") + &part(virial, "meV/atom (virial)")
}
