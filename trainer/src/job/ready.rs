//! What was typed for a command that reads configurations, with what it reads: such a command needs to know no more.

use std::ops::Deref;
use std::path::PathBuf;

use super::streams::{inputs, reading};
use super::{Files, Job, usage_error};
use crate::cli::{
    CheckArguments, ErrorsArguments, EvaluateArguments, GradeArguments, MergeArguments, ReadingArguments,
    RelaxArguments, SelectArguments, SubsampleArguments, ValidateArguments,
};
use crate::endpoint::{Input, Output};
use crate::structure_files::Reading;

/// What was typed, and what is read.
#[derive(Debug)]
pub struct Ready<A> {
    typed: A,
    /// What is read, in this order.
    pub inputs: Vec<Input>,
    /// A training set that is read beside; the command decides whether it is a state.
    pub training_set: Vec<Input>,
    /// How.
    pub reading: Reading,
}

/// Arguments that say what is read and written.
pub trait Typed {
    /// What is read, and how.
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments);

    /// How often it is read.
    fn passes(&self) -> usize {
        1
    }

    /// A training set that is read beside.
    fn training_set(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    /// Adds what is written, and what else is read.
    fn files(&self, inputs: Files) -> Files;

    /// Refuses what does not go together.
    fn check(&self) -> Result<(), clap::Error> {
        Ok(())
    }
}

impl<A> Deref for Ready<A> {
    type Target = A;

    fn deref(&self) -> &A {
        &self.typed
    }
}

impl<A: Typed> Job for Ready<A> {
    type Typed = A;

    fn new(typed: A) -> Result<Self, clap::Error> {
        let (paths, how) = typed.reads();
        let reading = reading(how.clone())?;
        let training_set = inputs(typed.training_set(), 2, &reading)?;
        let inputs = inputs(paths, typed.passes(), &reading)?;
        typed.check()?;
        Ok(Self { typed, inputs, training_set, reading })
    }

    fn files(&self) -> Files {
        self.typed.files(Files::default().takes(self.training_set.iter().chain(&self.inputs)))
    }
}

impl Typed for CheckArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.inputs.clone(), &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.makes(&self.common.write.optional(&self.json))
    }
}

impl Typed for ErrorsArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.database.clone()], &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        let write = self.common.write;
        inputs
            .reads([&self.potential])
            .makes(&write.optional(&self.json))
            .makes(&write.optional(&self.report))
            .makes(&write.optional(&self.log))
            .makes(&write.optional(&self.report_to))
    }
}

impl Typed for EvaluateArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.input.clone()], &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.cfg_only().reads([&self.potential]).makes([&self.common.write.output(&self.output)])
    }
}

impl Typed for RelaxArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.input.clone()], &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        let files = inputs.cfg_only().reads([&self.potential]).reads(&self.state);
        let write = self.common.write;
        files.makes([&write.output(&self.output)]).makes(&write.optional(&self.save))
    }
}

impl Typed for ValidateArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.crystal.clone()], &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        let write = self.common.write;
        let files = inputs.reads([&self.potential]).reads(&self.state).reads(&self.reference);
        files.makes(&write.optional(&self.json)).makes(&write.optional(&self.report))
    }
}

impl Typed for MergeArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.inputs.clone(), &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.cfg_only().makes([&self.common.write.output(&self.output)])
    }
}

impl Typed for GradeArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (vec![self.input.clone()], &self.common.reading)
    }

    fn training_set(&self) -> Vec<PathBuf> {
        vec![self.state.clone()]
    }

    fn files(&self, inputs: Files) -> Files {
        let write = self.common.write;
        let files = inputs.cfg_only().reads([&self.potential]).rereads([&self.state]);
        files.makes([&write.output(&self.output)]).makes(&write.optional(&self.als_filename))
    }

    fn check(&self) -> Result<(), clap::Error> {
        self.build.settings().map(drop)
    }
}

impl Typed for SelectArguments {
    fn passes(&self) -> usize {
        2
    }

    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.candidates.clone(), &self.common.reading)
    }

    fn training_set(&self) -> Vec<PathBuf> {
        vec![self.state.clone()]
    }

    fn files(&self, inputs: Files) -> Files {
        let write = self.common.write;
        let files = inputs.cfg_only().reads([&self.potential]).rereads([&self.state]);
        let files = files.makes([&write.output(&self.output)]).makes(&write.optional(&self.json));
        files.makes(&write.optional(&self.als_filename)).makes(&write.optional(&self.selected_filename))
    }

    fn check(&self) -> Result<(), clap::Error> {
        if self.als_filename.is_some() && !matches!(self.common.write.output(&self.output), Output::File(_)) {
            return Err(usage_error("--als-filename needs the selected configurations in a file, not in -"));
        }
        self.build.settings().map(drop)
    }
}

impl Typed for SubsampleArguments {
    fn passes(&self) -> usize {
        if self.every.is_some() { 1 } else { 2 }
    }

    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.inputs.clone(), &self.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.cfg_only().makes([&self.write.output(&self.output)]).reads(&self.potential)
    }

    fn check(&self) -> Result<(), clap::Error> {
        self.build.settings().map(drop)
    }
}
