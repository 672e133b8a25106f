//! What was typed for a command that reads configurations once, with what it reads: such a command needs to know no more.

use std::ops::Deref;
use std::path::PathBuf;

use super::streams::{inputs, reading};
use super::{Files, Job};
use crate::cli::{CheckArguments, ErrorsArguments, EvaluateArguments, MergeArguments, ReadingArguments};
use crate::endpoint::Input;
use crate::structure_files::Reading;

/// What was typed, and what is read.
#[derive(Debug)]
pub struct Ready<A> {
    typed: A,
    /// What is read, in this order.
    pub inputs: Vec<Input>,
    /// How.
    pub reading: Reading,
}

/// Arguments that say what is read and written.
pub trait Typed {
    /// What is read, and how.
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments);

    /// Adds what is written, and what else is read.
    fn files(&self, inputs: Files) -> Files;

    /// Refuses what does not go together.
    fn check(&self, _inputs: &[Input]) -> Result<(), clap::Error> {
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
        let inputs = inputs(paths, 1, &reading)?;
        typed.check(&inputs)?;
        Ok(Self { typed, inputs, reading })
    }

    fn files(&self) -> Files {
        self.typed.files(Files::default().takes(&self.inputs))
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

impl Typed for MergeArguments {
    fn reads(&self) -> (Vec<PathBuf>, &ReadingArguments) {
        (self.inputs.clone(), &self.common.reading)
    }

    fn files(&self, inputs: Files) -> Files {
        inputs.cfg_only().makes([&self.common.write.output(&self.output)])
    }
}
