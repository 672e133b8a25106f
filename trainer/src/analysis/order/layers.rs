//! Layers of atoms along one axis of the cell.

use std::f64::consts::TAU;

use serde::Serialize;

/// Layers along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Layers {
    /// Their number in the cell.
    pub count: usize,
    /// |F| of that number: one for a perfect crystal, about 1/√N for N atoms anywhere.
    pub amplitude: f64,
    /// Place of a layer, in spacings from the origin, from −½ to ½.
    pub phase: f64,
}

/// The layers of atoms with these fractional coordinates, at most so many, and the deviations of the atoms from them in
/// spacings, from −½ to ½.
///
/// Where every number from two up leaves a layer empty, all atoms are taken as one layer.
pub(super) fn layers(fractional: &[f64], most: usize) -> (Layers, Vec<f64>) {
    let mut candidates: Vec<Layers> = waves(fractional, most);
    candidates.sort_by(|a, b| b.amplitude.total_cmp(&a.amplitude).then(a.count.cmp(&b.count)));
    let one = Layers { count: 1, ..wave(fractional, 1) };
    let found = candidates.into_iter().find(|layers| layers.are_all_filled(fractional)).unwrap_or(one);
    let deviations = fractional.iter().map(|s| found.deviation(*s)).collect();
    (found, deviations)
}

impl Layers {
    /// Layers from the origin, and a fraction.
    fn coordinate(&self, fractional: f64) -> f64 {
        self.count as f64 * fractional - self.phase
    }

    fn deviation(&self, fractional: f64) -> f64 {
        let coordinate = self.coordinate(fractional);
        coordinate - coordinate.round()
    }

    fn are_all_filled(&self, fractional: &[f64]) -> bool {
        let mut filled = vec![false; self.count];
        for s in fractional {
            filled[self.coordinate(*s).round().rem_euclid(self.count as f64) as usize % self.count] = true;
        }
        filled.into_iter().all(|is_filled| is_filled)
    }
}

/// F of every number of layers from two up.
fn waves(fractional: &[f64], most: usize) -> Vec<Layers> {
    (2..=most).map(|count| wave(fractional, count)).collect()
}

/// F of a number of layers.
fn wave(fractional: &[f64], count: usize) -> Layers {
    let (mut re, mut im) = (0.0, 0.0);
    for s in fractional {
        // The argument is kept small, so that atoms that have gone far are placed as exactly as others.
        let turns = count as f64 * (s - s.floor());
        let (sin, cos) = (TAU * (turns - turns.floor())).sin_cos();
        (re, im) = (re + cos, im + sin);
    }
    let amplitude = f64::hypot(re, im) / fractional.len() as f64;
    Layers { count, amplitude, phase: im.atan2(re) / TAU }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_layers_are_found_wherever_they_begin() {
        for count in 2..=11 {
            for begin in [0.0, 0.3, 0.499, -7.2] {
                let places: Vec<f64> = (0..3 * count)
                    .map(|k| begin + (k % count) as f64 / count as f64 + (k / count) as f64)
                    .collect();
                let (layers, deviations) = layers(&places, 11);
                assert_eq!(layers.count, count, "from {begin}");
                assert!((layers.amplitude - 1.0).abs() < 1e-12);
                assert!(deviations.iter().all(|d| d.abs() < 1e-9), "{deviations:?}");
            }
        }
    }

    #[test]
    fn a_number_that_leaves_a_layer_empty_is_not_taken() {
        // Four layers would fit perfectly, but the last is empty.
        let (layers, _) = layers(&[0.0, 0.25, 0.5, 0.0, 0.25, 0.5], 4);
        assert!(layers.count < 4 && layers.amplitude < 0.5, "{layers:?}");
        let (layers, deviations) = super::layers(&[0.2, 0.21, 0.19, 1.2], 11);
        assert_eq!(layers.count, 1);
        assert!((layers.phase - 0.2).abs() < 1e-3 && (deviations[1] - 0.01).abs() < 1e-3);
    }

    #[test]
    fn deviations_are_signed_and_in_spacings() {
        let (layers, deviations) = layers(&[0.01, 0.99, 0.49, 0.51], 2);
        assert_eq!((layers.count, layers.phase.abs() < 1e-12), (2, true));
        let expected = [0.02, -0.02, -0.02, 0.02];
        assert!(deviations.iter().zip(expected).all(|(d, e)| (d - e).abs() < 1e-9), "{deviations:?}");
    }
}
