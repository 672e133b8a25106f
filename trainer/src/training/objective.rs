//! The loss over a training set with its gradient, and samples of the curvature that Gauss and Newton keep.
//!
//! L(θ) = (1/K) Σ_c L_c over K configurations (see [`loss`](super::loss)). Its Gauss-Newton matrix is Σ J^T D J with the
//! Jacobian J of energies, forces and virials and their weights D. Rows u^T √D J with random signs u, one per
//! configuration, cost as much as a gradient each, and the mean of their outer products is that matrix: some few rows
//! per parameter are enough to precondition with (a sketch in the words of D. P. Woodruff, Found. Trends Theor. Comput.
//! Sci. 10, 1 (2014)).

use std::sync::{Arc, Mutex, PoisonError};

use mtprs_core::evaluate::{GradientEvaluator, InstructionSet, LossDerivatives, Wanted};
use mtprs_core::potential::{ParameterLayout, Potential};
use mtprs_core::selection::Checksum;
use mtprs_core::{Error, ErrorKind, Result};
use rayon::prelude::*;

use super::loss::{FIGURES, Figures, Huber};
use super::residuals::{Residuals, Signs};
use crate::dataset::{Sample, TrainingSet};
use crate::processes::group::{Group, expect_same, failure};
use crate::processes::threads;
use crate::random::splitmix;

/// Sums beside the figures: configurations whose evaluation was not finite, and failures of any other kind.
const FLAGS: usize = 2;
/// Rows of the Gauss-Newton matrix that are held at a time.
const ROWS_AT_A_TIME: usize = 1024;
/// Numbers to be fitted in each configuration beside its forces.
const VIRIAL_AND_ENERGY: usize = 7;

/// Threads with an evaluator each.
pub struct Workers {
    pool: Arc<rayon::ThreadPool>,
    workers: Vec<Mutex<Worker>>,
    layout: ParameterLayout,
}

struct Worker {
    evaluator: GradientEvaluator,
    residuals: Residuals,
}

/// Loss, gradient and figures at some parameters.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// L; infinite where the potential is not finite.
    pub loss: f64,
    /// ∂L/∂θ; empty unless asked for or where the loss is infinite.
    pub gradient: Vec<f64>,
    /// Sums for the error figures; the terms of the loss are divided by the number of configurations.
    pub figures: Figures,
}

/// The loss over one set.
#[derive(Clone, Copy)]
pub struct Objective<'a> {
    set: &'a TrainingSet,
    workers: &'a Workers,
    group: &'a dyn Group,
    huber: Huber,
}

impl Workers {
    /// Starts threads, each with an evaluator of the potential.
    pub fn new(potential: &Potential, count: usize) -> Result<Self> {
        let evaluator =
            GradientEvaluator::with_instruction_set(potential, InstructionSet::from_environment()?)?;
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

impl<'a> Objective<'a> {
    /// The loss over a set that a group of processes shares.
    pub fn new(set: &'a TrainingSet, workers: &'a Workers, group: &'a dyn Group, huber: Huber) -> Self {
        Self { set, workers, group, huber }
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.workers.layout.len()
    }

    /// Blocks of the parameters.
    pub fn layout(&self) -> ParameterLayout {
        self.workers.layout
    }

    /// The threads.
    pub fn workers(&self) -> &'a Workers {
        self.workers
    }

    /// The processes that share the set.
    pub fn group(&self) -> &'a dyn Group {
        self.group
    }

    /// Gives the parameters to all threads, provided that all processes have the same.
    fn set_parameters(&self, parameters: &[f64]) -> Result<()> {
        let mut checksum = Checksum::default();
        checksum.add_numbers(parameters);
        expect_same(self.group, checksum.value(), || {
            Error::new(ErrorKind::Bug, "the processes have come to different parameters")
                .hint("do they run on processors of different kinds?")
        })?;
        self.workers.set_parameters(parameters);
        Ok(())
    }

    /// Factor of the loss of each configuration.
    fn factor(&self) -> f64 {
        1.0 / self.set.configurations().max(1) as f64
    }

    /// Loss and figures, and the gradient if it is wanted.
    pub fn evaluate(&self, parameters: &[f64], with_gradient: bool) -> Result<Evaluation> {
        let length = if with_gradient { parameters.len() } else { 0 };
        let factor = self.factor();
        let sums = self.sums(parameters, FIGURES + length, |worker, sample, sums| {
            let (figures, gradient) = sums.split_at_mut(FIGURES);
            let tally = worker.evaluator.evaluate(sample, Wanted::default())?;
            let of_sample = worker.residuals.compute(sample, tally, &self.huber, factor);
            figures.iter_mut().zip(of_sample.to_array()).for_each(|(sum, value)| *sum += value);
            if gradient.is_empty() {
                return Ok(());
            }
            let Residuals { energy, forces, virial, .. } = &worker.residuals;
            let loss = LossDerivatives { energy: *energy, forces, virial: *virial };
            worker.evaluator.loss_gradient(sample, &loss, gradient)
        })?;
        let Some(sums) = sums else {
            return Ok(Evaluation { loss: f64::INFINITY, gradient: Vec::new(), figures: Figures::default() });
        };
        let (figures, gradient) = sums.split_at(FIGURES);
        let mut array = [0.0; FIGURES];
        array.copy_from_slice(figures);
        let figures = Figures::from_array(array);
        let loss = if figures.loss().is_nan() { f64::INFINITY } else { figures.loss() };
        Ok(Evaluation { loss, gradient: gradient.to_vec(), figures })
    }

    /// Sums over the set of what `work` adds for each sample, in an order that nothing changes; `None` if the potential
    /// is not finite somewhere.
    fn sums(
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

    /// Rows whose outer products sum to the Gauss-Newton matrix in the mean, handed to `take` some at a time.
    ///
    /// At least `wanted` rows, and as many for every configuration that takes part. `seed` chooses the signs.
    pub fn sample_rows(
        &self,
        parameters: &[f64],
        wanted: usize,
        seed: u64,
        take: impl FnMut(&[f64]),
    ) -> Result<()> {
        self.set_parameters(parameters)?;
        let configurations = self.set.configurations().max(1);
        let stride = (configurations / wanted.max(1)).max(1);
        let used = configurations.div_ceil(stride);
        let repeats = wanted.div_ceil(used).max(1);
        let scale = (stride as f64 / repeats as f64).sqrt();
        let offset = (splitmix(seed) % stride as u64) as usize;
        // Which sample of this process has the k-th configuration that takes part.
        let mut samples: Vec<Option<&Sample>> = vec![None; used];
        for sample in self.set.samples() {
            let place = sample.index % configurations;
            if place % stride == offset && place / stride < used {
                samples[place / stride] = Some(sample);
            }
        }
        let tasks: Vec<(usize, usize)> =
            (0..used).flat_map(|k| (0..repeats).map(move |repeat| (k, repeat))).collect();
        self.rows(&samples, &tasks, take, |worker, sample, repeat, row| {
            let seed = splitmix(seed ^ splitmix(sample.index as u64)) ^ repeat as u64;
            self.curvatures(worker, sample)?;
            worker.residuals.combine(scale, &mut Signs::new(seed));
            self.row(worker, sample, row)
        })
    }

    /// Makes rows of the configurations and numbers in `tasks`, and hands them to `take` some at a time.
    fn rows(
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

    /// At most so many numbers are fitted: an energy and six virial components of each configuration, and all forces.
    pub fn most_residuals(&self) -> usize {
        VIRIAL_AND_ENERGY * self.set.configurations() + 3 * self.set.atoms()
    }

    /// The rows √D J of the Gauss-Newton matrix Jᵀ D J, one for each number that is fitted, handed to `take` some at a time.
    pub fn exact_rows(&self, parameters: &[f64], take: impl FnMut(&[f64])) -> Result<()> {
        self.set_parameters(parameters)?;
        // Which sample of this process is the k-th configuration, and how many atoms each has.
        let configurations = self.set.configurations();
        let mut samples: Vec<Option<&Sample>> = vec![None; configurations];
        let mut atoms = vec![0.0; configurations];
        for sample in self.set.samples() {
            samples[sample.index] = Some(sample);
            atoms[sample.index] = sample.len() as f64;
        }
        self.group.sum(&mut atoms)?;
        let rows_of = |k: usize| VIRIAL_AND_ENERGY + 3 * atoms[k] as usize;
        let tasks: Vec<(usize, usize)> =
            (0..configurations).flat_map(|k| (0..rows_of(k)).map(move |residual| (k, residual))).collect();
        self.rows(&samples, &tasks, take, |worker, sample, residual, row| {
            self.curvatures(worker, sample)?;
            let residuals = &mut worker.residuals;
            residuals.select(residual);
            self.row(worker, sample, row)
        })
    }

    /// Second derivatives of the loss by energy, forces and virial.
    fn curvatures(&self, worker: &mut Worker, sample: &Sample) -> Result<()> {
        if self.huber == Huber::default() && !sample.is_pushed {
            worker.residuals.compute_curvatures(sample, self.factor());
        } else {
            let tally = worker.evaluator.evaluate(sample, Wanted::default())?;
            worker.residuals.compute(sample, tally, &self.huber, self.factor());
        }
        Ok(())
    }

    /// Adds to one row the derivative of the combination of energy, forces and virial that the residuals hold.
    fn row(&self, worker: &mut Worker, sample: &Sample, row: &mut [f64]) -> Result<()> {
        let Residuals { energy, forces, virial, .. } = &worker.residuals;
        let loss = LossDerivatives { energy: *energy, forces, virial: *virial };
        worker.evaluator.loss_gradient(sample, &loss, row)
    }
}
