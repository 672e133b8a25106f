//! `mtprs relax`: every configuration of a file at a minimum.

use mtprs_core::Error;
use mtprs_core::evaluate::Evaluator;
use mtprs_core::format::{load_potential, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::Grader;

use crate::Failure;
use crate::active_set::state_files::{load_grader, reading_beside};
use crate::cli::RelaxArguments;
use crate::constants::units::GIGAPASCAL;
use crate::endpoint::say;
use crate::job::Ready;
use crate::optimizer::{CellRelaxation, Limits, Pressure, Relaxation, relax, relax_cell};
use crate::pipeline::{Batches, Item, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::text::{PROGRAM, counted};

/// Features that belong to where the atoms were.
const STALE: [&str; 4] = ["MV_grade", "mindist", "converged", "relax_max_stress"];

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
    let work = |worker: &mut Worker, item: Item| {
        let mut configuration = item.configuration;
        let Some(ending) = worker.relax(job, &mut configuration, &interrupt)? else { return Ok(None) };
        let mut text = Vec::new();
        write_configuration(&configuration, &mut text).map_err(|error| Error::io("write", &name, &error))?;
        Ok(Some(Relaxed { ending, text }))
    };
    let (mut relaxed, mut short) = (0_u64, Short::default());
    let add = |results: Vec<Result<Option<Relaxed>, Failure>>| {
        for result in results {
            // One that was interrupted is not there, and the pipeline ends.
            let Some(Relaxed { ending, text }) = result? else { continue };
            sink.write(&text)?;
            relaxed += 1;
            short.add(ending, relaxed);
        }
        Ok(())
    };
    pipeline.run_batches(&Supply::of_inputs(&job.inputs, &reading), Batches::Timed, "relaxed", work, add)?;
    sink.finish()?;
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
}

/// How a relaxation ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    AtMinimum,
    /// All steps were made.
    Steps,
    /// No step leads down, although forces or stress are larger than wanted.
    NoWayDown,
}

/// Configurations that are not at a minimum.
#[derive(Default)]
struct Short {
    first: Option<u64>,
    out_of_steps: u64,
    no_way_down: u64,
}

impl Short {
    fn add(&mut self, ending: Ending, number: u64) {
        match ending {
            Ending::AtMinimum => return,
            Ending::Steps => self.out_of_steps += 1,
            Ending::NoWayDown => self.no_way_down += 1,
        }
        self.first.get_or_insert(number);
    }

    /// What is told of them, if there are any.
    fn describe(&self, of: u64) -> Option<String> {
        let mut reasons = Vec::new();
        if self.out_of_steps > 0 {
            reasons.push(format!("{} made all steps (--max-steps)", self.out_of_steps));
        }
        if self.no_way_down > 0 {
            let hint = "rounding hides smaller forces (--max-force, --max-stress), or atoms have collapsed";
            reasons.push(format!("{} found no step down: {hint}", self.no_way_down));
        }
        let short = self.out_of_steps + self.no_way_down;
        Some(format!(
            "note: {short} of {} not at a minimum, the first is number {}; {}",
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

impl Worker {
    /// Relaxes a configuration: how that ended, or nothing if it was interrupted.
    fn relax(
        &mut self,
        job: &RelaxArguments,
        configuration: &mut Configuration,
        interrupt: &Interrupt,
    ) -> Result<Option<Ending>, Error> {
        let limits = Limits { max_force: job.max_force, max_steps: job.max_steps };
        let go_on = || interrupt.check();
        let relaxed = match job.fixed_cell {
            true => relax(&mut self.evaluator, configuration, limits, go_on).map(|atoms| (atoms, None)),
            false => {
                let pressure =
                    Pressure { target: job.pressure / GIGAPASCAL, tolerance: job.max_stress / GIGAPASCAL };
                relax_cell(&mut self.evaluator, configuration, limits, pressure, go_on).map(
                    |CellRelaxation { atoms, largest_stress }| (atoms, Some(largest_stress * GIGAPASCAL)),
                )
            }
        };
        let (Relaxation { steps, efs, largest_force, .. }, stress) = match relaxed {
            Err(Failure::Runtime(error)) => return Err(error),
            Err(_) => return Ok(None),
            Ok(relaxed) => relaxed,
        };
        let is_there = largest_force <= job.max_force && stress.is_none_or(|stress| stress <= job.max_stress);
        let ending = match is_there {
            true => Ending::AtMinimum,
            false if steps >= job.max_steps => Ending::Steps,
            false => Ending::NoWayDown,
        };
        // What was said of the atoms where they were is no longer true.
        configuration.site_energies = None;
        configuration.neighborhood_grades = None;
        configuration.features.retain(|(key, _)| !STALE.contains(&key.as_str()));
        efs.store_in(configuration, false);
        configuration.set_feature("EFS_by", PROGRAM);
        configuration.set_feature("relax_steps", steps.to_string());
        configuration.set_feature("relax_converged", if is_there { "yes" } else { "no" });
        configuration.set_feature("relax_max_force", format!("{largest_force:.3e}"));
        if let Some(stress) = stress {
            configuration.set_feature("relax_max_stress", format!("{stress:.3e}"));
        }
        if let Some(grader) = &mut self.grader {
            grader.grade(configuration)?.store_in(configuration);
        }
        Ok(Some(ending))
    }
}
