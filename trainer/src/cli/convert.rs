//! `mtprs convert`: structures from one format into another.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::structure_files::{EnergyKind, Format};

use super::WriteArguments;

/// Options of `mtprs convert`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs convert OUTCAR train.cfg --species Mg,V,O
  mtprs convert run1/OUTCAR run2/vasprun.xml.gz all.cfg --potential pot.mtp
  mtprs convert XDATCAR frames.xyz --skip 1000 --every 50
  mtprs convert dump.lammpstrj.zst last.data --last --species Mg,V,O
  mtprs convert preselected.cfg POSCAR
  mtprs convert in.extxyz - --species Si --stress-key REF_stress > out.cfg

Read: .cfg, OUTCAR, vasprun.xml, POSCAR, CONTCAR, XDATCAR, (extended) XYZ, LAMMPS data and dumps, each also as .gz or \
.zst. Written: .cfg, POSCAR, extended XYZ, LAMMPS data; POSCAR and data hold one configuration and are numbered where \
there are more. Formats are recognized by content and name.

Element names travel with the data. .cfg and LAMMPS data number their species, so the order must be known: from --species, \
from --potential, or from an input that has an order itself (.cfg with the feature elements, LAMMPS data with masses). \
Electronic steps that did not converge are left out and counted. Long inputs stream: memory holds one configuration.")]
pub struct ConvertArguments {
    /// Files to read, in this order, - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// File to write, - for standard output (.cfg unless --output-format says otherwise).
    #[arg(value_name = "OUT", required = true)]
    pub output: PathBuf,

    /// Format of all inputs, if it is not to be recognized.
    #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub input_format: Option<FormatName>,

    /// Format of the output, if the name does not say it: cfg, poscar, extxyz or lammps-data.
    #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true)]
    pub output_format: Option<FormatName>,

    /// Elements in the order of their numbers in the output.
    #[arg(long, value_name = "Mg,V,O", conflicts_with = "potential")]
    pub species: Option<String>,

    /// Take the order of the elements from this potential.
    #[arg(long, value_name = "POT.mtp")]
    pub potential: Option<PathBuf>,

    /// Elements by number in inputs without names [default: the order of the output].
    #[arg(long, value_name = "V,O")]
    pub input_species: Option<String>,

    /// Only the last configuration of each input.
    #[arg(long, conflicts_with_all = ["skip", "every", "limit"])]
    pub last: bool,

    /// Leave out this many configurations at the beginning of each input.
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    pub skip: u64,

    /// Only every so many-th configuration of each input, beginning with the first.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub every: u64,

    /// At most this many configurations of each input.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub limit: Option<u64>,

    /// Which energy of VASP is the label.
    #[arg(long, value_enum, default_value_t)]
    pub energy: EnergyName,

    /// Keep steps whose electrons did not converge, with the feature converged = no.
    #[arg(long)]
    pub keep_unconverged: bool,

    /// End with an error where a step would be left out: not converged, incomplete, unreadable.
    #[arg(long)]
    pub strict: bool,

    /// Extended XYZ: key of the energy, eV [default: free_energy or energy].
    #[arg(long, value_name = "KEY")]
    pub energy_key: Option<String>,

    /// Extended XYZ: column of the forces, eV/Å [default: forces or force].
    #[arg(long, value_name = "KEY")]
    pub forces_key: Option<String>,

    /// Extended XYZ: key of the stress, eV/Å³, positive under tension [default: stress].
    #[arg(long, value_name = "KEY")]
    pub stress_key: Option<String>,

    /// Extended XYZ: key of the virial, eV, positive under compression [default: virial].
    #[arg(long, value_name = "KEY")]
    pub virial_key: Option<String>,

    /// LAMMPS data: atom style of files that do not name it.
    #[arg(long, value_name = "STYLE")]
    pub atom_style: Option<String>,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// Show neither progress nor summary on standard error.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Formats by the names that users give them, those of MLIP-2 among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
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
}

impl FormatName {
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
        }
    }
}

/// Energies of VASP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
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
