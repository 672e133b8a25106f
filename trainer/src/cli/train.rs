//! `mtprs train`: a fit.

use std::path::PathBuf;

use clap::Args;

use super::{Mode, RunArguments, TrainOptions, WriteArguments};
use crate::report::mlip::Dialect;

/// What the help page says of several processes.
#[cfg(feature = "mpi")]
macro_rules! on_processes {
    () => {
        "\n\nUnder mpiexec, several processes share the configurations; the result is the same:
  mpiexec -n 4 mtprs train 16.mtp train.cfg -o pot.mtp
Every process reads the configurations; only the first one writes files. --threads is the number per process; by \
         default the processes on a node share its cores. A signal to any process stops all of them, and --resume works with \
         a different number of processes, too."
    };
}
#[cfg(not(feature = "mpi"))]
macro_rules! on_processes {
    () => {
        ""
    };
}

/// Options of `mtprs train`.
#[derive(Args, Debug)]
#[command(after_help = concat!("Examples:
  mtprs train 16.mtp train.cfg -o pot.mtp
  mtprs train 16.mtp runs/ extra.xyz.gz -o pot.mtp
  mtprs train 16.mtp train.cfg --valid-fraction 0.1 --patience 200 --report report.html --by config_type
  mtprs train old.mtp train.cfg new.cfg --valid-cfgs test.cfg --trained-pot-name pot.mtp --threads 8
  mtprs train 16.mtp train.cfg -o pot.mtp --resume

For N atoms, the loss is the mean over configurations of energy-weight ΔE²/N + force-weight Σ|ΔF|² + stress-weight \
|ΔW|²/N (--weighting vibrations), where |ΔW|² sums the nine components of the virial. structures divides every term by \
N once more; molecules divides none by N. Energies, forces or virials that a configuration lacks are left out. The \
result does not depend on the number of threads. A run that was stopped or killed continues with --resume.

If the output is POT.almtp (MLIP-3), the active set of the fitted configurations is built at the end and stored with \
the potential. Its mode is that of --al-mode, or that of the selection state in the initial potential, or else \
neighborhood. Other outputs do not take over a selection state from the initial potential, but --al-mode appends a new \
one whatever the name of the output.

Options can be given in a TOML file (--job) under the same names; --print-job writes one.", on_processes!()))]
pub struct TrainArguments {
    /// The initial potential, trained or untrained (see mtprs init).
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values: files of any format, or folders of VASP runs.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// File with options; the command line takes precedence.
    #[arg(long, value_name = "JOB.toml", help_heading = "Run")]
    pub job: Option<PathBuf>,

    /// Print the job with all defaults and exit.
    #[arg(long, help_heading = "Run")]
    pub print_job: bool,

    /// Resume a stopped run from its checkpoint.
    #[arg(long)]
    pub resume: bool,

    /// Write an HTML page with the errors and the convergence of the fit; - for standard output instead of the tables. While the
    /// fit runs, the page shows its convergence and reloads itself. With --folds, it is that of the fit to all configurations,
    /// which comes last.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Write the errors and the convergence of the fit as JSON; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub report_json: Option<PathBuf>,

    /// Write loss and errors of every step as comma-separated values, also while the fit goes on; - for standard output.
    /// With --folds, they are those of the fit to all configurations, which comes last.
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    pub history: Option<PathBuf>,

    /// Write loss and errors of every step as events for TensorBoard, into this folder. With --folds, they are those of the fit
    /// to all configurations, which comes last.
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub tensorboard: Option<PathBuf>,

    /// Also report the errors for each value of this feature of the configurations.
    #[arg(long, value_name = "FEATURE", help_heading = "Output")]
    pub by: Option<String>,

    /// Append the active set of the fitted configurations, in this mode, to the potential, as MLIP-3 does.
    #[arg(long, value_name = "MODE", help_heading = "Output")]
    pub al_mode: Option<Mode>,

    /// Print the convergence of the fit and the errors in the layout of another program, on standard output.
    #[arg(long, value_name = "PROGRAM", help_heading = "Output")]
    pub compat: Option<Dialect>,

    /// How to train.
    #[command(flatten)]
    pub options: TrainOptions,

    /// What to do with existing files.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
