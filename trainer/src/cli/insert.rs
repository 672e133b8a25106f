//! `mtprs insert`: ions put into a host.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::ranges::{at_least, not_negative, positive};
use super::reading::{FileArguments, FormatNames, written_formats};
use super::{RunArguments, WriteArguments};
use crate::insertion::{Balance, Charge, SiteSettings};
use crate::structure_files::Format;

/// Options of `mtprs insert`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs insert glass.vasp --species Mg --count 12 --charges V=5,O=-2,Mg=2 -o mg.xyz
  mtprs insert V2O5.data --input-species V,O --species Mg --count 12 --charges V=5,O=-2,Mg=2 --potential pot.mtp -o POSCAR
  mtprs insert host.cfg --species Li --count 4 --charges Ti=4,O=-2,Li=1 --potential pot.mtp --state pot.mtps -o li.cfg --json li.json
  mtprs insert host.vasp --species Mg --count 1 --charges V=5,O=-2,Mg=2 --balance background --keep 20 -o mg.xyz

Sites are the vertices of the Voronoi tessellation of the host that are far enough from its atoms; of vertices close \
to each other, the one with the most room is kept. The sites are occupied so as to minimize the electrostatic energy \
of formal charges (Ewald sum): greedily from every site, then with swaps of an occupied and an empty site, and kicks \
out of local minima. The lowest occupations are kept, each a different set of sites; in a crystal many are equivalent \
by symmetry.

If the charges do not add up to zero, the cation of the host is reduced by the electrons that the ions bring (V 5 \
becomes V 4), or a uniform background neutralizes the cell, or the species given by --balance takes the rest.

With --potential, each structure is relaxed (L-BFGS, fixed cell) and the structures are ranked by their relaxed \
energies. The electrostatically lowest one is often no longer the lowest, so both ranks are reported. If the host file \
has several configurations, the last one is used. Structures are written in the order of their rank; POSCAR and LAMMPS \
data hold one structure, so further ones get numbered files.")]
pub struct InsertArguments {
    /// The host, a crystal or glass that is periodic in three directions, in any format of mtprs convert; - for standard
    /// input.
    #[arg(value_name = "HOST")]
    pub host: PathBuf,

    /// Element of the ions to insert.
    #[arg(long, value_name = "Mg")]
    pub species: String,

    /// Number of ions to insert.
    #[arg(long, value_name = "COUNT", value_parser = at_least(1_usize))]
    pub count: usize,

    /// Formal charges of all species of the host and of the ions, e.
    #[arg(
        long,
        value_name = "V=5,O=-2,Mg=2",
        value_delimiter = ',',
        required = true,
        allow_hyphen_values = true
    )]
    pub charges: Vec<Charge>,

    /// Output file, - for standard output.
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,

    /// Format of the output, if the file name does not determine it.
    #[arg(long, value_name = "FORMAT", value_parser = FormatNames, hide_possible_values = true,
          help = written_formats())]
    pub output_format: Option<Format>,

    /// Configuration of the host to use, counted from one [default: the last].
    #[arg(long, value_name = "NUMBER", value_parser = at_least(1_u64))]
    pub frame: Option<u64>,

    /// Elements of the types of a host that does not name them, in the order of their numbers.
    #[arg(long, value_name = "V,O")]
    pub input_species: Option<String>,

    /// Order of the elements in the output, and in a potential that does not name them [default: that of the potential, or
    /// that of the host followed by the ions].
    #[arg(long, value_name = "Mg,V,O")]
    pub order: Option<String>,

    /// Smallest distance of a site from atoms with a positive charge, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative, default_value_t = SiteSettings::default().cation_distance)]
    pub cation_distance: f64,

    /// Smallest distance of a site from all other atoms, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative, default_value_t = SiteSettings::default().anion_distance)]
    pub anion_distance: f64,

    /// Vertices closer to each other than this are merged into one site, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative, default_value_t = SiteSettings::default().merge)]
    pub merge: f64,

    /// What compensates the total charge: a species of the host, or background [default: the only cation of the host other
    /// than the ions].
    #[arg(long, value_name = "SPECIES|background")]
    pub balance: Option<Balance>,

    /// Number of occupations to keep.
    #[arg(long, value_name = "COUNT", default_value_t = 8, value_parser = at_least(1_usize))]
    pub keep: usize,

    /// Number of kicks in each of the 16 chains of the search, 0 for greedy search and swaps only.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub kicks: usize,

    /// Seed of the search.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,

    /// Relax the structures with this potential, and rank them by its energies.
    #[arg(long, value_name = "POT.mtp")]
    pub potential: Option<PathBuf>,

    /// Also grade the relaxed structures with this selection state.
    #[arg(long, value_name = "STATE", requires = "potential")]
    pub state: Option<PathBuf>,

    /// Converge forces to this, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 0.01, allow_negative_numbers = true, value_parser = not_negative)]
    pub max_force: f64,

    /// Maximum number of relaxation steps, 0 for no relaxation: the energies are then those of the unrelaxed structures.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub max_steps: usize,

    /// Structures with atoms closer than this are ranked last, Å [default: min_dist of the potential].
    #[arg(long, value_name = "DISTANCE", value_parser = positive)]
    pub min_distance: Option<f64>,

    /// Also write everything as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How the host is read.
    #[command(flatten)]
    pub reading: FileArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to run.
    #[command(flatten)]
    pub run: RunArguments,
}

impl FromStr for Charge {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let expected = "expected a species and a charge other than 0, like V=5 or O=-2";
        let (species, charge) = word.split_once('=').ok_or(expected)?;
        let species = species.trim();
        let charge = charge.trim().parse().ok().filter(|charge: &f64| charge.is_finite() && *charge != 0.0);
        match charge {
            Some(charge) if !species.is_empty() => Ok(Self { species: species.to_owned(), charge }),
            _ => Err(expected),
        }
    }
}

impl FromStr for Balance {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "" => Err("expected a species of the host, or background"),
            "background" => Ok(Self::Background),
            name => Ok(Self::Species(name.to_owned())),
        }
    }
}
