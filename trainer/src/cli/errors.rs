//! `mtprs errors`: a potential against references.

use std::path::PathBuf;

use clap::Args;

use super::{PrecisionName, WorkArguments};
use crate::report::mlip::Dialect;

/// Options of `mtprs errors`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs errors pot.mtp test.cfg
  mtprs errors pot.mtp runs/dft
  mtprs errors pot.mtp test.cfg --by config_type --json errors.json
  mtprs errors pot.mtp test.cfg --report errors.html
  mtprs errors pot.mtp test.cfg --compat mlip2

Force and stress errors are given per component, as in publications, and next to that as lengths of the error vector \
or norms of the error tensor. MLIP-2 averages differently (a third of the mean length of the force error, a ninth for \
stresses): --compat mlip2 prints the figures of mlp calc-errors, --compat mlip3 those of mlp check_errors, and the \
JSON report contains both. --report writes a single HTML file with parity plots, error histograms, tables and the \
worst configurations, which any browser opens.")]
pub struct ErrorsArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values: a file of any format, a folder of VASP runs, - for standard input.
    #[arg(value_name = "DB.cfg")]
    pub database: PathBuf,

    /// Also write the report as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write the report as an HTML page with plots; - for standard output instead of the table.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Also report the errors for each value of this feature of the configurations.
    #[arg(long, value_name = "FEATURE")]
    pub by: Option<String>,

    /// Print the report with the definitions and in the layout of another program.
    #[arg(long, value_name = "PROGRAM")]
    pub compat: Option<Dialect>,

    /// Write the errors of every configuration, one per line, as mlp check_errors --log does (MLIP-3).
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,

    /// Write the printed report to this file instead (mlp check_errors).
    #[arg(long, value_name = "FILE", hide = true)]
    pub report_to: Option<PathBuf>,

    /// Precision of the work per neighbor; sums over atoms always use double precision.
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionName,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
