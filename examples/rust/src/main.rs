//! Evaluates a small periodic cell with a potential and prints energy, virial and forces:
//!
//!     cargo run -p mtprs-example -- pot.mtp
//!
//! The cell is a 2x2x2 cube of atoms 2.9 Å apart, slightly displaced, with the species of the potential in turn.

use std::path::Path;
use std::process::ExitCode;

use mtprs_core::Result;
use mtprs_core::evaluate::{Efs, Evaluator};
use mtprs_core::format::load_potential;
use mtprs_core::geometry::{Cell, Configuration};

const EDGE: usize = 2;
const SPACING: f64 = 2.9;

fn main() -> ExitCode {
    let Some(path) = std::env::args_os().nth(1) else {
        eprintln!("usage: evaluate pot.mtp");
        return ExitCode::from(2);
    };
    match evaluate(Path::new(&path)) {
        Ok(efs) => {
            print_results(&efs);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn evaluate(path: &Path) -> Result<Efs> {
    let potential = load_potential(path)?;
    let mut evaluator = Evaluator::builder(&potential).threads(2).build()?;
    evaluator.evaluate(&displaced_cube(potential.species().count())?)
}

/// Displaced grid points; the displacements only have to be different from each other.
fn displaced_cube(species_count: usize) -> Result<Configuration> {
    let length = EDGE as f64 * SPACING;
    let cell = Cell::new(&[[length, 0.0, 0.0], [0.0, length, 0.0], [0.0, 0.0, length]])?;
    let position = |atom: usize| {
        let grid = [atom % EDGE, atom / EDGE % EDGE, atom / (EDGE * EDGE)];
        std::array::from_fn(|axis| {
            SPACING * grid[axis] as f64 + 0.03 * (((7 * atom + 3 * axis) % 5) as f64 - 2.0)
        })
    };
    let atoms = 0..EDGE * EDGE * EDGE;
    let species = atoms.clone().map(|atom| (atom % species_count) as u32).collect();
    Configuration::new(cell, species, atoms.map(position).collect())
}

fn print_results(efs: &Efs) {
    println!("energy {:e}", efs.energy);
    let [xx, yy, zz, xy, xz, yz] = efs.virial.to_lammps_order();
    println!("virial {xx:e} {yy:e} {zz:e} {xy:e} {xz:e} {yz:e}");
    for (atom, [x, y, z]) in efs.forces.iter().enumerate() {
        println!("force {atom} {x:e} {y:e} {z:e}");
    }
}
