//! `mtprs analyze melt`: whether a run melted, and what it ends with.

use std::path::PathBuf;

use clap::Args;

use super::ranges::positive;
use super::{FrameArguments, WorkArguments};
use crate::analysis::Pair;
use crate::analysis::melt::{Expectation, MeltSettings};

/// Options of `mtprs analyze melt`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs analyze melt dump.lammpstrj --species V,O --pairs V-O --within 2.3
  mtprs analyze melt quench.dump --species V,O --reference POSCAR.alpha --expect amorphous
  mtprs analyze melt heat.1 heat.2 --json melt.json

Reports for each species whether it melted, and whether the end of the run is crystalline or amorphous, with the \
figures behind the verdict: the root mean square displacement from the first frame to the last part of the run, next \
to the nearest-neighbor distance; the distance from the sites of the crystal (the first frame, or --reference) after \
the best shift, flip and assignment; g(r) at long range; and the distribution of coordination numbers. The files are \
parts of one run, in this order. Atoms are followed by their nearest image from frame to frame, so no atom may move by \
half of the cell between two frames.

Exit code: 0 whatever is found; with --expect, 3 if the verdict is a different one.")]
pub struct MeltArguments {
    /// The run, in consecutive parts; - for standard input.
    #[arg(value_name = "TRAJ", required = true, num_args = 1..)]
    pub trajectories: Vec<PathBuf>,

    /// The crystal: the first configuration of this file [default: the first frame].
    #[arg(long, value_name = "CRYSTAL")]
    pub reference: Option<PathBuf>,

    /// Species to compare with the crystal [default: all].
    #[arg(long, value_name = "V,O", value_delimiter = ',')]
    pub compare: Vec<String>,

    /// Fraction of the frames that make up the last part of the run.
    #[arg(long, value_name = "SHARE", value_parser = part, default_value_t = MeltSettings::default().last)]
    pub last: f64,

    /// Pairs whose neighbors are counted, the central species first.
    #[arg(long, value_name = "V-O", value_delimiter = ',')]
    pub pairs: Vec<Pair>,

    /// Distance within which neighbors are counted, Å.
    #[arg(long, value_name = "RADIUS", value_parser = positive, default_value_t = MeltSettings::default().within, requires = "pairs")]
    pub within: f64,

    /// Exit with code 3 unless the verdict is this: melted, not-melted, amorphous or crystalline.
    #[arg(long, value_name = "VERDICT")]
    pub expect: Option<Expectation>,

    /// Which frames.
    #[command(flatten)]
    pub frames: FrameArguments,

    /// Also write everything as JSON; - for standard output instead of the tables.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// How to read, write and run.
    #[command(flatten)]
    pub common: WorkArguments,
}

/// A share that is not nothing.
fn part(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| "expected a share above 0, at most 1".to_owned())
}
