//! Layers of atoms along one axis of the cell.

use std::f64::consts::TAU;
use std::fmt;
use std::str::FromStr;

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

/// How layers are found and deviations from them are measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Definition {
    /// By phases on the circle, which depend neither on the origin nor on periodic images.
    #[default]
    Circular,
    /// As the program PyLRO does, whose figures are in print.
    Pylro,
}

impl FromStr for Definition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "circular" => Ok(Self::Circular),
            "pylro" => Ok(Self::Pylro),
            _ => Err("expected circular or pylro".to_owned()),
        }
    }
}

impl fmt::Display for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Circular => "circular",
            Self::Pylro => "pylro",
        })
    }
}

/// The layers of atoms with these fractional coordinates, at most so many, and the deviations of the atoms from them in
/// spacings, from −½ to ½.
///
/// Where every number from two up leaves a layer empty, all atoms are taken as one layer.
pub(super) fn layers(fractional: &[f64], most: usize, definition: Definition) -> (Layers, Vec<f64>) {
    match definition {
        Definition::Circular => circular(fractional, most),
        Definition::Pylro => pylro(fractional, most),
    }
}

fn circular(fractional: &[f64], most: usize) -> (Layers, Vec<f64>) {
    let one = wave(fractional, 1);
    let found = waves(fractional, most).find(|layers| layers.are_all_filled(fractional)).unwrap_or(one);
    let deviations = fractional.iter().map(|s| found.deviation(*s)).collect();
    (found, deviations)
}

/// As PyLRO: the phase is a running mean of sorted residues; a layer at the end of the cell counts beside that at its
/// beginning, so that one may be empty; and deviations are divided by the gap between the two lowest layers.
fn pylro(fractional: &[f64], most: usize) -> (Layers, Vec<f64>) {
    let places: Vec<f64> = fractional.iter().map(|s| s - s.floor()).collect();
    let with_phase = |layers: Layers| Layers { phase: running_phase(&places, layers.count), ..layers };
    let has_enough = |layers: &Layers| layers.numbers(&places).len() >= layers.count;
    let found = waves(&places, most).map(with_phase).find(has_enough);
    let found = found.unwrap_or_else(|| with_phase(wave(&places, 1)));
    let gap = match found.numbers(&places)[..] {
        [lowest, next, ..] => (next - lowest) as f64,
        _ => 1.0,
    };
    let deviations = places.iter().map(|s| found.deviation(*s) / gap).collect();
    (found, deviations)
}

/// Mean of the residues n s, from −½ to ½ in ascending order, each moved by one where it lies further than ½ from the mean of
/// those before.
fn running_phase(places: &[f64], count: usize) -> f64 {
    let residue = |s: &f64| (count as f64 * s + 0.5).rem_euclid(1.0) - 0.5;
    let mut residues: Vec<f64> = places.iter().map(residue).collect();
    residues.sort_by(f64::total_cmp);
    let (mut mean, mut number) = (residues.first().copied().unwrap_or(0.0), 0.0);
    for residue in residues {
        let apart = residue - mean;
        let moved = if apart > 0.5 { apart - 1.0 } else { apart };
        number += 1.0;
        mean += moved / number;
    }
    mean
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

    /// Numbers of the layers that have atoms, from the lowest, periodic images apart.
    fn numbers(&self, places: &[f64]) -> Vec<i64> {
        let mut numbers: Vec<i64> = places.iter().map(|s| self.coordinate(*s).round() as i64).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// Amplitudes that differ by less are the same but for rounding.
const ROUNDING: f64 = 1e-9;

/// F of every number of layers from two up, the largest first, and of the same the least number.
fn waves(fractional: &[f64], most: usize) -> impl Iterator<Item = Layers> {
    let mut waves: Vec<Layers> = (2..=most).map(|count| wave(fractional, count)).collect();
    let rounded = |layers: &Layers| (layers.amplitude / ROUNDING).round();
    waves.sort_by(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.count.cmp(&b.count)));
    waves.into_iter()
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
                let (layers, deviations) = circular(&places, 11);
                assert_eq!(layers.count, count, "from {begin}");
                assert!((layers.amplitude - 1.0).abs() < 1e-12);
                assert!(deviations.iter().all(|d| d.abs() < 1e-9), "{deviations:?}");
            }
        }
    }

    #[test]
    fn a_number_that_leaves_a_layer_empty_is_not_taken() {
        // Four layers would fit perfectly, but the last is empty.
        let (layers, _) = circular(&[0.0, 0.25, 0.5, 0.0, 0.25, 0.5], 4);
        assert!(layers.count < 4 && layers.amplitude < 0.5, "{layers:?}");
        let (layers, deviations) = circular(&[0.2, 0.21, 0.19, 1.2], 11);
        assert_eq!(layers.count, 1);
        assert!((layers.phase - 0.2).abs() < 1e-3 && (deviations[1] - 0.01).abs() < 1e-3);
    }

    #[test]
    fn deviations_are_signed_and_in_spacings() {
        let (layers, deviations) = circular(&[0.01, 0.99, 0.49, 0.51], 2);
        assert_eq!((layers.count, layers.phase.abs() < 1e-12), (2, true));
        let expected = [0.02, -0.02, -0.02, 0.02];
        assert!(deviations.iter().zip(expected).all(|(d, e)| (d - e).abs() < 1e-9), "{deviations:?}");
    }

    /// Both layers of PyLRO are one: at the beginning and at the end of the cell.
    #[test]
    fn layers_of_pylro_are_counted_without_their_images() {
        let places = [0.01, 0.99, 0.03, 0.97];
        assert_eq!(circular(&places, 2).0.count, 1);
        let (layers, deviations) = pylro(&places, 2);
        assert_eq!((layers.count, layers.phase.abs() < 1e-12), (2, true));
        // Layers 0 and 2 are the two lowest.
        let expected = [0.01, -0.01, 0.03, -0.03];
        assert!(deviations.iter().zip(expected).all(|(d, e)| (d - e).abs() < 1e-12), "{deviations:?}");
    }

    #[test]
    fn the_phase_of_pylro_is_a_running_mean() {
        // Residues −0.4, −0.3, 0.3: the last is 0.65 away from the mean of the others, and goes to −0.7.
        let phase = running_phase(&[0.3, 0.6, 0.7], 1);
        assert!((phase - -1.4 / 3.0).abs() < 1e-12, "{phase}");
        let near = running_phase(&[0.1, 0.9, 0.05], 1);
        assert!((near - 0.05 / 3.0).abs() < 1e-12, "{near}");
    }
}
