//! `mtprs relax`: atoms and cells at a minimum of the enthalpy.

use std::path::PathBuf;

use clap::Args;

use super::WorkArguments;
use super::ranges::{finite, not_negative, positive};

/// Options of `mtprs relax`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs relax pot.mtp in.cfg relaxed.cfg
  mtprs relax pot.mtp POSCAR relaxed.cfg --pressure 10 --max-force 1e-4
  mtprs relax pot.mtp in.cfg relaxed.cfg --fixed-cell --state pot.mtps
  mtprs relax pot.mtp in.cfg relaxed.cfg --state pot.mtps --select 2 --save extrapolative.cfg --break 10

Each configuration is minimized in E + PV with L-BFGS. It is written with its relaxed energy, forces and PlusStress \
and with the features relax_steps, relax_converged (yes or no), relax_max_force (eV/Å) and relax_max_stress (GPa, the \
largest deviation of a stress component from the pressure; not with --fixed-cell), in the order of the input. Other \
features and columns are kept, except grades and site energies. The cell is strained but not rotated. Configurations \
that do not converge are written all the same and counted in a note; the exit code is still 0.

With --select and --save, extrapolating configurations along the relaxation path are saved as soon as they occur, with \
their grades; --break and --min-distance stop a relaxation that goes too far, and its last configuration is written.")]
pub struct RelaxArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations to relax: a file of any format, a folder of VASP runs, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Pressure, GPa, positive under compression.
    #[arg(long, value_name = "PRESSURE", default_value_t = 0.0, allow_negative_numbers = true, value_parser = finite)]
    pub pressure: f64,

    /// Move only the atoms.
    #[arg(long, conflicts_with_all = ["pressure", "max_stress"])]
    pub fixed_cell: bool,

    /// Converge forces to this, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 1e-3, allow_negative_numbers = true, value_parser = not_negative)]
    pub max_force: f64,

    /// Converge every stress component to within this of the pressure, GPa.
    #[arg(long, value_name = "STRESS", default_value_t = 1e-2, allow_negative_numbers = true, value_parser = positive)]
    pub max_stress: f64,

    /// Maximum number of steps of a relaxation.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub max_steps: usize,

    /// Stop a relaxation in which two atoms come closer than this, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = positive)]
    pub min_distance: Option<f64>,

    /// Also grade the relaxed configurations with this selection state.
    #[arg(long, value_name = "STATE")]
    pub state: Option<PathBuf>,

    /// Grade above which a configuration along the path is saved.
    #[arg(long, value_name = "GRADE", value_parser = positive, requires = "state", requires = "save")]
    pub select: Option<f64>,

    /// File for the configurations saved along the path.
    #[arg(long, value_name = "FILE.cfg", requires = "select")]
    pub save: Option<PathBuf>,

    /// Stop a relaxation when the grade exceeds this.
    #[arg(long = "break", value_name = "GRADE", value_parser = positive, requires = "state")]
    pub break_grade: Option<f64>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
