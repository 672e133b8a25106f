//! The pair terms of a potential by pairs of species.

use crate::potential::Potential;
use crate::potential::pair::PairFunction;

/// φ of all pairs of species.
#[derive(Clone, Debug)]
pub(crate) struct PairTables {
    /// Distance from which on all terms are zero, Å; zero without terms.
    pub(crate) cutoff: f64,
    species: usize,
    /// Shape (z_i, z_j, term).
    functions: Vec<PairFunction>,
}

impl PairTables {
    pub(crate) fn new(potential: &Potential) -> Self {
        let (terms, species) = (potential.pair_terms(), potential.species());
        let count = species.count();
        let pairs = (0..count * count).map(|pair| [pair / count, pair % count]);
        Self {
            cutoff: terms.iter().map(|term| term.cutoff()).fold(0.0, f64::max),
            species: count,
            functions: pairs
                .flat_map(|pair| terms.iter().map(move |term| term.function(species, pair)))
                .collect(),
        }
    }

    /// φ(r), eV, and its derivative, eV/Å, of the sum of all terms.
    pub(crate) fn evaluate(&self, central: usize, neighbor: usize, r: f64) -> (f64, f64) {
        let terms = self.functions.len() / (self.species * self.species);
        let first = (central * self.species + neighbor) * terms;
        let functions = &self.functions[first..first + terms];
        functions
            .iter()
            .map(|function| function.evaluate(r))
            .fold((0.0, 0.0), |sum, term| (sum.0 + term.0, sum.1 + term.1))
    }
}
