//! Evaluation: a compiled plan and its workspace applied to atoms.
//!
//! [`Evaluator`] is the way in; [`Evaluator::builder`] has the choices. It takes a [`Configuration`] and
//! searches neighbors itself, or anything that can list neighborhoods ([`Neighborhoods`]), such as the arrays of LAMMPS.
//! [`GradientEvaluator`] gives derivatives by the parameters, [`GradeEvaluator`] extrapolation grades on top of it,
//! [`LossEvaluator`] the gradients of a training loss.
//! [`reference`](mod@reference) evaluates the same equations by plain loops; it is what the tests compare with.

mod builder;
mod close_pair;
mod evaluator;
mod grade_evaluator;
mod gradient_evaluator;
mod instruction_set;
mod loss_evaluator;
mod neighborhoods;
mod pair_terms;
mod precision;
pub mod reference;
mod serial;
mod sites;
mod tally;
#[allow(unsafe_code)]
mod thread_pool;
mod workspace;

pub use crate::kernels::{InstructionSet, ListedNeighbors};
pub use builder::EvaluatorBuilder;
pub use close_pair::ClosePair;
pub use evaluator::Evaluator;
pub use grade_evaluator::GradeEvaluator;
pub use gradient_evaluator::GradientEvaluator;
pub use loss_evaluator::{LossDerivatives, LossEvaluator};
pub use neighborhoods::{Center, ConfigurationNeighborhoods, Neighbor, Neighborhoods, SAME_PLACE_SQUARED};
pub use precision::Precision;
pub use tally::{Tally, Wanted};

use crate::geometry::{AtomVirial, Configuration, Vector3, Virial};
use crate::plan::sphere::SphereMoments;

/// Sums over neighbors that evaluators form for basic moments up to these ranks, from μ = 0: Σ (ν_μ + 1)², with what the
/// nearest list of ranks that has kernels of its own adds; and whether there is one. Without, each sum takes several times
/// as long.
pub fn neighbor_sums(ranks: &[usize]) -> (usize, bool) {
    let (ranks, has_kernels) = SphereMoments::ranks_for(ranks);
    (ranks.iter().map(|rank| (rank + 1) * (rank + 1)).sum(), has_kernels)
}

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
