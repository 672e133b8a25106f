//! Evaluation: a compiled plan and its workspace applied to atoms.
//!
//! [`Evaluator`] is the way in, [`ThreadedEvaluator`] the same on several threads. It takes a [`Configuration`] and
//! searches neighbors itself, or anything that can list neighborhoods ([`Neighborhoods`]), such as the arrays of LAMMPS.
//! [`GradientEvaluator`] gives derivatives by the parameters, for extrapolation grades and for training.
//! [`reference`](mod@reference) evaluates the same equations by plain loops; it is what the tests compare with.

mod close_pair;
mod evaluator;
mod grade_evaluator;
mod instruction_set;
mod loss_gradient;
mod neighborhoods;
mod parameter_gradients;
pub mod reference;
mod sites;
mod tally;
mod thread_pool;
mod threaded;
mod workspace;

pub use crate::kernels::{InstructionSet, ListedNeighbors};
pub use close_pair::ClosePair;
pub use evaluator::{Evaluator, Precision};
pub use grade_evaluator::GradeEvaluator;
pub use loss_gradient::LossDerivatives;
pub(crate) use neighborhoods::short_species;
pub use neighborhoods::{Center, ConfigurationNeighborhoods, Neighbor, Neighborhoods, SAME_PLACE_SQUARED};
pub use parameter_gradients::GradientEvaluator;
pub use tally::{Tally, Wanted};
pub use threaded::ThreadedEvaluator;

use crate::geometry::{AtomVirial, Configuration, Vector3, Virial};

/// Energies, forces and virials of a configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Efs {
    /// E = Σ V_i, eV.
    pub energy: f64,
    /// V_i of each atom, eV.
    pub site_energies: Vec<f64>,
    /// F_j = −∂E/∂r_j of each atom, eV/Å.
    pub forces: Vec<Vector3>,
    /// W, eV.
    pub virial: Virial,
    /// Share of each atom in the virial, nine components, eV; they sum to the virial.
    pub atom_virials: Vec<AtomVirial>,
}

impl Efs {
    /// Writes energy, forces, virial and, if wanted, site energies into a configuration of the same atoms.
    pub fn store_in(self, configuration: &mut Configuration, with_site_energies: bool) {
        configuration.energy = Some(self.energy);
        configuration.forces = Some(self.forces);
        configuration.virial = Some(self.virial);
        if with_site_energies {
            configuration.site_energies = Some(self.site_energies);
        }
    }
}
