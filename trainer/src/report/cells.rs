//! Counts of numbers in cells of a grid that adapts itself: fine where there is little, never more than a fixed number
//! of cells, whatever the number of points and however far apart they lie.
//!
//! Cells are as wide as a power of two, with an edge at zero, and only those that hold something are kept. When they
//! become too many, pairs of them are united along every axis. The outcome is a function of the points alone: order,
//! threads and the way in which partial counts are merged change nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Width of the first cells, as a power of two: 10⁻⁹ of whatever unit.
const FINEST: i32 = -30;
/// Points with a coordinate of this size or more have no cell: 2³² of the unit, where cells of 2⁻³⁰ still have a number.
const FARTHEST: f64 = 4_294_967_296.0;

/// A cell and how many points it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell<const D: usize> {
    /// Middle of the cell.
    pub center: [f64; D],
    /// Points in it.
    pub count: u64,
}

type Counts<const D: usize> = HashMap<[i64; D], u64, BuildHasherDefault<CellHasher>>;

/// A hash of the numbers of a cell: points are taken in by the hundred million, and the library's hash, which
/// withstands attacks, takes several times as long.
#[derive(Clone, Copy, Debug, Default)]
struct CellHasher(u64);

impl Hasher for CellHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u64(&mut self, word: u64) {
        // The golden ratio times 2⁶⁴ spreads what differs in the last bits over all of them.
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 32)
    }
}

/// How many points lie in which cell, in `D` dimensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells<const D: usize> {
    /// Cells are 2^exponent wide.
    exponent: i32,
    most: usize,
    counts: Counts<D>,
    total: u64,
    beyond: u64,
}

impl<const D: usize> Cells<D> {
    /// Nothing yet; there will be at most `most` cells.
    pub fn new(most: usize) -> Self {
        Self { exponent: FINEST, most: most.max(1), counts: Counts::default(), total: 0, beyond: 0 }
    }

    /// Takes in a point.
    pub fn add(&mut self, point: [f64; D]) {
        self.total += 1;
        if !point.iter().all(|x| x.abs() < FARTHEST) {
            self.beyond += 1;
            return;
        }
        let scale = f64::powi(2.0, -self.exponent);
        *self.counts.entry(point.map(|x| (x * scale).floor() as i64)).or_default() += 1;
        self.coarsen_to_fit();
    }

    /// Takes in all that `other` has seen.
    pub fn merge(&mut self, other: &Self) {
        while self.exponent < other.exponent {
            self.coarsen();
        }
        let shift = self.exponent - other.exponent;
        for (cell, count) in &other.counts {
            *self.counts.entry(cell.map(|index| index >> shift)).or_default() += count;
        }
        self.total += other.total;
        self.beyond += other.beyond;
        self.coarsen_to_fit();
    }

    /// Points taken in.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Points among them that are not finite or farther than 4·10⁹ from zero, and in no cell.
    pub fn beyond(&self) -> u64 {
        self.beyond
    }

    /// How wide a cell is.
    pub fn width(&self) -> f64 {
        f64::powi(2.0, self.exponent)
    }

    /// The cells in ascending order.
    pub fn cells(&self) -> Vec<Cell<D>> {
        let mut cells: Vec<([i64; D], u64)> =
            self.counts.iter().map(|(&cell, &count)| (cell, count)).collect();
        cells.sort_unstable();
        let width = self.width();
        let center = |cell: [i64; D]| cell.map(|index| (index as f64 + 0.5) * width);
        cells.into_iter().map(|(cell, count)| Cell { center: center(cell), count }).collect()
    }

    /// Counts in cells of the width `width`, or of the own where that is wider: number of the cell along each axis
    /// (its lower edge over its width) and count, in ascending order. `width` must be a power of two.
    pub fn regrouped(&self, width: f64) -> (f64, Vec<([i64; D], u64)>) {
        let mut coarse = self.clone();
        while coarse.width() < width {
            coarse.coarsen();
        }
        let mut cells: Vec<([i64; D], u64)> =
            coarse.counts.iter().map(|(&cell, &count)| (cell, count)).collect();
        cells.sort_unstable();
        (coarse.width(), cells)
    }

    fn coarsen_to_fit(&mut self) {
        while self.counts.len() > self.most {
            self.coarsen();
        }
    }

    fn coarsen(&mut self) {
        self.exponent += 1;
        for (cell, count) in std::mem::take(&mut self.counts) {
            *self.counts.entry(cell.map(|index| index >> 1)).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Points of very different sizes and signs, the same in every run.
    fn points(count: usize) -> Vec<[f64; 2]> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
        };
        (0..count).map(|_| [next(), next()].map(|x| (20.0 * x).sinh() * 1e-6)).collect()
    }

    fn gathered(points: impl Iterator<Item = [f64; 2]>, most: usize) -> Cells<2> {
        let mut cells = Cells::new(most);
        points.for_each(|point| cells.add(point));
        cells
    }

    #[test]
    fn no_order_and_no_division_of_the_work_changes_the_outcome() {
        let points = points(5000);
        let forwards = gathered(points.iter().copied(), 300);
        assert_eq!(gathered(points.iter().rev().copied(), 300), forwards);
        for parts in [2, 3, 7, 1000] {
            let mut merged = Cells::new(300);
            for part in (0..parts).rev() {
                merged.merge(&gathered(points.iter().skip(part).step_by(parts).copied(), 300));
            }
            assert_eq!(merged, forwards, "{parts} parts");
        }
    }

    #[test]
    fn there_are_never_more_cells_than_allowed_and_no_point_is_lost() {
        let mut cells = Cells::new(50);
        for (number, &point) in points(3000).iter().enumerate() {
            cells.add(point);
            assert!(cells.counts.len() <= 50);
            let counted: u64 = cells.cells().iter().map(|cell| cell.count).sum();
            assert_eq!((counted, cells.total()), (number as u64 + 1, number as u64 + 1));
        }
        // As fine as the limit allows: half the width would need more cells than that.
        let finer = gathered(points(3000).into_iter(), usize::MAX).regrouped(0.5 * cells.width());
        assert!(finer.1.len() > 50, "{} cells", finer.1.len());
    }

    #[test]
    fn few_points_keep_their_places() {
        let cells = gathered([[1.0, -2.5], [1e-3, 7.0]].into_iter(), 100);
        for (cell, expected) in cells.cells().iter().zip([[1e-3, 7.0], [1.0, -2.5]]) {
            assert_eq!(cell.count, 1);
            assert!(cell.center.iter().zip(expected).all(|(a, b)| (a - b).abs() <= cells.width()));
        }
        assert!(cells.width() < 1e-8);
    }

    #[test]
    fn numbers_without_a_place_are_counted_apart() {
        let mut cells = Cells::<1>::new(10);
        for x in [f64::NAN, f64::INFINITY, -1e10, 0.0] {
            cells.add([x]);
        }
        assert_eq!((cells.total(), cells.beyond(), cells.cells().len()), (4, 3, 1));
    }

    #[test]
    fn wider_cells_hold_the_sum_of_narrow_ones() {
        let mut cells = Cells::<1>::new(100);
        for x in [-0.3, -0.2, 0.1, 0.4, 0.6] {
            cells.add([x]);
        }
        assert_eq!(cells.regrouped(0.5), (0.5, vec![([-1], 2), ([0], 2), ([1], 1)]));
    }
}
