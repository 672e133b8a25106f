//! Splits: a tensor as a sum of products of two tensors with fewer nodes.
//!
//! The nodes are divided in two, and the edges between the two sides are cut. Cut edges are summed over in groups. All
//! edges of a group have one node in common on one side; there only the powers of the group matter, so the other side
//! may sum over everything else that it does with these directions (a slot on several nodes). An open slot with legs on
//! both sides is dealt out between them.

use super::graph::Graph;
use super::monomials::{self, Powers};
use super::tensor::{SLOT, Tensor};

/// Most groupings of cut edges that are tried for one division of the nodes.
const MAX_GROUPINGS: usize = 9;

/// One way to make a tensor from two others, here still as graphs in canonical form.
#[derive(Clone, Debug)]
pub(super) struct Split {
    /// The tensor with the first node.
    pub(super) left: Graph,
    /// The tensor with the other nodes.
    pub(super) right: Graph,
    pieces: Vec<Piece>,
}

/// Powers that are chosen, or dealt out, together.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// The slot of the whole tensor that the powers come from; none for a group of cut edges, where both sides have
    /// the same powers.
    slot: Option<usize>,
    left: Option<End>,
    right: Option<End>,
}

/// Where the powers of a piece go on one side.
#[derive(Clone, Copy, Debug)]
struct End {
    slot: usize,
    degree: usize,
    /// Whether the sum over sequences of directions is still to be counted with a multinomial.
    counted: bool,
}

/// An edge bundle that is cut: node on the left, node on the right, multiplicity.
type Cut = (usize, usize, usize);

/// A term of a component: component of the left tensor, of the right tensor, and the factor.
pub(super) type Term = (u32, u32, i64);

impl Split {
    /// The terms of the component of `whole` with these powers, not merged.
    pub(super) fn terms(&self, left: &Tensor, right: &Tensor, powers: &[Powers], terms: &mut Vec<Term>) {
        let mut walk = Walk {
            split: self,
            tensors: [left, right],
            powers,
            sides: [vec![[0; 3]; left.slot_degrees().len()], vec![[0; 3]; right.slot_degrees().len()]],
            terms,
        };
        walk.visit(0, 1);
    }
}

/// Merges terms with the same factors, in either order if both come from one tensor; sorted.
pub(super) fn merge_terms(same_tensor: bool, terms: &mut Vec<Term>) {
    if same_tensor {
        for term in terms.iter_mut().filter(|term| term.0 > term.1) {
            *term = (term.1, term.0, term.2);
        }
    }
    terms.sort_unstable();
    terms.dedup_by(|later, earlier| {
        let same = (later.0, later.1) == (earlier.0, earlier.1);
        if same {
            earlier.2 += later.2;
        }
        same
    });
}

struct Walk<'a> {
    split: &'a Split,
    tensors: [&'a Tensor; 2],
    powers: &'a [Powers],
    sides: [Vec<Powers>; 2],
    terms: &'a mut Vec<Term>,
}

impl Walk<'_> {
    fn visit(&mut self, piece: usize, factor: i64) {
        let Some(&Piece { slot, left, right }) = self.split.pieces.get(piece) else {
            let [left, right] = [0, 1].map(|side| self.tensors[side].component(&self.sides[side]));
            self.terms.push((left, right, factor));
            return;
        };
        match (slot, left, right) {
            (Some(slot), Some(left), Some(right)) => {
                for given in monomials::all(left.degree) {
                    if let Some(rest) = monomials::subtract(self.powers[slot], given) {
                        self.place(piece, factor, Some((left, given)), Some((right, rest)));
                    }
                }
            }
            (Some(slot), left, right) => {
                let powers = self.powers[slot];
                self.place(piece, factor, left.map(|end| (end, powers)), right.map(|end| (end, powers)));
            }
            (None, left, right) => {
                let degree = left.or(right).map_or(0, |end| end.degree);
                for powers in monomials::all(degree) {
                    self.place(piece, factor, left.map(|end| (end, powers)), right.map(|end| (end, powers)));
                }
            }
        }
    }

    fn place(
        &mut self,
        piece: usize,
        factor: i64,
        left: Option<(End, Powers)>,
        right: Option<(End, Powers)>,
    ) {
        let ends = [left, right];
        let mut product = factor;
        for (side, end) in ends.into_iter().enumerate() {
            let Some((end, powers)) = end else { continue };
            self.sides[side][end.slot] = monomials::add(self.sides[side][end.slot], powers);
            if end.counted {
                product *= monomials::multinomial(powers);
            }
        }
        self.visit(piece + 1, product);
        for (side, end) in ends.into_iter().enumerate() {
            let Some((end, powers)) = end else { continue };
            self.sides[side][end.slot] = monomials::subtract(self.sides[side][end.slot], powers)
                .expect("these powers were added above");
        }
    }
}

/// All splits of a tensor that are worth a thought.
pub(super) fn splits(whole: &Tensor) -> Vec<Split> {
    let nodes = whole.nodes();
    let mut splits = Vec::new();
    for others in 1_usize..1 << (nodes - 1) {
        let is_right: Vec<bool> = (0..nodes).map(|node| node > 0 && others >> (node - 1) & 1 == 1).collect();
        let cuts = cut_edges(whole, &is_right);
        for groups in groupings(&cuts) {
            splits.push(split(whole, &is_right, &groups));
        }
    }
    splits
}

fn cut_edges(whole: &Tensor, is_right: &[bool]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    for left in (0..is_right.len()).filter(|&node| !is_right[node]) {
        for right in (0..is_right.len()).filter(|&node| is_right[node]) {
            let multiplicity = whole.graph().multiplicity(left, right);
            if multiplicity > 0 {
                cuts.push((left, right, multiplicity));
            }
        }
    }
    cuts
}

/// Ways to sum over cut edges: within each connected set of cut edges either grouped around the nodes of one side, or
/// bundle by bundle.
fn groupings(cuts: &[Cut]) -> Vec<Vec<Vec<Cut>>> {
    let mut groupings = vec![Vec::new()];
    for part in connected_cuts(cuts) {
        let mut choices = vec![group_by(&part, |cut| cut.0), group_by(&part, |cut| cut.1)];
        choices.push(part.iter().map(|&cut| vec![cut]).collect());
        choices.sort_unstable();
        choices.dedup();
        let extended: Vec<Vec<Vec<Cut>>> = groupings
            .iter()
            .flat_map(|known| {
                choices.iter().map(move |choice| [known.as_slice(), choice.as_slice()].concat())
            })
            .collect();
        groupings = extended;
        groupings.truncate(MAX_GROUPINGS);
    }
    groupings
}

fn group_by(cuts: &[Cut], key: impl Fn(&Cut) -> usize) -> Vec<Vec<Cut>> {
    let mut sorted = cuts.to_vec();
    sorted.sort_by_key(&key);
    sorted.chunk_by(|first, second| key(first) == key(second)).map(<[Cut]>::to_vec).collect()
}

fn connected_cuts(cuts: &[Cut]) -> Vec<Vec<Cut>> {
    let mut parts: Vec<Vec<Cut>> = Vec::new();
    for &cut in cuts {
        let (joined, apart): (Vec<_>, Vec<_>) =
            parts.into_iter().partition(|part| part.iter().any(|other| other.0 == cut.0 || other.1 == cut.1));
        parts = apart;
        let mut part = joined.concat();
        part.push(cut);
        parts.push(part);
    }
    parts
}

fn split(whole: &Tensor, is_right: &[bool], groups: &[Vec<Cut>]) -> Split {
    let mut sides = [Side::new(whole, is_right, false), Side::new(whole, is_right, true)];
    let mut pieces = Vec::new();
    for slot in 0..whole.slot_degrees().len() {
        let legs = sides.each_mut().map(|side| side.own_legs(slot));
        let is_dealt_out = legs.iter().all(|legs| !legs.is_empty());
        let [left, right] = [0, 1].map(|side| sides[side].hang(&legs[side], is_dealt_out));
        pieces.push(Piece { slot: Some(slot), left, right });
    }
    for group in groups {
        let left: Vec<(usize, usize)> = group.iter().map(|cut| (cut.0, cut.2)).collect();
        let right: Vec<(usize, usize)> = group.iter().map(|cut| (cut.1, cut.2)).collect();
        let bundles = group.len() == 1;
        let left = sides[0].hang(&left, bundles);
        let right = sides[1].hang(&right, false);
        pieces.push(Piece { slot: None, left, right });
    }
    let [left, right] = sides.map(Side::finish);
    for piece in &mut pieces {
        for (end, (_, places)) in [(&mut piece.left, &left), (&mut piece.right, &right)] {
            if let Some(end) = end {
                end.slot = places[end.slot];
            }
        }
    }
    Split { left: left.0, right: right.0, pieces }
}

/// One side of a split while its slots are collected.
struct Side<'a> {
    whole: &'a Tensor,
    /// Nodes of the whole tensor that are on this side.
    nodes: Vec<usize>,
    /// Legs of each slot: node of the whole tensor and number of legs.
    slots: Vec<Vec<(usize, usize)>>,
}

impl<'a> Side<'a> {
    fn new(whole: &'a Tensor, is_right: &[bool], right: bool) -> Self {
        let nodes = (0..is_right.len()).filter(|&node| is_right[node] == right).collect();
        Self { whole, nodes, slots: Vec::new() }
    }

    /// Legs of a slot of the whole tensor on this side.
    fn own_legs(&self, slot: usize) -> Vec<(usize, usize)> {
        let legs = self.nodes.iter().map(|&node| (node, self.whole.legs(slot, node)));
        legs.filter(|&(_, count)| count > 0).collect()
    }

    /// Adds a slot with these legs; slots on one node and nothing else are one.
    fn hang(&mut self, legs: &[(usize, usize)], directions_summed: bool) -> Option<End> {
        let mut by_node: Vec<(usize, usize)> = Vec::new();
        for &(node, count) in legs {
            match by_node.iter_mut().find(|known| known.0 == node) {
                Some(known) => known.1 += count,
                None => by_node.push((node, count)),
            }
        }
        let degree = by_node.iter().map(|leg| leg.1).sum();
        match by_node.as_slice() {
            [] => None,
            &[(node, count)] => {
                let known = self.slots.iter().position(|slot| slot.len() == 1 && slot[0].0 == node);
                let slot = match known {
                    Some(slot) => {
                        self.slots[slot][0].1 += count;
                        slot
                    }
                    None => {
                        self.slots.push(by_node);
                        self.slots.len() - 1
                    }
                };
                Some(End { slot, degree, counted: directions_summed })
            }
            _ => {
                self.slots.push(by_node);
                Some(End { slot: self.slots.len() - 1, degree, counted: false })
            }
        }
    }

    /// The canonical graph and the place of each slot in it.
    fn finish(self) -> (Graph, Vec<usize>) {
        let nodes = self.nodes.len();
        let mut colors: Vec<u8> = self.nodes.iter().map(|&node| self.whole.graph().colors()[node]).collect();
        colors.resize(nodes + self.slots.len(), SLOT);
        let mut graph = Graph::new(colors);
        for (place, &node) in self.nodes.iter().enumerate() {
            for (earlier, &other) in self.nodes[..place].iter().enumerate() {
                graph.join(earlier, place, self.whole.graph().multiplicity(other, node));
            }
        }
        for (slot, legs) in self.slots.iter().enumerate() {
            for &(node, count) in legs {
                let place =
                    self.nodes.iter().position(|&known| known == node).expect("legs stay on their side");
                graph.join(nodes + slot, place, count);
            }
        }
        let (canonical, places) = graph.canonical();
        (canonical, places[nodes..].iter().map(|&place| place - nodes).collect())
    }
}
