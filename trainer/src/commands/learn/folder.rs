//! The folder of a loop: where everything is, and what the loop began with.
//!
//! ```text
//! journal.jsonl            what was done, see `learning::journal`
//! start/                   the first potential, the training sets as one, the validation sets, and what the trial said
//! trial/                   the files of a trial that is under way or has failed
//! training.cfg             the training set of the present cycle
//! pot.mtp, pot.mtps        the potential of the present cycle and its active set
//! cycles/NNN/              pot.mtp, pot.mtps, training.json, runs/NAME/, selected.cfg, labels/, labeled.cfg
//! rejected.cfg, .txt       frames without labels, and why
//! ```

use std::fs::File;
use std::path::{Path, PathBuf};

use mtprs_core::format::{potential_to_string, write_configuration};
use mtprs_core::potential::Potential;
use mtprs_core::species::Species;
use mtprs_core::{Error, ErrorKind};

use crate::Failure;
use crate::dataset::Sources;
use crate::endpoint::{Input, load_potential};
use crate::job::LearnJob;
use crate::learning::files::{create_folder, join, remove_leftovers, write};
use crate::learning::journal::{BegunRecord, Event, FORMAT, Journal};
use crate::processes::Interrupt;
use crate::processes::folder_lock::lock;
use crate::session::with_names;
use crate::structure_files::{ConfigurationReader, Reading};
use crate::training::checkpoint::checksum;

pub(super) const JOURNAL: &str = "journal.jsonl";
/// Why frames were set aside.
pub(super) const REASONS: &str = "rejected.txt";
const VALIDATION: &str = "validation.cfg";

/// The folder of a loop that this process works in.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) journal: Journal,
    _lock: File,
}

impl Folder {
    /// Begins a loop or goes on with one that began with the same potential and sets. Also returns the potential, with the
    /// names that the sets give it, and its species as the files of the user name them.
    pub(super) fn open(
        job: &LearnJob,
        resume: bool,
        interrupt: &Interrupt,
    ) -> Result<(Self, Potential, Species), Failure> {
        let path = job.folder();
        let name = path.display().to_string();
        let is_there = path.join(JOURNAL).exists();
        if resume && !is_there {
            let error = Error::new(ErrorKind::Io, "there is no loop to resume").in_file(&name);
            return Err(error.hint("leave out --resume to start one").into());
        }
        job.check_folder(JOURNAL)?;
        create_folder(&path)?;
        let lock = lock(&path, "learning")?;
        tidy(&path);
        let file = job.path(&job.options.potential);
        let potential = load_potential(&file)?;
        let (sets, reading) = Sets::read(job, &potential, interrupt)?;
        let Sets { training, configurations, validation } = sets;
        let text = potential_to_string(&potential)?;
        let potential = with_names(&file, potential, &reading)?;
        let sums = [Some(text.as_bytes()), Some(training.as_slice()), validation.as_deref()];
        let sums: Vec<String> =
            sums.into_iter().flatten().map(|text| format!("{:016x}", checksum(text))).collect();
        let identity = sums.join(" ");
        let folder = Self { journal: Journal::open(&path.join(JOURNAL))?, path, _lock: lock };
        let begun = folder.journal.look(|state| state.begun.as_ref().map(|begun| begun.identity.clone()));
        match begun {
            Some(before) if before == identity => {}
            Some(_) => {
                let message =
                    "the loop was started with another potential or other training or validation sets";
                let error = Error::new(ErrorKind::InvalidState, message).in_file(&name);
                return Err(error.hint("set another folder in the job to start over").into());
            }
            None => {
                create_folder(&folder.path.join("start"))?;
                write(&folder.start("pot.mtp"), potential_to_string(&potential)?.as_bytes())?;
                write(&folder.start("training.cfg"), &training)?;
                write(&folder.training_set(), &training)?;
                if let Some(validation) = &validation {
                    write(&folder.start(VALIDATION), validation)?;
                }
                let format = FORMAT.to_owned();
                folder.journal.add(Event::Begun(BegunRecord { format, configurations, identity }))?;
            }
        }
        let named = reading.naming.names().and_then(|names| Species::named(&names).ok());
        let species = named.filter(|named| named.count() == potential.species().count());
        let species = species.unwrap_or_else(|| potential.species().clone());
        Ok((folder, potential, species))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A file that the loop began with.
    pub(super) fn start(&self, file: &str) -> PathBuf {
        self.path.join("start").join(file)
    }

    pub(super) fn training_set(&self) -> PathBuf {
        self.path.join("training.cfg")
    }

    /// What validates in all cycles, if files were named for it.
    pub(super) fn validation_set(&self) -> Option<PathBuf> {
        Some(self.start(VALIDATION)).filter(|path| path.exists())
    }

    /// Configurations that the loop began with.
    pub(super) fn first_configurations(&self) -> Option<usize> {
        let begun = self.journal.look(|state| state.begun.as_ref().map(|begun| begun.configurations));
        begun.and_then(|count| usize::try_from(count).ok())
    }

    /// Folder of a cycle.
    pub(super) fn cycle(&self, cycle: u64) -> PathBuf {
        cycle_folder(&self.path, cycle)
    }

    /// Folder of a run of LAMMPS.
    pub(super) fn run(&self, cycle: u64, name: &str) -> PathBuf {
        self.cycle(cycle).join("runs").join(name)
    }

    /// The frames of a cycle that were selected.
    pub(super) fn selected(&self, cycle: u64) -> PathBuf {
        self.cycle(cycle).join("selected.cfg")
    }

    /// Folder of the labels of a cycle.
    pub(super) fn labels(&self, cycle: u64) -> PathBuf {
        labels(&self.path, cycle)
    }

    /// Makes the folder of a cycle.
    pub(super) fn create_cycle(&self, cycle: u64) -> Result<PathBuf, Error> {
        let path = self.cycle(cycle);
        create_folder(&path.join("runs"))?;
        Ok(path)
    }

    /// Writes the training set of the cycle after this one: what the loop began with, and all labels.
    pub(super) fn extend_training_set(&self, cycle: u64) -> Result<(), Error> {
        let cycles = (1..=cycle).map(|cycle| self.cycle(cycle).join("labeled.cfg"));
        join([self.start("training.cfg")].into_iter().chain(cycles), &self.training_set())
    }
}

fn cycle_folder(folder: &Path, cycle: u64) -> PathBuf {
    folder.join("cycles").join(format!("{cycle:03}"))
}

/// Folder of the labels of a cycle of the loop in a folder.
pub(super) fn labels(folder: &Path, cycle: u64) -> PathBuf {
    cycle_folder(folder, cycle).join("labels")
}

/// Removes what was being written when an earlier process was killed, but not where commands of it may still be at work.
fn tidy(folder: &Path) {
    let cycles =
        std::fs::read_dir(folder.join("cycles")).into_iter().flatten().flatten().map(|entry| entry.path());
    let cycles = cycles.flat_map(|cycle| [cycle.join("labels"), cycle]);
    for folder in [folder.to_owned(), folder.join("start")].into_iter().chain(cycles) {
        remove_leftovers(&folder);
    }
}

/// The sets of the job as `.cfg` text, numbered like the species of the potential.
struct Sets {
    training: Vec<u8>,
    /// Configurations of the training sets.
    configurations: u64,
    validation: Option<Vec<u8>>,
}

impl Sets {
    /// The sets, and what was agreed on while they were read.
    fn read(job: &LearnJob, first: &Potential, interrupt: &Interrupt) -> Result<(Self, Reading), Failure> {
        let sets = job.options.training_sets.iter().map(|path| job.path(path)).collect();
        let Sources { training, validation, reading, .. } =
            job.training(Path::new(""), Path::new("pot.mtp"), sets)?.task.sources;
        let reading = reading.for_potential(first, &job.path(&job.options.potential))?;
        let (training, configurations) = as_one(&training, &reading, interrupt)?;
        let validation = match validation.as_slice() {
            [] => None,
            inputs => Some(as_one(inputs, &reading, interrupt)?.0),
        };
        Ok((Self { training, configurations, validation }, reading))
    }
}

/// The configurations of inputs as one text, and how many there are.
fn as_one(inputs: &[Input], reading: &Reading, interrupt: &Interrupt) -> Result<(Vec<u8>, u64), Failure> {
    let (mut text, mut count) = (Vec::new(), 0);
    for input in inputs {
        let mut reader = ConfigurationReader::open(input, reading)?;
        while let Some((configuration, _)) = reader.read()? {
            interrupt.check()?;
            // Writing to memory cannot fail.
            let _ = write_configuration(&configuration, &mut text);
            count += 1;
        }
        reading.tell(reader.remarks(), false);
    }
    Ok((text, count))
}
