//! The box of a run and the bricks that LAMMPS divides it into, one for each rank.

use mtprs_core::geometry::{Vector3, cross, dot, norm};

/// Three edges, Å, and which directions repeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SimulationBox {
    /// The edges, one in each row.
    pub vectors: [Vector3; 3],
    /// Which of them repeat.
    pub periodic: [bool; 3],
}

impl SimulationBox {
    /// A periodic cube of a volume, Å³.
    pub fn cube(volume: f64) -> Self {
        let edge = volume.cbrt();
        Self { vectors: [[edge, 0.0, 0.0], [0.0, edge, 0.0], [0.0, 0.0, edge]], periodic: [true; 3] }
    }

    /// The box of this many copies in each direction.
    #[must_use]
    pub fn repeated(&self, copies: [usize; 3]) -> Self {
        let vector = |k: usize| self.vectors[k].map(|component| component * copies[k] as f64);
        Self { vectors: [0, 1, 2].map(vector), ..*self }
    }

    /// Volume, Å³.
    pub fn volume(&self) -> f64 {
        let [a, b, c] = self.vectors;
        dot(a, cross(b, c)).abs()
    }

    /// Areas of the faces of edges 0 and 1, 0 and 2, 1 and 2, Å².
    fn areas(&self) -> [f64; 3] {
        let [a, b, c] = self.vectors;
        [cross(a, b), cross(a, c), cross(b, c)].map(norm)
    }

    /// Distances between opposite faces, Å: what a distance means along the axes of a tilted box.
    pub fn heights(&self) -> [f64; 3] {
        let [ab, ac, bc] = self.areas();
        [bc, ac, ab].map(|area| self.volume() / area)
    }
}

/// Ranks along each direction as LAMMPS chooses them (`processors * * *`): of all products of three numbers the one with the
/// least surface of a brick, and of several such the first in ascending
/// order, with the sums rounded as LAMMPS does.
pub fn grid(ranks: usize, simulation_box: &SimulationBox) -> [usize; 3] {
    let [ab, ac, bc] = simulation_box.areas();
    let mut best = ([1, 1, ranks], f64::INFINITY);
    for x in (1..=ranks).filter(|x| ranks.is_multiple_of(*x)) {
        let rest = ranks / x;
        for y in (1..=rest).filter(|y| rest.is_multiple_of(*y)) {
            let z = rest / y;
            let [i, j, k] = [x, y, z].map(|count| count as f64);
            let surface = ab / i / j + ac / i / k + bc / j / k;
            if surface < best.1 {
                best = ([x, y, z], surface);
            }
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cuboid(edges: [f64; 3]) -> SimulationBox {
        let vector = |k: usize| std::array::from_fn(|i| if i == k { edges[k] } else { 0.0 });
        SimulationBox { vectors: [0, 1, 2].map(vector), periodic: [true; 3] }
    }

    /// Grids that LAMMPS prints for these boxes: "1 by 1 by 2 MPI processor grid" and so on.
    #[test]
    fn grids_are_those_of_lammps() {
        let glass = cuboid([17.4, 21.36, 22.94]);
        assert_eq!([2, 4, 8].map(|ranks| grid(ranks, &glass)), [[1, 1, 2], [1, 2, 2], [2, 2, 2]]);
        let cube = cuboid([10.0; 3]);
        let expected = [[1, 1, 1], [2, 1, 3], [1, 1, 7], [3, 2, 2], [4, 4, 4]];
        assert_eq!([1, 6, 7, 12, 64].map(|ranks| grid(ranks, &cube)), expected);
        assert_eq!(grid(4, &cuboid([400.0, 1.0, 1.0])), [4, 1, 1]);
    }

    #[test]
    fn heights_of_a_tilted_box_are_shorter_than_its_edges() {
        let tilted = SimulationBox {
            vectors: [[4.0, 0.0, 0.0], [3.0, 4.0, 0.0], [0.0, 0.0, 5.0]],
            periodic: [true; 3],
        };
        let heights = tilted.heights();
        assert!((heights[0] - 3.2).abs() < 1e-12 && (heights[1] - 4.0).abs() < 1e-12, "{heights:?}");
        assert_eq!((tilted.volume(), tilted.repeated([2, 1, 3]).volume()), (80.0, 480.0));
    }
}
