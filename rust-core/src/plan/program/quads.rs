//! Sums of products, four at a time.
//!
//! In: a list of pairs for each output. Out: groups of four outputs ("quads") that have factors in common: where x
//! stands in a pair of several outputs, one load of x serves them all. Loads are what bounds the contractions.
//!
//! Grouping is greedy: the longest output left takes, three times, the one that has most factors in common with the group. Of
//! x·a + y·b, x·c + y·d, z·e + w·f, x·g + y·h and x·i + y·k the first, second, fourth and fifth make a quad with two common
//! columns, x and y, ten loads in place of sixteen.

use std::collections::BinaryHeap;

use super::blocks::{Four, Offset};

/// Sums of products of blocks, the work of one stage in one direction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Products {
    pub(crate) runs: Vec<QuadRun>,
    /// The outputs of each quad.
    pub(crate) outputs: Vec<Four>,
    /// Columns x · y0, … x · y3: first x, then the y.
    pub(crate) common: Vec<Offset>,
    pub(crate) others: Vec<Four>,
    /// Columns x0 · y0, … x3 · y3.
    pub(crate) apart: Vec<[Four; 2]>,
}

/// Quads one after the other with the same numbers of columns, which the processor can foresee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QuadRun {
    pub(crate) quads: u32,
    /// Columns of each quad.
    pub(crate) common: u32,
    pub(crate) apart: u32,
}

/// An output and the pairs whose products it sums.
#[derive(Clone, Debug)]
pub(super) struct Output {
    pub(super) block: u32,
    pub(super) pairs: Vec<[u32; 2]>,
}

/// The second of a pair that has no second.
pub(super) const NONE: u32 = u32::MAX;

/// Fewest outputs of a quad that make a column with a common factor worth while.
const FEWEST_IN_COMMON: usize = 3;

/// The columns of one quad.
#[derive(Default)]
struct Columns {
    common: Vec<Offset>,
    others: Vec<Four>,
    apart: Vec<[Four; 2]>,
}

impl Products {
    /// Adds outputs that do not depend on each other; places that stay empty are filled up with the block `zero`.
    pub(super) fn extend(&mut self, outputs: &[Output], zero: u32) {
        let columns_of = |quad: &[usize]| {
            let mut blocks = [zero; 4];
            for (block, &output) in blocks.iter_mut().zip(quad) {
                *block = outputs[output].block;
            }
            let lists: Vec<&[[u32; 2]]> =
                quad.iter().map(|&output| outputs[output].pairs.as_slice()).collect();
            (Four::new(blocks), Columns::new(&lists, zero))
        };
        let mut quads: Vec<(Four, Columns)> = group(outputs).iter().map(|quad| columns_of(quad)).collect();
        quads.sort_by_key(|quad| quad.1.lengths());
        for run in quads.chunk_by(|a, b| a.1.lengths() == b.1.lengths()) {
            let [common, apart] = run[0].1.lengths();
            self.runs.push(QuadRun { quads: run.len() as u32, common: common as u32, apart: apart as u32 });
        }
        for (outputs, columns) in quads {
            self.outputs.push(outputs);
            self.common.extend(columns.common);
            self.others.extend(columns.others);
            self.apart.extend(columns.apart);
        }
    }
}

impl Columns {
    fn new(lists: &[&[[u32; 2]]], zero: u32) -> Self {
        let mut columns = Self::default();
        let rest = columns.cover(lists, zero);
        for column in 0..rest.iter().map(Vec::len).max().unwrap_or(0) {
            let side = |side: usize| {
                Four::new(std::array::from_fn(|k| {
                    rest.get(k).and_then(|pairs| pairs.get(column)).map_or(zero, |pair: &[u32; 2]| pair[side])
                }))
            };
            columns.apart.push([side(0), side(1)]);
        }
        columns
    }

    fn lengths(&self) -> [usize; 2] {
        [self.common.len(), self.apart.len()]
    }

    /// Adds columns for the factors that are common to most of the lists; returns the pairs that are left.
    fn cover(&mut self, lists: &[&[[u32; 2]]], zero: u32) -> Vec<Vec<[u32; 2]>> {
        let mut places: Vec<(u32, u32, u32)> = Vec::new();
        for (list, pairs) in lists.iter().enumerate() {
            for (k, &[first, second]) in pairs.iter().enumerate() {
                places.push((first, list as u32, k as u32));
                if second != first {
                    places.push((second, list as u32, k as u32));
                }
            }
        }
        places.sort_unstable();
        let mut taken: Vec<Vec<bool>> = lists.iter().map(|pairs| vec![false; pairs.len()]).collect();
        let mut factors: Vec<FactorPlaces<'_>> =
            places.chunk_by(|a, b| a.0 == b.0).map(FactorPlaces::new).collect();
        let count = |found: &[Option<usize>; 4]| found.iter().flatten().count();
        let mut heap: BinaryHeap<(usize, std::cmp::Reverse<usize>)> = factors
            .iter_mut()
            .enumerate()
            .map(|(k, factor)| (count(&factor.free(&taken)), std::cmp::Reverse(k)))
            .filter(|known| known.0 >= FEWEST_IN_COMMON)
            .collect();
        while let Some((known, std::cmp::Reverse(k))) = heap.pop() {
            let found = factors[k].free(&taken);
            let now = count(&found);
            if now == known {
                let common = factors[k].factor();
                let mut others = [zero; 4];
                for (list, place) in found.iter().enumerate() {
                    let Some(place) = *place else { continue };
                    taken[list][place] = true;
                    let [first, second] = lists[list][place];
                    others[list] = if first == common { second } else { first };
                }
                self.common.push(Offset::new(common));
                self.others.push(Four::new(others));
            }
            // Fewer than thought, or there may be more pairs with the same factor: back into the queue.
            let now = count(&factors[k].free(&taken));
            if now >= FEWEST_IN_COMMON {
                heap.push((now, std::cmp::Reverse(k)));
            }
        }
        let left = |(pairs, taken): (&&[[u32; 2]], &Vec<bool>)| {
            pairs.iter().zip(taken).filter(|(_, taken)| !**taken).map(|(pair, _)| *pair).collect()
        };
        lists.iter().zip(&taken).map(left).collect()
    }
}

/// The pairs that have a factor: factor, list and place in it, in order. What was passed over is not looked at again, so
/// that a factor of very many pairs costs no more than these.
struct FactorPlaces<'a> {
    places: [&'a [(u32, u32, u32)]; 4],
}

impl<'a> FactorPlaces<'a> {
    fn new(places: &'a [(u32, u32, u32)]) -> Self {
        let mut of_lists: [&[_]; 4] = [&[]; 4];
        for list in places.chunk_by(|a, b| a.1 == b.1) {
            of_lists[list[0].1 as usize] = list;
        }
        Self { places: of_lists }
    }

    fn factor(&self) -> u32 {
        self.places.iter().find_map(|list| list.first()).expect("only factors with free pairs are asked").0
    }

    /// The first pair of each list that has the factor and is not taken.
    fn free(&mut self, taken: &[Vec<bool>]) -> [Option<usize>; 4] {
        std::array::from_fn(|list| {
            let rest = &mut self.places[list];
            let free = rest.iter().position(|&(_, _, k)| !taken[list][k as usize]).unwrap_or(rest.len());
            *rest = &rest[free..];
            rest.first().map(|&(_, _, k)| k as usize)
        })
    }
}

/// Most outputs that are looked at in one grouping. No template needs a hundredth of it; with more, outputs of about the
/// same length are put together, whatever their factors.
const MOST_LOOKS: usize = 1 << 28;

/// Groups of at most four outputs, those with many factors in common and about as many pairs together; the longest
/// first.
pub(super) fn group(outputs: &[Output]) -> Vec<Vec<usize>> {
    let index = FactorIndex::new(outputs);
    let mut order: Vec<usize> = (0..outputs.len()).collect();
    order.sort_by_key(|&output| (std::cmp::Reverse(outputs[output].pairs.len()), output));
    let mut done = vec![false; outputs.len()];
    let mut scores = vec![0_usize; outputs.len()];
    let mut next = 0;
    let mut looks_left = MOST_LOOKS;
    let mut groups = Vec::new();
    while let Some(position) = (next..order.len()).find(|&position| !done[order[position]]) {
        next = position + 1;
        let first = order[position];
        done[first] = true;
        let length = outputs[first].pairs.len();
        let mut group = vec![first];
        let mut common = index.factors(first).to_vec();
        while group.len() < 4 {
            let cost: usize = common.iter().map(|&factor| index.outputs[factor as usize].len()).sum();
            let looks = looks_left.checked_sub(cost);
            looks_left = looks.unwrap_or(looks_left);
            let partner =
                looks.and_then(|_| index.best_partner(outputs, &common, length, &done, &mut scores));
            let longest_left = || order[next..].iter().copied().find(|&output| !done[output]);
            let Some(partner) = partner.or_else(longest_left) else { break };
            done[partner] = true;
            group.push(partner);
            let theirs = index.factors(partner);
            if common.iter().any(|factor| theirs.binary_search(factor).is_ok()) {
                common.retain(|factor| theirs.binary_search(factor).is_ok());
            }
        }
        groups.push(group);
    }
    groups
}

/// Which factors each output has, and which outputs each factor; factors are numbered without gaps.
struct FactorIndex {
    factors: Vec<Vec<u32>>,
    outputs: Vec<Vec<u32>>,
}

impl FactorIndex {
    fn new(outputs: &[Output]) -> Self {
        let mut all: Vec<u32> =
            outputs.iter().flat_map(|output| output.pairs.as_flattened()).copied().collect();
        all.sort_unstable();
        all.dedup();
        let mut index = Self { factors: Vec::new(), outputs: vec![Vec::new(); all.len()] };
        for (k, output) in outputs.iter().enumerate() {
            let named = output.pairs.as_flattened().iter().filter(|&&factor| factor != NONE);
            let mut factors: Vec<u32> = named
                .map(|factor| all.binary_search(factor).expect("all factors were collected") as u32)
                .collect();
            factors.sort_unstable();
            factors.dedup();
            factors.iter().for_each(|&factor| index.outputs[factor as usize].push(k as u32));
            index.factors.push(factors);
        }
        index
    }

    fn factors(&self, output: usize) -> &[u32] {
        &self.factors[output]
    }

    /// The outputs of some factors, one after the other.
    fn sharing(&self, common: &[u32]) -> impl Iterator<Item = usize> {
        common.iter().flat_map(|&factor| &self.outputs[factor as usize]).map(|&output| output as usize)
    }

    /// The output that shares most of the factors, less for each pair that it is longer or shorter; none if no output
    /// shares any. `scores` are zero before and after.
    fn best_partner(
        &self,
        outputs: &[Output],
        common: &[u32],
        length: usize,
        done: &[bool],
        scores: &mut [usize],
    ) -> Option<usize> {
        for output in self.sharing(common).filter(|&output| !done[output]) {
            scores[output] += 1;
        }
        let mut best = None;
        for output in self.sharing(common) {
            let score = std::mem::take(&mut scores[output]);
            if score > 0 {
                let value = 2 * score as isize - length.abs_diff(outputs[output].pairs.len()) as isize;
                best = best.max(Some((value, std::cmp::Reverse(output))));
            }
        }
        best.map(|(_, std::cmp::Reverse(output))| output)
    }
}
