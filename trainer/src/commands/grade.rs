//! `mtprs grade`: extrapolation grades of every configuration of a file.

use mtprs_core::format::write_configuration;
use mtprs_core::grade::Grader;
use mtprs_core::potential::Potential;
use mtprs_core::selection::SelectionState;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::active_set::state_files::{build_state, check_mode, reading_beside, save};
use crate::cli::GradeArguments;
use crate::endpoint::{load_potential, load_state, say};
use crate::job::Ready;
use crate::pipeline::{Item, Pipeline, RunSettings, Supply};
use crate::processes::Interrupt;
use crate::structure_files::{Reading, holds_configurations};
use crate::text::{counted, general};

pub(super) fn run(job: &Ready<GradeArguments>, interrupt: Interrupt) -> Result<(), Failure> {
    let run = RunSettings::from(job.common.run);
    let potential = load_potential(&job.potential)?;
    let is_built = holds_configurations(&job.training_set, &job.reading)?;
    let given = (!is_built).then_some(job.state.as_path());
    let reading = reading_beside(&job.reading, &potential, &job.potential, given)?.quiet(run.quiet);
    let state = state(job, is_built, &potential, &reading, &interrupt)?;
    let name = job.state.display().to_string();
    let grader = Grader::new(&potential, state).map_err(|error| match error.kind() {
        ErrorKind::InvalidState => error.in_file(&name),
        _ => error.in_file(&job.potential.display().to_string()),
    })?;
    let pipeline = Pipeline::new(grader, run, interrupt)?;
    let output = job.common.write.output(&job.output);
    let (mut sink, output) = (output.create()?, output.name());
    let work = |grader: &mut Grader, item: Item| {
        let mut configuration = item.configuration;
        let grades = grader.grade(&configuration)?;
        let grade = grades.configuration;
        grades.store_in(&mut configuration);
        let mut text = Vec::new();
        write_configuration(&configuration, &mut text)
            .map_err(|error| Error::io("write", &output, &error))?;
        Ok((grade, text))
    };
    let mut summary = Summary::default();
    pipeline.run(&Supply::of_inputs(&job.inputs, &reading), work, |(grade, text)| {
        summary.add(grade);
        sink.write(&text)
    })?;
    sink.finish()?;
    if !run.quiet {
        say(summary.render());
    }
    Ok(())
}

/// The state of the file, or one built from it if it is a training set.
fn state(
    job: &Ready<GradeArguments>,
    is_built: bool,
    potential: &Potential,
    reading: &Reading,
    interrupt: &Interrupt,
) -> Result<SelectionState, Failure> {
    let settings = job.build.settings()?;
    if is_built {
        let training_set = Supply::of_inputs(&job.training_set, reading);
        let state =
            build_state(potential, &training_set, settings, job.common.run.into(), interrupt.clone())?;
        if let Some(path) = &job.als_filename {
            save(state.clone(), &training_set, &job.common.write.file(path))?;
        }
        return Ok(state);
    }
    let name = job.state.display().to_string();
    let state = load_state(&job.state)?;
    check_mode(&state, &name, job.build.asks_for_mode().then_some(settings.mode))?;
    if job.als_filename.is_some() {
        let error = Error::new(
            ErrorKind::Argument,
            "--als-filename needs a training set, from which a selection state is built",
        );
        return Err(error.in_file(&name).hint("the file already is a selection state").into());
    }
    Ok(state)
}

/// What the grades of a file are like.
#[derive(Default)]
struct Summary {
    count: u64,
    largest: Option<(f64, u64)>,
    above: [u64; 3],
}

/// Grades that the summary counts excesses of.
const LEVELS: [f64; 3] = [1.0, 2.0, 10.0];

impl Summary {
    fn add(&mut self, grade: f64) {
        self.count += 1;
        if self.largest.is_none_or(|(largest, _)| grade > largest) {
            self.largest = Some((grade, self.count));
        }
        for (above, level) in self.above.iter_mut().zip(LEVELS) {
            *above += u64::from(grade > level);
        }
    }

    fn render(&self) -> String {
        let Some((largest, number)) = self.largest else { return "no configurations".into() };
        let [one, two, ten] = self.above;
        format!(
            "grades of {}: {one} above 1, {two} above 2, {ten} above 10; the largest is {}, of configuration {number}",
            counted(self.count, "configuration"),
            general(largest, 6)
        )
    }
}
