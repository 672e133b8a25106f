//! `mtprs scaling` as the program needs it.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use mtprs_core::evaluate::Precision;

use super::streams::{reading, refuse_stdout_twice};
use super::{Files, RunSettings, usage_error};
use crate::cli::ScalingArguments;
use crate::endpoint::{Input, Output};
use crate::scaling::Network;
use crate::structure_files::Reading;

/// Most ranks that are predicted for.
const MOST_RANKS: usize = 1_000_000;
/// Largest of the numbers of ranks that are taken by default.
const LARGEST_DEFAULT: usize = 16_384;

/// What to predict and on which machine.
#[derive(Debug)]
pub struct ScalingJob {
    /// File of the potential.
    pub potential: PathBuf,
    /// The atoms.
    pub source: AtomSource,
    /// How a structure is read, and the names of species.
    pub reading: Reading,
    /// Numbers of ranks in ascending order, if they are given.
    pub ranks: Option<Vec<usize>>,
    /// Threads of each rank.
    pub threads_per_rank: usize,
    /// The machine.
    pub network: Network,
    /// Skin, Å.
    pub skin: f64,
    /// Steps between two neighbor lists, if they are given.
    pub rebuild_every: Option<f64>,
    /// Temperature, K.
    pub temperature: f64,
    /// Sums over all ranks in a step.
    pub reductions: f64,
    /// Time step, ps.
    pub timestep: f64,
    /// Time to simulate, ps.
    pub time: f64,
    /// Seconds of the potential per atom, if they are given.
    pub pair: Option<f64>,
    /// Log of LAMMPS with the times, if there is one.
    pub log: Option<PathBuf>,
    /// Efficiency that is worth its cores.
    pub efficiency: f64,
    /// Precision of the work per neighbor.
    pub precision: Precision,
    /// Where the JSON goes, if wanted.
    pub json: Option<Output>,
    /// Where the page goes, if wanted.
    pub report: Option<Output>,
    /// Cores of the measurement, and progress.
    pub run: RunSettings,
}

/// Where the atoms come from.
#[derive(Clone, Debug, PartialEq)]
pub enum AtomSource {
    /// A structure.
    Structure {
        /// The file.
        input: Input,
        /// How often it is repeated.
        sizes: Vec<Size>,
    },
    /// So many atoms everywhere alike.
    Density {
        /// Atoms per Å³.
        density: f64,
        /// Numbers of atoms.
        atoms: Vec<f64>,
    },
}

/// How often a structure is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// So often along each vector.
    Copies([usize; 3]),
    /// To about so many atoms.
    Atoms(f64),
}

impl ScalingJob {
    pub(super) fn files(&self) -> Files {
        let files = Files::default().reads([&self.potential]).reads(&self.log);
        let files = match &self.source {
            AtomSource::Structure { input, .. } => files.takes([input]),
            AtomSource::Density { .. } => files,
        };
        files.makes(&self.json).makes(&self.report)
    }

    /// Numbers of ranks for so many atoms, no more than there are atoms.
    pub fn ranks_for(&self, atoms: f64) -> Vec<usize> {
        let default =
            || (0..).map(|power| 1_usize << power).take_while(|ranks| *ranks <= LARGEST_DEFAULT).collect();
        let ranks: Vec<usize> = self.ranks.clone().unwrap_or_else(default);
        ranks.into_iter().filter(|ranks| *ranks as f64 <= atoms).collect()
    }
}

pub(super) fn scaling(arguments: ScalingArguments) -> Result<ScalingJob, clap::Error> {
    let threads_per_rank = count("--threads-per-rank", arguments.threads_per_rank)?;
    let network = network(&arguments, threads_per_rank)?;
    let source =
        source(arguments.structure, arguments.density, arguments.atoms, arguments.replicate.as_deref())?;
    let ranks = arguments.ranks.map(|mut ranks| {
        ranks.sort_unstable();
        ranks.dedup();
        ranks.into_iter().map(|ranks| count("--ranks", ranks)).collect::<Result<Vec<_>, _>>()
    });
    let output = |path: Option<PathBuf>| Some(Output::new(path?, arguments.write.force));
    let (json, report) = (output(arguments.json), output(arguments.report));
    refuse_stdout_twice("scaling", [&json, &report].into_iter().flatten())?;
    let rebuild_every = arguments
        .rebuild_every
        .map(|steps| checked("--rebuild-every", steps, steps >= 1.0, "a number from 1 up"));
    let pair = arguments.microseconds_per_atom.map(|time| positive("--microseconds-per-atom", time));
    let is_share = (0.0..=1.0).contains(&arguments.efficiency);
    Ok(ScalingJob {
        potential: arguments.potential,
        source,
        reading: reading("scaling", arguments.reading)?,
        ranks: ranks.transpose()?,
        threads_per_rank,
        network,
        skin: not_negative("--skin", arguments.skin)?,
        rebuild_every: rebuild_every.transpose()?,
        temperature: positive("--temperature", arguments.temperature)?,
        reductions: arguments.ensemble.reductions(),
        timestep: positive("--timestep", arguments.timestep)?,
        time: positive("--time", arguments.time)?,
        pair: pair.transpose()?.map(|time| 1e-6 * time),
        log: arguments.log,
        efficiency: checked("--efficiency", arguments.efficiency, is_share, "a share from 0 to 1")?,
        precision: arguments.precision.into(),
        json,
        report,
        run: arguments.run.into(),
    })
}

fn network(arguments: &ScalingArguments, threads_per_rank: usize) -> Result<Network, clap::Error> {
    let of_machine = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let cores = count("--cores-per-node", arguments.cores_per_node.unwrap_or_else(of_machine))?;
    Ok(Network {
        ranks_per_node: (cores / threads_per_rank).max(1),
        latency: 1e-6 * not_negative("--latency", arguments.latency)?,
        bandwidth: 1e9 * positive("--bandwidth", arguments.bandwidth)?,
        node_latency: 1e-6 * not_negative("--node-latency", arguments.node_latency)?,
        node_bandwidth: 1e9 * positive("--node-bandwidth", arguments.node_bandwidth)?,
    })
}

fn source(
    structure: Option<PathBuf>,
    density: Option<f64>,
    atoms: Option<Vec<f64>>,
    copies: Option<&[usize]>,
) -> Result<AtomSource, clap::Error> {
    let atoms = atoms.map(|atoms| {
        let counted =
            |&atoms: &f64| checked("--atoms", atoms, (1.0..=1e12).contains(&atoms), "numbers from 1 to 1e12");
        atoms.iter().map(counted).collect::<Result<Vec<_>, _>>()
    });
    let atoms = atoms.transpose()?;
    let Some(path) = structure else {
        let density = positive("--density", density.unwrap_or(f64::NAN))?;
        return Ok(AtomSource::Density { density, atoms: atoms.unwrap_or_default() });
    };
    let sizes = match (atoms, copies) {
        (Some(atoms), _) => atoms.into_iter().map(Size::Atoms).collect(),
        (None, Some(copies)) => vec![Size::Copies(replicate(copies)?)],
        (None, None) => vec![Size::Copies([1; 3])],
    };
    Ok(AtomSource::Structure { input: path.into(), sizes })
}

fn checked(option: &str, value: f64, is_valid: bool, expected: &str) -> Result<f64, clap::Error> {
    if is_valid && value.is_finite() {
        return Ok(value);
    }
    Err(usage_error("scaling", format!("{option}: expected {expected}, got {value}")))
}

fn positive(option: &str, value: f64) -> Result<f64, clap::Error> {
    checked(option, value, value > 0.0, "a positive number")
}

fn not_negative(option: &str, value: f64) -> Result<f64, clap::Error> {
    checked(option, value, value >= 0.0, "a number from 0 up")
}

fn count(option: &str, value: usize) -> Result<usize, clap::Error> {
    match value {
        1..=MOST_RANKS => Ok(value),
        _ => {
            let message = format!("{option}: expected a number from 1 to {MOST_RANKS}, got {value}");
            Err(usage_error("scaling", message))
        }
    }
}

fn replicate(copies: &[usize]) -> Result<[usize; 3], clap::Error> {
    match *copies {
        [x, y, z] if x > 0 && y > 0 && z > 0 => Ok([x, y, z]),
        _ => {
            let given = copies.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            Err(usage_error("scaling", format!("--replicate: expected three positive numbers, got {given}")))
        }
    }
}
