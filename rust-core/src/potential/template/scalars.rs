//! The basis functions of a level: all multigraphs whose nodes are tensors M\[μ,ν\], with ν the degree of the node.
//!
//! The level of a graph is the sum of 2 + 4μ + ν over its nodes, which is 2·nodes + 4·Σμ + 2·edges and so is even.
//! Loops do not occur, because the trace of M\[μ,ν\] is M\[μ,ν−2\].

use std::collections::HashSet;

use super::graph::Graph;

/// Most tensors in a product: each brings one neighbor, so basis functions reach five-body terms.
pub(super) const MAX_TENSORS: usize = 4;

/// Level of a graph: the sum of 2 + 4μ + ν over its nodes.
pub(super) fn level(graph: &Graph) -> usize {
    let mu_sum: usize = graph.colors().iter().map(|&mu| usize::from(mu)).sum();
    2 * graph.len() + 4 * mu_sum + 2 * graph.edge_count()
}

/// All connected graphs up to a level in canonical form, by level, then by number of nodes, then by radial functions.
pub(super) fn connected_graphs(most: usize) -> Vec<Graph> {
    let mut graphs = Vec::new();
    for plain in plain_graphs(most) {
        let spare = (most - level(&plain)) / 4;
        let mut seen = HashSet::new();
        let mut mus = vec![0; plain.len()];
        color_nodes(&plain, 0, spare, &mut mus, &mut |colored| {
            let canonical = colored.canonical().0;
            if seen.insert(canonical.clone()) {
                graphs.push(canonical);
            }
        });
    }
    graphs.sort_by_cached_key(|graph| (level(graph), graph.len(), graph.sort_key()));
    graphs
}

/// All multisets of graphs (ascending indices into `connected`, which is sorted by level) with a sum of levels of at
/// most `most`: by level, then by number of parts, then by the parts.
pub(super) fn basis_functions(connected: &[Graph], most: usize) -> Vec<Vec<usize>> {
    let levels: Vec<usize> = connected.iter().map(level).collect();
    let mut functions = Vec::new();
    append_parts(connected, most, &mut Vec::new(), &mut functions);
    functions.sort_by_cached_key(|parts: &Vec<usize>| {
        let sum: usize = parts.iter().map(|&part| levels[part]).sum();
        (sum, parts.len(), parts.clone())
    });
    functions
}

fn append_parts(connected: &[Graph], most: usize, parts: &mut Vec<usize>, functions: &mut Vec<Vec<usize>>) {
    let tensors: usize = parts.iter().map(|&part| connected[part].len()).sum();
    let first = parts.last().copied().unwrap_or(0);
    for (part, graph) in connected.iter().enumerate().skip(first) {
        if level(graph) <= most && tensors + graph.len() <= MAX_TENSORS {
            parts.push(part);
            functions.push(parts.clone());
            append_parts(connected, most - level(graph), parts, functions);
            parts.pop();
        }
    }
}

/// Connected multigraphs with μ = 0 everywhere: trees grow by leaves, and every other graph is one with an edge less,
/// taken from a cycle.
fn plain_graphs(most: usize) -> Vec<Graph> {
    let mut graphs = vec![Graph::new(vec![0])];
    let mut seen: HashSet<Graph> = graphs.iter().cloned().collect();
    let mut next = 0;
    while next < graphs.len() {
        let graph = graphs[next].clone();
        next += 1;
        let mut grown = Vec::new();
        for first in 0..graph.len() {
            for second in 0..first {
                let mut denser = graph.clone();
                denser.join(first, second, 1);
                grown.push(denser);
            }
            let is_tree = graph.edge_count() + 1 == graph.len();
            if is_tree && graph.len() < MAX_TENSORS {
                grown.push(graph.with_leaf(first, 0));
            }
        }
        for graph in grown.into_iter().filter(|graph| level(graph) <= most) {
            let canonical = graph.canonical().0;
            if seen.insert(canonical.clone()) {
                graphs.push(canonical);
            }
        }
    }
    graphs
}

fn color_nodes(plain: &Graph, node: usize, spare: usize, mus: &mut Vec<u8>, visit: &mut impl FnMut(Graph)) {
    if node == plain.len() {
        visit(plain.recolored(mus.clone()));
        return;
    }
    for mu in 0..=spare {
        mus[node] = u8::try_from(mu).expect("radial functions are bounded by the level");
        color_nodes(plain, node + 1, spare - mu, mus, visit);
    }
    mus[node] = 0;
}
