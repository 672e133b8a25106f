//! How commands read configurations: the same options everywhere.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum};
use serde::Serialize;

use crate::structure_files::{EnergyKind, Format};

/// Options for inputs of any format.
#[derive(Args, Clone, Debug, Default)]
pub struct ReadingArguments {
    /// Elements in the order of their numbers, for the potential, if there is one, and for inputs that do not name them.
    /// Needed where neither the potential nor an input fixes the order; VASP files and extended XYZ do not.
    #[arg(long, value_name = "Mg,V,O", help_heading = "Reading")]
    pub species: Option<String>,

    /// How files are read.
    #[command(flatten)]
    pub files: FileArguments,
}

/// Options for files of any format.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct FileArguments {
    /// Format of all inputs, if it should not be detected.
    #[arg(
        long,
        value_name = "FORMAT",
        value_parser = FormatNames,
        hide_possible_values = true,
        help_heading = "Reading",
        help = read_formats()
    )]
    pub input_format: Option<Format>,

    /// Keep steps without electronic convergence, with the feature converged = no.
    #[arg(long, help_heading = "Reading")]
    pub keep_unconverged: bool,

    /// Exit with an error where a step would be left out: not converged, incomplete, unreadable.
    #[arg(long, help_heading = "Reading")]
    pub strict: bool,

    /// VASP energy to use as the label [default: free].
    #[arg(long, value_enum, value_name = "ENERGY", help_heading = "Reading")]
    pub energy: Option<EnergyName>,

    /// Extended XYZ: key of the energy, eV [default: free_energy or energy].
    #[arg(long, value_name = "KEY", help_heading = "Reading")]
    pub energy_key: Option<String>,

    /// Extended XYZ: column of the forces, eV/Å [default: forces or force].
    #[arg(long, value_name = "KEY", help_heading = "Reading")]
    pub forces_key: Option<String>,

    /// Extended XYZ: key of the stress, eV/Å³, positive under tension [default: stress].
    #[arg(long, value_name = "KEY", help_heading = "Reading")]
    pub stress_key: Option<String>,

    /// Extended XYZ: key of the virial, eV, positive under compression [default: virial].
    #[arg(long, value_name = "KEY", help_heading = "Reading")]
    pub virial_key: Option<String>,

    /// LAMMPS data: atom style of files that do not state it.
    #[arg(long, value_name = "STYLE", help_heading = "Reading")]
    pub atom_style: Option<String>,
}

impl FileArguments {
    /// Whether nothing was chosen.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Reads the name of a format; shells complete those that the program reads by itself.
#[derive(Clone)]
pub(super) struct FormatNames;

impl TypedValueParser for FormatNames {
    type Value = Format;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        name: &OsStr,
    ) -> Result<Format, clap::Error> {
        Format::parse.parse_ref(command, argument, name)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue>>> {
        Some(Box::new(
            Format::all().map(|format| PossibleValue::new(format.option_name()).help(format.name())),
        ))
    }
}

fn read_formats() -> String {
    let names: Vec<&str> = Format::all().map(Format::option_name).collect();
    format!(
        "Format of all inputs, if it should not be detected: {}; ase for formats that ASE reads (needs Python with ASE), or \
         ase:NAME with ASE's name of the format",
        names.join(", ")
    )
}

/// Help on formats of outputs.
pub(super) fn written_formats() -> String {
    let names = Format::written(Format::option_name);
    format!("Format of the output, if the file name does not determine it: {names}")
}

/// Energies of VASP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergyName {
    /// Free energy (free energy TOTEN): the one that is consistent with the forces.
    #[default]
    Free,
    /// Extrapolated to zero smearing (energy(sigma->0)).
    Sigma0,
    /// Without the electronic entropy (energy without entropy).
    WithoutEntropy,
}

impl From<EnergyName> for EnergyKind {
    fn from(name: EnergyName) -> Self {
        match name {
            EnergyName::Free => Self::Free,
            EnergyName::Sigma0 => Self::ZeroSmearing,
            EnergyName::WithoutEntropy => Self::WithoutEntropy,
        }
    }
}
