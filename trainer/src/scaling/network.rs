//! What messages cost: a latency and a bandwidth between nodes, and another pair within a node (Hockney's model).

use serde::Serialize;

/// The machine that a run is predicted for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Network {
    /// Ranks on each node.
    pub ranks_per_node: usize,
    /// Seconds that a message between nodes takes at least.
    pub latency: f64,
    /// Bytes per second that a node can send, all its ranks together.
    pub bandwidth: f64,
    /// Seconds that a message within a node takes at least.
    pub node_latency: f64,
    /// Bytes per second from one rank to another of its node.
    pub node_bandwidth: f64,
}

/// Messages along one direction of the grid: to the rank on either side, at the same time in all of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Swap {
    /// Ranks of a node, at most, whose neighbor is on another node; none if the direction has one rank.
    off_node: usize,
    is_divided: bool,
}

impl Network {
    /// Nodes of a run.
    pub fn nodes(&self, ranks: usize) -> usize {
        ranks.div_ceil(self.ranks_per_node)
    }

    /// Who sends to whom along each direction. LAMMPS numbers the bricks with z running fastest, and nodes hold ranks
    /// with consecutive numbers.
    pub(super) fn swaps(&self, grid: [usize; 3], periodic: [bool; 3]) -> [Swap; 3] {
        [0, 1, 2].map(|direction| self.swap(grid, direction, periodic[direction]))
    }

    fn swap(&self, grid: [usize; 3], direction: usize, is_periodic: bool) -> Swap {
        let ranks = grid.iter().product();
        let stride: usize = grid[direction + 1..].iter().product();
        let count = grid[direction];
        let mut up = vec![0_usize; self.nodes(ranks)];
        let mut down = up.clone();
        for rank in 0..ranks {
            let place = rank / stride % count;
            if place + 1 == count && !is_periodic {
                continue;
            }
            let other = rank - place * stride + (place + 1) % count * stride;
            let [node, other] = [rank, other].map(|rank| rank / self.ranks_per_node);
            if node != other {
                up[node] += 1;
                down[other] += 1;
            }
        }
        let off_node = up.into_iter().chain(down).max().unwrap_or(0);
        Swap { off_node, is_divided: count > 1 }
    }

    /// Seconds of `messages` messages to either side with `bytes` altogether from each rank.
    pub(super) fn seconds(&self, swap: Swap, messages: f64, bytes: f64) -> f64 {
        if !swap.is_divided {
            return 0.0;
        }
        let within = 2.0 * messages * self.node_latency + bytes / self.node_bandwidth;
        let shared = bytes * swap.off_node as f64 / self.bandwidth;
        if swap.off_node == 0 { within } else { within.max(2.0 * messages * self.latency + shared) }
    }

    /// Seconds of a sum over all ranks: pairs of ranks, pairs of pairs and so on, first within the nodes.
    pub(super) fn reduction(&self, ranks: usize) -> f64 {
        let rounds = |count: usize| f64::from(count.max(1).next_power_of_two().trailing_zeros());
        rounds(ranks.min(self.ranks_per_node)) * self.node_latency + rounds(self.nodes(ranks)) * self.latency
    }
}

impl Swap {
    /// Whether there are messages along this direction.
    pub(super) fn is_divided(self) -> bool {
        self.is_divided
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETWORK: Network =
        Network { ranks_per_node: 4, latency: 1.0, bandwidth: 10.0, node_latency: 0.1, node_bandwidth: 5.0 };

    #[test]
    fn bricks_in_a_row_share_a_node() {
        // Two by two by four ranks on four nodes: a node is a row along z.
        let swaps = NETWORK.swaps([2, 2, 4], [true; 3]);
        assert_eq!(swaps.map(|swap| swap.off_node), [4, 4, 0]);
        assert_eq!(NETWORK.seconds(swaps[2], 1.0, 5.0), 1.2);
        assert_eq!(NETWORK.seconds(swaps[0], 1.0, 5.0), 4.0);
        // Alone in a direction a rank copies from itself.
        let swaps = NETWORK.swaps([1, 1, 8], [true; 3]);
        assert_eq!(swaps.map(|swap| (swap.off_node, swap.is_divided)), [(0, false), (0, false), (1, true)]);
        assert_eq!(NETWORK.seconds(swaps[0], 1.0, 5.0), 0.0);
    }

    #[test]
    fn sums_take_as_many_rounds_as_ranks_have_bits() {
        assert_eq!(NETWORK.reduction(1), 0.0);
        assert!((NETWORK.reduction(4) - 0.2).abs() < 1e-12);
        assert!((NETWORK.reduction(17) - 3.2).abs() < 1e-12);
    }
}
