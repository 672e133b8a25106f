//! How the inputs of a command are read, and what its user is told about them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_core::{Error, Result};

use super::folder::{Ledger, is_of_file};
use super::naming::Naming;
use super::{Format, ReadSettings, Remarks};
use crate::endpoint::{say, tell};

/// How inputs are read; clones agree on the names of species and tell nothing twice.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Format of all of them, if it is not to be recognized.
    pub format: Option<Format>,
    /// What readers are asked for.
    pub settings: ReadSettings,
    /// How elements are numbered.
    pub naming: Naming,
    /// Whether cells, species and positions are all that is wanted: nothing is told of other things then.
    pub is_for_places: bool,
    /// What is told.
    pub voice: Voice,
    /// What has been told.
    pub(crate) told: Arc<Mutex<BTreeSet<String>>>,
    /// Files of folders.
    pub(crate) folders: Folders,
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

/// Files of folders and what became of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folders(Arc<Mutex<Ledger>>);

impl Folders {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Reading {
    /// The files that a path stands for: those of its runs if it is a folder that has some, or itself.
    pub fn files(&self, path: PathBuf) -> Vec<PathBuf> {
        if !path.is_dir() {
            return vec![path];
        }
        let found = self.folders.ledger().walk(&path, self.format, &self.settings);
        if found.is_empty() { vec![path] } else { found }
    }

    /// Whether an error that ends the reading of a file is to be told in place of ending everything: files of folders are
    /// left out then, unless all is to be strict.
    pub fn forgives(&self, file: &str, error: &Error, configurations: u64, remarks: &Remarks) -> bool {
        let mut ledger = self.folders.ledger();
        if self.settings.strict || !ledger.has(file) || !is_of_file(error, configurations) {
            return false;
        }
        let line = error.place().map_or(0, |place| place.line);
        let reason =
            if line > 0 { format!("line {line}: {}", error.message()) } else { error.message().into() };
        ledger.done(file, configurations, remarks.left_out.len() + 1, reason);
        drop(ledger);
        if self.voice == Voice::Warnings {
            // Nobody sees the account of the folder.
            self.tell(vec![Sentence::Warning(format!("{error}; the rest of this file is not read"))], false);
        }
        true
    }

    /// Notes that a file has been read to its end.
    pub fn ended(&self, file: &str, configurations: u64, remarks: &Remarks) {
        let mut reasons: Vec<&str> =
            remarks.left_out.iter().map(|step| step.reason.lines().next().unwrap_or_default()).collect();
        reasons.dedup();
        if let [first, .., last] = reasons[..] {
            reasons = vec![first, last];
        }
        let mut ledger = self.folders.ledger();
        ledger.done(file, configurations, remarks.left_out.len(), reasons.join("; "));
        let replacing = ledger.replacing(file).filter(|_| self.voice == Voice::Warnings);
        drop(ledger);
        if let Some(sentence) = replacing {
            // Nobody sees the account of the folder.
            self.tell(vec![Sentence::Warning(format!("{file}: {sentence}"))], false);
        }
    }

    /// For the species of a potential of this file.
    pub fn for_potential(&self, potential: &Potential, file: &Path) -> Result<Self> {
        self.for_species(potential.species(), file)
    }

    /// For these species, of a potential or a state of this file.
    pub fn for_species(&self, species: &Species, file: &Path) -> Result<Self> {
        let naming = self.naming.with_potential(species, &file.display().to_string())?;
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
                say(format!("{kind}: {text}"));
            }
        }
        if self.voice == Voice::All
            && let Some(account) = self.folders.ledger().account()
        {
            tell(account);
        }
    }
}
