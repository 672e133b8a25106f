//! How the cell of a crystal can fill that of a structure: which axis lies along which, which are mirrored, how often each
//! repeats.

use mtprs_core::geometry::{Vector3, dot, norm};

use super::reference::Crystal;

/// How much worse than the best a way to fill the cell may be: by the largest logarithm of a stretch, or change of a cosine.
const AS_GOOD: f64 = 0.05;

/// The largest stretch of an axis beside the mean of all, and the largest change of a cosine, of a structure that may still have
/// the cell of the crystal.
const STRETCH: f64 = 1.2;
const COSINE: f64 = 0.1;

const ORDERS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// A way to fill a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Filling {
    /// The axis of the crystal along each axis of the structure.
    pub(super) order: [usize; 3],
    /// −1 where that is mirrored.
    pub(super) signs: Vector3,
    /// Its repeats.
    pub(super) repeats: [usize; 3],
    /// How far its cell is from that of the structure.
    pub(super) misfit: Misfit,
}

/// How far a cell is from another one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Misfit {
    /// Logarithms of the stretches of the axes.
    stretches: Vector3,
    /// Largest change of a cosine between two of them.
    cosine: f64,
}

impl Misfit {
    /// Largest logarithm of a stretch, or change of a cosine.
    fn largest(self) -> f64 {
        self.stretches.iter().fold(self.cosine, |largest, stretch| largest.max(stretch.abs()))
    }

    /// The largest factor, from one, by which an axis is stretched or compressed.
    pub(super) fn stretch(self) -> f64 {
        self.stretches.iter().fold(0.0, |largest: f64, stretch| largest.max(stretch.abs())).exp()
    }

    /// Whether the shapes of the cells, whatever their sizes, are too different for one to be the other.
    pub(super) fn is_too_large(self) -> bool {
        let mean = self.stretches.iter().sum::<f64>() / 3.0;
        self.cosine > COSINE || self.stretches.iter().any(|stretch| (stretch - mean).abs() > STRETCH.ln())
    }
}

/// The best ways for a crystal to fill a cell with a number of its own cells.
pub(super) fn fillings(crystal: &Crystal, vectors: &[Vector3; 3], cells: usize) -> Vec<Filling> {
    let mut all: Vec<Filling> = Vec::new();
    for repeats in products(cells) {
        for order in ORDERS {
            for mirror in 0..8_usize {
                let signs = std::array::from_fn(|k| if mirror >> k & 1 == 1 { -1.0 } else { 1.0 });
                let misfit = misfit(&crystal.vectors, vectors, order, signs, repeats);
                all.push(Filling { order, signs, repeats, misfit });
            }
        }
    }
    let best = all.iter().map(|filling| filling.misfit.largest()).fold(f64::INFINITY, f64::min);
    all.retain(|filling| filling.misfit.largest() <= best + AS_GOOD);
    all
}

/// Three numbers whose product is this.
fn products(number: usize) -> impl Iterator<Item = [usize; 3]> {
    let divisors = move |number: usize| (1..=number).filter(move |k| number.is_multiple_of(*k));
    divisors(number).flat_map(move |a| divisors(number / a).map(move |b| [a, b, number / a / b]))
}

fn misfit(
    crystal: &[Vector3; 3],
    vectors: &[Vector3; 3],
    order: [usize; 3],
    signs: Vector3,
    repeats: [usize; 3],
) -> Misfit {
    let cosine = |a: Vector3, b: Vector3| dot(a, b) / (norm(a) * norm(b));
    let length = |k: usize| (norm(vectors[k]) / (repeats[k] as f64 * norm(crystal[order[k]]))).ln();
    let angle = |[i, j]: [usize; 2]| {
        let own = signs[i] * signs[j] * cosine(crystal[order[i]], crystal[order[j]]);
        (own - cosine(vectors[i], vectors[j])).abs()
    };
    let angles = [[0, 1], [1, 2], [2, 0]].map(angle);
    Misfit { stretches: std::array::from_fn(length), cosine: angles.into_iter().fold(0.0, f64::max) }
}

impl Filling {
    /// Places of a site of the crystal's cell in the cell that is filled.
    pub(super) fn copies(&self, site: Vector3) -> impl Iterator<Item = Vector3> + '_ {
        let [a, b, c] = self.repeats;
        (0..a * b * c).map(move |cell| {
            let offset = [cell % a, cell / a % b, cell / (a * b)];
            std::array::from_fn(|k| {
                self.signs[k] * (site[self.order[k]] + offset[k] as f64) / self.repeats[k] as f64
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Configuration};

    use super::*;

    fn crystal(vectors: [Vector3; 3]) -> Crystal {
        let cell = Cell::new(&vectors).unwrap();
        let one = Configuration::new(cell, vec![0], vec![[0.0; 3]]).unwrap();
        Crystal::new(&one, &[(0, "Mg".into())]).unwrap()
    }

    #[test]
    fn axes_find_each_other_in_any_order() {
        let crystal = crystal([[11.5, 0.0, 0.0], [0.0, 3.6, 0.0], [0.0, 0.0, 4.4]]);
        let found = fillings(&crystal, &[[8.9, 0.0, 0.0], [0.0, 11.4, 0.0], [0.0, 0.0, 10.7]], 6);
        assert_eq!(found.len(), 8, "{found:?}");
        assert!(found.iter().all(|one| one.order == [2, 0, 1] && one.repeats == [2, 1, 3]), "{found:?}");
    }

    #[test]
    fn skewed_cells_allow_only_mirrors_that_keep_their_angles() {
        let skewed = [[5.0, 0.0, 0.0], [1.5, 6.0, 0.0], [0.0, 0.0, 7.0]];
        let found = fillings(&crystal(skewed), &skewed, 1);
        let signs: Vec<Vector3> = found.iter().map(|one| one.signs).collect();
        assert!(signs.iter().all(|[a, b, _]| a * b > 0.0) && signs.len() == 4, "{found:?}");
    }

    #[test]
    fn copies_fill_the_cell_evenly() {
        let filling = Filling {
            order: [1, 0, 2],
            signs: [1.0, -1.0, 1.0],
            repeats: [2, 1, 1],
            misfit: Misfit::default(),
        };
        let copies: Vec<Vector3> = filling.copies([0.1, 0.4, 0.5]).collect();
        assert_eq!(copies, [[0.2, -0.1, 0.5], [0.7, -0.1, 0.5]]);
    }
}
