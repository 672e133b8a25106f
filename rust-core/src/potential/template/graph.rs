//! Colored multigraphs and their canonical form.
//!
//! Two graphs have the same canonical form exactly when they are isomorphic. The form is found by refining the
//! partition of the nodes by what each is joined to, trying every node of the first undecided cell in turn, and keeping
//! the smallest adjacency matrix. The graphs here have at most some fifteen nodes.

/// A multigraph without loops whose nodes carry colors.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Graph {
    colors: Vec<u8>,
    /// Number of edges between two nodes, row-major and symmetric.
    edges: Vec<u8>,
}

impl Graph {
    /// A graph without edges.
    pub(super) fn new(colors: Vec<u8>) -> Self {
        let edges = vec![0; colors.len() * colors.len()];
        Self { colors, edges }
    }

    /// Number of nodes.
    pub(super) fn len(&self) -> usize {
        self.colors.len()
    }

    /// Color of each node.
    pub(super) fn colors(&self) -> &[u8] {
        &self.colors
    }

    /// Number of edges between two nodes.
    pub(super) fn multiplicity(&self, first: usize, second: usize) -> usize {
        usize::from(self.edges[first * self.len() + second])
    }

    /// Number of edges at a node.
    pub(super) fn degree(&self, node: usize) -> usize {
        self.row(node).iter().map(|&count| usize::from(count)).sum()
    }

    /// Number of all edges.
    pub(super) fn edge_count(&self) -> usize {
        self.edges.iter().map(|&count| usize::from(count)).sum::<usize>() / 2
    }

    /// Adds edges between two distinct nodes.
    pub(super) fn join(&mut self, first: usize, second: usize, count: usize) {
        debug_assert_ne!(first, second, "a loop is no edge of a moment graph");
        let count = u8::try_from(count).expect("multiplicities are bounded by the level");
        let nodes = self.len();
        self.edges[first * nodes + second] += count;
        self.edges[second * nodes + first] += count;
    }

    /// The same graph with another node that one edge joins to `neighbor`.
    pub(super) fn with_leaf(&self, neighbor: usize, color: u8) -> Self {
        let mut colors = self.colors.clone();
        colors.push(color);
        let mut grown = Self::new(colors);
        for first in 0..self.len() {
            for second in 0..first {
                grown.join(first, second, self.multiplicity(first, second));
            }
        }
        grown.join(neighbor, self.len(), 1);
        grown
    }

    /// The same graph with other colors.
    pub(super) fn recolored(&self, colors: Vec<u8>) -> Self {
        debug_assert_eq!(colors.len(), self.len(), "one color for each node");
        Self { colors, edges: self.edges.clone() }
    }

    /// Orders graphs of one size: by colors, then by edges.
    pub(super) fn sort_key(&self) -> (Vec<u8>, Vec<u8>) {
        (self.colors.clone(), self.edges.clone())
    }

    /// The canonical form, and the place of each node in it.
    pub(super) fn canonical(&self) -> (Self, Vec<usize>) {
        let mut best: Option<(Vec<u8>, Vec<usize>)> = None;
        self.visit_orders(&mut |order| {
            let edges = self.permuted_edges(order);
            if best.as_ref().is_none_or(|(smallest, _)| edges < *smallest) {
                best = Some((edges, order.to_vec()));
            }
        });
        let (edges, places) = best.expect("every graph has at least one order of its nodes");
        let mut colors = vec![0; self.len()];
        for (node, &place) in places.iter().enumerate() {
            colors[place] = self.colors[node];
        }
        (Self { colors, edges }, places)
    }

    /// All automorphisms of a graph in canonical form: image of each node.
    pub(super) fn automorphisms(&self) -> Vec<Vec<usize>> {
        let mut by_edges: Vec<Vec<usize>> = Vec::new();
        let mut smallest: Option<Vec<u8>> = None;
        self.visit_orders(&mut |order| {
            let edges = self.permuted_edges(order);
            if smallest.as_ref().is_none_or(|known| edges < *known) {
                by_edges.clear();
                smallest = Some(edges);
                by_edges.push(order.to_vec());
            } else if smallest.as_ref() == Some(&edges) {
                by_edges.push(order.to_vec());
            }
        });
        debug_assert_eq!(smallest.as_ref(), Some(&self.edges), "the graph is in canonical form");
        by_edges
    }

    fn row(&self, node: usize) -> &[u8] {
        &self.edges[node * self.len()..(node + 1) * self.len()]
    }

    fn permuted_edges(&self, places: &[usize]) -> Vec<u8> {
        let nodes = self.len();
        let mut edges = vec![0; nodes * nodes];
        for first in 0..nodes {
            for second in 0..nodes {
                edges[places[first] * nodes + places[second]] = self.edges[first * nodes + second];
            }
        }
        edges
    }

    /// Calls `visit` with every order of the nodes (place of each node) that the refinement cannot rule out. The set
    /// of orders does not depend on the numbering of the nodes.
    fn visit_orders(&self, visit: &mut impl FnMut(&[usize])) {
        let mut cells = vec![0; self.len()];
        for node in 0..self.len() {
            cells[node] = self.colors.iter().filter(|&&color| color < self.colors[node]).count();
        }
        self.visit_refined(cells, visit);
    }

    fn visit_refined(&self, mut cells: Vec<usize>, visit: &mut impl FnMut(&[usize])) {
        self.refine(&mut cells);
        let mut sizes = vec![0; self.len()];
        for &cell in &cells {
            sizes[cell] += 1;
        }
        let Some(undecided) = sizes.iter().position(|&size| size > 1) else {
            visit(&cells);
            return;
        };
        for chosen in (0..self.len()).filter(|&node| cells[node] == undecided) {
            let mut finer = cells.clone();
            for node in 0..self.len() {
                if cells[node] == undecided && node != chosen {
                    finer[node] += 1;
                }
            }
            self.visit_refined(finer, visit);
        }
    }

    /// Splits cells (a cell is named by the first place of its nodes) until nodes of one cell are joined alike to
    /// every other cell.
    fn refine(&self, cells: &mut Vec<usize>) {
        let nodes = self.len();
        loop {
            let keys: Vec<(usize, u64)> =
                (0..nodes).map(|node| (cells[node], self.signature(node, cells))).collect();
            let finer: Vec<usize> =
                keys.iter().map(|key| keys.iter().filter(|other| *other < key).count()).collect();
            if finer == *cells {
                return;
            }
            *cells = finer;
        }
    }

    /// A number that depends only on how many edges lead to which cells. A chance collision makes the refinement
    /// coarser, never wrong.
    fn signature(&self, node: usize, cells: &[usize]) -> u64 {
        let mut sum = 0_u64;
        for (other, &count) in self.row(node).iter().enumerate() {
            if count > 0 {
                let mixed =
                    (u64::from(count) << 32 | cells[other] as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                sum = sum.wrapping_add((mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9));
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(colors: &[u8], edges: &[(usize, usize, usize)]) -> Graph {
        let mut graph = Graph::new(colors.to_vec());
        for &(first, second, count) in edges {
            graph.join(first, second, count);
        }
        graph
    }

    #[test]
    fn canonical_forms_are_equal_exactly_for_isomorphic_graphs() {
        let path = graph(&[0, 1, 0, 0], &[(0, 1, 1), (1, 2, 2), (2, 3, 1)]);
        let renumbered = graph(&[0, 0, 1, 0], &[(3, 2, 1), (2, 1, 2), (1, 0, 1)]);
        assert_eq!(path.canonical().0, renumbered.canonical().0);
        let other_color = graph(&[1, 0, 0, 0], &[(0, 1, 1), (1, 2, 2), (2, 3, 1)]);
        assert_ne!(path.canonical().0, other_color.canonical().0);
        let other_multiplicity = graph(&[0, 1, 0, 0], &[(0, 1, 2), (1, 2, 1), (2, 3, 1)]);
        assert_ne!(path.canonical().0, other_multiplicity.canonical().0);
        // Two triangles and a hexagon: every node has the same neighbors' degrees.
        let triangles = graph(&[0; 6], &[(0, 1, 1), (1, 2, 1), (2, 0, 1), (3, 4, 1), (4, 5, 1), (5, 3, 1)]);
        let hexagon = graph(&[0; 6], &[(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 4, 1), (4, 5, 1), (5, 0, 1)]);
        assert_ne!(triangles.canonical().0, hexagon.canonical().0);
        let shuffled = graph(&[0; 6], &[(0, 3, 1), (3, 1, 1), (1, 4, 1), (4, 2, 1), (2, 5, 1), (5, 0, 1)]);
        assert_eq!(shuffled.canonical().0, hexagon.canonical().0);
    }

    #[test]
    fn places_lead_into_the_canonical_form() {
        let graph = graph(&[2, 0, 1], &[(0, 1, 3), (1, 2, 1)]);
        let (canonical, places) = graph.canonical();
        for first in 0..3 {
            assert_eq!(canonical.colors()[places[first]], graph.colors()[first]);
            for second in 0..3 {
                assert_eq!(
                    canonical.multiplicity(places[first], places[second]),
                    graph.multiplicity(first, second)
                );
            }
        }
    }

    #[test]
    fn automorphisms_are_counted() {
        let square = [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 1)];
        assert_eq!(graph(&[0; 4], &square).canonical().0.automorphisms().len(), 8);
        assert_eq!(graph(&[1, 0, 0, 0], &square).canonical().0.automorphisms().len(), 2);
        assert_eq!(graph(&[0; 4], &[(0, 1, 1), (0, 2, 1), (0, 3, 1)]).canonical().0.automorphisms().len(), 6);
    }
}
