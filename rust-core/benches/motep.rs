//! Cost of energies, forces and virial against the C engine of motep, an independent program: one core, in turns, on the
//! same atoms and potentials. `make bench-motep` runs it. Arguments: levels, by default all.
//!
//! Both sides have their neighbor lists already, and their energies are compared before anything is timed.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::hint::black_box;
use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;
use std::{env, fs};

use mtprs_core::evaluate::{Evaluator, Neighborhoods, Wanted};
use mtprs_core::format::save_potential;
use mtprs_core::geometry::Configuration;
use mtprs_core::potential::Potential;
use mtprs_testing::sample::{Arrangement, Recipe, potential_with_cutoff};
use mtprs_testing::{cfg_text, interpreter, workspace};

const LEVELS: [usize; 6] = [8, 12, 16, 20, 24, 28];
const CUTOFF: f64 = 7.0;
const SPECIES: usize = 3;
const ATOMS: usize = 64;
const ROUNDS: usize = 5;
/// Evaluations of ours in one turn, which take less time than the clock resolves well.
const REPEATS: usize = 20;

fn main() {
    let chosen: Vec<usize> = env::args().filter_map(|argument| argument.parse().ok()).collect();
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
        let mut motep = Turns::new(&folder, &potential, &configuration);
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

/// A running motep that evaluates one configuration whenever asked to.
struct Turns {
    process: Child,
    answers: Lines<BufReader<ChildStdout>>,
    energy: f64,
}

impl Turns {
    /// Starts motep's engine in C on one core and lets it evaluate once. Potential and configuration travel as files in
    /// `folder`.
    fn new(folder: &Path, potential: &Potential, configuration: &Configuration) -> Self {
        fs::create_dir_all(folder).expect("the folder can be made");
        let [mtp, cfg] = ["0.mtp", "0.cfg"].map(|name| folder.join(name));
        save_potential(potential, &mtp).expect("the potential can be written");
        fs::write(&cfg, cfg_text([configuration])).expect("the configuration can be written");
        let mut process = Command::new(interpreter())
            .arg(workspace().join("tests/python/motep_turns.py"))
            .arg("cext")
            .args([mtp, cfg])
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let output = process.stdout.take().expect("its output is piped");
        let mut turns = Self { process, answers: BufReader::new(output).lines(), energy: 0.0 };
        turns.energy = turns.answer();
        turns
    }

    /// The energy, eV.
    fn energy(&self) -> f64 {
        self.energy
    }

    /// Seconds that one more evaluation takes.
    fn turn(&mut self) -> f64 {
        let input = self.process.stdin.as_mut().expect("its input is piped");
        writeln!(input).expect("motep is running");
        self.answer()
    }

    fn answer(&mut self) -> f64 {
        let line = self.answers.next().expect("motep is running").expect("Python prints UTF-8");
        let number = line.split_whitespace().next().and_then(|word| word.parse().ok());
        number.unwrap_or_else(|| panic!("not a number: {line}"))
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        // It ends when its input does; nothing is left to do if it cannot be waited for.
        let _ = self.process.wait();
    }
}
