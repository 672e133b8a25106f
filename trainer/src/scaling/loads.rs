//! What the ranks hold: atoms of their own, and ghosts, the copies of other atoms that their neighbor lists need.
//!
//! LAMMPS fetches ghosts direction after direction, first along x, then along y with those of x, then along z with all
//! others. So the ghosts of a brick are all atoms, up to the reach of the neighbor list, of a larger brick around it, and
//! what is fetched along a direction is a slab of that.

use super::bricks::SimulationBox;

/// Standard deviation of the number of atoms in a brick of a solid or liquid, by the cube root of that number. Sums over
/// a surface, as here, are the least that short-range order allows.
const SURFACE_FLUCTUATION: f64 = 0.4;
/// Most pairs of rank and atom that are counted; beyond, every n-th rank stands for all.
const MOST_COUNTED: usize = 100_000_000;

/// Atoms of a cell that is repeated: fractional coordinates, from zero to below one where the direction repeats.
#[derive(Clone, Debug, Default)]
pub struct Atoms {
    /// One row for each atom.
    pub fractional: Vec<[f64; 3]>,
}

/// Atoms of the ranks, means over all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loads {
    /// Atoms that a rank owns.
    pub atoms: f64,
    /// Atoms of the rank that owns most.
    pub most_atoms: f64,
    /// Ghosts that are fetched along each direction.
    pub ghosts: [f64; 3],
}

impl Loads {
    /// All ghosts of a rank.
    pub fn all_ghosts(&self) -> f64 {
        self.ghosts.iter().sum()
    }

    /// The same with the fluctuations of moving atoms: the largest of this many normally distributed numbers.
    fn fluctuating(self, ranks: usize) -> Self {
        let spread = SURFACE_FLUCTUATION * self.atoms.cbrt();
        let most = self.atoms + spread * (2.0 * (ranks as f64).ln()).sqrt();
        Self { most_atoms: self.most_atoms.max(most), ..self }
    }
}

/// The part of a direction that a slice owns, and the part that it knows, as shares of the whole.
fn slices(ranks: usize, reach: f64, is_periodic: bool) -> Vec<[[f64; 2]; 2]> {
    let slice = |number: usize| {
        let [low, high] = [number, number + 1].map(|face| face as f64 / ranks as f64);
        let known = [low - reach, high + reach];
        [[low, high], if is_periodic { known } else { [known[0].max(0.0), known[1].min(1.0)] }]
    };
    (0..ranks).map(slice).collect()
}

/// The slices of all three directions; `range` is cutoff and skin, Å.
fn all_slices(simulation_box: &SimulationBox, grid: [usize; 3], range: f64) -> [Vec<[[f64; 2]; 2]>; 3] {
    let heights = simulation_box.heights();
    [0, 1, 2].map(|k| slices(grid[k], range / heights[k], simulation_box.periodic[k]))
}

/// Loads where atoms are everywhere equally dense: volumes of bricks and slabs.
pub fn by_volume(simulation_box: &SimulationBox, grid: [usize; 3], range: f64, atoms: f64) -> Loads {
    let length = |[low, high]: [f64; 2]| high - low;
    let slices = all_slices(simulation_box, grid, range);
    let mean = |k: usize, which: usize| {
        slices[k].iter().map(|slice| length(slice[which])).sum::<f64>() / grid[k] as f64
    };
    let [own, known] = [0, 1].map(|which| [0, 1, 2].map(|k| mean(k, which)));
    let share = own[0] * own[1] * own[2];
    let ghosts = [
        (known[0] - own[0]) * own[1] * own[2],
        known[0] * (known[1] - own[1]) * own[2],
        known[0] * known[1] * (known[2] - own[2]),
    ];
    let ranks = grid.iter().product();
    Loads { atoms: atoms * share, most_atoms: atoms * share, ghosts: ghosts.map(|share| share * atoms) }
        .fluctuating(ranks)
}

/// Loads of a cell that is repeated, by counting its atoms in bricks and slabs; `simulation_box` is that of all copies.
pub fn by_count(
    atoms: &Atoms,
    copies: [usize; 3],
    simulation_box: &SimulationBox,
    grid: [usize; 3],
    range: f64,
) -> Loads {
    let slices = all_slices(simulation_box, grid, range);
    let of = |k: usize, which: usize| -> Vec<Vec<f64>> {
        let counts = |slice: &[[f64; 2]; 2]| {
            let [low, high] = slice[which].map(|face| face * copies[k] as f64);
            atoms.fractional.iter().map(|place| (high - place[k]).ceil() - (low - place[k]).ceil()).collect()
        };
        slices[k].iter().map(counts).collect()
    };
    let [own, known] = [0, 1].map(|which| [0, 1, 2].map(|k| of(k, which)));
    let ranks: usize = grid.iter().product();
    let stride = (ranks * atoms.fractional.len()).div_ceil(MOST_COUNTED).max(1);
    let (mut total, mut most, mut ghosts, mut counted) = (0.0, 0.0_f64, [0.0; 3], 0.0);
    for rank in (0..ranks).step_by(stride) {
        let (x, y, z) = (rank / (grid[1] * grid[2]), rank / grid[2] % grid[1], rank % grid[2]);
        let mut here = [0.0; 4];
        for atom in 0..atoms.fractional.len() {
            let [i, j, k] = [own[0][x][atom], own[1][y][atom], own[2][z][atom]];
            let [p, q, r] = [known[0][x][atom], known[1][y][atom], known[2][z][atom]];
            here[0] += i * j * k;
            here[1] += (p - i) * j * k;
            here[2] += p * (q - j) * k;
            here[3] += p * q * (r - k);
        }
        total += here[0];
        most = most.max(here[0]);
        counted += 1.0;
        (0..3).for_each(|k| ghosts[k] += here[k + 1]);
    }
    Loads { atoms: total / counted, most_atoms: most, ghosts: ghosts.map(|sum| sum / counted) }
        .fluctuating(ranks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Sequence;

    fn cuboid(edges: [f64; 3], periodic: [bool; 3]) -> SimulationBox {
        let vector = |k: usize| std::array::from_fn(|i| if i == k { edges[k] } else { 0.0 });
        SimulationBox { vectors: [0, 1, 2].map(vector), periodic }
    }

    /// A brick of 10 Å with a shell of 6 Å is one of 22 Å without the brick.
    #[test]
    fn ghosts_fill_the_brick_around_a_brick() {
        let loads = by_volume(&cuboid([20.0; 3], [true; 3]), [2, 2, 2], 6.0, 800.0);
        let expected = 0.1 * (22.0_f64.powi(3) - 1000.0);
        assert!((loads.all_ghosts() - expected).abs() < 1e-9, "{loads:?} {expected}");
        assert!((loads.atoms - 100.0).abs() < 1e-12);
        assert!((loads.ghosts[0] - 0.1 * 12.0 * 100.0).abs() < 1e-9);
        // One rank has all images up to the same distance; open faces have nothing behind them.
        let one = by_volume(&cuboid([20.0; 3], [true; 3]), [1, 1, 1], 6.0, 800.0);
        assert!(
            (one.all_ghosts() - 0.1 * (32.0_f64.powi(3) - 8000.0)).abs() < 1e-9 && one.most_atoms == 800.0
        );
        let open = by_volume(&cuboid([20.0; 3], [false; 3]), [2, 2, 2], 6.0, 800.0);
        assert!((open.all_ghosts() - 0.1 * (16.0_f64.powi(3) - 1000.0)).abs() < 1e-9);
    }

    #[test]
    fn counts_of_many_atoms_are_volumes() {
        let mut random = Sequence::new(7);
        let fractional = (0..20_000).map(|_| [0, 1, 2].map(|_| random.uniform())).collect();
        let atoms = Atoms { fractional };
        for periodic in [[true; 3], [true, true, false]] {
            let cell = cuboid([60.0, 70.0, 80.0], periodic);
            let copies = if periodic[2] { [2, 1, 2] } else { [2, 2, 1] };
            let (whole, grid) = (cell.repeated(copies), [2, 3, 5]);
            let counted = by_count(&atoms, copies, &whole, grid, 7.5);
            let filled = by_volume(&whole, grid, 7.5, 80_000.0);
            assert!((counted.atoms - filled.atoms).abs() < 1e-6);
            for (a, b) in counted.ghosts.iter().zip(filled.ghosts) {
                assert!((a / b - 1.0).abs() < 0.02, "{counted:?} {filled:?}");
            }
        }
    }

    #[test]
    fn empty_ranks_leave_the_work_to_the_others() {
        let atoms = Atoms { fractional: vec![[0.1; 3], [0.2; 3], [0.3; 3]] };
        let whole = cuboid([40.0; 3], [true; 3]);
        let loads = by_count(&atoms, [1; 3], &whole, [2, 2, 2], 5.0);
        assert_eq!((loads.atoms, loads.most_atoms), (0.375, 3.0));
    }
}
