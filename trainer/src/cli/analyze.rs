//! `mtprs analyze`: what trajectories say.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::analyze_diffusion::DiffusionArguments;
use super::analyze_melt::MeltArguments;
use super::analyze_order::OrderArguments;
use super::ranges::positive;
use super::{FrameArguments, WorkArguments};
use crate::analysis::{Pair, RdfSettings};

/// Options of `mtprs analyze`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs analyze rdf dump.lammpstrj --cutoff 8
  mtprs analyze rdf XDATCAR dump.lammpstrj --labels AIMD,MTP --skip 500 --report rdf.html
  mtprs analyze diffusion dump.lammpstrj --mobile Mg --skip 1000
  mtprs analyze order glass.data --of Mg --direction 1,1,0")]
pub struct AnalyzeArguments {
    /// What to compute.
    #[command(subcommand)]
    pub command: AnalyzeCommand,
}

/// The commands of `mtprs analyze`.
#[derive(Debug, Subcommand)]
pub enum AnalyzeCommand {
    /// Radial distribution functions and coordination numbers, with errors.
    Rdf(Box<RdfArguments>),
    /// Diffusivities of mobile ions with confidence intervals, or upper limits where there is no diffusion yet.
    Diffusion(Box<DiffusionArguments>),
    /// Layers along the axes, directional disorder compared with random positions, distance from a crystal.
    Order(Box<OrderArguments>),
    /// Whether a run melted, and whether it ends with a crystal or a glass.
    Melt(Box<MeltArguments>),
}

/// Options of `mtprs analyze rdf`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs analyze rdf dump.lammpstrj --cutoff 8 --bins 400 --skip 1000 --every 10
  mtprs analyze rdf dump.lammpstrj --species Mg,V,O --pairs V-O,O-V,all-all --within 2.3 --table rdf.txt
  mtprs analyze rdf XDATCAR dump.lammpstrj --labels AIMD,MTP --report rdf.html
  mtprs analyze rdf dump.1 dump.2 --labels 900K,900K --json rdf.json

Prints, for each pair, the first peak of g(r), the minimum behind it and the coordination number up to there. --table \
writes the curves in the columns of LAMMPS's compute rdf with fix ave/time mode vector, followed by their standard \
errors. Each trajectory is averaged separately; trajectories with the same label are parts of one, also for --skip, \
--every and --limit. A folder is one trajectory made of the VASP runs in it. All formats of mtprs convert are read; \
memory does not grow with the number of frames.

V-O means oxygen around vanadium: g(r) is the same as for O-V, the coordination number is not. Pairs are counted with \
all periodic images, so the cutoff may exceed half of the cell. Volume and number of atoms may change from frame to \
frame. Frames that are not periodic in three directions need --volume.

Errors come from block averages; the block length is chosen so that blocks are uncorrelated. A note says where the run \
is too short for that.")]
pub struct RdfArguments {
    /// Trajectories, - for standard input.
    #[arg(value_name = "TRAJ", required = true, num_args = 1..)]
    pub trajectories: Vec<PathBuf>,

    /// Labels of the trajectories in tables and plots [default: the file names].
    #[arg(long, value_name = "AIMD,MTP", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Largest distance, Å.
    #[arg(long, value_name = "RADIUS", value_parser = positive, default_value_t = RdfSettings::default().cutoff)]
    pub cutoff: f64,

    /// Intervals of equal width up to the cutoff.
    #[arg(long, value_name = "COUNT", value_parser = intervals, default_value_t = RdfSettings::default().bins)]
    pub bins: usize,

    /// Pairs, the central species first; all stands for any species, numbers from 0 for species without names [default: all
    /// pairs of species].
    #[arg(long, value_name = "Mg-O,V-O", value_delimiter = ',')]
    pub pairs: Vec<Pair>,

    /// Also report the number of neighbors within these distances, Å.
    #[arg(long, value_name = "2.3,3.0", value_delimiter = ',', value_parser = positive)]
    pub within: Vec<f64>,

    /// Volume occupied by the atoms in frames that are not periodic in three directions, Å³.
    #[arg(long, value_name = "VOLUME", value_parser = positive)]
    pub volume: Option<f64>,

    /// Which frames.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// Where results go.
    #[command(flatten)]
    pub results: ResultArguments,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// Where the results of an analysis of trajectories go.
#[derive(Args, Debug)]
pub struct ResultArguments {
    /// Also write the curves as columns; - for standard output instead of the summary.
    #[arg(long, value_name = "FILE")]
    pub table: Option<PathBuf>,

    /// Also write everything as JSON; - for standard output instead of the summary.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write an HTML page with plots; - for standard output instead of the summary.
    #[arg(long, value_name = "FILE.html", visible_alias = "html")]
    pub report: Option<PathBuf>,
}

/// Intervals: more would only be noise, and cost memory.
fn intervals(text: &str) -> Result<usize, String> {
    const MOST: usize = 10_000;
    let number = text.parse().ok().filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| format!("expected a number from 1 to {MOST}"))
}
