//! `mtprs check`: what is in labeled configurations, and what is wrong with them.

use std::path::PathBuf;

use clap::Args;

use super::PassArguments;

/// Options of `mtprs check`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs check train.cfg --species Mg,V,O
  mtprs check run*/OUTCAR --json check.json
  mtprs check old.cfg new.cfg --species Li --quiet

Finds duplicates, and duplicates with conflicting labels; outliers of energies and forces; mixed energy references; \
energies, forces, lengths and stresses in wrong units; forces and stresses of the wrong sign; swapped species; \
coinciding atoms; forces that do not sum to zero; labels that only some configurations have; and lines that cannot be \
read. Every finding names the file, the line and the configuration. A finding is a reason to look, not a proof, and an \
empty report does not prove that all is well: for example, stresses in GPa or kbar instead of virials show in small \
cells only.

Energies and virials are judged by a quick model fitted to the forces, so a set should have at least eight \
configurations of each composition. Check files that belong together in one command, because most faults show only by \
comparison. All formats of mtprs convert are read, in one pass; only a few numbers per configuration are kept in \
memory.

Exit codes: 0 no findings; 3 findings; 1 a file cannot be read to its end; 2 wrong usage.")]
pub struct CheckArguments {
    /// Files to check, - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Also write the report, with all places, as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}
