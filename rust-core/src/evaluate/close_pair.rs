//! The closest pair of an evaluation: atoms nearer than `min_dist` are outside of what the potential was made for.

use super::neighborhoods::{BadNeighbor, Center, Neighborhoods, SAME_PLACE_SQUARED};

/// Two atoms closer than `min_dist`, where the radial functions begin: the potential extrapolates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosePair {
    /// Distance, Å.
    pub distance: f64,
    /// Index of the central atom.
    pub center: usize,
    /// Index of the neighbor.
    pub neighbor: usize,
}

impl ClosePair {
    /// The pair of the k-th central atom and its nearest neighbor takes the place of `closest` if it is closer, and than
    /// `min_dist`. `smallest` is the smallest squared distance of a neighbor, Å^2.
    #[inline(always)]
    pub(super) fn note<N: Neighborhoods>(
        closest: &mut Option<Self>,
        min_dist: f64,
        smallest: f64,
        atoms: &N,
        k: usize,
        center: Center,
    ) -> Result<(), BadNeighbor> {
        let known = closest.map_or(min_dist, |pair| pair.distance);
        let known_squared = (known * known).max(SAME_PLACE_SQUARED);
        if smallest < known_squared { Self::find(closest, known_squared, atoms, k, center) } else { Ok(()) }
    }

    #[cold]
    fn find<N: Neighborhoods>(
        closest: &mut Option<Self>,
        known_squared: f64,
        atoms: &N,
        k: usize,
        center: Center,
    ) -> Result<(), BadNeighbor> {
        let (mut nearest, mut smallest) = (None, known_squared);
        atoms.visit_neighbors(k, |neighbor| {
            let [x, y, z] = neighbor.displacement;
            let squared = x * x + y * y + z * z;
            if squared < smallest {
                (nearest, smallest) = (Some(neighbor.atom), squared);
            }
        });
        // The nearest may be of a species that takes no part.
        let Some(neighbor) = nearest else { return Ok(()) };
        *closest = Some(Self { distance: smallest.sqrt(), center: center.atom, neighbor });
        if smallest < SAME_PLACE_SQUARED { Err(BadNeighbor::SamePlace(neighbor)) } else { Ok(()) }
    }
}
