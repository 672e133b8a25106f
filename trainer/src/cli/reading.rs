//! How commands read configurations: the same options everywhere.

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::structure_files::{AseFormat, EnergyKind, Format};

/// Options for inputs of any format.
#[derive(Args, Clone, Debug, Default)]
pub struct ReadingArguments {
    /// Elements in the order of their numbers: those of the potential, if there is one, and of inputs that name none. Needed
    /// where neither the potential nor an input has an order, as VASP's files and extended XYZ have not.
    #[arg(long, value_name = "Mg,V,O", help_heading = "Reading")]
    pub species: Option<String>,

    /// How files are read.
    #[command(flatten)]
    pub files: FileArguments,
}

/// Options for files of any format.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct FileArguments {
    /// Format of all inputs, if it is not to be recognized: cfg, outcar, vasprun, xdatcar, poscar, extxyz, lammps-data,
    /// lammps-dump; ase for what ASE reads, with Python and ASE installed, or ase:NAME with ASE's name of the format.
    #[arg(long, value_name = "FORMAT", value_parser = FormatName::parse, help_heading = "Reading")]
    pub input_format: Option<FormatName>,

    /// Keep steps whose electrons did not converge, with the feature converged = no.
    #[arg(long, help_heading = "Reading")]
    pub keep_unconverged: bool,

    /// End with an error where a step would be left out: not converged, incomplete, unreadable.
    #[arg(long, help_heading = "Reading")]
    pub strict: bool,

    /// Which energy of VASP is the label [default: free].
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

    /// LAMMPS data: atom style of files that do not name it.
    #[arg(long, value_name = "STYLE", help_heading = "Reading")]
    pub atom_style: Option<String>,
}

impl FileArguments {
    /// Whether nothing was chosen.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Formats by the names that users give them, those of MLIP-2 among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum FormatName {
    /// `.cfg` text.
    #[value(alias = "txt")]
    Cfg,
    /// Binary `.cfg` of MLIP-2, which is refused.
    Bin,
    /// POSCAR and CONTCAR.
    #[value(aliases = ["vasp-poscar", "contcar"])]
    Poscar,
    /// OUTCAR.
    #[value(alias = "vasp-outcar")]
    Outcar,
    /// vasprun.xml.
    #[value(alias = "vasprun.xml")]
    Vasprun,
    /// XDATCAR.
    Xdatcar,
    /// XYZ, plain and extended.
    #[value(alias = "xyz")]
    Extxyz,
    /// LAMMPS data.
    #[value(alias = "lammps-datafile")]
    LammpsData,
    /// LAMMPS dump.
    LammpsDump,
    /// What ASE reads: in a format that ASE calls so, or as ASE recognizes it. Only read.
    #[value(skip)]
    Ase(AseFormat),
}

impl FormatName {
    /// Reads a name: one of the list, `ase`, or `ase:` and ASE's name of a format.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("ase", name)) if !name.is_empty() => Ok(Self::Ase(AseFormat::named(name))),
            None if text == "ase" => Ok(Self::Ase(AseFormat::default())),
            _ => Self::from_str(text, false).map_err(|_| {
                let names = Self::value_variants().iter().filter_map(ValueEnum::to_possible_value);
                let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
                format!("expected {}, ase or ase:NAME", names.join(", "))
            }),
        }
    }

    /// The format; `None` for the one that is not read.
    pub fn format(self) -> Option<Format> {
        match self {
            Self::Cfg => Some(Format::Cfg),
            Self::Bin => None,
            Self::Poscar => Some(Format::Poscar),
            Self::Outcar => Some(Format::Outcar),
            Self::Vasprun => Some(Format::VaspRun),
            Self::Xdatcar => Some(Format::Xdatcar),
            Self::Extxyz => Some(Format::ExtendedXyz),
            Self::LammpsData => Some(Format::LammpsData),
            Self::LammpsDump => Some(Format::LammpsDump),
            Self::Ase(format) => Some(Format::Ase(format)),
        }
    }
}

impl TryFrom<String> for FormatName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<FormatName> for String {
    fn from(name: FormatName) -> Self {
        match (name, name.to_possible_value()) {
            (FormatName::Ase(format), _) => {
                format.name().map_or_else(|| "ase".to_owned(), |name| format!("ase:{name}"))
            }
            (_, Some(value)) => value.get_name().to_owned(),
            (_, None) => Self::new(),
        }
    }
}

/// Energies of VASP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EnergyName {
    /// Free energy, free energy TOTEN: the one whose derivatives the forces are.
    #[default]
    Free,
    /// Extrapolated to zero smearing, energy(sigma->0).
    Sigma0,
    /// Without the entropy of the electrons, energy without entropy.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_formats_are_read_back() {
        for text in ["cfg", "outcar", "lammps-data", "ase", "ase:espresso-out"] {
            assert_eq!(String::from(FormatName::parse(text).unwrap()), text);
        }
        assert_eq!(FormatName::parse("xyz").unwrap().format(), Some(Format::ExtendedXyz));
        for text in ["ase:", "Ase", "nonsense", "x:ase"] {
            let message = FormatName::parse(text).unwrap_err();
            assert!(message.starts_with("expected cfg, bin, poscar") && message.ends_with("ase or ase:NAME"));
        }
    }
}
