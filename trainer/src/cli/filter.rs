//! `mtprs filter`: configurations that meet criteria.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::PassArguments;
use super::ranges::positive;

/// Options of `mtprs filter`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs filter all.cfg kept.cfg --max-force 20 --min-distance 1.2 --rejected rejected.cfg
  mtprs filter all.cfg v2o5.cfg --without Mg --species Mg,V,O
  mtprs filter all.cfg glass.cfg --composition Mg:12,V:24,O:60 --species Mg,V,O --feature group=melt
  mtprs filter graded.cfg candidates.cfg --min-grade 2.1 --max-grade 10
  mtprs filter all.cfg odd.cfg --max-energy -10.5 --invert

Configurations that meet all criteria are kept; with --invert, those that do not. A criterion on something that a \
configuration lacks (its energy, forces, grade) is not met. --rejected writes the other configurations with the \
feature filter_reason. Everything else is written as it was read, in the same order, with one configuration in memory \
at a time.

Inputs are .cfg or any other format of mtprs convert, compressed or not; the feature elements then names the species. \
Species are given as numbers from 0, or as elements if the configurations (feature elements) or --species name them.")]
pub struct FilterArguments {
    /// Input files, in this order; - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file, - for standard output.
    #[arg(value_name = "OUT.cfg", required = true)]
    pub output: PathBuf,

    /// Smallest energy, eV per atom.
    #[arg(long, value_name = "ENERGY", allow_negative_numbers = true)]
    pub min_energy: Option<f64>,

    /// Largest energy, eV per atom.
    #[arg(long, value_name = "ENERGY", allow_negative_numbers = true)]
    pub max_energy: Option<f64>,

    /// Smallest maximum force, eV/Å.
    #[arg(long, value_name = "FORCE")]
    pub min_force: Option<f64>,

    /// Largest maximum force, eV/Å.
    #[arg(long, value_name = "FORCE")]
    pub max_force: Option<f64>,

    /// Smallest number of atoms.
    #[arg(long, value_name = "COUNT")]
    pub min_atoms: Option<usize>,

    /// Largest number of atoms.
    #[arg(long, value_name = "COUNT")]
    pub max_atoms: Option<usize>,

    /// Shortest distance allowed between two atoms, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = positive)]
    pub min_distance: Option<f64>,

    /// Composition: the number of atoms of every species.
    #[arg(long, value_name = "Mg:12,V:24,O:60")]
    pub composition: Option<String>,

    /// Species that must be present.
    #[arg(long, value_name = "Mg,V")]
    pub with: Option<String>,

    /// Species that must not be present.
    #[arg(long, value_name = "Mg")]
    pub without: Option<String>,

    /// Feature that must be present, with this value if one is given.
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub feature: Vec<String>,

    /// Labels that must be present.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "energy,forces,virial")]
    pub labels: Vec<Label>,

    /// Smallest grade (feature MV_grade).
    #[arg(long, value_name = "GRADE")]
    pub min_grade: Option<f64>,

    /// Largest grade (feature MV_grade).
    #[arg(long, value_name = "GRADE")]
    pub max_grade: Option<f64>,

    /// Keep the configurations that do not meet the criteria.
    #[arg(long)]
    pub invert: bool,

    /// Write the configurations that are not kept, with the reason in the feature filter_reason.
    #[arg(long, value_name = "FILE.cfg")]
    pub rejected: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}

/// What a calculation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Label {
    /// The energy.
    Energy,
    /// The forces.
    Forces,
    /// The virial (PlusStress).
    #[value(alias = "stress")]
    Virial,
}
