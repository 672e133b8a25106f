//! Time to build an active set of 383 rows (level 16, three species) from 10³, 10⁴ and 10⁵ rows, in neighborhood mode,
//! on one thread and on all, rows made anew in every pass; beside it the time that making the rows once takes.
//! Arguments: numbers of rows.
//!
//! `cargo bench -p mtprs --bench maxvol`. Atoms: perturbed cubic lattices of three species and different densities with
//! a cutoff of 5 Å.

#![allow(clippy::print_stdout)] // a table is what it is for

use std::fs;
use std::path::Path;
use std::time::Instant;

use mtprs::active_set::{RowMaker, Settings, build};
use mtprs::pipeline::{RunSettings, Supply};
use mtprs::processes::Interrupt;
use mtprs_core::geometry::{Cell, Configuration};
use mtprs_core::potential::Potential;
use mtprs_core::selection::GradeMode;
use mtprs_core::species::Species;
use mtprs_testing::cfg_text;
use mtprs_testing::random::Numbers;
use mtprs_testing::transform::filled;

const EDGE: usize = 5;

fn main() {
    let chosen: Vec<usize> = std::env::args().filter_map(|argument| argument.parse().ok()).collect();
    let counts = if chosen.is_empty() { vec![1000, 10_000, 100_000] } else { chosen };
    let mut random = Numbers(3);
    let potential = potential(&mut random);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{} parameters, {threads} threads", potential.parameter_layout().len());
    println!(
        "    rows  passes   swaps  unsupported  log10|det|  largest grade - 1  one thread, s  all threads, s  rows once, s"
    );
    for count in counts {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("maxvol_{count}.cfg"));
        let configurations: Vec<Configuration> =
            (0..count.div_ceil(EDGE.pow(3))).map(|_| lattice(&mut random)).collect();
        fs::write(&path, cfg_text(&configurations)).expect("the disk has room");
        let timed = |threads: usize| {
            let run = RunSettings { threads, quiet: true };
            let settings = Settings::new(GradeMode::Neighborhood);
            let begun = Instant::now();
            let built = build(&potential, &[Supply::from(path.clone())], settings, run, Interrupt::default())
                .expect("the rows are finite");
            (built, begun.elapsed().as_secs_f64())
        };
        let (built, on_one) = timed(1);
        let (same, on_all) = timed(threads);
        assert_eq!(built.volume.rows(), same.volume.rows(), "the number of threads changes no bit");
        let mut maker = RowMaker::new(&potential, GradeMode::Neighborhood).expect("the potential is trained");
        let begun = Instant::now();
        for configuration in &configurations {
            maker.rows(configuration).expect("the rows are finite");
        }
        let once = begun.elapsed().as_secs_f64();
        let determinant = built.volume.log_determinant() / std::f64::consts::LN_10;
        let state = built.state(&potential, "").expect("the set is of the potential");
        println!(
            "{:>8}  {:>6}  {:>6}  {:>11}  {determinant:>10.2}  {:>17.1e}  {on_one:>13.2}  {on_all:>14.2}  {once:>12.2}",
            built.rows,
            built.passes,
            built.swaps,
            state.unsupported(),
            built.largest_grade - 1.0
        );
    }
}

fn potential(random: &mut Numbers) -> Potential {
    let species = Species::unnamed(3);
    let untrained = Potential::untrained(16, species, 1.6, 5.0, 8).expect("level 16 has a template");
    filled(&untrained, || 0.02 * random.next())
}

fn lattice(random: &mut Numbers) -> Configuration {
    let spacing = 2.3 + 0.3 * random.next();
    let amplitude = 0.15 * (1.0 + random.next()) * spacing;
    let length = spacing * EDGE as f64;
    let cell = Cell::new(&[[length, 0.0, 0.0], [0.0, length, 0.0], [0.0, 0.0, length]]).expect("a cube");
    let (mut species, mut positions) = (Vec::new(), Vec::new());
    for site in 0..EDGE.pow(3) {
        let corner = [site % EDGE, site / EDGE % EDGE, site / EDGE / EDGE];
        positions.push(corner.map(|k| k as f64 * spacing + amplitude * random.next()));
        species.push(((1.5 * (1.0 + random.next())) as u32).min(2));
    }
    Configuration::new(cell, species, positions).expect("as many species as positions")
}
