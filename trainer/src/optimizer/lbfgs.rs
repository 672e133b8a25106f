//! L-BFGS (J. Nocedal, Math. Comput. 35, 773 (1980)) on top of a model of the curvature.

use std::collections::VecDeque;

use super::curvature::Curvature;
use super::line_search::{self, Point};

/// A function of many variables: its value and gradient; an infinite value where there is none.
pub trait Function {
    /// What can go wrong beside an infinite value.
    type Failure;

    /// Value and gradient.
    fn evaluate(&mut self, variables: &[f64]) -> Result<(f64, Vec<f64>), Self::Failure>;

    /// Makes a direction the same wherever this minimization is carried out side by side.
    fn unify(&self, _direction: &mut [f64]) -> Result<(), Self::Failure> {
        Ok(())
    }
}

/// The difference of two points and of the gradients there.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Step s.
    pub step: Vec<f64>,
    /// Change y of the gradient.
    pub change: Vec<f64>,
}

/// The state of a minimization between two steps.
#[derive(Clone, Debug)]
pub struct Lbfgs {
    /// Where it is.
    pub variables: Vec<f64>,
    /// Value there.
    pub value: f64,
    /// Gradient there.
    pub gradient: Vec<f64>,
    /// The last steps, oldest first.
    pub pairs: VecDeque<Pair>,
    /// Most pairs.
    pub memory: usize,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The value fell; with the length of the step relative to that of the model.
    Taken(f64),
    /// No decrease was found along the direction: a minimum as far as rounding lets one see, or a bad model.
    Stuck,
}

impl Lbfgs {
    /// At a point whose value and gradient are known.
    pub fn new(variables: Vec<f64>, value: f64, gradient: Vec<f64>, memory: usize) -> Self {
        Self { variables, value, gradient, pairs: VecDeque::new(), memory }
    }

    /// Takes one step.
    pub fn step<F: Function>(&mut self, function: &mut F, curvature: &Curvature) -> Result<Step, F::Failure> {
        let mut direction = self.direction(curvature);
        function.unify(&mut direction)?;
        let mut slope = dot(&direction, &self.gradient);
        if slope.is_nan() || slope >= 0.0 {
            self.pairs.clear();
            direction = self.direction(curvature);
            function.unify(&mut direction)?;
            slope = dot(&direction, &self.gradient);
            if slope.is_nan() || slope >= 0.0 {
                return Ok(Step::Stuck);
            }
        }
        let mut trial = self.variables.clone();
        let mut gradient = Vec::new();
        let start = Point { length: 0.0, value: self.value, slope };
        let found = line_search::search(start, 1.0, |length| {
            for ((x, from), along) in trial.iter_mut().zip(&self.variables).zip(&direction) {
                *x = from + length * along;
            }
            let (value, at_trial) = function.evaluate(&trial)?;
            gradient = at_trial;
            let slope = if value.is_finite() { dot(&gradient, &direction) } else { f64::NAN };
            Ok(Point { length, value, slope })
        })?;
        let Some(point) = found else {
            if self.pairs.is_empty() {
                return Ok(Step::Stuck);
            }
            self.pairs.clear();
            return self.step(function, curvature);
        };
        self.remember(&trial, &gradient);
        (self.variables, self.value, self.gradient) = (trial, point.value, gradient);
        Ok(Step::Taken(point.length))
    }

    fn remember(&mut self, variables: &[f64], gradient: &[f64]) {
        let difference = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<f64>>();
        let pair = Pair {
            step: difference(variables, &self.variables),
            change: difference(gradient, &self.gradient),
        };
        let product = dot(&pair.step, &pair.change);
        if product <= 1e-14 * norm(&pair.step) * norm(&pair.change) {
            return;
        }
        if self.pairs.len() == self.memory {
            self.pairs.pop_front();
        }
        self.pairs.push_back(pair);
    }

    /// −H g with the inverse H that the model and the pairs make up.
    fn direction(&self, curvature: &Curvature) -> Vec<f64> {
        let mut direction: Vec<f64> = self.gradient.iter().map(|value| -value).collect();
        let mut factors = Vec::with_capacity(self.pairs.len());
        for pair in self.pairs.iter().rev() {
            let factor = dot(&pair.step, &direction) / dot(&pair.step, &pair.change);
            add(&mut direction, -factor, &pair.change);
            factors.push(factor);
        }
        curvature.solve(&mut direction);
        for (pair, factor) in self.pairs.iter().zip(factors.into_iter().rev()) {
            let correction = dot(&pair.change, &direction) / dot(&pair.step, &pair.change);
            add(&mut direction, factor - correction, &pair.step);
        }
        direction
    }
}

fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += factor * value);
}

/// Scalar product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
