//! Sums over a training set on the threads of all processes, in an order that nothing changes.
//!
//! Everything is summed within the chunks of the set first, and then over the chunks in their order.

use std::sync::{Arc, Mutex, PoisonError};

use mtprs_core::evaluate::LossEvaluator;
use mtprs_core::potential::{ParameterLayout, Potential};
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};
use rayon::prelude::*;

use super::loss::{Objective, Residuals};
use crate::dataset::Sample;
use crate::processes::group::{expect_same, failure};
use crate::processes::threads;

/// Sums beside the figures: configurations whose evaluation was not finite, and failures of any other kind.
const FLAGS: usize = 2;
/// Rows of the Gauss-Newton matrix that are held at a time.
const ROWS_AT_A_TIME: usize = 1024;

/// Threads with an evaluator each.
pub struct Workers {
    pool: Arc<rayon::ThreadPool>,
    workers: Vec<Mutex<Worker>>,
    layout: ParameterLayout,
}

pub(super) struct Worker {
    pub(super) evaluator: LossEvaluator,
    pub(super) residuals: Residuals,
}

impl Workers {
    /// Starts threads, each with an evaluator of the potential.
    pub fn new(potential: &Potential, count: usize) -> Result<Self> {
        let evaluator = LossEvaluator::new(potential)?;
        let pool = threads::pool(count)?;
        let worker = || Worker { evaluator: evaluator.clone(), residuals: Residuals::default() };
        let workers = (0..count).map(|_| Mutex::new(worker())).collect();
        Ok(Self { pool, workers, layout: potential.parameter_layout() })
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.workers.len()
    }

    /// Blocks of the parameters.
    pub fn layout(&self) -> ParameterLayout {
        self.layout
    }

    /// Runs something else on the threads. It must not communicate with other processes.
    pub fn install<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        self.pool.install(work)
    }

    fn set_parameters(&self, parameters: &[f64]) {
        for worker in &self.workers {
            lock(worker).evaluator.set_parameters(parameters);
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Worker) -> T) -> T {
        let thread = rayon::current_thread_index().unwrap_or(0);
        work(&mut lock(&self.workers[thread]))
    }
}

/// A poisoned lock belongs to a panic, which rayon hands on to the caller anyway.
fn lock(worker: &Mutex<Worker>) -> std::sync::MutexGuard<'_, Worker> {
    worker.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Objective<'_> {
    /// Gives the parameters to all threads, provided that all processes have the same.
    pub(super) fn set_parameters(&self, parameters: &[f64]) -> Result<()> {
        let mut checksum = Checksum::default();
        checksum.add_numbers(parameters);
        expect_same(self.group, checksum.value(), || {
            Error::new(ErrorKind::Bug, "the processes arrived at different parameters")
                .hint("do they run on processors of different kinds?")
        })?;
        self.workers.set_parameters(parameters);
        Ok(())
    }

    /// Sums over the set of what `work` adds for each sample, in an order that nothing changes; `None` if the potential
    /// is not finite somewhere.
    pub(super) fn sums(
        &self,
        parameters: &[f64],
        width: usize,
        work: impl Fn(&mut Worker, &Sample, &mut [f64]) -> Result<()> + Sync,
    ) -> Result<Option<Vec<f64>>> {
        self.set_parameters(parameters)?;
        let width = width + FLAGS;
        let mut table = vec![0.0; width * self.set.chunk_count()];
        let mut rows: Vec<Option<&mut [f64]>> = table.chunks_mut(width).map(Some).collect();
        let mine: Vec<_> =
            self.set.chunks().iter().filter_map(|chunk| Some((chunk, rows[chunk.number].take()?))).collect();
        let failures: Vec<Error> = self.workers.pool.install(|| {
            mine.into_par_iter()
                .with_max_len(1)
                .filter_map(|(chunk, row)| {
                    let (flags, sums) = row.split_at_mut(FLAGS);
                    let outcome = self.workers.with(|worker| {
                        chunk.samples.iter().try_for_each(|sample| {
                            work(worker, sample, sums).map_err(|error| sample.explain(error))
                        })
                    });
                    let error = outcome.err()?;
                    let not_finite = error.kind() == ErrorKind::NotFinite;
                    flags[usize::from(!not_finite)] = 1.0;
                    (!not_finite).then_some(error)
                })
                .collect()
        });
        drop(rows);
        self.group.sum(&mut table)?;
        let mut total = vec![0.0; width];
        for row in table.chunks(width) {
            total.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
        }
        if total[1] > 0.0 {
            return Err(failure(self.group, failures));
        }
        let finite = total[0] == 0.0 && total.iter().all(|value| value.is_finite());
        Ok(finite.then(|| total.split_off(FLAGS)))
    }

    /// Makes rows of the configurations and numbers in `tasks`, and hands them to `take` some at a time.
    pub(super) fn rows(
        &self,
        samples: &[Option<&Sample>],
        tasks: &[(usize, usize)],
        mut take: impl FnMut(&[f64]),
        fill: impl Fn(&mut Worker, &Sample, usize, &mut [f64]) -> Result<()> + Sync,
    ) -> Result<()> {
        let length = self.parameters();
        for block in tasks.chunks(ROWS_AT_A_TIME) {
            let mut rows = vec![0.0; block.len() * length + 1];
            let (values, flag) = rows.split_at_mut(block.len() * length);
            let failed: Vec<Error> = self.workers.pool.install(|| {
                let work = |(row, &(k, number)): (&mut [f64], &(usize, usize))| {
                    let sample = samples[k]?;
                    let outcome = self.workers.with(|worker| fill(worker, sample, number, row)).err();
                    outcome.map(|error| sample.explain(error))
                };
                values.par_chunks_mut(length).zip(block).with_max_len(1).filter_map(work).collect()
            });
            flag[0] = failed.len() as f64;
            self.group.sum(&mut rows)?;
            if rows.pop() != Some(0.0) {
                return Err(failure(self.group, failed));
            }
            take(&rows);
        }
        Ok(())
    }
}
