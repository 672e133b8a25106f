//! Time of moment tables: µs per atom for energies, forces and virials with what the time depends on. Arguments: rules such
//! as 16 or 22-4321 (see `BasisRule`), cutoffs as @5.2, numbers of species as :3. Everything is timed in one process, in
//! turns, and the shortest time counts.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::hint::black_box;
use std::time::Instant;

use mtprs_core::evaluate::{ConfigurationNeighborhoods, Evaluator, Neighborhoods, Wanted};
use mtprs_core::potential::Potential;
use mtprs_core::potential::template::BasisRule;
use mtprs_core::species::Species;
use workload::{lattice, trained};

mod workload;

const ROUNDS: usize = 15;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let numbers = |sign: char, default: &str| -> Vec<f64> {
        let given: Vec<f64> =
            arguments.iter().filter_map(|text| text.strip_prefix(sign)?.parse().ok()).collect();
        if given.is_empty() { vec![default.parse().expect("a number")] } else { given }
    };
    let rules: Vec<BasisRule> = arguments
        .iter()
        .filter(|text| text.starts_with(|first: char| first.is_ascii_digit()))
        .map(|text| text.parse().unwrap_or_else(|error| panic!("{text}: {error}")))
        .collect();
    let base = lattice([8, 8, 12]);
    println!(
        "rule  species  cutoff  neighbors  ranks  monomials  sums  radial  functions  products  multiply-adds  µs"
    );
    for species in numbers(':', "3") {
        let mut atoms = base.clone();
        for kind in &mut atoms.species {
            *kind %= species as u32;
        }
        for cutoff in numbers('@', "7") {
            let potentials: Vec<Potential> = rules
                .iter()
                .map(|rule| {
                    let distances = [1.4, cutoff];
                    let species = Species::unnamed(species as usize);
                    trained(&Potential::untrained_of(rule, species, distances, 8).expect("the rule is sound"))
                })
                .collect();
            let neighborhoods = ConfigurationNeighborhoods::of_potential(&atoms, &potentials[0])
                .expect("the lattice is sound");
            let mut count = 0_usize;
            for k in 0..neighborhoods.center_count() {
                neighborhoods.visit_neighbors(k, |_| count += 1);
            }
            let neighbors = count as f64 / atoms.len() as f64;
            let mut evaluators: Vec<Evaluator> = potentials
                .iter()
                .map(|potential| Evaluator::new(potential).expect("the potential is trained"))
                .collect();
            let mut times = vec![f64::INFINITY; rules.len()];
            for _ in 0..ROUNDS {
                for (evaluator, time) in evaluators.iter_mut().zip(&mut times) {
                    let start = Instant::now();
                    let tally = evaluator.tally(&neighborhoods, Wanted::default());
                    black_box(tally.expect("the lattice is sound").energy);
                    *time = time.min(start.elapsed().as_secs_f64());
                }
            }
            for (((rule, potential), evaluator), time) in
                rules.iter().zip(&potentials).zip(&evaluators).zip(times)
            {
                let basis = potential.moment_basis();
                let ranks = rule.ranks();
                let highest = ranks.iter().max().copied().unwrap_or(0);
                println!(
                    "{:14} {species:2} {cutoff:5.2} {neighbors:7.1}  {:14}  {:3}  {:4}  {:2}  {:5}  {:6}  {:7.0}  {:7.0} {:8.3}",
                    rule.to_string(),
                    ranks.iter().map(ToString::to_string).collect::<Vec<_>>().join(","),
                    (highest + 1) * (highest + 2) / 2,
                    ranks.iter().map(|rank| (rank + 1) * (rank + 1)).sum::<usize>(),
                    ranks.len(),
                    basis.scalar_moments().len(),
                    basis.products().len(),
                    evaluator.multiply_adds(0.0),
                    evaluator.multiply_adds(neighbors),
                    time / atoms.len() as f64 * 1e6,
                );
            }
        }
    }
}
