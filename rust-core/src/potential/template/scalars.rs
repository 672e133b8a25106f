//! The basis functions of a rule: all multigraphs whose nodes are tensors M\[μ,ν\], with ν the degree of the node.
//!
//! The level of a graph is the sum of 2 + w_μ μ + w_ν ν over its nodes, which is 2·nodes + w_μ·Σμ + 2·w_ν·edges.
//! Loops do not occur, because the trace of M\[μ,ν\] is M\[μ,ν−2\].

use std::collections::HashSet;

use super::graph::Graph;
use super::rule::BasisRule;
use crate::error::{Error, ErrorKind, Result};

/// All connected graphs of a rule in canonical form, by level, then by number of nodes, then by radial functions.
pub(super) fn connected_graphs(rule: &BasisRule) -> Result<Vec<Graph>> {
    let mut graphs = Vec::new();
    for plain in plain_graphs(rule)? {
        let spare = rule.level() - rule.level_of(&plain);
        let mut seen = HashSet::new();
        let mut mus = vec![0; plain.len()];
        color_nodes(rule, &plain, 0, spare, &mut mus, &mut |colored| {
            let canonical = colored.canonical().0;
            if seen.insert(canonical.clone()) {
                graphs.push(canonical);
            }
        });
        check_count(graphs.len())?;
    }
    graphs.sort_by_cached_key(|graph| (rule.level_of(graph), graph.len(), graph.sort_key()));
    Ok(graphs)
}

/// All multisets of graphs (ascending indices into `connected`, which is sorted by level) that are basis functions of a
/// rule: by level, then by number of parts, then by the parts.
pub(super) fn basis_functions(rule: &BasisRule, connected: &[Graph]) -> Result<Vec<Vec<usize>>> {
    let levels: Vec<usize> = connected.iter().map(|graph| rule.level_of(graph)).collect();
    let mut search = Parts { rule, connected, levels: &levels, functions: Vec::new() };
    search.append(rule.level(), &mut Vec::new())?;
    let mut functions = search.functions;
    functions.sort_by_cached_key(|parts: &Vec<usize>| {
        let sum: usize = parts.iter().map(|&part| levels[part]).sum();
        (sum, parts.len(), parts.clone())
    });
    Ok(functions)
}

/// The search for multisets.
struct Parts<'a> {
    rule: &'a BasisRule,
    connected: &'a [Graph],
    levels: &'a [usize],
    functions: Vec<Vec<usize>>,
}

impl Parts<'_> {
    /// Adds all multisets that begin with these parts and have `spare` levels left.
    fn append(&mut self, spare: usize, parts: &mut Vec<usize>) -> Result<()> {
        let tensors: usize = parts.iter().map(|&part| self.connected[part].len()).sum();
        let first = parts.last().copied().unwrap_or(0);
        for part in first..self.connected.len() {
            if self.levels[part] <= spare && tensors + self.connected[part].len() <= self.rule.max_tensors() {
                parts.push(part);
                self.functions.push(parts.clone());
                check_count(self.functions.len())?;
                self.append(spare - self.levels[part], parts)?;
                parts.pop();
            }
        }
        Ok(())
    }
}

fn check_count(count: usize) -> Result<()> {
    let most = BasisRule::MAX_BASIS_FUNCTIONS;
    if count <= most {
        return Ok(());
    }
    let message = format!("expected at most {most} basis functions, got more");
    Err(Error::new(ErrorKind::Argument, message).hint("lower the level, the ranks or the number of tensors"))
}

/// Connected multigraphs with μ = 0 everywhere: trees grow by leaves, and every other graph is one with an edge less,
/// taken from a cycle.
fn plain_graphs(rule: &BasisRule) -> Result<Vec<Graph>> {
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
            if is_tree && graph.len() < rule.max_tensors() {
                grown.push(graph.with_leaf(first, 0));
            }
        }
        let highest = rule.highest_rank();
        let fits = |graph: &Graph| {
            rule.level_of(graph) <= rule.level() && (0..graph.len()).all(|node| graph.degree(node) <= highest)
        };
        for graph in grown.into_iter().filter(fits) {
            let canonical = graph.canonical().0;
            if seen.insert(canonical.clone()) {
                graphs.push(canonical);
                check_count(graphs.len())?;
            }
        }
    }
    Ok(graphs)
}

/// Gives every node a radial function that may have its rank, as far as `spare` levels go.
fn color_nodes(
    rule: &BasisRule,
    plain: &Graph,
    node: usize,
    spare: usize,
    mus: &mut Vec<u8>,
    visit: &mut impl FnMut(Graph),
) {
    if node == plain.len() {
        visit(plain.recolored(mus.clone()));
        return;
    }
    for (mu, &highest) in rule.ranks().iter().enumerate() {
        let levels = rule.mu_weight() * mu;
        if levels <= spare && plain.degree(node) <= highest {
            mus[node] = u8::try_from(mu).expect("radial functions are few");
            color_nodes(rule, plain, node + 1, spare - levels, mus, visit);
        }
    }
    mus[node] = 0;
}
