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

Computes mean squared displacements of the ions (MSD) and of their center (MSCD), counts the ions that leave their places, and \
states D*, D_J and the Haven ratio with 95 % intervals where there is diffusion: MSD grows in proportion to the lag, both \
halves of the run agree, enough ions have left their places, at random, and D* is well above its error. Elsewhere the verdict \
is caged or not yet diffusive, no D* is stated, and an upper limit is, with the length of run that would decide.

Positions should be unwrapped and have ids (LAMMPS: dump custom ... id type xu yu zu, or x y z ix iy iz). Others are unwrapped from \
frame to frame, which is refused where an atom moves by more than 0.4 of the cell. Frames follow each other in equal times: those \
that the file gives in ps (LAMMPS: dump_modify time yes), or the numbers of steps times --timestep. With --temperature, one for each \
trajectory, an activation energy is fitted to values and limits. Only the tracks of the mobile ions and of some atoms of the host are \
kept in memory.")]
pub struct DiffusionArguments {
    /// Trajectories, - for standard input.
    #[arg(value_name = "TRAJ", required = true, num_args = 1..)]
    pub trajectories: Vec<PathBuf>,

    /// The species that moves; all stands for all atoms, numbers from 0 for species without names.
    #[arg(long, value_name = "Mg")]
    pub mobile: Atoms,

    /// What each trajectory is called; those of the same name are parts of one [default: its file].
    #[arg(long, value_name = "900K,1200K", value_delimiter = ',')]
    pub labels: Vec<String>,

    /// Temperature of each trajectory, K: one for each label, or for each file.
    #[arg(long, value_name = "900,1200", value_delimiter = ',', value_parser = positive)]
    pub temperature: Vec<f64>,

    /// Length of a step of MD, ps, where frames give no times.
    #[arg(long, value_name = "PS", value_parser = positive)]
    pub timestep: Option<f64>,

    /// What displacements are relative to: the center of mass of all other atoms, or of all atoms, or the cell.
    #[arg(long, value_name = "FRAME", value_enum, default_value = "host")]
    pub frame: FrameName,

    /// Most lags in tables, plots and JSON, evenly spread over their logarithms.
    #[arg(long, value_name = "COUNT", value_parser = at_least(2_usize), default_value_t = 200)]
    pub lags: usize,

    /// Distance, Å, beyond which an ion has left its place.
    #[arg(long, value_name = "DISTANCE", value_parser = positive, default_value_t = EscapeSettings::default().distance)]
    pub escape: f64,

    /// Length of a jump, Å, in upper limits where fewer than five were seen.
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
