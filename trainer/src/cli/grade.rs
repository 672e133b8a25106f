//! `mtprs grade`: extrapolation grades.

use std::path::PathBuf;

use clap::Args;

use super::ranges::file;
use super::{BuildArguments, WorkArguments};

/// Options of `mtprs grade`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs grade pot.mtp state.mtps in.cfg out.cfg
  mtprs grade pot.mtp state.als in.cfg - > out.cfg
  mtprs grade pot.almtp pot.almtp in.cfg out.cfg
  mtprs grade pot.mtp train.cfg in.cfg out.cfg --mode neighborhood --als-filename state.als

Grades are written as the feature MV_grade of each configuration and, in neighborhood mode, as the column nbh_grades \
of its atoms. Up to 1 the potential interpolates; above 2 a configuration is worth a reference calculation; above 10 \
its forces cannot be trusted. Selection states of MLIP-2 (.als), MLIP-3 (.almtp) and mtprs (.mtps) are read; from a \
training set, the selection state is built first.")]
pub struct GradeArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The selection state, or a training set to build one from.
    #[arg(value_name = "STATE|TRAIN.cfg")]
    pub state: PathBuf,

    /// Configurations to grade: a file of any format, a folder of VASP runs, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Save the selection state that is built from a training set: .als for MLIP-2, .almtp for MLIP-3, otherwise .mtps.
    #[arg(long, value_name = "FILE", value_parser = file())]
    pub als_filename: Option<PathBuf>,

    /// How to build a state.
    #[command(flatten)]
    pub build: BuildArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
