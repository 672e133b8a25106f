//! `mtprs convert`: structures from one format into another.

use std::path::PathBuf;

use clap::Args;

use super::reading::{FormatNames, written_formats};
use super::{FrameArguments, PassArguments};
use crate::structure_files::Format;

/// Options of `mtprs convert`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs convert OUTCAR train.cfg --species Mg,V,O
  mtprs convert run1/OUTCAR run2/vasprun.xml.gz all.cfg --potential pot.mtp
  mtprs convert XDATCAR frames.xyz --skip 1000 --every 50
  mtprs convert dump.lammpstrj.zst last.data --last --species Mg,V,O
  mtprs convert preselected.cfg POSCAR
  mtprs convert in.extxyz - --species Si --stress-key REF_stress > out.cfg

Formats that this and all other commands read: .cfg, OUTCAR, vasprun.xml, POSCAR, CONTCAR, XDATCAR, (extended) XYZ, \
LAMMPS data and dump files, each also compressed (.gz, .zst); and folders, which are searched for OUTCAR and \
vasprun.xml. Formats that are written: .cfg, POSCAR, extended XYZ, LAMMPS data; POSCAR and LAMMPS data hold one \
configuration, so further ones get numbered files. Formats are recognized by content and name. --input-format ase \
reads the outputs of other codes, and ASE's own trajectories and databases, with ASE.

Element names are kept with the data. .cfg and LAMMPS data number their species, so the order must be known: from \
--species, from --potential, or from an input that defines an order itself (.cfg with the feature elements, LAMMPS \
data with masses). Names in a file are never overridden. Steps that did not converge, are incomplete or cannot be read \
are left out individually, and a note gives the step and the reason. Inputs are streamed: memory holds one \
configuration at a time.")]
pub struct ConvertArguments {
    /// Input files, in this order; - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file, - for standard output (.cfg unless --output-format says otherwise).
    #[arg(value_name = "OUT", required = true)]
    pub output: PathBuf,

    /// Format of the output, if the file name does not determine it.
    #[arg(long, value_name = "FORMAT", value_parser = FormatNames, hide_possible_values = true,
          help = written_formats())]
    pub output_format: Option<Format>,

    /// Take the order of the elements from this potential.
    #[arg(long, value_name = "POT.mtp", conflicts_with = "species")]
    pub potential: Option<PathBuf>,

    /// Elements of the types of inputs that do not name them, in the order of their numbers; an element may occur twice
    /// [default: the order of the output]. Names in a file must agree with it.
    #[arg(long, value_name = "V,O")]
    pub input_species: Option<String>,

    /// Take only the last configuration of each input.
    #[arg(long, conflicts_with_all = ["skip", "every", "limit"])]
    pub last: bool,

    /// Which configurations.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: PassArguments,
}
