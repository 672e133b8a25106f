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

Each configuration goes downhill to a minimum of E + PV by L-BFGS. It is written with its energy, forces and PlusStress there \
and with the features relax_steps, relax_converged (yes or no), relax_max_force (eV/Å) and relax_max_stress (GPa, the largest \
difference between a component of the stress and the pressure; not with --fixed-cell), in the order of the input. Other features and \
columns are kept, grades and site energies are not. The cell is strained but not turned. What ends elsewhere is told, and \
the exit code is 0.

With --select and --save the places on the way that extrapolate are saved as they are passed, from the first one on, with their \
grades; --break and --min-distance end a relaxation where it goes too far, with the atoms as they are there.")]
pub struct RelaxArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Configurations to relax: a file of any format, a folder of runs of VASP, - for standard input.
    #[arg(value_name = "IN.cfg")]
    pub input: PathBuf,

    /// File to write, - for standard output.
    #[arg(value_name = "OUT.cfg", default_value = "-")]
    pub output: PathBuf,

    /// Pressure, GPa, positive under compression.
    #[arg(long, value_name = "PRESSURE", default_value_t = 0.0, allow_negative_numbers = true, value_parser = finite)]
    pub pressure: f64,

    /// Move the atoms alone.
    #[arg(long, conflicts_with_all = ["pressure", "max_stress"])]
    pub fixed_cell: bool,

    /// Relax until no force is larger, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 1e-3, allow_negative_numbers = true, value_parser = not_negative)]
    pub max_force: f64,

    /// Relax until no component of the stress differs by more from the pressure, GPa.
    #[arg(long, value_name = "STRESS", default_value_t = 1e-2, allow_negative_numbers = true, value_parser = positive)]
    pub max_stress: f64,

    /// Most steps of a relaxation.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub max_steps: usize,

    /// End a relaxation in which two atoms get closer, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = positive)]
    pub min_distance: Option<f64>,

    /// Also grade what comes out by this selection state.
    #[arg(long, value_name = "STATE")]
    pub state: Option<PathBuf>,

    /// Grade above which a place on the way is saved.
    #[arg(long, value_name = "GRADE", value_parser = positive, requires = "state", requires = "save")]
    pub select: Option<f64>,

    /// File for the places on the way that are selected.
    #[arg(long, value_name = "FILE.cfg", requires = "select")]
    pub save: Option<PathBuf>,

    /// End a relaxation that passes a place with a grade above this.
    #[arg(long = "break", value_name = "GRADE", value_parser = positive, requires = "state")]
    pub break_grade: Option<f64>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
