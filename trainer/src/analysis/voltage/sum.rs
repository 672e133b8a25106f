//! Sums of averages with their errors.

use crate::analysis::blocking::{Spread, spread};
use crate::analysis::quantiles::student;

/// A factor that is this share of those that it is the difference of is nothing but rounding.
const ROUNDING: f64 = 1e-12;

/// An average over the configurations of a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Average {
    pub(super) value: f64,
    /// None of a single configuration.
    pub(super) spread: Option<Spread>,
}

impl Average {
    /// Of samples in the order of time. They are compared with the first one, so that no digits are lost of small differences.
    pub(super) fn of(samples: &[f64]) -> Self {
        let first = samples.first().copied().unwrap_or(0.0);
        let beyond: Vec<f64> = samples.iter().map(|sample| sample - first).collect();
        let value = first + beyond.iter().sum::<f64>() / samples.len().max(1) as f64;
        Self { value, spread: spread(samples) }
    }
}

/// A constant and multiples of averages, told apart by their numbers.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) constant: f64,
    terms: Vec<(usize, f64)>,
}

/// A figure and how far it may be from what it estimates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) value: f64,
    /// Standard error and half of the interval that holds the value in 95 % of cases, if all averages have an error.
    pub(super) error: Option<[f64; 2]>,
}

impl Sum {
    /// Adds a multiple of an average.
    pub(super) fn plus(mut self, average: usize, factor: f64) -> Self {
        match self.terms.iter_mut().find(|(known, _)| *known == average) {
            Some((_, known)) => *known += factor,
            None => self.terms.push((average, factor)),
        }
        self
    }

    /// All of it times a factor, a constant added.
    pub(super) fn scaled(mut self, factor: f64, constant: f64) -> Self {
        self.terms.iter_mut().for_each(|(_, of)| *of *= factor);
        self.constant = factor * self.constant + constant;
        self
    }

    /// What it has more than another one; averages that both have in equal measure fall out.
    pub(super) fn minus(self, other: &Self) -> Self {
        let mut difference = self;
        difference.constant -= other.constant;
        for (average, factor) in &other.terms {
            difference = difference.plus(*average, -factor);
            let is_left = |term: &(usize, f64)| term.0 != *average || term.1.abs() > ROUNDING * factor.abs();
            difference.terms.retain(is_left);
        }
        difference
    }

    /// Whether one of its averages is of samples that are correlated throughout.
    pub(super) fn is_correlated(&self, averages: &[Average]) -> bool {
        self.terms
            .iter()
            .filter_map(|(average, _)| averages[*average].spread)
            .any(|spread| spread.is_correlated)
    }

    /// Its value. The averages are independent; the freedom of Student's t is that of Welch and Satterthwaite
    /// (B. L. Welch, Biometrika 34, 28 (1947)).
    pub(super) fn figure(&self, averages: &[Average]) -> Figure {
        let terms = || self.terms.iter().map(|(average, factor)| (averages[*average], *factor));
        let value = self.constant + terms().map(|(average, factor)| factor * average.value).sum::<f64>();
        let spreads: Option<Vec<(Spread, f64)>> =
            terms().map(|(average, factor)| Some((average.spread?, factor))).collect();
        let error = spreads.filter(|spreads| !spreads.is_empty()).map(|spreads| {
            let parts =
                || spreads.iter().map(|(one, factor)| ((factor * one.standard_error).powi(2), one.blocks));
            let variance: f64 = parts().map(|(part, _)| part).sum();
            if variance == 0.0 {
                return [0.0; 2];
            }
            let inverse: f64 = parts().map(|(part, blocks)| part.powi(2) / (blocks - 1) as f64).sum();
            let deviation = variance.sqrt();
            [deviation, student(0.975, variance.powi(2) / inverse) * deviation]
        });
        Figure { value, error }
    }
}
