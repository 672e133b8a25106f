//! Running figures of differences Δ = potential − reference: count, maximum, means, and where the maximum is.

use serde::Serialize;

/// Where in the database a difference is; everything counts from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Location {
    /// Configuration in the order of the file.
    pub configuration: u64,
    /// Atom in the order of the configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atom: Option<usize>,
    /// Component of the vector or tensor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component: Option<&'static str>,
}

/// Figures of one kind of difference.
#[derive(Clone, Debug, Default)]
pub struct Statistics {
    count: u64,
    sum: f64,
    sum_absolute: f64,
    sum_squares: f64,
    largest: Option<(f64, Location)>,
    reference_squares: f64,
    reference_largest: f64,
}

impl Statistics {
    /// Takes in a difference and the reference value that it belongs to.
    pub fn add(&mut self, difference: f64, reference: f64, location: Location) {
        self.count += 1;
        self.sum += difference;
        self.sum_absolute += difference.abs();
        self.sum_squares += difference * difference;
        self.reference_squares += reference * reference;
        self.reference_largest = self.reference_largest.max(reference.abs());
        if self.largest.is_none_or(|(largest, _)| difference.abs() > largest) {
            self.largest = Some((difference.abs(), location));
        }
    }

    /// How many differences there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean of Δ; `None`, as everywhere here, where there is nothing to divide by.
    pub fn mean(&self) -> Option<f64> {
        self.per_count(self.sum)
    }

    /// Mean of |Δ|.
    pub fn mean_absolute(&self) -> Option<f64> {
        self.per_count(self.sum_absolute)
    }

    /// √ of the mean of Δ².
    pub fn root_mean_square(&self) -> Option<f64> {
        self.per_count(self.sum_squares).map(f64::sqrt)
    }

    /// Largest |Δ|, and the first place that has it.
    pub fn largest(&self) -> Option<(f64, Location)> {
        self.largest
    }

    /// Largest |Δ| over the largest reference value.
    pub fn relative_maximum(&self) -> Option<f64> {
        let (largest, _) = self.largest?;
        (self.reference_largest > 0.0).then(|| largest / self.reference_largest)
    }

    /// Root mean square of Δ over that of the reference.
    pub fn relative_root_mean_square(&self) -> Option<f64> {
        (self.reference_squares > 0.0).then(|| (self.sum_squares / self.reference_squares).sqrt())
    }

    fn per_count(&self, sum: f64) -> Option<f64> {
        (self.count > 0).then(|| sum / self.count as f64)
    }
}

/// Figures of the components of a vector or tensor, and of its length |Δ|.
#[derive(Clone, Debug, Default)]
pub struct ComponentsAndNorm {
    /// Every component by itself.
    pub component: Statistics,
    /// Length of the difference.
    pub norm: Statistics,
}

impl ComponentsAndNorm {
    /// Takes in a difference: components of difference and reference with their names, and the weight of each in the
    /// square of the length (2 for an off-diagonal element that stands for two).
    pub fn add<const N: usize>(
        &mut self,
        difference: [f64; N],
        reference: [f64; N],
        names: [&'static str; N],
        weights: [f64; N],
        location: Location,
    ) {
        for k in 0..N {
            let place = Location { component: Some(names[k]), ..location };
            self.component.add(difference[k], reference[k], place);
        }
        self.norm.add(length(difference, weights), length(reference, weights), location);
    }
}

/// √ of the weighted sum of squares.
pub(super) fn length<const N: usize>(components: [f64; N], weights: [f64; N]) -> f64 {
    components.iter().zip(weights).map(|(x, weight)| weight * x * x).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Location = Location { configuration: 1, atom: None, component: None };

    fn close(a: Option<f64>, b: f64) {
        let a = a.unwrap();
        assert!((a - b).abs() <= 1e-15 * b.abs(), "{a} instead of {b}");
    }

    #[test]
    fn figures_of_three_four_and_minus_twelve() {
        let mut statistics = Statistics::default();
        for (number, difference) in [3.0, 4.0, -12.0].into_iter().enumerate() {
            let place = Location { configuration: number as u64 + 1, ..HERE };
            statistics.add(difference, 2.0 * difference, place);
        }
        assert_eq!(statistics.count(), 3);
        close(statistics.mean(), -5.0 / 3.0);
        close(statistics.mean_absolute(), 19.0 / 3.0);
        close(statistics.root_mean_square(), (169.0_f64 / 3.0).sqrt());
        close(statistics.relative_maximum(), 0.5);
        close(statistics.relative_root_mean_square(), 0.5);
        assert_eq!(statistics.largest(), Some((12.0, Location { configuration: 3, ..HERE })));
    }

    #[test]
    fn nothing_has_no_mean() {
        let nothing = Statistics::default();
        assert_eq!((nothing.count(), nothing.mean(), nothing.root_mean_square()), (0, None, None));
        assert_eq!((nothing.largest(), nothing.relative_maximum()), (None, None));
        let mut exact = Statistics::default();
        exact.add(1.0, 0.0, HERE);
        assert_eq!(exact.relative_root_mean_square(), None);
    }

    #[test]
    fn a_length_counts_off_diagonal_elements_as_often_as_its_weights_say() {
        let mut tensor = ComponentsAndNorm::default();
        tensor.add([3.0, -2.0], [0.0, 1.0], ["xx", "xy"], [1.0, 2.0], HERE);
        assert_eq!(tensor.component.count(), 2);
        assert_eq!(tensor.norm.count(), 1);
        close(tensor.norm.root_mean_square(), 17.0_f64.sqrt());
        close(tensor.norm.relative_maximum(), 17.0_f64.sqrt() / 2.0_f64.sqrt());
        assert_eq!(tensor.component.largest(), Some((3.0, Location { component: Some("xx"), ..HERE })));
    }
}
