//! `mtprs scaling` as the program needs it.

use std::num::NonZeroUsize;

use super::streams::reading;
use super::{Files, Job, RunSettings};
use crate::cli::ScalingArguments;
use crate::endpoint::{Input, Output};
use crate::scaling::Network;
use crate::structure_files::Reading;

/// Largest of the numbers of ranks that are taken by default.
const LARGEST_DEFAULT: usize = 16_384;

/// What to predict and on which machine.
#[derive(Debug)]
pub struct ScalingJob {
    /// What was typed.
    pub typed: ScalingArguments,
    /// The atoms.
    pub source: AtomSource,
    /// How a structure is read, and the names of species.
    pub reading: Reading,
    /// The machine.
    pub network: Network,
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
    /// To about this many atoms.
    Atoms(f64),
}

impl Job for ScalingJob {
    type Typed = ScalingArguments;

    fn new(typed: ScalingArguments) -> Result<Self, clap::Error> {
        let output = |path: &Option<_>| Some(Output::new(path.clone()?, typed.write.force));
        let (json, report) = (output(&typed.json), output(&typed.report));
        let (source, network) = (source(&typed), network(&typed));
        let (reading, run) = (reading(typed.reading.clone())?, typed.run.into());
        Ok(Self { typed, source, reading, network, json, report, run })
    }

    fn files(&self) -> Files {
        let files = Files::default().reads([&self.typed.potential]).reads(&self.typed.log);
        let files = match &self.source {
            AtomSource::Structure { input, .. } => files.takes([input]),
            AtomSource::Density { .. } => files,
        };
        files.makes(&self.json).makes(&self.report)
    }
}

impl ScalingJob {
    /// Numbers of ranks for this many atoms, no more than there are atoms.
    pub fn ranks_for(&self, atoms: f64) -> Vec<usize> {
        let default =
            || (0..).map(|power| 1_usize << power).take_while(|ranks| *ranks <= LARGEST_DEFAULT).collect();
        let mut ranks: Vec<usize> = self.typed.ranks.clone().unwrap_or_else(default);
        ranks.retain(|ranks| *ranks as f64 <= atoms);
        ranks.sort_unstable();
        ranks.dedup();
        ranks
    }
}

fn network(typed: &ScalingArguments) -> Network {
    let of_machine = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let cores = typed.cores_per_node.unwrap_or_else(of_machine);
    Network {
        ranks_per_node: (cores / typed.threads_per_rank).max(1),
        latency: 1e-6 * typed.latency,
        bandwidth: 1e9 * typed.bandwidth,
        node_latency: 1e-6 * typed.node_latency,
        node_bandwidth: 1e9 * typed.node_bandwidth,
    }
}

fn source(typed: &ScalingArguments) -> AtomSource {
    let atoms = typed.atoms.clone();
    let Some(path) = typed.structure.clone() else {
        let density = typed.density.unwrap_or_default();
        return AtomSource::Density { density, atoms: atoms.unwrap_or_default() };
    };
    let sizes = match atoms {
        Some(atoms) => atoms.into_iter().map(Size::Atoms).collect(),
        None => vec![Size::Copies(typed.replicate.unwrap_or([1; 3]))],
    };
    AtomSource::Structure { input: path.into(), sizes }
}
