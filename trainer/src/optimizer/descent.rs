//! Relaxation of atoms: L-BFGS until no force is larger than a limit, with steps in which no atom moves far.
//!
//! Coordinates are in Å, three for each atom, the gradient is the negative force in eV/Å.

use serde::Serialize;

use super::{Curvature, Function, Lbfgs, Step};

/// Farthest that an atom moves along an axis in a step, Å.
pub(super) const FARTHEST: f64 = 0.3;
/// Curvature along each coordinate that the first step goes by, eV/Å².
const CURVATURE: f64 = 30.0;
/// Steps that L-BFGS remembers.
const MEMORY: usize = 30;

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Limits {
    /// Largest force on an atom, eV/Å.
    pub max_force: f64,
    /// Steps.
    pub max_steps: usize,
}

/// The energy of atoms by their coordinates.
pub trait Relaxed: Function {
    /// The coordinates from which a step is measured.
    fn coordinates(&self) -> Vec<f64>;

    /// Puts the atoms there.
    fn place(&mut self, coordinates: &[f64]);

    /// Whether a step to these coordinates would be too long.
    fn is_far(&self, coordinates: &[f64]) -> bool {
        let mut moved = self.coordinates().into_iter().zip(coordinates).map(|(a, b)| (a - b).abs());
        // What is not a number is far.
        !moved.all(|moved| moved <= FARTHEST)
    }
}

/// Value and gradient where there are none.
pub fn nowhere(coordinates: &[f64]) -> (f64, Vec<f64>) {
    (f64::INFINITY, vec![f64::NAN; coordinates.len()])
}

/// A way downhill.
pub struct Descent {
    minimizer: Lbfgs,
    curvature: Curvature,
    /// Steps made.
    pub steps: usize,
}

impl Descent {
    /// Begins where the atoms are.
    pub fn new<F: Relaxed>(function: &mut F) -> Result<Self, F::Failure> {
        let coordinates = function.coordinates();
        let (value, gradient) = function.evaluate(&coordinates)?;
        let curvature = Curvature::uniform(coordinates.len(), CURVATURE);
        Ok(Self { minimizer: Lbfgs::new(coordinates, value, gradient, MEMORY), curvature, steps: 0 })
    }

    /// Takes one step, unless no force is larger or there is no way down: whether it did. The atoms are where it ends.
    pub fn step<F: Relaxed>(&mut self, function: &mut F, max_force: f64) -> Result<bool, F::Failure> {
        if largest_force(&self.minimizer.gradient) <= max_force
            || self.minimizer.step(function, &self.curvature)? == Step::Stuck
        {
            return Ok(false);
        }
        function.place(&self.minimizer.variables);
        self.steps += 1;
        Ok(true)
    }

    /// Goes on until no force is larger, this many steps were made, or there is no way down.
    pub fn run<F: Relaxed>(&mut self, function: &mut F, limits: Limits) -> Result<(), F::Failure> {
        while self.steps < limits.max_steps && self.step(function, limits.max_force)? {}
        function.place(&self.minimizer.variables);
        Ok(())
    }

    /// Energy where it is, eV.
    pub fn energy(&self) -> f64 {
        self.minimizer.value
    }

    /// Largest force on an atom, eV/Å.
    pub fn largest_force(&self) -> f64 {
        largest_force(&self.minimizer.gradient)
    }
}

/// Length of the largest vector of three components.
pub(super) fn largest_force(gradient: &[f64]) -> f64 {
    let squares = gradient.chunks(3).map(|force| force.iter().map(|x| x * x).sum::<f64>());
    squares.fold(0.0, f64::max).sqrt()
}
