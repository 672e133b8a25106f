//! Cost of energies, forces and virial against the C engine of motep, an independent program: one core, in turns, on the
//! same atoms and potentials. `make bench-motep` runs it. Arguments: levels, by default all.
//!
//! Both sides have their neighbor lists already, and their energies are compared before anything is timed.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use mtprs_core::evaluate::{Evaluator, Neighborhoods, Wanted};
use mtprs_testing::sample::{Arrangement, Recipe, potential_with_cutoff};
use mtprs_tests::motep::Turns;

const LEVELS: [usize; 6] = [8, 12, 16, 20, 24, 28];
const CUTOFF: f64 = 7.0;
const SPECIES: usize = 3;
const ATOMS: usize = 64;
const ROUNDS: usize = 5;
/// Evaluations of ours in one turn, which take less time than the clock resolves well.
const REPEATS: usize = 20;

fn main() {
    let chosen: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let recipe = Recipe { arrangement: Arrangement::Dense, periodic: 3, atoms: ATOMS, species: SPECIES };
    let configuration = recipe.make(1);
    println!(
        "{ATOMS} atoms, cutoff {CUTOFF} Å, {SPECIES} species; one core, shortest of {ROUNDS} turns each"
    );
    println!("level  neighbors  kernels  mtprs µs/atom  motep µs/atom  motep/mtprs  difference of energies");
    for level in LEVELS.into_iter().filter(|level| chosen.is_empty() || chosen.contains(level)) {
        let potential = potential_with_cutoff(level, SPECIES, CUTOFF, level as u64);
        let mut evaluator = Evaluator::new(&potential).expect("the potential is trained");
        let atoms = evaluator.neighborhoods(&configuration).expect("the configuration is sound");
        let mut neighbors = 0_u32;
        (0..ATOMS).for_each(|atom| atoms.visit_neighbors(atom, |_| neighbors += 1));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("motep_turns");
        let mut motep = Turns::new("cext", &folder, &potential, &configuration);
        let tally = evaluator
            .tally(&atoms, Wanted { site_energies: true, ..Wanted::default() })
            .expect("the configuration is sound");
        let size: f64 = tally.site_energies.iter().map(|energy| energy.abs()).sum();
        let difference = (tally.energy - motep.energy()).abs() / size;
        assert!(difference < 1e-10, "level {level}: energies differ by {difference:e}");
        let (mut ours, mut theirs) = (f64::INFINITY, f64::INFINITY);
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..REPEATS {
                let tally = evaluator.tally(&atoms, Wanted::default());
                black_box(tally.expect("the configuration is sound").energy);
            }
            ours = ours.min(start.elapsed().as_secs_f64() / (REPEATS * ATOMS) as f64);
            theirs = theirs.min(motep.turn() / ATOMS as f64);
        }
        println!(
            "{level:5}  {:9.1}  {:7}  {:13.2}  {:13.1}  {:11.1}  {difference:22.1e}",
            f64::from(neighbors) / ATOMS as f64,
            evaluator.instruction_set().name(),
            ours * 1e6,
            theirs * 1e6,
            theirs / ours
        );
    }
}
