//! The evaluator: a shared plan and a workspace of its own.

use super::neighborhoods::{ConfigurationNeighborhoods, Neighborhoods};
use super::tally::{Tally, Wanted};
use super::{Efs, reference};
use crate::error::Result;
use crate::geometry::Configuration;
use crate::potential::Potential;

/// Evaluates one potential; clones share what is compiled and have a workspace of their own, one per thread.
#[derive(Clone, Debug)]
pub struct Evaluator {
    potential: Potential,
    tally: Tally,
}

impl Evaluator {
    /// Compiles a potential; it must be trained.
    pub fn new(potential: &Potential) -> Result<Self> {
        if !potential.is_trained() {
            return Err(reference::untrained(potential));
        }
        Ok(Self { potential: potential.clone(), tally: Tally::default() })
    }

    /// Energies, forces and virials of a configuration, with our own neighbor search.
    pub fn evaluate(&mut self, configuration: &Configuration) -> Result<Efs> {
        let atoms = ConfigurationNeighborhoods::of_potential(configuration, &self.potential)?;
        let wanted = Wanted { centroid_virials: true, ..Wanted::default() };
        Ok(self.tally(&atoms, wanted)?.to_efs())
    }

    /// Energies, forces and virials of whatever lists neighborhoods.
    pub fn tally<N: Neighborhoods>(&mut self, atoms: &N, wanted: Wanted) -> Result<&Tally> {
        reference::tally(&self.potential, atoms, wanted, &mut self.tally)?;
        Ok(&self.tally)
    }

    /// Distance beyond which atoms do not interact, Å.
    pub fn cutoff(&self) -> f64 {
        self.potential.cutoff()
    }

    /// Number of species of the potential.
    pub fn species_count(&self) -> usize {
        self.potential.species().count()
    }

    /// Bytes of memory held by the workspace.
    pub fn memory(&self) -> usize {
        self.tally.memory()
    }
}
