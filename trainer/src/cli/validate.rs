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

The crystal is relaxed at no pressure first. Then: a Birch-Murnaghan equation of state (13 volumes within 6 %); elastic constants \
from strains of both signs with relaxed atoms, their stability and averages over directions; phonons from displacements of each \
atom of the smallest cell, without images: frequencies, zero-point energy, heat capacity; the formation energy of a vacancy, for \
compounds that of a Schottky set, each vacancy alone; energies of surfaces that have a cut with two faces alike.

--reference has values in TOML, in the units of the table: bulk_modulus = 160.0, C11 = { value = 297, tolerance = 10 }, \
surface_100 = 1.2, source = \"where they are from\". ± is the accuracy of the computation, not the error of the potential. With \
--state each result has the largest grade that was met on the way: above 2 it is extrapolated, above 10 not to be trusted. The state \
is one of neighborhood mode.

Miller indices are those of the given cell. Elastic constants are along x, y and z as the given cell lies.")]
pub struct ValidateArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// The crystal, one cell of any format of mtprs convert, - for standard input.
    #[arg(value_name = "CRYSTAL")]
    pub crystal: PathBuf,

    /// Compute these alone.
    #[arg(long, value_name = "PART,PART", value_enum, value_delimiter = ',')]
    pub only: Vec<Part>,

    /// Values to compare with, in TOML.
    #[arg(long, value_name = "FILE.toml")]
    pub reference: Option<PathBuf>,

    /// Also grade all atoms by this selection state.
    #[arg(long, value_name = "STATE")]
    pub state: Option<PathBuf>,

    /// Miller indices of a surface, like 110, 1-10 or 12,-1,0; again for another one [default: 100, 110, 111].
    #[arg(long, value_name = "HKL", allow_hyphen_values = true)]
    pub surface: Vec<Miller>,

    /// Largest strain of the elastic constants, in both directions.
    #[arg(long, value_name = "STRAIN", default_value_t = 0.005, value_parser = strain)]
    pub strain: f64,

    /// Displacement of the phonons, in both directions, Å.
    #[arg(long, value_name = "DISTANCE", default_value_t = 0.01, value_parser = displacement)]
    pub displacement: f64,

    /// Least width of the cell of a vacancy, Å [default: 3 cutoffs].
    #[arg(long, value_name = "WIDTH", value_parser = positive)]
    pub width: Option<f64>,

    /// Least thickness of a slab, Å [default: 4 cutoffs].
    #[arg(long, value_name = "THICKNESS", value_parser = positive)]
    pub thickness: Option<f64>,

    /// Relax vacancies and slabs until no force is larger, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 1e-3, value_parser = positive)]
    pub max_force: f64,

    /// Also write the report as a page with plots, one HTML file; - for standard output in place of the tables.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// Also write everything as JSON, - for standard output in place of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}
