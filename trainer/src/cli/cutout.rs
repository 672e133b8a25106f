//! `mtprs cutout`: the surroundings of extrapolating atoms, small enough for DFT.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

use super::WorkArguments;
use super::ranges::{limit, not_negative, positive};
use super::reading::{FormatNames, written_formats};
use crate::structure_files::Format;

/// Options of `mtprs cutout`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs cutout pot.mtp preselected.cfg cutouts.cfg --state nbh.mtps
  mtprs cutout pot.mtp preselected.cfg POSCAR --state nbh.als --threshold 3 --limit 10 --separation 5
  mtprs cutout pot.mtp glass.data cell.vasp --atoms 17,203 --radius 5 --json report.json

The core, that is all atoms within the radius of the center, stays exactly where it is: with the default radius or a \
larger one, the site energy and grade of the center are those in the large cell. The new cell is the smallest in which \
the center sees no image of its core. Its edges are orthogonal, except that a direction in which the large cell is no \
longer than that keeps its own vector; a large cell that is small in all directions is taken as a whole. The rest of \
the cell is filled with the atoms found there. Atoms that come too close across the boundary are removed, and missing \
ones are added where there is most room, so that the cell has the density and composition of the large one, in whole \
formula units if these are small. Edges up to 1 Å longer are tried, and the cells that hold most atoms are relaxed \
outside the core with the potential (L-BFGS), one after the other, until one of them has converged. An atom that the \
potential pulls into the core from next to it joins the core at its old position. Where the potential pulls atoms \
closer than allowed, they are held apart, and a note says so.

In .cfg, the center comes first, then the core, then the rest. The features are cutout_source \
(file:configuration:atom), cutout_center and cutout_core (atoms, counted from one), cutout_grade_before, \
cutout_grade_after and cutout_force. Labels of the large cell are not kept.")]
pub struct CutoutArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Input files: .cfg or any other format of mtprs convert, - for standard input.
    #[arg(value_name = "IN", required = true, num_args = 1..)]
    pub inputs: Vec<PathBuf>,

    /// Output file, - for standard output (.cfg unless --output-format says otherwise).
    #[arg(value_name = "OUT", required = true)]
    pub output: PathBuf,

    /// Selection state in neighborhood mode: cut around the atoms whose grades exceed the threshold.
    #[arg(long, value_name = "STATE", required_unless_present = "atoms")]
    pub state: Option<PathBuf>,

    /// Grade above which an atom is a center.
    #[arg(long, value_name = "NUMBER", default_value_t = 2.1, value_parser = positive)]
    pub threshold: f64,

    /// Cut around these atoms, counted from one: ATOM, or CONFIGURATION:ATOM if there are several configurations.
    #[arg(long, value_name = "17,3:204", value_delimiter = ',')]
    pub atoms: Option<Vec<AtomPlace>>,

    /// Maximum number of cut-outs, those with the largest grades first; 0 for no limit.
    #[arg(long, value_name = "COUNT", default_value = "0", value_parser = limit)]
    pub limit: usize,

    /// Radius of the core, Å [default: the cutoff of the potential].
    #[arg(long, value_name = "DISTANCE", value_parser = positive)]
    pub radius: Option<f64>,

    /// Atoms within this distance of an earlier center are not used as centers, Å [default: radius minus cutoff, which
    /// excludes only atoms whose neighborhoods lie within the core].
    #[arg(long, value_name = "DISTANCE", value_parser = not_negative)]
    pub separation: Option<f64>,

    /// Smallest distance between atoms outside the core, Å: for all pairs, or A-B:DISTANCE for one pair of species
    /// [default: for each pair of species 0.9 times the shortest distance in the large cell outside the core, but at least
    /// the potential's min_dist].
    #[arg(long, value_name = "1.5,V-O:1.4", value_delimiter = ',')]
    pub min_distance: Vec<MinDistance>,

    /// Converge forces outside the core to this, eV/Å.
    #[arg(long, value_name = "FORCE", default_value_t = 0.05, value_parser = not_negative)]
    pub max_force: f64,

    /// Maximum number of relaxation steps, 0 for no relaxation.
    #[arg(long, value_name = "COUNT", default_value_t = 1000)]
    pub max_steps: usize,

    /// Format of the output, if the file name does not determine it.
    #[arg(long, value_name = "FORMAT", value_parser = FormatNames, hide_possible_values = true,
          help = written_formats())]
    pub output_format: Option<Format>,

    /// Write a report on the cut-outs as JSON; - for standard output.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// An atom of a configuration, both from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtomPlace {
    /// The configuration, if it is named.
    pub configuration: Option<u64>,
    /// The atom.
    pub atom: usize,
}

/// A smallest distance, Å, of all pairs or of two species as the user calls them.
#[derive(Clone, Debug, PartialEq)]
pub struct MinDistance {
    /// The species.
    pub pair: Option<[String; 2]>,
    /// The distance.
    pub distance: f64,
}

impl FromStr for AtomPlace {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let from_one = |word: &str| word.parse::<u64>().ok().filter(|number| *number > 0);
        let place = match word.split_once(':') {
            None => from_one(word).map(|atom| (None, atom)),
            Some((configuration, atom)) => {
                from_one(configuration).zip(from_one(atom)).map(|(number, atom)| (Some(number), atom))
            }
        };
        let place = place.and_then(|(configuration, atom)| {
            Some(Self { configuration, atom: usize::try_from(atom).ok()? })
        });
        place.ok_or("expected ATOM or CONFIGURATION:ATOM, counted from one")
    }
}

impl FromStr for MinDistance {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let (pair, number) = match word.rsplit_once(':') {
            None => (None, word),
            Some((pair, number)) => (pair.split_once('-').map(|(a, b)| [a.to_owned(), b.to_owned()]), number),
        };
        let distance = number.parse::<f64>().ok().filter(|distance| *distance > 0.0 && distance.is_finite());
        match distance {
            Some(distance) if pair.is_some() || !word.contains(':') => Ok(Self { pair, distance }),
            _ => Err("expected a distance in Å like 1.5, or V-O:1.4 for a pair"),
        }
    }
}
