//! Evaluates a stream of configurations on several threads and hands the results on in the order of the stream.
//!
//! While one batch is evaluated the next is read, so memory stays bounded whatever the size of the file. Results do
//! not depend on the number of threads: each configuration is evaluated by one of them.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use mtprs_core::evaluate::{Efs, Evaluator, Precision};
use mtprs_core::format::CfgReader;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind, Place};
use rayon::prelude::*;

use crate::Failure;
use crate::endpoint::{Input, Stream};
use crate::interrupt::Interrupt;
use crate::job::RunSettings;
use crate::progress::{Progress, Tally};

/// How long a batch should take: long enough to keep all threads busy, short enough to show progress.
const BATCH_TIME: Duration = Duration::from_millis(400);
/// Atoms per thread in the first batch, and the most in any.
const FIRST_BATCH: usize = 64;
const LARGEST_BATCH: usize = 16384;
/// Most configurations per thread in a batch, for files full of very small ones.
const MOST_CONFIGURATIONS: usize = 4096;

/// A configuration and what the potential says about it.
pub struct Evaluated {
    /// Where it came from.
    pub origin: Origin,
    /// The configuration as it was read.
    pub configuration: Configuration,
    /// Energy, forces and virials of the potential.
    pub efs: Efs,
}

/// Where a configuration stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Configuration, from one.
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

/// Threads with an evaluator each.
pub struct Pipeline {
    pool: rayon::ThreadPool,
    evaluators: Vec<Mutex<Evaluator>>,
    interrupt: Interrupt,
    settings: RunSettings,
}

impl Pipeline {
    /// Compiles the potential and starts the threads.
    pub fn new(
        potential: &Potential,
        precision: Precision,
        settings: RunSettings,
        interrupt: Interrupt,
    ) -> Result<Self, Error> {
        let evaluator = Evaluator::with_precision(potential, precision)?;
        let pool =
            rayon::ThreadPoolBuilder::new().num_threads(settings.threads).build().map_err(|error| {
                Error::new(ErrorKind::Io, format!("cannot start {} threads: {error}", settings.threads))
            })?;
        let evaluators = (0..settings.threads).map(|_| Mutex::new(evaluator.clone())).collect();
        Ok(Self { pool, evaluators, interrupt, settings })
    }

    /// Evaluates all of `input`: `work` runs on any thread, `sink` takes its results in order on this one.
    ///
    /// Of several errors, the one of the first configuration in the input is reported.
    pub fn run<T: Send>(
        &self,
        input: &Input,
        work: impl Fn(Evaluated) -> Result<T, Error> + Sync,
        mut sink: impl FnMut(T) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let (file, mut source) = (input.name(), Source::open(input)?);
        let mut progress = Progress::new(source.size, self.settings.quiet);
        let mut batch_size = FIRST_BATCH;
        let mut batch = source.read(self.settings.threads, batch_size)?;
        while !batch.is_empty() {
            let begun = Instant::now();
            let (next, results) = self.pool.install(|| {
                rayon::join(
                    || source.read(self.settings.threads, batch_size),
                    || self.evaluate(batch, &file, &work),
                )
            });
            for result in results {
                sink(result?)?;
            }
            progress.update(source.tally);
            batch_size = adapted(batch_size, begun.elapsed());
            batch = next?;
        }
        self.interrupt.check()?;
        progress.finish(source.tally, self.settings.threads);
        Ok(source.tally)
    }

    fn evaluate<T: Send>(
        &self,
        batch: Vec<(Origin, Configuration)>,
        file: &str,
        work: &(impl Fn(Evaluated) -> Result<T, Error> + Sync),
    ) -> Vec<Result<T, Failure>> {
        let one = |(origin, configuration): (Origin, Configuration)| {
            self.interrupt.check()?;
            let explain = |error: Error| origin.explain(error, file);
            let thread = rayon::current_thread_index().unwrap_or(0);
            // A poisoned lock belongs to a panic, which rayon hands on to the caller anyway.
            let mut evaluator = self.evaluators[thread].lock().unwrap_or_else(PoisonError::into_inner);
            let efs = evaluator.evaluate(&configuration).map_err(explain)?;
            Ok(work(Evaluated { origin, configuration, efs }).map_err(explain)?)
        };
        batch.into_par_iter().with_max_len(1).map(one).collect()
    }
}

fn adapted(batch_size: usize, elapsed: Duration) -> usize {
    let factor = BATCH_TIME.as_secs_f64() / elapsed.as_secs_f64().max(1e-6);
    let wanted = batch_size as f64 * factor.clamp(0.5, 2.0);
    (wanted as usize).clamp(1, LARGEST_BATCH)
}

struct Source {
    reader: CfgReader<Stream>,
    size: Option<u64>,
    tally: Tally,
}

impl Source {
    fn open(input: &Input) -> Result<Self, Error> {
        let (stream, size) = input.open()?;
        Ok(Self { reader: CfgReader::new(stream, &input.name()), size, tally: Tally::default() })
    }

    /// Reads configurations until they hold `atoms` atoms for each thread, or the input ends.
    fn read(&mut self, threads: usize, atoms: usize) -> Result<Vec<(Origin, Configuration)>, Error> {
        let mut batch = Vec::new();
        let mut atoms_read = 0;
        while atoms_read < atoms * threads && batch.len() < MOST_CONFIGURATIONS * threads {
            let Some(configuration) = self.reader.next().transpose()? else { break };
            atoms_read += configuration.len();
            self.tally.configurations += 1;
            self.tally.atoms += configuration.len() as u64;
            let origin = Origin { number: self.tally.configurations, line: self.reader.begin_line() };
            batch.push((origin, configuration));
        }
        self.tally.bytes = self.reader.bytes_read();
        Ok(batch)
    }
}
