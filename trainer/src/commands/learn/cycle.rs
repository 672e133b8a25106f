//! The potential, the active set, the selection and the end of a cycle.

use std::fs;
use std::path::Path;
use std::time::Instant;

use mtprs_core::format::{load_potential, load_state, save_potential, save_state, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind};

use super::Learning;
use super::folder::read;
use crate::Failure;
use crate::active_set::{self, Choice, Pick, Settings, Start};
use crate::dataset::Sets;
use crate::endpoint::Input;
use crate::figures::RmseFigures;
use crate::job::TrainJob;
use crate::learning::files::{join, write};
use crate::learning::journal::{Event, RunRecord};
use crate::learning::md_run::SAVED;
use crate::pipeline::{RunSettings, Supply};
use crate::processes::Alone;
use crate::session::report::Wanted;
use crate::session::{self, FitReport, Keeper, SetErrors, Trained};
use crate::structure_files::{Reading, Voice};
use crate::text::{counted, significant};

impl Learning<'_> {
    /// Trains the potential of a cycle, or takes that of the cycle before if nothing was added.
    pub(super) fn train(&self, cycle: u64) -> Result<(), Failure> {
        let journal = &self.folder.journal;
        if journal.has(|event| matches!(event, Event::Trained { cycle: of, .. } if *of == cycle)) {
            return Ok(());
        }
        self.interrupt.check()?;
        let folder = self.folder.create_cycle(cycle)?;
        let before = match cycle {
            1 => self.folder.start("pot.mtp"),
            _ => self.folder.cycle(cycle - 1).join("pot.mtp"),
        };
        let is_first = cycle == 1 && self.first.is_trained();
        let is_same = cycle > 1 && self.labeled(cycle - 1) == 0;
        let job = self.training(&folder, &before)?;
        let begun = Instant::now();
        let (before_fit, sets) = session::prepare(&job.task, &Alone)?;
        let configurations = sets.fitted() as u64;
        let unchanged = is_first || is_same;
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
        journal.add(Event::Trained {
            cycle,
            configurations,
            unchanged,
            steps,
            training,
            validation,
            seconds,
        })?;
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
        let keeper = Keeper::new(&job.task, sets, &job.keeping, job.quiet, &Alone, &self.interrupt);
        let trained = keeper.train(potential)?;
        save_potential(&trained.potential, &job.output.path)?;
        let (name, wanted) = (job.output.name(), Wanted::default());
        let report = FitReport::new(&job.task, &trained, &name, wanted, self.interrupt.clone())?;
        if let Some(output) = &job.json {
            output.write_json(&report.as_json(&job.options, &[]))?;
        }
        Ok(trained)
    }

    /// Frames of a cycle that got a label.
    fn labeled(&self, cycle: u64) -> u64 {
        let events = self.folder.journal.events();
        events
            .iter()
            .filter(|event| matches!(event, Event::Labeled { cycle: of, .. } if *of == cycle))
            .count() as u64
    }

    /// Builds the active set of a cycle.
    pub(super) fn build_state(&self, cycle: u64) -> Result<(), Failure> {
        let journal = &self.folder.journal;
        if journal.has(|event| matches!(event, Event::State { cycle: of, .. } if *of == cycle)) {
            return Ok(());
        }
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
        Ok(journal.add(Event::State { cycle, unsupported: state.unsupported() as u64 })?)
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
        let journal = &self.folder.journal;
        if self.is_selected(cycle) {
            return Ok(());
        }
        let runs: Vec<RunRecord> = self.runs(cycle).into_iter().filter(|run| run.frames > 0).collect();
        let folder = self.folder.cycle(cycle);
        let saved = runs.iter().map(|run| run.frames).sum();
        let (mut text, mut selected, mut left_out, mut unfit) = (Vec::new(), 0, 0, Vec::new());
        if saved > 0 {
            let potential = load_potential(&folder.join("pot.mtp"))?;
            let state = load_state(&folder.join("pot.mtps"))?;
            let saved = |run: &RunRecord| folder.join("runs").join(&run.run).join(SAVED);
            let files: Vec<Input> = runs.iter().map(|run| Input::File(saved(run))).collect();
            let files = Supply::of_inputs(&files, &self.reading(&potential)?);
            let options = &self.job.options.selection;
            let choice = Choice {
                settings: Settings::new(self.job.options.grades.mode.into()),
                threshold: options.threshold,
                limit: if options.limit == 0 { usize::MAX } else { options.limit },
                min_distance: options.min_distance.unwrap_or(potential.radial_basis().min_dist() / 2.0),
            };
            let start = Start::State(Box::new(state));
            let found =
                active_set::select(&potential, start, &files, choice, self.quiet(), self.interrupt.clone())?;
            for pick in &found.picks {
                // Writing to memory cannot fail.
                let _ = write_configuration(&marked(pick, cycle, &runs[pick.file]), &mut text);
            }
            (selected, left_out) = (found.picks.len(), found.wanted.saturating_sub(found.picks.len()));
            unfit = found.set_aside;
        }
        let broken = self.runs(cycle).iter().any(|run| !run.unbroken);
        if broken && selected == 0 {
            let reason = match unfit.first() {
                None => "none is above the threshold of the selection".to_owned(),
                Some(first) => {
                    format!(
                        "{} of {saved} could not be labeled, the first because {}",
                        unfit.len(),
                        first.reason
                    )
                }
            };
            let message = format!("runs of cycle {cycle} broke, but no frame can be selected: {reason}");
            let hint =
                "let more frames be saved (grades.select, grades.every), or lower selection.min-distance";
            return Err(Error::new(ErrorKind::InvalidConfiguration, message).hint(hint).into());
        }
        write(&folder.join("selected.cfg"), &text)?;
        self.say(&format!("cycle {cycle}: {} of {saved} saved selected", counted(selected as u64, "frame")));
        let (selected, left_out, unfit) = (selected as u64, left_out as u64, unfit.len() as u64);
        Ok(journal.add(Event::Selected { cycle, saved, selected, left_out, unfit })?)
    }

    /// Whether the frames of a cycle have been selected: its runs are over then.
    pub(super) fn is_selected(&self, cycle: u64) -> bool {
        self.folder.journal.has(|event| matches!(event, Event::Selected { cycle: of, .. } if *of == cycle))
    }

    /// Whether a cycle is over.
    pub(super) fn is_closed(&self, cycle: u64) -> bool {
        self.folder.journal.has(|event| matches!(event, Event::Closed { cycle: of } if *of == cycle))
    }

    /// Puts the labels of a cycle into the training set of the next one.
    pub(super) fn close(&self, cycle: u64) -> Result<(), Failure> {
        if self.is_closed(cycle) {
            return Ok(());
        }
        if self.labeled(cycle) == 0 && self.runs(cycle).iter().any(|run| !run.unbroken) {
            let message =
                format!("no frame of cycle {cycle} has got a label, so there is nothing to learn from");
            let error = Error::new(ErrorKind::InvalidConfiguration, message);
            return Err(error.in_file(&self.folder.path().join("rejected.txt").display().to_string()).into());
        }
        self.folder.extend_training_set(cycle)?;
        Ok(self.folder.journal.add(Event::Closed { cycle })?)
    }

    /// The runs of a cycle that have ended, in the order of the job; of one that was made twice the last.
    pub(super) fn runs(&self, cycle: u64) -> Vec<RunRecord> {
        let mut runs: Vec<RunRecord> = Vec::new();
        for event in self.folder.journal.events() {
            if let Event::Run(run) = event
                && run.cycle == cycle
            {
                runs.retain(|other| other.run != run.run);
                runs.push(run);
            }
        }
        let place = |run: &RunRecord| self.job.options.runs.iter().position(|known| known.name == run.run);
        runs.sort_by_key(place);
        runs
    }

    /// The frames of a cycle that were selected.
    pub(super) fn selected(&self, cycle: u64) -> Result<Vec<Configuration>, Error> {
        read(&self.folder.cycle(cycle).join("selected.cfg"))
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
