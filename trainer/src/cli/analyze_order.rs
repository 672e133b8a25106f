//! `mtprs analyze order`: layers and directional disorder.

use std::path::PathBuf;

use clap::{ArgAction, Args};

use super::ranges::at_least;
use super::{FrameArguments, WorkArguments};
use crate::analysis::order::{Definition, Miller, OrderSettings};

/// Options of `mtprs analyze order`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs analyze order glass.data --of Mg
  mtprs analyze order POSCAR CONTCAR --labels before,after --of Mg,V --direction 1,1,0 --report order.html
  mtprs analyze order dump.lammpstrj --species Mg,V,O --of Mg --skip 500 --every 10 --json order.json
  mtprs analyze order frames.xyz --reference POSCAR.alpha --compare V,O

Reports for each species the number of layers along a, b and c with |F|; the disorder η along these axes and along any \
other directions given; and its largest and smallest value over all directions. Each figure is accompanied by that of \
equally many atoms at random positions, found by the same search, and by the difference in standard deviations. With \
few atoms layers are found anywhere, so a figure alone says nothing. For trajectories, averages and spreads over the \
frames are reported; each trajectory is averaged separately. All formats of mtprs convert are read.

--reference adds the crystal distance: the root mean square of the displacements that bring the atoms onto the sites \
of a crystal, whose cell is repeated and stretched to fill that of the structure, after the best shift, flip and \
assignment.")]
pub struct OrderArguments {
    /// Structures or trajectories, - for standard input.
    #[arg(value_name = "STRUCT", required = true, num_args = 1..)]
    pub structures: Vec<PathBuf>,

    /// Labels of the structures in tables and plots [default: the file names].
    #[arg(long, value_name = "BEFORE,AFTER", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Species to analyze, numbers from 0 for species without names [default: each species].
    #[arg(long, value_name = "Mg,V", value_delimiter = ',')]
    pub of: Vec<String>,

    /// An additional lattice direction u,v,w, that is u a + v b + w c; may be repeated.
    #[arg(long, value_name = "1,1,0", action = ArgAction::Append, allow_hyphen_values = true)]
    pub direction: Vec<Miller>,

    /// Definition of layers: circular, or pylro for comparison with that program.
    #[arg(long, value_name = "DEFINITION", default_value_t)]
    pub definition: Definition,

    /// Maximum number of layers in the cell along an axis.
    #[arg(long, value_name = "COUNT", value_parser = layers, default_value_t = OrderSettings::default().max_layers)]
    pub max_layers: usize,

    /// Number of random arrangements to compare with.
    #[arg(long, value_name = "COUNT", value_parser = at_least(10_usize), default_value_t = OrderSettings::default().draws)]
    pub draws: usize,

    /// Seed of the random positions.
    #[arg(long, value_name = "NUMBER", default_value_t = OrderSettings::default().seed)]
    pub seed: u64,

    /// Also report the distance from this crystal, the first configuration of a file.
    #[arg(long, value_name = "CRYSTAL")]
    pub reference: Option<PathBuf>,

    /// Species to compare with the crystal [default: all].
    #[arg(long, value_name = "V,O", value_delimiter = ',', requires = "reference")]
    pub compare: Vec<String>,

    /// Which frames.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// Also write everything as JSON; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write an HTML page with η on the sphere; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE.html", visible_alias = "html")]
    pub report: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// Numbers of layers: more are thinner than atoms in any cell.
fn layers(text: &str) -> Result<usize, String> {
    const MOST: usize = 1000;
    let number = text.parse().ok().filter(|number| (2..=MOST).contains(number));
    number.ok_or_else(|| format!("expected a number from 2 to {MOST}"))
}
