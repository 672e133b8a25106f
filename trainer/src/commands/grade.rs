//! `mtprs grade`: extrapolation grades of every configuration of a file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use mtprs_core::format::{load_potential, load_state, write_configuration};
use mtprs_core::geometry::Configuration;
use mtprs_core::grade::{Grader, Grades};
use mtprs_core::potential::Potential;
use mtprs_core::selection::{GradeMode, SelectionState};
use mtprs_core::{Error, ErrorKind};

use super::state::{build_state, save};
use crate::Failure;
use crate::interrupt::Interrupt;
use crate::job::GradeJob;
use crate::pipeline::{Item, Pipeline};
use crate::report::number::{counted, general};

pub(super) fn run(job: &GradeJob, interrupt: Interrupt) -> Result<(), Failure> {
    let potential = load_potential(&job.potential)?;
    let state = state(job, &potential, &interrupt)?;
    let name = job.state.display().to_string();
    let grader = Grader::new(&potential, state).map_err(|error| match error.kind() {
        ErrorKind::InvalidState => error.in_file(&name),
        _ => error.in_file(&job.potential.display().to_string()),
    })?;
    let pipeline = Pipeline::new(grader, job.run, interrupt)?;
    let mut sink = job.output.create()?;
    let output = job.output.name();
    let work = |grader: &mut Grader, item: Item| {
        let grades = grader.grade(&item.configuration)?;
        let grade = grades.configuration;
        let mut text = Vec::new();
        write_configuration(&graded(item.configuration, grades), &mut text)
            .map_err(|error| Error::io("write", &output, &error))?;
        Ok((grade, text))
    };
    let mut summary = Summary::default();
    pipeline.run(&job.input, work, |(grade, text)| {
        summary.add(grade);
        sink.write(&text)
    })?;
    sink.finish()?;
    if !job.run.quiet {
        // The grades are written; a closed standard error changes nothing about that.
        let _ = writeln!(io::stderr(), "{}", summary.render());
    }
    Ok(())
}

/// The configuration with the grades of the state in place of its own.
fn graded(mut configuration: Configuration, grades: Grades) -> Configuration {
    configuration.set_feature("MV_grade", format!("{}", grades.configuration));
    configuration.neighborhood_grades = grades.atoms;
    configuration
}

/// The state of the file, or one built from it if it is a training set.
fn state(job: &GradeJob, potential: &Potential, interrupt: &Interrupt) -> Result<SelectionState, Failure> {
    if is_training_set(&job.state)? {
        let state = build_state(potential, &job.state, job.settings, job.run, interrupt.clone())?;
        if let Some(path) = &job.keep {
            save(state.clone(), &[&job.state], path)?;
        }
        return Ok(state);
    }
    let name = job.state.display().to_string();
    let state = load_state(&job.state)?;
    check_mode(&state, &name, job.mode_is_chosen.then_some(job.settings.mode))?;
    if job.keep.is_some() {
        let error =
            Error::new(ErrorKind::Argument, "--als-filename is for a state built from a training set");
        return Err(error.in_file(&name).hint("the file is a state already").into());
    }
    Ok(state)
}

/// Refuses a state of another mode than the one asked for, if one was.
pub(super) fn check_mode(state: &SelectionState, name: &str, asked: Option<GradeMode>) -> Result<(), Error> {
    match asked {
        Some(mode) if mode != state.mode => {
            let message = format!("the state is one of {} mode, not of {mode}", state.mode);
            Err(Error::new(ErrorKind::Argument, message).in_file(name))
        }
        _ => Ok(()),
    }
}

/// Whether a file begins like one of configurations.
pub(super) fn is_training_set(path: &Path) -> Result<bool, Error> {
    let name = path.display().to_string();
    let mut head = Vec::new();
    let file = File::open(path).map_err(|error| Error::io("open", &name, &error))?;
    file.take(256).read_to_end(&mut head).map_err(|error| Error::io("read", &name, &error))?;
    Ok(head.trim_ascii_start().starts_with(b"BEGIN_CFG"))
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
            "grades of {}: {one} above 1, {two} above 2, {ten} above 10; the largest, {}, is that of configuration {number}",
            counted(self.count, "configuration"),
            general(largest, 6)
        )
    }
}
