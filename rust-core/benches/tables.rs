//! Cost of moment tables: µs per atom for energies, forces and virials, with what the time depends on. Arguments: tables such
//! as 16 or 22-4321 (see `BasisRule`), by default levels and tables with low ranks. All are timed in one process, in turns,
//! and the shortest time counts.
//!
//! What is evaluated stands in `workload`.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::hint::black_box;

use mtprs_core::evaluate::{ConfigurationNeighborhoods, Evaluator, Wanted};
use mtprs_core::potential::Potential;
use mtprs_core::potential::template::BasisRule;
use timing::{neighbors_per_atom, seconds};
use workload::{CUTOFF, lattice, potential};

mod timing;
mod workload;

const ROUNDS: usize = 25;

const TABLES: [&str; 12] = [
    "8",
    "16-210",
    "12",
    "18-321",
    "26-321",
    "14-43210-w1.1",
    "22-4321",
    "16",
    "20-44200",
    "20-6420",
    "18",
    "20",
];

fn main() {
    let arguments: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let mut tables: Vec<&str> = arguments.iter().map(String::as_str).collect();
    if tables.is_empty() {
        tables.extend(TABLES);
    }
    let mut timed: Vec<Timed> = tables.into_iter().map(Timed::new).collect();
    let atoms = lattice([8, 8, 12]);
    let neighborhoods =
        ConfigurationNeighborhoods::of_potential(&atoms, &timed[0].potential).expect("the lattice is sound");
    let neighbors = neighbors_per_atom(&neighborhoods);
    for _ in 0..ROUNDS {
        for timed in &mut timed {
            let time = seconds(|| {
                let tally = timed.evaluator.tally(&neighborhoods, Wanted::default());
                black_box(tally.expect("the lattice is sound").energy);
            });
            timed.seconds = timed.seconds.min(time);
        }
    }
    println!(
        "{} atoms, cutoff {CUTOFF} Å, {neighbors:.1} neighbors, 3 species, 8 Chebyshev functions; {}, one core",
        atoms.len(),
        timed[0].evaluator.instruction_set().name()
    );
    println!("table          ranks      sums  basis functions  products  multiply-adds/atom  µs/atom");
    for Timed { rule, potential, evaluator, seconds } in timed {
        let (basis, ranks) = (potential.moment_basis(), rule.ranks());
        println!(
            "{:13}  {:9}  {:4}  {:15}  {:8}  {:18.0}  {:7.2}",
            rule.to_string(),
            ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            ranks.iter().map(|rank| (rank + 1) * (rank + 1)).sum::<usize>(),
            basis.scalar_moments().len(),
            basis.products().len(),
            evaluator.multiply_adds(neighbors),
            seconds / atoms.len() as f64 * 1e6,
        );
    }
}

/// A table with the shortest time so far, for all atoms.
struct Timed {
    rule: BasisRule,
    potential: Potential,
    evaluator: Evaluator,
    seconds: f64,
}

impl Timed {
    fn new(table: &str) -> Self {
        let rule: BasisRule = table.parse().unwrap_or_else(|error| panic!("{table}: {error}"));
        let potential = potential(&rule);
        let evaluator = Evaluator::new(&potential).expect("the potential is trained");
        Self { rule, potential, evaluator, seconds: f64::INFINITY }
    }
}
