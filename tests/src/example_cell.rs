//! The cell that the programs of `examples/c`, `examples/cpp` and `examples/rust` evaluate, and what they must print for it.

use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::format::parse_potential;
use mtprs_core::geometry::{Cell, Configuration};

use mtprs_testing::compare::assert_close;
use mtprs_testing::small_potential::SMALL_POTENTIAL;

/// Holds the output of an example, run with [`SMALL_POTENTIAL`], to the numbers of the Rust evaluator.
///
/// # Panics
/// If a number is missing or another one.
pub fn assert_prints_the_numbers(what: &str, output: &str) {
    let efs = expected();
    let assert_close = |word: &str, labels: usize, expected: &[f64]| {
        let got = numbers_after(output, word, labels);
        // Both come from the same library, but that of a C program is compiled apart.
        assert_close(&format!("{what}: {word}"), &got, expected, 1e-13);
    };
    assert_close("energy", 0, &[efs.energy]);
    assert_close("virial", 0, &efs.virial.to_lammps_order());
    assert_close("force", 1, efs.forces.as_flattened());
}

/// The cell of the examples.
fn displaced_cube() -> Configuration {
    let cell = Cell::new(&[[5.8, 0.0, 0.0], [0.0, 5.8, 0.0], [0.0, 0.0, 5.8]]).expect("a cube");
    let position = |atom: i32| {
        let grid = [atom % 2, atom / 2 % 2, atom / 4];
        std::array::from_fn(|axis| {
            let displacement = 0.03 * f64::from((7 * atom + 3 * axis as i32) % 5 - 2);
            2.9 * f64::from(grid[axis]) + displacement
        })
    };
    Configuration::new(cell, (0..8).map(|atom| atom % 2).collect(), (0..8).map(position).collect())
        .expect("eight atoms in a cube")
}

fn expected() -> Efs {
    let potential = parse_potential(SMALL_POTENTIAL.as_bytes(), "small.mtp").expect("a valid potential");
    Evaluator::new(&potential)
        .and_then(|mut evaluator| evaluator.evaluate(&displaced_cube()))
        .expect("it evaluates")
}

/// The numbers of the lines that begin with a word.
fn numbers_after(output: &str, word: &str, labels: usize) -> Vec<f64> {
    let lines = output.lines().filter(|line| line.split(' ').next() == Some(word));
    let words = lines.flat_map(|line| line.split(' ').skip(1 + labels));
    words.map(|word| word.parse().unwrap_or_else(|_| panic!("expected a number, got {word}"))).collect()
}
