//! Factors of products, moved into scaled copies of moments.
//!
//! factor · M\[l\] · M\[r\] becomes C · M\[r\] or M\[l\] · C with a copy C = factor · M. Factors are few small integers and
//! every copy serves many products, so that the products themselves need no factor.
//!
//! Which copies are made is a set cover, found greedily (V. Chvátal, Math. Oper. Res. 4, 233 (1979)): 2 M0 M1, 2 M0 M2 and
//! 2 M3 M2 take the copies 2 M0, which serves two of them, and 2 M2 for the last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::super::contractions::Term;

/// A moment and the bits of the factor that it is copied with.
type Key = (u32, u64);

/// The copies of a schedule, numbered from where its moments end.
#[derive(Clone, Debug, Default)]
pub(super) struct Copies {
    numbers: BTreeMap<Key, u32>,
}

impl Copies {
    /// Chooses copies so that each term with a factor has one of its moments copied: that with most such terms first.
    pub(super) fn new<'a>(terms: impl Iterator<Item = &'a Term>, first: usize) -> Self {
        let mut readers: BTreeMap<Key, Vec<u32>> = BTreeMap::new();
        let mut terms_count = 0;
        for term in terms.filter(|term| term.factor != 1.0) {
            readers.entry((term.left, term.factor.to_bits())).or_default().push(terms_count);
            readers.entry((term.right, term.factor.to_bits())).or_default().push(terms_count);
            terms_count += 1;
        }
        let mut heap: BinaryHeap<(usize, Reverse<Key>)> =
            readers.iter().map(|(&key, terms)| (terms.len(), Reverse(key))).collect();
        let mut covered = vec![false; terms_count as usize];
        let mut numbers = BTreeMap::new();
        while let Some((known, Reverse(key))) = heap.pop() {
            let terms = &readers[&key];
            let left = terms.iter().filter(|&&term| !covered[term as usize]).count();
            if left == known {
                terms.iter().for_each(|&term| covered[term as usize] = true);
                numbers.insert(key, (first + numbers.len()) as u32);
            } else if left > 0 {
                heap.push((left, Reverse(key)));
            }
        }
        Self { numbers }
    }

    /// Number of copies.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The moments or copies whose product is the term.
    pub(super) fn factors(&self, term: &Term) -> [u32; 2] {
        let copy = |moment| self.numbers.get(&(moment, term.factor.to_bits())).copied();
        if term.factor == 1.0 {
            [term.left, term.right]
        } else if let Some(left) = copy(term.left) {
            [left, term.right]
        } else {
            [term.left, copy(term.right).expect("one moment of every term with a factor is copied")]
        }
    }

    /// Copy, moment and factor.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, f64)> {
        self.numbers.iter().map(|(&(moment, bits), &copy)| (copy, moment, f64::from_bits(bits)))
    }
}
