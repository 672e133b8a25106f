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

For each species: the number of layers along a, b, c with |F|, the disorder η along these axes, along directions of your choice, \
its largest and least value over all directions; beside each figure that of random positions, as many, by the same search, and \
how many of their standard deviations lie between. Few atoms find layers anywhere, so a figure alone says nothing. \
Trajectories give averages over their frames and the spread; each is averaged by itself. Reads what mtprs convert reads.

--reference also gives the crystal distance: the root mean square of the displacements that bring the atoms onto the sites of \
a crystal, whose cell is repeated and stretched to fill that of the structure, after the best shift, flip and assignment.")]
pub struct OrderArguments {
    /// Structures or trajectories, - for standard input.
    #[arg(value_name = "STRUCT", required = true, num_args = 1..)]
    pub structures: Vec<PathBuf>,

    /// What each of them is called in tables and plots [default: its file].
    #[arg(long, value_name = "BEFORE,AFTER", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Species whose order is measured, numbers from 0 for species without names [default: all, each by itself].
    #[arg(long, value_name = "Mg,V", value_delimiter = ',')]
    pub of: Vec<String>,

    /// A further direction u,v,w of the lattice, that of u a + v b + w c; may be repeated.
    #[arg(long, value_name = "1,1,0", action = ArgAction::Append, allow_hyphen_values = true)]
    pub direction: Vec<Miller>,

    /// How layers are found: circular, or pylro to compare with figures of that program.
    #[arg(long, value_name = "DEFINITION", default_value_t)]
    pub definition: Definition,

    /// Most layers in the cell along an axis.
    #[arg(long, value_name = "COUNT", value_parser = layers, default_value_t = OrderSettings::default().max_layers)]
    pub max_layers: usize,

    /// Random arrangements to compare with.
    #[arg(long, value_name = "COUNT", value_parser = at_least(10_usize), default_value_t = OrderSettings::default().draws)]
    pub draws: usize,

    /// What their positions are drawn from.
    #[arg(long, value_name = "NUMBER", default_value_t = OrderSettings::default().seed)]
    pub seed: u64,

    /// Also give the distance from this crystal, the first configuration of a file.
    #[arg(long, value_name = "CRYSTAL")]
    pub reference: Option<PathBuf>,

    /// Species that are compared with the crystal [default: all of it].
    #[arg(long, value_name = "V,O", value_delimiter = ',', requires = "reference")]
    pub compare: Vec<String>,

    /// Which frames.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// Also write everything as JSON, - for standard output in place of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write a page with η drawn on the sphere, one HTML file; - for standard output in place of the tables.
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
