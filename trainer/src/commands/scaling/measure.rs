//! The time of the potential per atom, with as many copies at work as cores are to be used.

use std::sync::Barrier;
use std::time::Instant;

use mtprs_core::evaluate::{Evaluator, Wanted};
use mtprs_core::geometry::{Cell, Configuration, Vector3, dot, duals};
use mtprs_core::potential::Potential;
use mtprs_core::{Error, ErrorKind, Result};

use super::atoms::Substance;
use super::lists::{FirstCenters, LammpsLists};
use crate::Failure;
use crate::job::ScalingJob;
use crate::processes::Interrupt;
use crate::scaling::SimulationBox;

/// Atoms that are enough for a measurement; of larger structures a part is taken.
const ATOMS: usize = 4000;
/// Central atoms that the kernels work on together.
const BATCH: usize = 8;
/// Seconds that are measured, in turns between which the program can be stopped.
const SECONDS: f64 = 0.1;
const TURNS: usize = 15;

/// What was measured, seconds.
pub(super) struct Measured {
    /// Of one atom.
    pub(super) pair: f64,
    /// Of a call, without its atoms.
    pub(super) call: f64,
}

/// A part of a structure in which the neighborhoods of some atoms are whole.
pub(super) struct Window {
    /// The atoms.
    pub(super) configuration: Configuration,
    /// Those with whole neighborhoods.
    pub(super) centers: Vec<usize>,
}

/// All of a small structure, or the surroundings of the middle of a large one.
pub(super) fn window(sample: &Configuration, simulation_box: &SimulationBox, range: f64) -> Result<Window> {
    if sample.len() <= 2 * ATOMS {
        return Ok(Window { configuration: sample.clone(), centers: (0..sample.len()).collect() });
    }
    let (vectors, heights) = (&simulation_box.vectors, simulation_box.heights());
    let duals = duals(vectors);
    let middle = sample.positions[sample.len() / 2];
    let half = 0.5 * (simulation_box.volume() * ATOMS as f64 / sample.len() as f64).cbrt();
    // Along each axis the nearest image, as a distance from the middle.
    let offset = |place: &Vector3| -> [f64; 3] {
        std::array::from_fn(|k| {
            let share = dot(std::array::from_fn(|i| place[i] - middle[i]), duals[k]);
            let share = if simulation_box.periodic[k] { share - share.round() } else { share };
            share * heights[k]
        })
    };
    let (mut positions, mut species, mut centers) = (Vec::new(), Vec::new(), Vec::new());
    for (place, &kind) in sample.positions.iter().zip(&sample.species) {
        let offset = offset(place);
        let is_within = |distance: f64| offset.iter().all(|along| along.abs() <= distance);
        if is_within(half + range) {
            if is_within(half) {
                centers.push(positions.len());
            }
            positions
                .push(std::array::from_fn(|i| (0..3).map(|k| offset[k] / heights[k] * vectors[k][i]).sum()));
            species.push(kind);
        }
    }
    Ok(Window { configuration: Configuration::new(Cell::open(), species, positions)?, centers })
}

/// Measures with lists of all atoms within `range`, Å.
pub(super) fn per_atom(
    job: &ScalingJob,
    potential: &Potential,
    substance: &Substance,
    range: f64,
    interrupt: &Interrupt,
) -> std::result::Result<Measured, Failure> {
    let Window { configuration, centers } = window(&substance.sample, &substance.simulation_box, range)?;
    let atoms = centers.len();
    let lists = LammpsLists::new(&configuration, centers, range)?;
    let evaluator = Evaluator::builder(potential).precision(job.typed.precision.into()).build()?;
    let cores = job.run.threads;
    let mut workers = vec![Worker { evaluator, fastest: [f64::INFINITY; 2] }; cores];
    let (few, all) = (lists.first(BATCH), lists.first(atoms));
    for _ in 0..TURNS {
        interrupt.check()?;
        let start = Barrier::new(cores);
        let outcomes: Vec<Result<()>> = std::thread::scope(|scope| {
            let begin = |worker| scope.spawn(|| Worker::turn(worker, &start, [&few, &all]));
            let running: Vec<_> = workers.iter_mut().map(begin).collect();
            let stopped = || Error::new(ErrorKind::Bug, "a measurement was interrupted");
            running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(stopped()))).collect()
        });
        outcomes.into_iter().collect::<Result<()>>()?;
    }
    let mean = |which: usize| workers.iter().map(|worker| worker.fastest[which]).sum::<f64>() / cores as f64;
    let pair = mean(1) / atoms as f64;
    Ok(Measured { pair, call: (mean(0) - BATCH as f64 * pair).max(0.0) })
}

/// One core at work.
#[derive(Clone)]
struct Worker {
    evaluator: Evaluator,
    /// Seconds of the fastest pass over a batch, and over all atoms.
    fastest: [f64; 2],
}

impl Worker {
    /// Passes for some time, begun together with the other cores.
    fn turn(&mut self, start: &Barrier, of: [&FirstCenters<'_>; 2]) -> Result<()> {
        start.wait();
        for (atoms, fastest) in of.into_iter().zip(&mut self.fastest) {
            let begun = Instant::now();
            while begun.elapsed().as_secs_f64() < 0.5 * SECONDS {
                let pass = Instant::now();
                self.evaluator.tally(atoms, Wanted::default())?;
                *fastest = fastest.min(pass.elapsed().as_secs_f64());
            }
        }
        Ok(())
    }
}
