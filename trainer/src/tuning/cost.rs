//! What potentials cost: multiply-adds by their plan, and measured time per atom.

use std::f64::consts::PI;
use std::path::PathBuf;
use std::time::Instant;

use mtprs_core::Result;
use mtprs_core::evaluate::{ConfigurationNeighborhoods, Evaluator, Wanted};
use mtprs_core::geometry::{Configuration, NeighborList};
use mtprs_core::potential::Potential;

use super::TrialSettings;
use crate::Failure;
use crate::dataset::Sources;
use crate::endpoint::load_potential;
use crate::processes::Interrupt;
use crate::random::Sequence;
use crate::scaling::disordered_lattice;
use crate::structure_files::ConfigurationReader;

/// Atoms that are enough for a measurement.
const ATOMS: usize = 2000;
/// Times that the density of a lattice is corrected.
const LATTICES: usize = 4;
/// Turns in which every potential is measured.
const TURNS: usize = 25;
/// Seconds that a measurement takes at least.
const SHORTEST: f64 = 0.01;

/// Some configurations of the data, at even distances.
pub struct Sample {
    configurations: Vec<Configuration>,
    atoms: usize,
}

impl Sample {
    /// Of data that hold this many atoms together.
    pub fn read(sources: &Sources, atoms: usize) -> Result<Self> {
        let stride = atoms.div_ceil(ATOMS).max(1);
        let (mut configurations, mut number) = (Vec::new(), 0_usize);
        for input in sources.training.iter().chain(&sources.validation) {
            let mut reader = ConfigurationReader::open(input, &sources.reading)?;
            while let Some((configuration, _)) = reader.read()? {
                if number.is_multiple_of(stride) && !configuration.is_empty() {
                    configurations.push(configuration);
                }
                number += 1;
            }
        }
        let atoms = configurations.iter().map(Configuration::len).sum();
        Ok(Self { configurations, atoms })
    }

    /// A disordered lattice in which an atom has about this many neighbors within a cutoff, Å.
    pub fn lattice(neighbors: f64, cutoff: f64, species: usize) -> Result<Self> {
        let of_density = |density: f64| -> Result<Self> {
            let (configuration, _) = disordered_lattice(density, species)?;
            Ok(Self { atoms: configuration.len(), configurations: vec![configuration] })
        };
        let mut density = neighbors / (4.0 / 3.0 * PI * cutoff.powi(3));
        let mut sample = of_density(density)?;
        for _ in 0..LATTICES {
            density *= neighbors / sample.neighbors(cutoff)?.max(0.5);
            sample = of_density(density)?;
        }
        Ok(sample)
    }

    /// Mean number of neighbors within a cutoff.
    pub fn neighbors(&self, cutoff: f64) -> Result<f64> {
        let mut count = 0;
        for configuration in &self.configurations {
            let list = NeighborList::new(configuration, cutoff)?;
            count += (0..list.len()).map(|atom| list.neighbors(atom).0.len()).sum::<usize>();
        }
        Ok(count as f64 / self.atoms.max(1) as f64)
    }

    /// Seconds of one pass over all configurations.
    fn time(&self, evaluator: &mut Evaluator, atoms: &[ConfigurationNeighborhoods<'_>]) -> Result<f64> {
        let begun = Instant::now();
        for atoms in atoms {
            evaluator.tally(atoms, Wanted::default())?;
        }
        Ok(begun.elapsed().as_secs_f64())
    }
}

/// The potential with random parameters. What is compiled leaves out what is multiplied by zero; a trained potential has no
/// zeros, and neither has this one.
pub fn with_random_parameters(untrained: &Potential) -> Result<Potential> {
    let layout = untrained.parameter_layout();
    let mut random = Sequence::new(1);
    let values: Vec<f64> = (0..layout.len()).map(|_| 0.01 * random.symmetric()).collect();
    untrained.with_parameters(&values)
}

/// Multiply-adds per atom of a potential of this kind with this many neighbors.
pub fn multiply_adds(untrained: &Potential, neighbors: f64) -> Result<f64> {
    Ok(Evaluator::new(&with_random_parameters(untrained)?)?.multiply_adds(neighbors))
}

/// A potential that is measured.
struct Measured<'a> {
    evaluator: Evaluator,
    neighborhoods: &'a [ConfigurationNeighborhoods<'a>],
    /// Seconds of the fastest pass so far.
    fastest: f64,
}

/// Time per atom of each potential on one thread, µs, by the fastest pass: whatever else the machine does can only slow a
/// pass down. All are measured in turns, so that it meets all alike. Weights change nothing about the time: trials that
/// differ in nothing else share one.
pub fn measure(
    sample: &Sample,
    potentials: &[(TrialSettings, PathBuf)],
    interrupt: &Interrupt,
) -> std::result::Result<Vec<Option<f64>>, Failure> {
    let kind = |trial: &TrialSettings| (trial.table.clone(), trial.cutoff.to_bits(), trial.radial_basis_size);
    let mut kinds = Vec::new();
    let mut loaded = Vec::new();
    for (trial, path) in potentials {
        if !kinds.contains(&kind(trial)) {
            kinds.push(kind(trial));
            loaded.push(load_potential(path)?);
        }
    }
    let times = times(sample, &loaded, interrupt)?;
    let per_atom = |trial: &TrialSettings| {
        let index = kinds.iter().position(|known| *known == kind(trial))?;
        Some(times[index])
    };
    Ok(potentials.iter().map(|(trial, _)| per_atom(trial)).collect())
}

/// The same for potentials at hand, µs.
pub fn times(
    sample: &Sample,
    potentials: &[Potential],
    interrupt: &Interrupt,
) -> std::result::Result<Vec<f64>, Failure> {
    let mut lists: Vec<(u64, Vec<ConfigurationNeighborhoods<'_>>)> = Vec::new();
    for potential in potentials {
        let cutoff = potential.cutoff();
        if lists.iter().all(|(bits, _)| *bits != cutoff.to_bits()) {
            let of = |configuration| ConfigurationNeighborhoods::of_potential(configuration, potential);
            let list = sample.configurations.iter().map(of).collect::<Result<_>>()?;
            lists.push((cutoff.to_bits(), list));
        }
    }
    let mut measured = Vec::new();
    for potential in potentials {
        let list = lists.iter().find(|(bits, _)| *bits == potential.cutoff().to_bits());
        let neighborhoods = list.map_or(&[][..], |(_, list)| list);
        let evaluator = Evaluator::new(potential)?;
        measured.push(Measured { evaluator, neighborhoods, fastest: f64::INFINITY });
    }
    for _ in 0..TURNS {
        for Measured { evaluator, neighborhoods, fastest } in &mut measured {
            interrupt.check()?;
            let begun = Instant::now();
            while begun.elapsed().as_secs_f64() < SHORTEST {
                *fastest = fastest.min(sample.time(evaluator, neighborhoods)?);
            }
        }
    }
    Ok(measured.iter().map(|measured| 1e6 * measured.fastest / sample.atoms as f64).collect())
}
