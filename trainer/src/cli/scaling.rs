//! `mtprs scaling`: how fast a run of LAMMPS will be on how many cores.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::ranges::{atoms, from_one, not_negative, positive, ranks, whole_share};
use super::{PrecisionName, ReadingArguments, RunArguments, WriteArguments};

/// Options of `mtprs scaling`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  mtprs scaling pot.mtp cell.data --replicate 8,8,8 --cores-per-node 64
  mtprs scaling pot.mtp POSCAR --atoms 1e3,1e5,1e7 --skin 1 --timestep 0.002 --time 4000 --report scaling.html
  mtprs scaling pot.mtp cell.data --atoms 1e6 --log log.lammps --latency 1.5 --bandwidth 25 --json scaling.json
  mtprs scaling pot.mtp --density 0.09 --atoms 1e8 --microseconds-per-atom 2.8 --ranks 1024,4096,16384

The time per atom is measured on this machine with all cores busy, so run the command on a node of the target machine. \
With --log, the costs per core are taken from a short LAMMPS run there, from its timing breakdown, preferably on one \
rank. Everything else is computed: the bricks into which LAMMPS divides the box, the atoms and ghosts of each rank \
(counted in the structure, or by volume), messages and bytes, sums over all ranks, neighbor lists, and the wait for \
the rank with the most atoms. Efficiency is the speed per core relative to that of a single core. * marks the largest \
number of ranks whose efficiency is at least --efficiency; + marks the fastest.

Not included: output to files, fixes other than thermostats and barostats, extrapolation grades, other jobs on the \
network, and operating system noise.")]
pub struct ScalingArguments {
    /// The potential.
    #[arg(value_name = "POT.mtp")]
    pub potential: PathBuf,

    /// Structure to run, or a cell to replicate: any format of mtprs convert, - for standard input.
    #[arg(value_name = "STRUCTURE", required_unless_present = "density")]
    pub structure: Option<PathBuf>,

    /// Replicas of the structure along its three vectors, as in LAMMPS.
    #[arg(long, value_name = "NX,NY,NZ", conflicts_with = "atoms", value_parser = copies)]
    pub replicate: Option<[usize; 3]>,

    /// Predict for about this many atoms, with the replication that is closest to a cube.
    #[arg(long, value_name = "1e3,1e6", value_delimiter = ',', value_parser = atoms)]
    pub atoms: Option<Vec<f64>>,

    /// Uniform density instead of a structure, atoms per Å³.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["structure", "replicate"], requires = "atoms", value_parser = positive)]
    pub density: Option<f64>,

    /// Numbers of MPI ranks [default: 1, 2, 4, ... up to 16384 or to the number of atoms].
    #[arg(long, value_name = "1,2,4", value_delimiter = ',', value_parser = ranks)]
    pub ranks: Option<Vec<usize>>,

    /// Threads of each rank, as in pair_style mtp/rs threads N.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = ranks)]
    pub threads_per_rank: usize,

    /// Cores per node, all of them in use [default: those of this machine].
    #[arg(long, value_name = "COUNT", value_parser = ranks)]
    pub cores_per_node: Option<usize>,

    /// Latency of messages between nodes, µs.
    #[arg(long, value_name = "TIME", default_value_t = 2.0, value_parser = not_negative)]
    pub latency: f64,

    /// Bandwidth of a node, GB/s.
    #[arg(long, value_name = "RATE", default_value_t = 12.5, value_parser = positive)]
    pub bandwidth: f64,

    /// Latency of messages within a node, µs.
    #[arg(long, value_name = "TIME", default_value_t = 0.5, value_parser = not_negative)]
    pub node_latency: f64,

    /// Bandwidth between two ranks of a node, GB/s.
    #[arg(long, value_name = "RATE", default_value_t = 5.0, value_parser = positive)]
    pub node_bandwidth: f64,

    /// Skin of the neighbor lists, Å: the first number of the LAMMPS command neighbor.
    #[arg(long, value_name = "DISTANCE", default_value_t = 2.0, value_parser = not_negative)]
    pub skin: f64,

    /// Steps between neighbor list builds [default: from --log, or the number of steps in which the fastest atom crosses
    /// half of the skin].
    #[arg(long, value_name = "STEPS", value_parser = from_one)]
    pub rebuild_every: Option<f64>,

    /// Temperature, K, which determines how often lists are rebuilt.
    #[arg(long, value_name = "KELVIN", default_value_t = 300.0, value_parser = positive)]
    pub temperature: f64,

    /// Ensemble, which determines how many quantities are summed over all ranks in each step.
    #[arg(long, value_enum, default_value_t)]
    pub ensemble: Ensemble,

    /// Time step, ps.
    #[arg(long, value_name = "PS", default_value_t = 0.001, value_parser = positive)]
    pub timestep: f64,

    /// Simulated time, ps.
    #[arg(long, value_name = "PS", default_value_t = 1000.0, value_parser = positive)]
    pub time: f64,

    /// Time of the potential per atom and step on one core, µs, instead of a measurement.
    #[arg(long, value_name = "TIME", conflicts_with = "log", value_parser = positive)]
    pub microseconds_per_atom: Option<f64>,

    /// Take all times from the end of this LAMMPS log of a run with this potential on the same kind of machine.
    #[arg(long, value_name = "LOG")]
    pub log: Option<PathBuf>,

    /// Lowest acceptable efficiency.
    #[arg(long, value_name = "SHARE", default_value_t = 0.7, value_parser = whole_share)]
    pub efficiency: f64,

    /// Precision of the work per neighbor.
    #[arg(long, value_enum, default_value_t)]
    pub precision: PrecisionName,

    /// Also write the prediction as JSON; - for standard output instead of the table.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Also write the prediction as an HTML page with plots; - for standard output instead of the table.
    #[arg(long, value_name = "FILE.html")]
    pub report: Option<PathBuf>,

    /// How the structure is read.
    #[command(flatten)]
    pub reading: ReadingArguments,

    /// What to do with files that exist.
    #[command(flatten)]
    pub write: WriteArguments,

    /// How to measure.
    #[command(flatten)]
    pub run: RunArguments,
}

fn copies(text: &str) -> Result<[usize; 3], String> {
    let numbers = text.split(',').map(|number| number.parse().ok().filter(|&number| number > 0));
    let numbers = numbers.collect::<Option<Vec<usize>>>().and_then(|numbers| numbers.try_into().ok());
    numbers.ok_or_else(|| "expected three positive numbers".to_owned())
}

/// How atoms move.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Ensemble {
    /// fix nve: one sum per step, to decide whether lists are due.
    Nve,
    /// fix nvt: one more, for the temperature.
    #[default]
    Nvt,
    /// fix nve and fix langevin zero yes: two more.
    Langevin,
    /// fix npt: four more than nve, with the pressure.
    Npt,
}

impl Ensemble {
    /// Sums over all ranks in a step, counted in LAMMPS.
    pub fn reductions(self) -> f64 {
        match self {
            Self::Nve => 1.0,
            Self::Nvt => 2.0,
            Self::Langevin => 3.0,
            Self::Npt => 5.0,
        }
    }
}
