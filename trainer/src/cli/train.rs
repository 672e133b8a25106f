//! `mtprs train`: a fit.

use std::path::PathBuf;

use clap::Args;

use super::{Mode, RunArguments, TrainOptions, WriteArguments};
use crate::report::mlip::Dialect;

/// What the help page says of several processes.
#[cfg(feature = "mpi")]
macro_rules! on_processes {
    () => {
        "\n\nUnder mpiexec several processes share the configurations, with the same result:
  mpiexec -n 4 mtprs train 16.mtp train.cfg -o pot.mtp
Every process reads the configurations; the first one alone writes files. --threads are those of each process; by \
         default processes on one node divide its cores. A signal to any of them stops all, and --resume goes on with \
         another number of processes, too."
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

With N atoms the loss is the mean over configurations of energy-weight ΔE²/N + force-weight Σ|ΔF|² + stress-weight \
|ΔW|²/N (vibrations), where |ΔW|² sums nine components of the virial. structures divides everything by N once more, \
molecules nothing by N. Energies, forces or virials that a configuration lacks are left out. The result is the same \
for any number of threads. A run that was stopped or killed goes on with --resume. With \
-o POT.almtp (MLIP-3) the active set of the fitted configurations is built at the end, in the mode of the state that the first \
potential came with or else of neighborhoods, or in that of --al-mode; without that ending a state in POT.almtp is left behind, \
but for --al-mode, which has one written behind the potential whatever the name. Options can stand in a TOML file \
(--job), under the same names; --print-job writes one.", on_processes!()))]
pub struct TrainArguments {
    /// The potential to begin with, trained or not (see init).
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations with reference values: files of any format, folders of runs of VASP.
    #[arg(value_name = "TRAIN.cfg", required = true)]
    pub training_sets: Vec<PathBuf>,

    /// File with options; what stands on the command line comes first.
    #[arg(long, value_name = "JOB.toml", help_heading = "Run")]
    pub job: Option<PathBuf>,

    /// Print the job with all defaults and stop.
    #[arg(long, help_heading = "Run")]
    pub print_job: bool,

    /// Go on from the checkpoint of a run that was stopped.
    #[arg(long)]
    pub resume: bool,

    /// Draw errors and the course of the training as a page, - for standard output in place of the tables. While the fit goes on
    /// the page shows its course, and browsers read it again.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Write the errors and the course of the training as JSON, - for standard output in place of the tables.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub report_json: Option<PathBuf>,

    /// Write loss and errors of every step as comma-separated values, also while the fit goes on; - for standard output.
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    pub history: Option<PathBuf>,

    /// Write loss and errors of every step as events for TensorBoard, into this folder.
    #[arg(long, value_name = "FOLDER", help_heading = "Output")]
    pub tensorboard: Option<PathBuf>,

    /// Also report the errors for each value of this Feature of the configurations.
    #[arg(long, value_name = "FEATURE", help_heading = "Output")]
    pub by: Option<String>,

    /// Write the active set of the fitted configurations behind the potential, as MLIP-3 does, in this mode.
    #[arg(long, value_name = "MODE", help_heading = "Output")]
    pub al_mode: Option<Mode>,

    /// Print the course of the training and the errors in the layout of another program, on standard output.
    #[arg(long, value_name = "PROGRAM", help_heading = "Output")]
    pub compat: Option<Dialect>,

    /// How to train.
    #[command(flatten)]
    pub options: TrainOptions,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}
