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

Finds duplicates and duplicates that disagree, outliers of energies and forces, mixed references of energies; energies, forces, \
lengths and stresses in other units; forces and stresses of the wrong sign, exchanged labels of species, atoms at one place, \
forces that do not sum to zero, labels that only some configurations have, and lines that cannot be read. Every finding names \
file, line and configuration. What is found is a reason to look, not a proof; an empty report is none either: stresses in GPa \
or kbar in place of virials, for one, show in small cells only.

Energies and virials are judged by a quick model of the forces, so a set should have eight or more configurations of a \
composition. Files that belong together should be checked together, because most faults show by comparison. Reads what \
mtprs convert reads, in one pass; of each configuration only some numbers are kept.

Exit code: 0 if nothing is found, 3 if something is, 1 if a file cannot be read to its end, 2 for wrong usage.")]
pub struct CheckArguments {
    /// Files to check, - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Write the report with all places as JSON, too; - for standard output in place of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}
