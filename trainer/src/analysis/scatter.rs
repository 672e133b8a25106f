//! Mean and standard deviation of values that are each what they are, without a claim on how well the mean is known.

use serde::Serialize;

/// Mean and standard deviation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Scatter {
    /// Mean.
    pub mean: f64,
    /// Standard deviation of single values.
    pub std_dev: f64,
}

impl Scatter {
    /// Of some values.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let count = values.clone().count() as f64;
        let mean = values.clone().sum::<f64>() / count.max(1.0);
        let squares: f64 = values.map(|value| (value - mean).powi(2)).sum();
        Self { mean, std_dev: (squares / (count - 1.0).max(1.0)).sqrt() }
    }

    /// How many standard deviations a value lies above the mean; nothing without any.
    pub fn deviations(&self, value: f64) -> Option<f64> {
        (self.std_dev > 1e-12).then(|| (value - self.mean) / self.std_dev)
    }
}
