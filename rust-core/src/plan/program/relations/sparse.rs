//! Short sums for dependent members.
//!
//! Elimination says how a member depends on the independent ones, often on dozens. Most of these sums become short when
//! they may also contain dependent members that were found before, each of which stands for many independent ones. With
//! a = x + y + z found before, b = 2x + 2y + 2z + w becomes b = 2a + w.

use std::collections::BTreeMap;

use super::elimination::{Dependences, Effort};
use crate::potential::residues::{PRIME, inverse, negative};

/// For each dependent member, in order, the factors of the members before it that it is the sum of. Sums stay as they are once
/// the effort is spent.
pub(super) fn sums(dependences: &Dependences, effort: &mut Effort) -> Vec<(usize, BTreeMap<usize, u64>)> {
    let with_inverse = |&(member, factor): &(u32, u64)| Summand { member, factor, inverse: inverse(factor) };
    let summands = |sum: &Option<Vec<_>>| sum.iter().flatten().map(with_inverse).collect();
    let mut search = Search {
        sums: dependences.sums.iter().map(summands).collect(),
        readers: vec![Vec::new(); dependences.sums.len()],
        shared: vec![0; dependences.sums.len()],
    };
    let mut found = Vec::new();
    for (member, sum) in dependences.sums.iter().enumerate() {
        let Some(sum) = sum else { continue };
        found.push((member, search.shorten(sum, effort)));
        sum.iter().for_each(|&(independent, _)| search.readers[independent as usize].push(member as u32));
    }
    found
}

/// An independent member, its factor and 1 / factor.
struct Summand {
    member: u32,
    factor: u64,
    inverse: u64,
}

struct Search {
    /// Sums of the dependent members.
    sums: Vec<Vec<Summand>>,
    /// For each independent member the dependent members so far that it is a summand of.
    readers: Vec<Vec<u32>>,
    /// Scratch, zero between uses.
    shared: Vec<usize>,
}

impl Search {
    /// Replaces parts of a sum by dependent members, as long as that makes it shorter.
    fn shorten(&mut self, sum: &[(u32, u64)], effort: &mut Effort) -> BTreeMap<usize, u64> {
        let mut rest: BTreeMap<u32, u64> = sum.iter().copied().collect();
        let mut result = BTreeMap::new();
        while let Some((member, factor)) = self.best_part(&rest, effort) {
            for summand in &self.sums[member as usize] {
                let entry = rest.entry(summand.member).or_insert(0);
                *entry = (*entry + negative(factor * summand.factor % PRIME)) % PRIME;
                if *entry == 0 {
                    rest.remove(&summand.member);
                }
            }
            let entry: &mut u64 = result.entry(member as usize).or_default();
            *entry = (*entry + factor) % PRIME;
        }
        result.extend(rest.into_iter().map(|(member, factor)| (member as usize, factor)));
        result.retain(|_, factor| *factor != 0);
        result
    }

    /// The dependent member, and its factor, that shortens the sum most; the first of equals.
    fn best_part(&mut self, rest: &BTreeMap<u32, u64>, effort: &mut Effort) -> Option<(u32, u64)> {
        let cost: usize = rest.keys().map(|&independent| 1 + self.readers[independent as usize].len()).sum();
        effort.shortening = effort.shortening.checked_sub(cost)?;
        let readers = || rest.keys().flat_map(|&independent| &self.readers[independent as usize]).copied();
        for member in readers() {
            self.shared[member as usize] += 1;
        }
        let mut candidates: Vec<(u32, usize)> = Vec::new();
        for member in readers() {
            let shared = std::mem::take(&mut self.shared[member as usize]);
            if shared > 1 {
                candidates.push((member, shared));
            }
        }
        candidates.sort_unstable();
        let mut best = None;
        let mut most = 0;
        for (member, shared) in candidates {
            let sum = &self.sums[member as usize];
            let added = 1 + sum.len() - shared;
            if shared <= most + added {
                continue;
            }
            effort.shortening = effort.shortening.checked_sub(sum.len())?;
            let (factor, removed) = most_frequent_ratio(rest, sum);
            if removed > most + added {
                most = removed - added;
                best = Some((member, factor));
            }
        }
        best
    }
}

/// The ratio of the most entries of `rest` to those of `sum`, and of how many.
fn most_frequent_ratio(rest: &BTreeMap<u32, u64>, sum: &[Summand]) -> (u64, usize) {
    let shared = sum.iter().filter_map(|summand| Some(rest.get(&summand.member)? * summand.inverse % PRIME));
    let mut ratios: Vec<u64> = shared.collect();
    ratios.sort_unstable();
    let runs = ratios.chunk_by(|a, b| a == b).map(|run| (run[0], run.len()));
    runs.max_by_key(|&(ratio, length)| (length, std::cmp::Reverse(ratio))).unwrap_or((0, 0))
}
