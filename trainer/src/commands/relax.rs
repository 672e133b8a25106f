//! `mtprs relax`: every configuration of a file at a minimum.

use mtprs_core::Error;
use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::write_configuration;
use mtprs_core::geometry::{Configuration, NeighborList};
use mtprs_core::grade::Grader;

use crate::Failure;
use crate::active_set::state_files::{load_grader, reading_beside};
use crate::cli::RelaxArguments;
use crate::constants::units::GIGAPASCAL;
use crate::endpoint::{load_potential, say};
use crate::job::Ready;
use crate::optimizer::{CellRelaxation, Limits, Pressure, Relaxation, relax, relax_cell};
use crate::pipeline::{Batches, Item, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::text::{PROGRAM, counted};

/// Features that belong to where the atoms were.
const STALE: [&str; 5] = ["MV_grade", "mindist", "converged", "relax_max_force", "relax_max_stress"];

pub(super) fn run(job: &Ready<RelaxArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let run = RunSettings::from(job.common.run);
    let reading =
        reading_beside(&job.reading, &potential, &job.potential, job.state.as_deref())?.quiet(run.quiet);
    let worker = Worker {
        evaluator: Evaluator::new(&potential)
            .map_err(|error| error.in_file(&job.potential.display().to_string()))?,
        grader: job.state.as_deref().map(|state| load_grader(&potential, state)).transpose()?,
    };
    let pipeline = Pipeline::new(worker, run, interrupt.clone())?;
    let output = job.common.write.output(&job.output);
    let (mut sink, name) = (output.create()?, output.name());
    let mut saved = job.common.write.optional(&job.save).map(|output| output.create()).transpose()?;
    let work = |worker: &mut Worker, item: Item| {
        let mut configuration = item.configuration;
        let mut way = Way {
            job,
            interrupt: &interrupt,
            grader: worker.grader.as_mut(),
            steps: 0,
            selected: Vec::new(),
        };
        let Some(ending) = way.relax(&mut worker.evaluator, &mut configuration)? else { return Ok(None) };
        let mut text = Vec::new();
        write_configuration(&configuration, &mut text).map_err(|error| Error::io("write", &name, &error))?;
        Ok(Some(Relaxed { ending, text, selected: way.selected }))
    };
    let (mut relaxed, mut short) = (0_u64, Short::default());
    let add = |results: Vec<Result<Option<Relaxed>, Failure>>| {
        for result in results {
            // One that was interrupted is not there, and the pipeline ends.
            let Some(Relaxed { ending, text, selected }) = result? else { continue };
            sink.write(&text)?;
            if let Some(saved) = &mut saved {
                saved.write(&selected)?;
            }
            relaxed += 1;
            short.add(ending, relaxed);
        }
        Ok(())
    };
    pipeline.run_batches(&Supply::of_inputs(&job.inputs, &reading), Batches::Timed, "relaxed", work, add)?;
    sink.finish()?;
    saved.map(|saved| saved.finish()).transpose()?;
    if let Some(note) = short.describe(relaxed)
        && !run.quiet
    {
        say(note);
    }
    Ok(())
}

/// A configuration as it is written, and how its relaxation ended.
struct Relaxed {
    ending: Ending,
    text: Vec<u8>,
    /// Places on the way that are saved.
    selected: Vec<u8>,
}

/// How a relaxation ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    AtMinimum,
    /// All steps were made.
    Steps,
    /// No step leads down, although forces or stress are larger than wanted.
    NoWayDown,
    /// The grade of a place is too large.
    Extrapolates,
    /// Two atoms are too close.
    TooClose,
}

/// Configurations that are not at a minimum.
#[derive(Default)]
struct Short {
    first: Option<u64>,
    out_of_steps: u64,
    no_way_down: u64,
    extrapolating: u64,
    too_close: u64,
}

impl Short {
    fn add(&mut self, ending: Ending, number: u64) {
        match ending {
            Ending::AtMinimum => return,
            Ending::Steps => self.out_of_steps += 1,
            Ending::NoWayDown => self.no_way_down += 1,
            Ending::Extrapolates => self.extrapolating += 1,
            Ending::TooClose => self.too_close += 1,
        }
        self.first.get_or_insert(number);
    }

    /// What is told of them, if there are any.
    fn describe(&self, of: u64) -> Option<String> {
        let mut reasons = Vec::new();
        if self.out_of_steps > 0 {
            reasons.push(format!("{} used all steps", self.out_of_steps));
        }
        if self.no_way_down > 0 {
            let hint = "rounding hides smaller forces, or atoms have collapsed";
            reasons.push(format!("{} found no descent: {hint}", self.no_way_down));
        }
        if self.extrapolating > 0 {
            reasons.push(format!("{} exceeded the grade limit", self.extrapolating));
        }
        if self.too_close > 0 {
            reasons.push(format!("{} have atoms closer than --min-distance", self.too_close));
        }
        let short = self.out_of_steps + self.no_way_down + self.extrapolating + self.too_close;
        Some(format!(
            "note: {short} of {} not converged, the first is number {}; {}",
            counted(of, "configuration"),
            self.first?,
            reasons.join("; ")
        ))
    }
}

/// What relaxes and grades, for one thread.
#[derive(Clone)]
struct Worker {
    evaluator: Evaluator,
    grader: Option<Grader>,
}

/// The way of one configuration to its minimum.
struct Way<'a> {
    job: &'a RelaxArguments,
    interrupt: &'a Interrupt,
    grader: Option<&'a mut Grader>,
    /// Steps that were made.
    steps: usize,
    /// Places that are saved.
    selected: Vec<u8>,
}

/// Why a relaxation does not go on.
enum Stop {
    Failure(Failure),
    At(Ending),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failure(error.into())
    }
}

impl Way<'_> {
    /// Relaxes a configuration: how that ended, or nothing if it was interrupted.
    fn relax(
        &mut self,
        evaluator: &mut Evaluator,
        configuration: &mut Configuration,
    ) -> Result<Option<Ending>, Error> {
        let job = self.job;
        // What was said of the atoms where they were is not true elsewhere.
        configuration.site_energies = None;
        configuration.neighborhood_grades = None;
        configuration.features.retain(|(key, _)| !STALE.contains(&key.as_str()));
        let relaxed = self.look(configuration).and_then(|()| self.descend(evaluator, configuration));
        let mut features = Vec::new();
        let (efs, ending) = match relaxed {
            Err(Stop::Failure(Failure::Runtime(error))) => return Err(error),
            Err(Stop::Failure(_)) => return Ok(None),
            Err(Stop::At(ending)) => (evaluator.evaluate(configuration)?, ending),
            Ok((Relaxation { steps, efs, largest_force, .. }, stress)) => {
                self.steps = steps;
                let is_there =
                    largest_force <= job.max_force && stress.is_none_or(|stress| stress <= job.max_stress);
                let ending = match is_there {
                    true => Ending::AtMinimum,
                    false if steps >= job.max_steps => Ending::Steps,
                    false => Ending::NoWayDown,
                };
                features.push(("relax_max_force", format!("{largest_force:.3e}")));
                features.extend(stress.map(|stress| ("relax_max_stress", format!("{stress:.3e}"))));
                (efs, ending)
            }
        };
        efs.store_in(configuration, false);
        configuration.set_feature("EFS_by", PROGRAM);
        configuration.set_feature("relax_steps", self.steps.to_string());
        configuration.set_feature("relax_converged", if ending == Ending::AtMinimum { "yes" } else { "no" });
        features.into_iter().for_each(|(key, value)| configuration.set_feature(key, value));
        if let Some(grader) = &mut self.grader {
            grader.grade(configuration)?.store_in(configuration);
        }
        Ok(Some(ending))
    }

    /// Goes downhill; the largest difference of the stress from the pressure is in GPa.
    fn descend(
        &mut self,
        evaluator: &mut Evaluator,
        configuration: &mut Configuration,
    ) -> Result<(Relaxation, Option<f64>), Stop> {
        let job = self.job;
        let limits = Limits { max_force: job.max_force, max_steps: job.max_steps };
        let go_on = |configuration: &Configuration| {
            self.steps += 1;
            self.look(configuration)
        };
        if job.fixed_cell {
            return Ok((relax(evaluator, configuration, limits, go_on)?, None));
        }
        let pressure = Pressure { target: job.pressure / GIGAPASCAL, tolerance: job.max_stress / GIGAPASCAL };
        let CellRelaxation { atoms, largest_stress } =
            relax_cell(evaluator, configuration, limits, pressure, go_on)?;
        Ok((atoms, Some(largest_stress * GIGAPASCAL)))
    }

    /// Looks at a place on the way, saves it if it is selected, and ends the relaxation where it goes too far.
    fn look(&mut self, configuration: &Configuration) -> Result<(), Stop> {
        let job = self.job;
        self.interrupt.check().map_err(Stop::Failure)?;
        if let Some(least) = job.min_distance
            && NeighborList::new(configuration, least)?.closest().is_some()
        {
            return Err(Stop::At(Ending::TooClose));
        }
        let Some(grader) = self.grader.as_mut().filter(|_| job.select.or(job.break_grade).is_some()) else {
            return Ok(());
        };
        let grades = grader.grade(configuration)?;
        let grade = grades.configuration;
        if job.select.is_some_and(|threshold| grade > threshold) {
            let mut place = configuration.clone();
            (place.energy, place.forces, place.virial) = (None, None, None);
            grades.store_in(&mut place);
            write_configuration(&place, &mut self.selected)
                .map_err(|error| Error::io("write", "a configuration", &error))?;
        }
        match job.break_grade {
            Some(limit) if grade > limit => Err(Stop::At(Ending::Extrapolates)),
            _ => Ok(()),
        }
    }
}
