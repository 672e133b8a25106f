//! All tensors that the graphs of a level can be made from, and for each the splits that make it.

use std::collections::HashMap;

use super::graph::Graph;
use super::split::{self, Split, Term};
use super::tensor::Tensor;
use crate::error::{Error, ErrorKind, Result};

/// Products of all candidates together that are compared: five times as many as level 28 has, which takes 2 s.
const MOST_PRODUCTS: usize = 50_000_000;

/// A split whose tensors are in the catalog.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) left: usize,
    pub(super) right: usize,
    /// Number of products for all components.
    pub(super) products: usize,
    split: Split,
}

/// Tensors by number; the factors of a tensor stand anywhere.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    tensors: Vec<Tensor>,
    candidates: Vec<Vec<Candidate>>,
    numbers: HashMap<Graph, usize>,
}

impl Catalog {
    /// Everything that these graphs can be made from; graph i is tensor i. Fails if that would take long.
    pub(super) fn new(graphs: &[Graph]) -> Result<Self> {
        let mut catalog = Self::default();
        for graph in graphs {
            catalog.number(graph.clone());
        }
        let (mut next, mut products) = (0, 0);
        while next < catalog.tensors.len() {
            let candidates = catalog.find_candidates(next);
            products += candidates.iter().map(|candidate| candidate.products).sum::<usize>();
            if products > MOST_PRODUCTS {
                let message = "expected a smaller moment table: to find the cheapest products for this one would take too long";
                return Err(Error::new(ErrorKind::Argument, message)
                    .hint("lower the level, the ranks or the number of tensors"));
            }
            catalog.candidates.push(candidates);
            next += 1;
        }
        Ok(catalog)
    }

    /// Number of tensors.
    pub(super) fn len(&self) -> usize {
        self.tensors.len()
    }

    /// A tensor.
    pub(super) fn tensor(&self, number: usize) -> &Tensor {
        &self.tensors[number]
    }

    /// The splits of a tensor; none for a single M\[μ,ν\].
    pub(super) fn candidates(&self, number: usize) -> &[Candidate] {
        &self.candidates[number]
    }

    /// The merged terms of one component of a tensor.
    pub(super) fn terms(&self, number: usize, candidate: &Candidate, component: usize) -> Vec<Term> {
        let powers = self.tensors[number].powers(component);
        let mut terms = Vec::new();
        let [left, right] = [candidate.left, candidate.right].map(|side| &self.tensors[side]);
        candidate.split.terms(left, right, &powers, &mut terms);
        split::merge_terms(candidate.left == candidate.right, &mut terms);
        terms
    }

    fn number(&mut self, graph: Graph) -> usize {
        if let Some(&number) = self.numbers.get(&graph) {
            return number;
        }
        let number = self.tensors.len();
        self.tensors.push(Tensor::new(graph.clone()));
        self.numbers.insert(graph, number);
        number
    }

    fn find_candidates(&mut self, number: usize) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        for split in split::splits(&self.tensors[number]) {
            let left = self.number(split.left.clone());
            let right = self.number(split.right.clone());
            let mut candidate = Candidate { left, right, products: 0, split };
            candidate.products = (0..self.tensors[number].components())
                .map(|component| self.terms(number, &candidate, component).len())
                .sum();
            let is_known = |known: &&mut Candidate| {
                (known.left, known.right) == (left, right) || (known.left, known.right) == (right, left)
            };
            match candidates.iter_mut().find(is_known) {
                Some(known) if known.products <= candidate.products => {}
                Some(known) => *known = candidate,
                None => candidates.push(candidate),
            }
        }
        candidates
    }
}
