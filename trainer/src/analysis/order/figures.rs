//! The figures of one structure: its layers, and the disorder along axes, directions and over the sphere.

use std::array::from_fn;

use mtprs_core::Result;
use mtprs_core::geometry::{Configuration, Vector3};
use serde::Serialize;

use super::direction::Miller;
use super::layers::{Definition, Layers, layers};
use super::sphere::{Extreme, Field};
use crate::analysis::periodic::{fractional, of_species};

/// What is computed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OrderSettings {
    /// How layers are found.
    pub definition: Definition,
    /// Most layers in the cell along an axis.
    pub max_layers: usize,
    /// Further directions.
    #[serde(skip)]
    pub directions: Vec<Miller>,
    /// Random arrangements that structures are compared with.
    pub draws: usize,
    /// What their positions are drawn from.
    pub seed: u64,
}

impl Default for OrderSettings {
    fn default() -> Self {
        Self {
            definition: Definition::default(),
            max_layers: 11,
            directions: Vec::new(),
            draws: 400,
            seed: 1,
        }
    }
}

/// Figures of the atoms of one species in one structure.
#[derive(Clone, Debug)]
pub struct Figures {
    /// Layers along a, b, c.
    pub layers: [Layers; 3],
    /// Disorder along a, b, c.
    pub(super) along_axes: Vector3,
    /// Of |δ|.
    pub(super) magnitudes: Variant,
    /// Of δ.
    pub(super) signed: Variant,
}

/// The disorder of one of both kinds.
#[derive(Clone, Debug)]
pub(super) struct Variant {
    pub(super) field: Field,
    pub(super) largest: Extreme,
    pub(super) least: Extreme,
    /// Along the further directions.
    pub(super) along: Vec<f64>,
}

impl Variant {
    fn new(vectors: Vec<Vector3>, directions: &[Vector3]) -> Self {
        let field = Field::new(vectors);
        let along = directions.iter().map(|p| field.along(*p)).collect();
        Self { largest: field.largest(), least: field.least(), along, field }
    }
}

impl Figures {
    /// Of atoms at fractional coordinates, with further directions given as weights of the axes.
    pub(super) fn new(fractional: &[Vector3], directions: &[Vector3], settings: &OrderSettings) -> Self {
        let axes: [_; 3] = from_fn(|axis| {
            let places: Vec<f64> = fractional.iter().map(|s| s[axis]).collect();
            layers(&places, settings.max_layers, settings.definition)
        });
        let deviations: Vec<Vector3> =
            (0..fractional.len()).map(|i| from_fn(|axis| axes[axis].1[i])).collect();
        let magnitudes = deviations.iter().map(|d| d.map(f64::abs)).collect();
        let magnitudes = Variant::new(magnitudes, directions);
        Self {
            layers: axes.map(|(layers, _)| layers),
            along_axes: from_fn(|axis| magnitudes.field.along(from_fn(|k| f64::from(u8::from(k == axis))))),
            signed: Variant::new(deviations, directions),
            magnitudes,
        }
    }

    /// All numbers in one row: |F| and disorder along a, b, c; then, of magnitudes and signed, the largest, the least and
    /// those along the further directions.
    pub(super) fn row(&self) -> Vec<f64> {
        let mut row: Vec<f64> = self.layers.iter().map(|layers| layers.amplitude).collect();
        row.extend(self.along_axes);
        for variant in [&self.magnitudes, &self.signed] {
            row.extend([variant.largest.value, variant.least.value]);
            row.extend(&variant.along);
        }
        row
    }
}

/// Fractional coordinates of the atoms of a species.
pub(super) fn places(configuration: &Configuration, species: usize) -> Result<Vec<Vector3>> {
    let all = fractional(configuration)?;
    Ok(of_species(configuration, species, &all).collect())
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::Cell;

    use super::*;
    use crate::random::Sequence;

    /// 2 × 3 × 4 sites in a skewed cell, moved by up to this share of a cell.
    fn crystal(shift: Vector3, noise: f64) -> Configuration {
        let cell = Cell::new(&[[8.0, 0.0, 0.0], [1.0, 9.0, 0.0], [-2.0, 1.0, 10.0]]).unwrap();
        let mut numbers = Sequence::new(1);
        let mut site = |k: usize| {
            let sites = [(k % 2) as f64 / 2.0, (k / 2 % 3) as f64 / 3.0, (k / 6) as f64 / 4.0];
            from_fn(|axis| sites[axis] + shift[axis] + noise * (numbers.uniform() - 0.5))
        };
        let positions = (0..24).map(|k| cell.cartesian(site(k)).unwrap()).collect();
        Configuration::new(cell, vec![0; 24], positions).unwrap()
    }

    fn row(configuration: &Configuration) -> Vec<f64> {
        let p = Miller([1.0, 1.0, 0.0]).weights(&configuration.cell);
        Figures::new(&places(configuration, 0).unwrap(), &[p], &OrderSettings::default()).row()
    }

    #[test]
    fn a_perfect_crystal_has_no_disorder() {
        let row = row(&crystal([0.1, 0.2, 0.7], 0.0));
        assert!(row[..3].iter().all(|f| (f - 1.0).abs() < 1e-12), "{row:?}");
        assert!(row[3..].iter().all(|eta| eta.abs() < 1e-12), "{row:?}");
    }

    #[test]
    fn neither_the_origin_nor_unwrapping_changes_anything() {
        let crystal = |shift| crystal(shift, 0.09);
        let expected = row(&crystal([0.0; 3]));
        assert!(expected[6] > 0.05, "{expected:?}");
        let close = |found: &[f64]| found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9);
        assert!(close(&row(&crystal([0.31, -0.77, 12.4]))));
        let mut unwrapped = crystal([0.0; 3]);
        let vectors = unwrapped.cell.vectors().to_vec();
        for (number, r) in unwrapped.positions.iter_mut().enumerate() {
            for (axis, vector) in vectors.iter().enumerate() {
                let images = (number * (axis + 2) % 5) as f64 - 2.0;
                (0..3).for_each(|k| r[k] += images * vector[k]);
            }
        }
        assert!(close(&row(&unwrapped)), "{:?}", row(&unwrapped));
    }

    #[test]
    fn cells_without_three_periods_are_refused() {
        let cell = Cell::new(&[[8.0, 0.0, 0.0], [0.0, 9.0, 0.0]]).unwrap();
        let slab = Configuration::new(cell, vec![0], vec![[0.0; 3]]).unwrap();
        let error = places(&slab, 0).unwrap_err();
        assert!(error.to_string().contains("periodic in 2 of three directions"), "{error}");
    }
}
