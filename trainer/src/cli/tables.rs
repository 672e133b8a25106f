//! `mtprs tables`: what moment tables cost.

use clap::Args;
use mtprs_core::potential::template::BasisRule;

use super::ranges::{at_least, positive};

/// Options of `mtprs tables`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs tables
  mtprs tables 12 16 26-321 22-4321 --neighbors 60
  mtprs tables 16 14-43210-w1.1 --neighbors 90 --species 4 --json

A table is named as mtprs init names it: a level, or a level with the highest rank of each radial function (22-4321), then \
the weights of μ and of the rank if they are not 4 and 1 (-w1.1), then the largest number of tensors if it is not 4 (-t5). \
Ranks that ascend or are above 9 have dots between them.

Multiply-adds are counted: those of energies, forces and virial of one atom. The time is measured on this processor, with \
one thread and a random potential on a perturbed lattice of 729 atoms, without neighbor lists.")]
pub struct TablesArguments {
    /// The tables; by default the levels 8 to 20.
    #[arg(value_name = "TABLE")]
    pub tables: Vec<BasisRule>,

    /// Neighbors of each atom within the cutoff, about: 4.19 × (cutoff in Å)³ × atoms per Å³.
    #[arg(long, value_name = "COUNT", default_value_t = 125.0, value_parser = neighbors)]
    pub neighbors: f64,

    /// Number of species.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = species)]
    pub species: usize,

    /// Number of Chebyshev polynomials per radial function.
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = at_least(1_usize))]
    pub radial_basis_size: usize,

    /// Count only, measure nothing.
    #[arg(long)]
    pub count: bool,

    /// Print JSON instead of a table.
    #[arg(long)]
    pub json: bool,
}

fn neighbors(text: &str) -> Result<f64, String> {
    let count = positive(text)?;
    if (4.0..=1000.0).contains(&count) {
        Ok(count)
    } else {
        Err("expected a number from 4 to 1000".to_owned())
    }
}

fn species(text: &str) -> Result<usize, String> {
    let count = at_least(1_usize)(text)?;
    if count <= 100 { Ok(count) } else { Err("expected a number from 1 to 100".to_owned()) }
}
