//! How the inputs of a command are read, and what its user is told about them.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use mtprs_core::Result;
use mtprs_core::potential::Potential;

use super::naming::Naming;
use super::{Format, ReadSettings};

/// How inputs are read; clones agree on the names of species and tell nothing twice.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Format of all of them, if it is not to be recognized.
    pub format: Option<Format>,
    /// What readers are asked for.
    pub settings: ReadSettings,
    /// How elements are numbered.
    pub naming: Naming,
    /// What is told.
    pub voice: Voice,
    /// What has been told.
    pub(crate) told: Arc<Mutex<BTreeSet<String>>>,
}

/// What is told on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Voice {
    /// Warnings and notes.
    #[default]
    All,
    /// Warnings.
    Warnings,
    /// Nothing: another process does.
    Silent,
}

/// What a user should know about an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// Something was left out, or is not what it seems.
    Warning(String),
    /// How something was understood.
    Note(String),
}

impl Reading {
    /// For the species of a potential of this file.
    pub fn for_potential(&self, potential: &Potential, file: &Path) -> Result<Self> {
        let naming = self.naming.with_potential(potential.species(), &file.display().to_string())?;
        Ok(Self { naming, ..self.clone() })
    }

    /// The same for a user who does not want to be told more than what is wrong.
    pub fn quiet(mut self, quiet: bool) -> Self {
        if quiet && self.voice == Voice::All {
            self.voice = Voice::Warnings;
        }
        self
    }

    /// Tells what has not been told yet; beside an error only what is wrong.
    pub fn tell(&self, mut sentences: Vec<Sentence>, has_failed: bool) {
        if has_failed {
            sentences.retain(|sentence| matches!(sentence, Sentence::Warning(_)));
        }
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        for sentence in sentences {
            let (kind, text) = match (self.voice, sentence) {
                (Voice::All | Voice::Warnings, Sentence::Warning(text)) => ("warning", text),
                (Voice::All, Sentence::Note(text)) => ("note", text),
                _ => continue,
            };
            if told.insert(text.clone()) {
                // Whether it has been said or not changes nothing about the output.
                let _ = writeln!(io::stderr(), "{kind}: {text}");
            }
        }
    }
}
