//! A loss that is linear in energy, forces and virial, with random coefficients: every derivative takes part in its gradient.

use mtprs_core::evaluate::{Efs, LossDerivatives, LossEvaluator};
use mtprs_core::geometry::{Configuration, Vector3, Virial, dot};

use crate::random::Random;
use crate::vectors::random_vector;

/// The coefficients.
#[derive(Clone, Debug)]
pub struct LinearLoss {
    /// By the energy.
    pub energy: f64,
    /// By the forces.
    pub forces: Vec<Vector3>,
    /// By the virial.
    pub virial: Virial,
}

impl LinearLoss {
    /// For this many atoms.
    pub fn random(atoms: usize, random: &mut Random) -> Self {
        let forces = (0..atoms).map(|_| random_vector(random, 1.0)).collect();
        let virial = Virial::from_cfg_order(std::array::from_fn(|_| random.symmetric(0.3)));
        Self { energy: random.symmetric(2.0), forces, virial }
    }

    /// Of a result.
    pub fn value(&self, efs: &Efs) -> f64 {
        let forces: f64 = self.forces.iter().zip(&efs.forces).map(|(&a, &b)| dot(a, b)).sum();
        let virial = self.virial.to_cfg_order().into_iter().zip(efs.virial.to_cfg_order());
        self.energy * efs.energy + forces + virial.map(|(a, b)| a * b).sum::<f64>()
    }

    fn derivatives(&self) -> LossDerivatives<'_> {
        LossDerivatives { energy: self.energy, forces: &self.forces, virial: self.virial }
    }

    /// By the parameters.
    ///
    /// # Panics
    /// If the configuration cannot be evaluated.
    pub fn gradient(&self, evaluator: &mut LossEvaluator, configuration: &Configuration) -> Vec<f64> {
        let atoms = evaluator.gradients().neighborhoods(configuration).expect("the configuration is valid");
        let mut gradient = vec![0.0; evaluator.gradients().layout().len()];
        evaluator
            .loss_gradient(&atoms, &self.derivatives(), &mut gradient)
            .expect("the configuration can be evaluated");
        gradient
    }
}
