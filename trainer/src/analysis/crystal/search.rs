//! How the cell of a crystal can fill that of a structure: which axis lies along which, which are mirrored, how often each
//! repeats.

use mtprs_core::geometry::{Vector3, dot, norm};

use super::reference::Crystal;

/// How much worse than the best a way to fill the cell may be: by the largest logarithm of a stretch, or change of a cosine.
const AS_GOOD: f64 = 0.05;

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
    /// Largest logarithm of a stretch, or change of a cosine.
    pub(super) misfit: f64,
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
    let best = all.iter().map(|filling| filling.misfit).fold(f64::INFINITY, f64::min);
    all.retain(|filling| filling.misfit <= best + AS_GOOD);
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
) -> f64 {
    let cosine = |a: Vector3, b: Vector3| dot(a, b) / (norm(a) * norm(b));
    let length = |k: usize| (norm(vectors[k]) / (repeats[k] as f64 * norm(crystal[order[k]]))).ln().abs();
    let angle = |[i, j]: [usize; 2]| {
        let own = signs[i] * signs[j] * cosine(crystal[order[i]], crystal[order[j]]);
        (own - cosine(vectors[i], vectors[j])).abs()
    };
    (0..3).map(length).chain([[0, 1], [1, 2], [2, 0]].map(angle)).fold(0.0, f64::max)
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
        let filling = Filling { order: [1, 0, 2], signs: [1.0, -1.0, 1.0], repeats: [2, 1, 1], misfit: 0.0 };
        let copies: Vec<Vector3> = filling.copies([0.1, 0.4, 0.5]).collect();
        assert_eq!(copies, [[0.2, -0.1, 0.5], [0.7, -0.1, 0.5]]);
    }
}
