//! Cost by level of energies, forces and virials in double and in mixed precision (EFS, mixed), of these with the
//! derivatives of each site energy by the parameters (row) and with the grade of each neighborhood (grade), and of the
//! gradient of a loss in all three (loss): µs per atom, multiply-adds, share of what the processor can do in double
//! precision, ratio to EFS and ratio of plain loops (for EFS) to it. `make bench` runs it; everything is timed in one
//! process, in turns, and the shortest time counts. Arguments: levels, by default all.
//!
//! What is evaluated stands in `workload`.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::hint::black_box;

use mtprs_core::evaluate::{
    ConfigurationNeighborhoods, Evaluator, GradeEvaluator, GradientEvaluator, InstructionSet,
    LossDerivatives, LossEvaluator, Precision, Wanted, reference,
};
use mtprs_core::geometry::Virial;
use mtprs_core::potential::Potential;
use mtprs_core::potential::template::BasisRule;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use timing::{neighbors_per_atom, seconds};
use workload::{CUTOFF, lattice, potential};

mod timing;
mod workload;

const LEVELS: [usize; 6] = [8, 12, 16, 20, 24, 28];
const ROUNDS: usize = 15;

/// What is timed.
const WORK: [&str; 5] = ["EFS", "mixed", "row", "grade", "loss"];

fn main() {
    let sets: Vec<InstructionSet> =
        InstructionSet::ALL.into_iter().filter(|set| set.is_available()).collect();
    let chosen: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let levels = LEVELS.into_iter().filter(|level| chosen.is_empty() || chosen.contains(level));
    let large = lattice([8, 8, 12]);
    println!("{} atoms, cutoff {CUTOFF} Å, 3 species, 8 Chebyshev functions; one core", large.len());
    println!(
        "level  neighbors  kernels   work    µs/atom  multiply-adds/atom  GFMA/s  ceiling  share   x EFS  plain loops/it"
    );
    for level in levels {
        let rule = BasisRule::of_level(level).expect("a level with a template");
        let potential = potential(&rule);
        let atoms =
            ConfigurationNeighborhoods::of_potential(&large, &potential).expect("the lattice is sound");
        let neighbors = neighbors_per_atom(&atoms);
        let operations = operations(&potential, neighbors);
        let mut timed: Vec<Timed> =
            sets.iter().map(|&set| Timed::new(&potential, set, large.len())).collect();
        let small = lattice([4, 4, 4]);
        let mut plain = f64::INFINITY;
        for round in 0..ROUNDS {
            for timed in &mut timed {
                timed.turn(&atoms);
            }
            // Plain loops take seconds at the highest levels; two rounds are enough there.
            if level < 24 || round < 2 {
                let time = seconds(|| {
                    black_box(reference::evaluate(&potential, &small).expect("the lattice is sound").energy);
                });
                plain = plain.min(time / small.len() as f64);
            }
        }
        for timed in &timed {
            for (work, name) in WORK.iter().enumerate() {
                let time = timed.times[work] / large.len() as f64;
                let rate = operations[work] / time;
                println!(
                    "{level:5}  {neighbors:9.1}  {:8}  {name:5}  {:8.2}  {:18.0}  {:6.1}  {:7.1}  {:5.2}  {:6.2}  {:14.1}",
                    timed.set.name(),
                    time * 1e6,
                    operations[work],
                    rate / 1e9,
                    timed.ceiling / 1e9,
                    rate / timed.ceiling,
                    timed.times[work] / timed.times[0],
                    plain / time
                );
            }
        }
    }
}

/// Multiply-adds per atom of each kind of work.
fn operations(potential: &Potential, neighbors: f64) -> [f64; 5] {
    let evaluator = Evaluator::new(potential).expect("the potential is trained");
    let gradients = GradientEvaluator::new(potential).expect("the potential is trained");
    let parameters = potential.parameter_layout().len();
    let grades = GradeEvaluator::new(potential, &vec![0.0; parameters * parameters])
        .expect("the potential is trained");
    let efs = evaluator.multiply_adds(neighbors);
    let row = gradients.row_multiply_adds(neighbors);
    let loss = LossEvaluator::from(gradients).multiply_adds(neighbors);
    [efs, efs, row, row + grades.multiply_adds() as f64, loss]
}

/// Evaluators of one instruction set with the shortest times so far.
struct Timed {
    set: InstructionSet,
    evaluator: Evaluator,
    mixed: Evaluator,
    gradients: LossEvaluator,
    grades: GradeEvaluator,
    /// Derivatives of a loss by the forces.
    forces: Vec<[f64; 3]>,
    gradient: Vec<f64>,
    /// Seconds for all atoms.
    times: [f64; 5],
    /// Multiply-adds per second.
    ceiling: f64,
}

impl Timed {
    fn new(potential: &Potential, set: InstructionSet, atoms: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(3);
        let forces = (0..atoms).map(|_| std::array::from_fn(|_| random.random_range(-1.0..1.0))).collect();
        let gradients =
            GradientEvaluator::with_instruction_set(potential, set).expect("the set is available");
        Self {
            set,
            evaluator: Evaluator::builder(potential)
                .instruction_set(set)
                .build()
                .expect("the set is available"),
            mixed: Evaluator::builder(potential)
                .instruction_set(set)
                .precision(Precision::Mixed)
                .build()
                .expect("the set is available"),
            gradient: vec![0.0; gradients.layout().len()],
            grades: GradeEvaluator::with_gradients(
                gradients.clone(),
                &vec![0.001; gradients.layout().len() * gradients.layout().len()],
            )
            .expect("the size is right"),
            gradients: gradients.into(),
            forces,
            times: [f64::INFINITY; 5],
            ceiling: 0.0,
        }
    }

    fn turn(&mut self, atoms: &ConfigurationNeighborhoods<'_>) {
        let Self { evaluator, mixed, gradients, grades, forces, gradient, .. } = self;
        let wanted = Wanted::default();
        let efs = seconds(|| {
            black_box(evaluator.tally(atoms, wanted).expect("the lattice is sound").energy);
        });
        let mixed = seconds(|| {
            black_box(mixed.tally(atoms, wanted).expect("the lattice is sound").energy);
        });
        let row = seconds(|| {
            let tally = gradients.gradients().site_gradients(atoms, wanted, |_, row| {
                black_box(row);
            });
            black_box(tally.expect("the lattice is sound").energy);
        });
        let grade = seconds(|| {
            black_box(grades.neighborhood_grades(atoms, wanted).expect("the lattice is sound").1);
        });
        let loss = LossDerivatives { energy: 0.1, forces, virial: Virial { xx: 0.01, ..Virial::default() } };
        let loss = seconds(|| {
            gradients.loss_gradient(atoms, &loss, black_box(gradient)).expect("the lattice is sound");
        });
        for (time, new) in self.times.iter_mut().zip([efs, mixed, row, grade, loss]) {
            *time = time.min(new);
        }
        self.ceiling = self.ceiling.max(multiply_adds_per_second(self.set));
    }
}

/// Independent fused multiply-adds (on the portable path: a multiplication and an addition) per second, as many at a time
/// as registers hold.
fn multiply_adds_per_second(set: InstructionSet) -> f64 {
    const REPEATS: usize = 1_000_000;
    const PORTABLE: usize = 12 * 2;
    const AVX2: usize = 12 * 4;
    const AVX512: usize = 24 * 8;

    #[inline(always)]
    fn chains<const COUNT: usize, const FUSED: bool>() -> usize {
        let (a, b) = (black_box(0.999_999), black_box(1e-9));
        let mut sums = [1.0_f64; COUNT];
        for _ in 0..REPEATS {
            for sum in &mut sums {
                *sum = if FUSED { sum.mul_add(a, b) } else { *sum * a + b };
            }
        }
        black_box(sums);
        COUNT * REPEATS
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f,avx2,fma")]
    fn avx512() -> usize {
        chains::<AVX512, true>()
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma")]
    fn avx2() -> usize {
        chains::<AVX2, true>()
    }
    let mut count = 0;
    let time = seconds(|| {
        count = match set {
            // SAFETY: only available sets are timed.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx512 => unsafe { avx512() },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            InstructionSet::Avx2 => unsafe { avx2() },
            _ => chains::<PORTABLE, false>(),
        };
    });
    count as f64 / time
}
