//! Works on a stream of configurations on several threads and hands the results on in the order of the stream.
//!
//! While one batch is worked on the next is read, so memory stays bounded whatever the size of the file. Results do
//! not depend on the number of threads: each configuration is the work of one of them.

mod progress;
mod seam;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::geometry::Configuration;
use mtprs_core::{Error, ErrorKind, Place};
use rayon::prelude::*;

use crate::Failure;
use crate::endpoint::Input;
use crate::processes::{Interrupt, threads};
use crate::structure_files::{ConfigurationReader, Motion, Reading, Sentence};

pub(crate) use progress::on_stderr;
pub use progress::{Progress, Tally};
use seam::Seam;

/// How long a batch should take: long enough to keep all threads busy, short enough to show progress.
const BATCH_TIME: Duration = Duration::from_millis(400);
/// Atoms per thread in the first batch, and the most in any.
const FIRST_BATCH: usize = 64;
const LARGEST_BATCH: usize = 16384;
/// Most configurations per thread in a batch, for files full of very small ones.
const MOST_CONFIGURATIONS: usize = 4096;

/// Threads and progress of a long command.
#[derive(Clone, Copy, Debug)]
pub struct RunSettings {
    /// Number of threads.
    pub threads: usize,
    /// Whether to keep silent on standard error.
    pub quiet: bool,
}

/// Where configurations come from. There are as many as files, so that their size does not matter.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "few, and each is read through a reference")]
pub enum Supply {
    /// A file of any format or standard input.
    Input(Input, Reading),
    /// Memory.
    Held(Arc<[Configuration]>),
}

impl Supply {
    /// What messages call it.
    pub fn name(&self) -> String {
        match self {
            Self::Input(input, _) => input.name(),
            Self::Held(_) => "<memory>".into(),
        }
    }

    /// Files that are read in the same way.
    pub fn of_inputs(inputs: &[Input], reading: &Reading) -> Vec<Self> {
        inputs.iter().map(|input| Self::Input(input.clone(), reading.clone())).collect()
    }

    /// Refuses inputs that are read several times and cannot be; `what` are read.
    pub fn refuse_streams(supplies: &[Self], what: &str) -> Result<(), Error> {
        if !supplies.iter().any(|supply| matches!(supply, Self::Input(Input::Stdin, _))) {
            return Ok(());
        }
        let message = format!("{what} read several times: expected a file, got standard input");
        Err(Error::new(ErrorKind::Argument, message))
    }
}

impl From<PathBuf> for Supply {
    fn from(path: PathBuf) -> Self {
        Self::Input(Input::from(path), Reading::default())
    }
}

/// A configuration of the input.
pub struct Item {
    /// Where it came from.
    pub origin: Origin,
    /// The configuration as it was read.
    pub configuration: Configuration,
    /// What the file says of the motion of its atoms.
    pub motion: Motion,
}

/// A configuration and what the potential says about it.
pub struct Evaluated {
    /// Where it came from.
    pub origin: Origin,
    /// The configuration as it was read.
    pub configuration: Configuration,
    /// Energy, forces and virials of the potential.
    pub efs: Efs,
}

impl Evaluated {
    /// Evaluates a configuration.
    pub fn new(evaluator: &mut Evaluator, item: Item) -> Result<Self, Error> {
        let Item { origin, configuration, .. } = item;
        let efs = evaluator.evaluate(&configuration)?;
        Ok(Self { origin, configuration, efs })
    }
}

/// Which configurations of the inputs are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frames {
    /// Left out at the beginning.
    pub skip: u64,
    /// Distance between two that are taken, from one.
    pub every: u64,
    /// Most that are taken.
    pub limit: u64,
}

impl Default for Frames {
    fn default() -> Self {
        Self { skip: 0, every: 1, limit: u64::MAX }
    }
}

impl Frames {
    /// Whether the one with this many `before` it is taken, but for the limit.
    pub fn takes(self, before: u64) -> bool {
        before >= self.skip && (before - self.skip).is_multiple_of(self.every)
    }

    /// That files have no frame among those that are taken.
    pub fn no_frame(self, files: &[String]) -> Error {
        let message = match self.skip {
            0 => "it has no frames".to_owned(),
            skip => format!("--skip {skip} leaves no frames"),
        };
        Error::new(ErrorKind::InvalidConfiguration, message).in_file(&files.join(", "))
    }
}

/// How much is read before it is worked on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Batches {
    /// What takes a moment on all threads, so that progress shows.
    Timed,
    /// The same in every run and for any number of threads: a batch ends with the configuration that reaches a limit.
    Fixed {
        /// Atoms.
        atoms: usize,
        /// Configurations.
        configurations: usize,
    },
}

/// Where a configuration stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Place among all configurations that are taken, those of several files one after the other, from zero.
    pub place: usize,
    /// File, from zero.
    pub file: usize,
    /// Configuration in the file, from one.
    pub number: u64,
    /// Line of its BEGIN_CFG, from one.
    pub line: usize,
}

impl Origin {
    /// Says which configuration of the file an error is about.
    pub fn explain(self, error: Error, file: &str) -> Error {
        let place = Place { file: file.to_owned(), line: self.line, column: 0 };
        error.within(&format!("configuration {}", self.number)).at(place)
    }
}

/// Threads with a worker each, for example an evaluator.
pub struct Pipeline<W> {
    pool: Arc<rayon::ThreadPool>,
    workers: Vec<Mutex<W>>,
    interrupt: Interrupt,
    settings: RunSettings,
    frames: Frames,
    joins: bool,
}

impl<W: Clone + Send> Pipeline<W> {
    /// Starts the threads, each with a clone of `worker`.
    pub fn new(worker: W, settings: RunSettings, interrupt: Interrupt) -> Result<Self, Error> {
        let pool = threads::pool(settings.threads)?;
        let workers = (0..settings.threads).map(|_| Mutex::new(worker.clone())).collect();
        Ok(Self { pool, workers, interrupt, settings, frames: Frames::default(), joins: false })
    }

    /// The same for some of the configurations.
    pub fn taking(self, frames: Frames) -> Self {
        Self { frames, ..self }
    }

    /// The same for inputs that are parts of one run: where one begins with the last frame of the one before, that is taken
    /// once.
    pub fn joining(self) -> Self {
        Self { joins: true, ..self }
    }

    /// Works on all of the inputs: `work` runs on any thread, `sink` takes its results in order on this one.
    ///
    /// Of several errors, the one of the first configuration in the input is reported. `work` must not wait for other
    /// threads of the pool: it has a worker locked.
    pub fn run<T: Send>(
        &self,
        supplies: &[Supply],
        work: impl Fn(&mut W, Item) -> Result<T, Error> + Sync,
        mut sink: impl FnMut(T) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let all = |results: Vec<Result<T, Failure>>| results.into_iter().try_for_each(|result| sink(result?));
        self.run_batches(supplies, Batches::Timed, "evaluated", work, all)
    }

    /// The same for several inputs one after the other, as if they were one, with a sink that takes a batch of results at a
    /// time; no `work` is done while it runs. The summary begins with `label`.
    pub fn run_batches<'a, T: Send>(
        &self,
        supplies: impl IntoIterator<Item = &'a Supply>,
        batches: Batches,
        label: &str,
        work: impl Fn(&mut W, Item) -> Result<T, Error> + Sync,
        mut sink: impl FnMut(Vec<Result<T, Failure>>) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let mut source = Source::new(supplies);
        source.frames = self.frames;
        source.seam = self.joins.then(Seam::default);
        let files: Vec<String> = source.waiting.iter().map(|supply| supply.name()).collect();
        let mut progress = Progress::new(source.size, self.settings.quiet);
        let mut batch_size = FIRST_BATCH;
        let threads = self.settings.threads;
        let limits = |batch_size| match batches {
            Batches::Timed => (batch_size * threads, MOST_CONFIGURATIONS * threads),
            Batches::Fixed { atoms, configurations } => (atoms, configurations),
        };
        let outcome = (|| {
            let mut batch = source.read(limits(batch_size))?;
            while !batch.is_empty() {
                let begun = Instant::now();
                let (next, results) = self.pool.install(|| {
                    rayon::join(|| source.read(limits(batch_size)), || self.work(batch, &files, &work))
                });
                sink(results)?;
                progress.update(source.tally);
                batch_size = adapted(batch_size, begun.elapsed());
                batch = next?;
            }
            self.interrupt.check()
        })();
        progress.clear();
        source.tell(outcome.is_err());
        outcome?;
        progress.finish(label, source.tally, threads);
        Ok(source.tally)
    }

    /// Runs something else on the threads.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    fn work<T: Send>(
        &self,
        batch: Vec<Item>,
        files: &[String],
        work: &(impl Fn(&mut W, Item) -> Result<T, Error> + Sync),
    ) -> Vec<Result<T, Failure>> {
        let one = |item: Item| {
            self.interrupt.check()?;
            let origin = item.origin;
            let thread = rayon::current_thread_index().unwrap_or(0);
            // A poisoned lock belongs to a panic, which rayon hands on to the caller anyway.
            let mut worker = self.workers[thread].lock().unwrap_or_else(PoisonError::into_inner);
            Ok(work(&mut worker, item).map_err(|error| origin.explain(error, &files[origin.file]))?)
        };
        batch.into_par_iter().with_max_len(1).map(one).collect()
    }
}

fn adapted(batch_size: usize, elapsed: Duration) -> usize {
    let factor = BATCH_TIME.as_secs_f64() / elapsed.as_secs_f64().max(1e-6);
    let wanted = batch_size as f64 * factor.clamp(0.5, 2.0);
    (wanted as usize).clamp(1, LARGEST_BATCH)
}

/// Inputs that are read one after the other, as if they were one.
pub(crate) struct Source<'a> {
    waiting: VecDeque<&'a Supply>,
    current: Option<Reader<'a>>,
    opened: usize,
    frames: Frames,
    /// Where inputs are parts of one run.
    seam: Option<Seam>,
    /// Configurations read, those that are not taken included.
    read: u64,
    /// Bytes of all inputs, if they are files.
    size: Option<u64>,
    /// What has been read.
    pub(crate) tally: Tally,
    /// What users should know about inputs that were read to their end.
    remarks: Vec<(&'a Reading, Vec<Sentence>)>,
}

/// An input that is being read.
struct Reader<'a> {
    configurations: Configurations<'a>,
    number: u64,
    /// Bytes of the inputs before.
    before: u64,
}

enum Configurations<'a> {
    Input(Box<ConfigurationReader>, &'a Reading),
    Held(std::slice::Iter<'a, Configuration>),
}

impl<'a> Source<'a> {
    pub(crate) fn new(supplies: impl IntoIterator<Item = &'a Supply>) -> Self {
        let waiting: VecDeque<&Supply> = supplies.into_iter().collect();
        let size = |supply: &&Supply| match supply {
            Supply::Input(input, _) => input.size(),
            Supply::Held(_) => Some(0),
        };
        let size = waiting.iter().map(size).sum();
        let (frames, tally) = (Frames::default(), Tally::default());
        let (current, seam, remarks) = (None, None, Vec::new());
        Self { waiting, current, opened: 0, frames, seam, read: 0, size, tally, remarks }
    }

    /// Tells what users should know about what was read so far, and has not been told.
    pub(crate) fn tell(&mut self, has_failed: bool) {
        self.remarks.extend(self.current.as_ref().and_then(Reader::remarks));
        for (reading, sentences) in self.remarks.drain(..) {
            reading.tell(sentences, has_failed);
        }
    }

    /// Reads configurations until they hold this many atoms, there are this many, or the inputs end.
    fn read(&mut self, (atoms, configurations): (usize, usize)) -> Result<Vec<Item>, Error> {
        let mut batch = Vec::new();
        let mut atoms_read = 0;
        while atoms_read < atoms && batch.len() < configurations {
            let Some(item) = self.next()? else { break };
            atoms_read += item.configuration.len();
            batch.push(item);
        }
        Ok(batch)
    }

    /// The next configuration.
    pub(crate) fn next(&mut self) -> Result<Option<Item>, Error> {
        while self.tally.configurations < self.frames.limit {
            let Some(reader) = &mut self.current else {
                let Some(supply) = self.waiting.pop_front() else { return Ok(None) };
                self.current = Some(Reader::open(supply, self.tally.bytes)?);
                self.opened += 1;
                continue;
            };
            let next = reader.next()?;
            self.tally.bytes = reader.before + reader.bytes();
            let Some((configuration, line)) = next else {
                self.remarks.extend(reader.remarks());
                self.current = None;
                continue;
            };
            let (file, motion) = (self.opened - 1, reader.motion());
            let is_first = reader.number == 1;
            if let Some(seam) = &mut self.seam
                && seam.repeats(file, is_first, &motion, &configuration)
            {
                self.tally.repeated += 1;
                continue;
            }
            self.read += 1;
            if !self.frames.takes(self.read - 1) {
                continue;
            }
            let place = self.tally.configurations as usize;
            let origin = Origin { place, file, number: reader.number, line };
            self.tally.configurations += 1;
            self.tally.atoms += configuration.len() as u64;
            return Ok(Some(Item { origin, configuration, motion }));
        }
        Ok(None)
    }
}

impl<'a> Reader<'a> {
    fn open(supply: &'a Supply, before: u64) -> Result<Self, Error> {
        let configurations = match supply {
            Supply::Input(input, reading) => {
                Configurations::Input(Box::new(ConfigurationReader::open(input, reading)?), reading)
            }
            Supply::Held(held) => Configurations::Held(held.iter()),
        };
        Ok(Self { configurations, number: 0, before })
    }

    /// The next configuration with the line of its BEGIN_CFG.
    fn next(&mut self) -> Result<Option<(Configuration, usize)>, Error> {
        self.number += 1;
        match &mut self.configurations {
            Configurations::Input(reader, _) => reader.read(),
            Configurations::Held(held) => Ok(held.next().map(|configuration| (configuration.clone(), 0))),
        }
    }

    fn motion(&self) -> Motion {
        match &self.configurations {
            Configurations::Input(reader, _) => reader.motion(),
            Configurations::Held(_) => Motion::default(),
        }
    }

    fn bytes(&self) -> u64 {
        match &self.configurations {
            Configurations::Input(reader, _) => reader.bytes_read(),
            Configurations::Held(_) => 0,
        }
    }

    fn remarks(&self) -> Option<(&'a Reading, Vec<Sentence>)> {
        match &self.configurations {
            Configurations::Input(reader, reading) => Some((reading, reader.remarks())),
            Configurations::Held(_) => None,
        }
    }
}
