//! Tensors: contractions with open slots, and the components that become moments.
//!
//! A tensor is a graph whose first nodes are tensors M\[μ,ν\] and whose other nodes are *slots*, each with the powers
//! (a, b, c) of the component. A slot that hangs on one node fixes the directions of open legs of this node; legs of
//! one node are interchangeable, so powers say it all. A slot that hangs on several nodes stands for the sum over all
//! ways to hand out its directions to its legs: this is what a contraction with a single symmetric tensor needs.
//! Without slots a tensor is a scalar.

use super::graph::Graph;
use super::monomials::{self, Powers};

/// Color of slots; radial functions have smaller ones.
pub(super) const SLOT: u8 = u8::MAX;

/// A tensor and its distinct components.
#[derive(Clone, Debug)]
pub(super) struct Tensor {
    graph: Graph,
    nodes: usize,
    slot_degrees: Vec<usize>,
    /// Component of every choice of powers, numbered slot by slot, the last fastest.
    component_of: Vec<u32>,
    /// One choice of powers for each component, as a number.
    choices: Vec<u32>,
}

impl Tensor {
    /// The tensor of a graph in canonical form, whose slots are its last nodes.
    pub(super) fn new(graph: Graph) -> Self {
        let nodes = graph.colors().iter().filter(|&&color| color != SLOT).count();
        let slot_degrees: Vec<usize> = (nodes..graph.len()).map(|slot| graph.degree(slot)).collect();
        let mut tensor = Self { graph, nodes, slot_degrees, component_of: Vec::new(), choices: Vec::new() };
        tensor.number_components();
        tensor
    }

    /// The graph in canonical form.
    pub(super) fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Number of nodes that are no slots.
    pub(super) fn nodes(&self) -> usize {
        self.nodes
    }

    /// Number of legs of each slot.
    pub(super) fn slot_degrees(&self) -> &[usize] {
        &self.slot_degrees
    }

    /// Number of legs that join a slot with a node.
    pub(super) fn legs(&self, slot: usize, node: usize) -> usize {
        self.graph.multiplicity(self.nodes + slot, node)
    }

    /// Number of distinct components.
    pub(super) fn components(&self) -> usize {
        self.choices.len()
    }

    /// Component with the given powers in each slot.
    pub(super) fn component(&self, powers: &[Powers]) -> u32 {
        self.component_of[self.choice_number(powers)]
    }

    /// Powers in each slot that give a component.
    pub(super) fn powers(&self, component: usize) -> Vec<Powers> {
        self.choice_powers(self.choices[component] as usize)
    }

    /// Numbers the orbits of the choices of powers under the automorphisms of the graph.
    fn number_components(&mut self) {
        const UNKNOWN: u32 = u32::MAX;
        let total: usize = self.slot_degrees.iter().map(|&degree| monomials::count(degree)).product();
        self.component_of = vec![UNKNOWN; total];
        let symmetries = self.slot_symmetries();
        for choice in 0..total {
            if self.component_of[choice] != UNKNOWN {
                continue;
            }
            let component = self.choices.len() as u32;
            self.choices.push(choice as u32);
            let powers = self.choice_powers(choice);
            let mut image = powers.clone();
            for symmetry in &symmetries {
                for (slot, &place) in symmetry.iter().enumerate() {
                    image[place] = powers[slot];
                }
                let number = self.choice_number(&image);
                self.component_of[number] = component;
            }
        }
    }

    fn slot_symmetries(&self) -> Vec<Vec<usize>> {
        let mut symmetries: Vec<Vec<usize>> = self
            .graph
            .automorphisms()
            .into_iter()
            .map(|images| images[self.nodes..].iter().map(|&image| image - self.nodes).collect())
            .collect();
        symmetries.sort_unstable();
        symmetries.dedup();
        symmetries
    }

    fn choice_number(&self, powers: &[Powers]) -> usize {
        powers.iter().zip(&self.slot_degrees).fold(0, |number, (&powers, &degree)| {
            number * monomials::count(degree) + monomials::index(powers)
        })
    }

    fn choice_powers(&self, mut choice: usize) -> Vec<Powers> {
        let mut powers = vec![[0; 3]; self.slot_degrees.len()];
        for (slot, &degree) in self.slot_degrees.iter().enumerate().rev() {
            let count = monomials::count(degree);
            powers[slot] = monomials::all(degree).nth(choice % count).expect("the number is below the count");
            choice /= count;
        }
        powers
    }
}
