//! `mtprs analyze diffusion`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::analyze::ResultArguments;
use super::ranges::{at_least, positive};
use super::{FrameArguments, WorkArguments};
use crate::analysis::Atoms;
use crate::analysis::transport::{EscapeSettings, ReferenceFrame, Settings};

/// Options of `mtprs analyze diffusion`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs analyze diffusion dump.lammpstrj --species Mg,V,O --mobile Mg --timestep 0.002 --skip 1000
  mtprs analyze diffusion 900K.dump 1200K.dump --mobile Mg --temperature 900,1200 --report diffusion.html
  mtprs analyze diffusion run.1.dump run.2.dump --labels 900K,900K --mobile Mg --json diffusion.json

Computes the mean squared displacement of the ions (MSD) and of their center (MSCD), counts the ions that leave their \
sites, and reports D*, D_J and the Haven ratio with 95 % confidence intervals where there is diffusion: the MSD grows \
in proportion to the lag, both halves of the run agree, enough ions have left their sites, at random, and D* is well \
above its error. Otherwise the verdict is caged or not yet diffusive, and instead of D* an upper limit is reported, \
with the run length that would decide.

Positions should be unwrapped and have ids (LAMMPS: dump custom ... id type xu yu zu, or x y z ix iy iz). Other \
positions are unwrapped from frame to frame; this is refused where an atom moves by more than 0.4 of the cell. Frames \
must be equally spaced in time: times are those in the file in ps (LAMMPS: dump_modify time yes), or the step numbers \
times --timestep. With --temperature, one for each trajectory, an activation energy is fitted to values and limits. \
Only the tracks of the mobile ions and of some host atoms are kept in memory.")]
pub struct DiffusionArguments {
    /// Trajectories, - for standard input.
    #[arg(value_name = "TRAJ", required = true, num_args = 1..)]
    pub trajectories: Vec<PathBuf>,

    /// The mobile species; all stands for all atoms, numbers from 0 for species without names.
    #[arg(long, value_name = "Mg")]
    pub mobile: Atoms,

    /// Labels of the trajectories; those with the same label are parts of one [default: the file names].
    #[arg(long, value_name = "900K,1200K", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Temperature of each trajectory, K: one for each label, or for each file.
    #[arg(long, value_name = "900,1200", value_delimiter = ',', value_parser = positive)]
    pub temperature: Vec<f64>,

    /// MD time step, ps, for frames without times.
    #[arg(long, value_name = "PS", value_parser = positive)]
    pub timestep: Option<f64>,

    /// Reference of the displacements: the center of mass of all other atoms (host), that of all atoms, or the cell (none).
    #[arg(long, value_name = "FRAME", value_enum, default_value = "host")]
    pub frame: FrameName,

    /// Maximum number of lags in tables, plots and JSON, evenly spaced on a logarithmic scale.
    #[arg(long, value_name = "COUNT", value_parser = at_least(2_usize), default_value_t = 200)]
    pub lags: usize,

    /// Distance beyond which an ion has left its site, Å.
    #[arg(long, value_name = "DISTANCE", value_parser = positive, default_value_t = EscapeSettings::default().distance)]
    pub escape: f64,

    /// Jump length for upper limits where fewer than five jumps were seen, Å.
    #[arg(long, value_name = "LENGTH", value_parser = positive, default_value_t = Settings::default().jump_length)]
    pub jump: f64,

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

/// What displacements are relative to.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum FrameName {
    /// The center of mass of all atoms that are not mobile.
    Host,
    /// The center of mass of all atoms.
    All,
    /// The cell.
    None,
}

impl From<FrameName> for ReferenceFrame {
    fn from(choice: FrameName) -> Self {
        match choice {
            FrameName::Host => Self::Host,
            FrameName::All => Self::All,
            FrameName::None => Self::None,
        }
    }
}
