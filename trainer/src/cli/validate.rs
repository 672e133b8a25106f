//! `mtprs validate`: what a potential says of a crystal.

use std::path::PathBuf;

use clap::Args;

use super::WorkArguments;
use super::ranges::{displacement, positive, strain};
use crate::validation::{Miller, Part};

/// Options of `mtprs validate`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs validate pot.mtp POSCAR
  mtprs validate pot.mtp MgO.vasp --reference MgO.toml --state pot.mtps --report MgO.html --json MgO.json
  mtprs validate pot.mtp fcc.cfg --only eos,elastic,phonons
  mtprs validate pot.mtp POSCAR --only surface --surface 100 --surface 1-10 --thickness 40

The crystal is first relaxed at zero pressure. Then follow: the Birch-Murnaghan equation of state (13 volumes within 6 %); elastic \
constants from strains of both signs with relaxed atoms, mechanical stability and polycrystalline averages; phonons from displacements \
of each atom of the primitive cell, without periodic images: frequencies, zero-point energy, heat capacity; the formation energy of a \
vacancy or, for compounds, of a Schottky set of separate vacancies; energies of surfaces whose two faces can be alike.

--reference names a TOML file with values in the units of the table: bulk_modulus = 160.0, C11 = { value = 297, tolerance = 10 }, \
surface_100 = 1.2, source = \"where they come from\". ± is the accuracy of the computation, not the error of the potential. With \
--state each result has the largest grade that occurred during its computation: above 2 it is extrapolated, above 10 not to be \
trusted. The state must be of neighborhood mode.

Miller indices refer to the given cell, and elastic constants to x, y and z in the orientation of the given cell.")]
pub struct ValidateArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The crystal: one cell, in any format that mtprs convert reads; - for standard input.
    #[arg(value_name = "CRYSTAL")]
    pub crystal: PathBuf,

    /// Compute only these parts.
    #[arg(long, value_name = "PART,PART", value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,

    /// TOML file with reference values.
    #[arg(long, value_name = "FILE.toml")]
    pub reference: Option<PathBuf>,

    /// Also compute extrapolation grades, from this selection state.
    #[arg(long, value_name = "STATE")]
    pub state: Option<PathBuf>,

    /// Miller indices of a surface, such as 110, 1-10 or 12,-1,0; may be repeated [default: 100, 110, 111].
    #[arg(long, value_name = "HKL", allow_hyphen_values = true)]
    pub surface: Vec<Miller>,

    /// Strain for the elastic constants, of both signs.
    #[arg(long, value_name = "STRAIN", default_value_t = 0.005, value_parser = strain)]
    pub strain: f64,

    /// Displacement for the phonons, of both signs, Å.
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.01, value_parser = displacement)]
    pub displacement: f64,

    /// Minimum width of the supercell of a vacancy, Å [default: 3 cutoffs].
    #[arg(long, value_name = "WIDTH", value_parser = positive)]
    pub width: Option<f64>,

    /// Minimum thickness of a slab, Å [default: 4 cutoffs].
    #[arg(long, value_name = "THICKNESS", value_parser = positive)]
    pub thickness: Option<f64>,

    /// Largest force left by relaxations of vacancies and slabs, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 1e-3, value_parser = positive)]
    pub max_force: f64,

    /// Also write an HTML page with tables and plots; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Also write everything as JSON; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
