//! What atoms that lie anywhere show: the same figures, by the same search for layers, of random fractional coordinates.

use mtprs_core::geometry::Vector3;
use rayon::prelude::*;

use super::figures::{Figures, OrderSettings};
use crate::analysis::scatter::Scatter;
use crate::random::{Sequence, splitmix};

/// Figures of random arrangements.
#[derive(Clone, Debug)]
pub struct Baseline(Vec<Scatter>);

impl Baseline {
    /// Of this many atoms, with further directions as weights of the axes.
    pub(super) fn new(atoms: usize, directions: &[Vector3], settings: &OrderSettings) -> Self {
        let draw = |number: usize| {
            let mut numbers = Sequence::new(splitmix(settings.seed).wrapping_add(splitmix(number as u64)));
            let places: Vec<Vector3> =
                (0..atoms).map(|_| std::array::from_fn(|_| numbers.uniform())).collect();
            Figures::new(&places, directions, settings).row()
        };
        let rows: Vec<Vec<f64>> = (0..settings.draws).into_par_iter().map(draw).collect();
        let width = rows.first().map_or(0, Vec::len);
        // To chance all axes are alike.
        let columns = |place: usize| match place {
            0..3 => 0..3,
            3..6 => 3..6,
            _ => place..place + 1,
        };
        let column =
            |place| Scatter::of(rows.iter().flat_map(move |row| row[columns(place)].iter().copied()));
        Self((0..width).map(column).collect())
    }

    /// That of a figure by its place in the row.
    pub(super) fn at(&self, place: usize) -> Scatter {
        self.0.get(place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Largest and least of magnitudes, as a program of its own found them for 12 and 96 atoms by the equations: .288 ± .023,
    /// .074 ± .014 and .373 ± .007.
    #[test]
    fn random_positions_have_the_spread_that_is_known() {
        let settings = OrderSettings { draws: 600, ..OrderSettings::default() };
        let few = Baseline::new(12, &[], &settings);
        let close = |found: Scatter, mean: f64, std_dev: f64| {
            // Of 600 draws the mean is known within an eighth of a standard deviation, three times its error.
            (found.mean - mean).abs() < 0.2 * std_dev && (found.std_dev / std_dev - 1.0).abs() < 0.15
        };
        assert!(close(few.at(6), 0.288, 0.023), "{:?}", few.at(6));
        assert!(close(few.at(7), 0.074, 0.014), "{:?}", few.at(7));
        let settings = OrderSettings { draws: 150, ..settings };
        let many = Baseline::new(96, &[], &settings);
        assert!((many.at(6).mean - 0.373).abs() < 0.003, "{:?}", many.at(6));
        assert!((many.at(6).std_dev / 0.007 - 1.0).abs() < 0.3, "{:?}", many.at(6));
    }

    #[test]
    fn draws_depend_on_the_seed_alone() {
        let settings = OrderSettings { draws: 20, ..OrderSettings::default() };
        let of = |seed| Baseline::new(9, &[], &OrderSettings { seed, ..settings.clone() }).0;
        assert_eq!(of(5), of(5));
        assert_ne!(of(5), of(6));
    }
}
