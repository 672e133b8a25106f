//! Basic moments from fewer sums: on the unit sphere ẑ² = 1 − x̂² − ŷ².
//!
//! For one radial function up to rank ν only (ν+1)² of the monomials x̂^a ŷ^b ẑ^c are independent: those with c = 0 or
//! c = 1. The kernels sum these ("sphere moments"); all others follow from
//! M\[a,b,c\] = M\[a,b,c−2\] − M\[a+2,b,c−2\] − M\[a,b+2,c−2\], applied once per atom.

use std::collections::BTreeMap;

use crate::potential::{BasicMoment, highest_ranks};

/// The highest rank of each radial function as one number, so that kernels can have it as a constant: a hexadecimal
/// digit for each μ, the lowest for μ = 0, which is the rank plus one. Ranks 6 4 2 0 are 0x1357.
pub(crate) type RankList = u64;

/// Hands the rank lists for which kernels are compiled to a macro: those of levels 2 to 20 and of other rules, then those of
/// levels 24 and 28, which are compiled for double precision alone. Lists between them take the cheapest that holds all
/// their moments.
macro_rules! with_rank_lists {
    ($then:ident) => {
        $then! {
            [0x1 0x12 0x13 0x124 0x135 0x1246 0x1357 0x1_2468 0x1_3579
             0x123 0x234 0x1234 0x2345 0x1_2345 0x1_1355]
            [0x13_579b 0x135_79bd]
        }
    };
}
pub(crate) use with_rank_lists;

macro_rules! array {
    ([$($list:literal)+] [$($double_only:literal)+]) => { &[$($list,)+ $($double_only),+] };
}

/// All of them.
pub(crate) const UNROLLED_RANKS: &[RankList] = with_rank_lists!(array);

/// A list is filled up to a compiled one only if its sphere moments become at most this many times as many. Loops over
/// tables take 2.6 to 2.8 times as many instructions (levels 12 to 20, `make bench-instructions`).
const MOST_FILLED: f64 = 2.0;

/// Number of radial functions of a list.
pub(crate) const fn functions_of(ranks: RankList) -> usize {
    (u64::BITS - ranks.leading_zeros()).div_ceil(4) as usize
}

/// Rank of radial function `mu`, which the list has.
pub(crate) const fn rank_of(ranks: RankList, mu: usize) -> usize {
    (ranks >> (4 * mu) & 15) as usize - 1
}

/// The highest rank.
pub(crate) const fn highest_rank_of(ranks: RankList) -> usize {
    let (mut highest, mut mu) = (0, 0);
    while mu < functions_of(ranks) {
        if rank_of(ranks, mu) > highest {
            highest = rank_of(ranks, mu);
        }
        mu += 1;
    }
    highest
}

/// Number of sphere moments of a list, Σ (ν_μ + 1)².
pub(crate) const fn moments_of(ranks: RankList) -> usize {
    let (mut count, mut mu) = (0, 0);
    while mu < functions_of(ranks) {
        count += (rank_of(ranks, mu) + 1) * (rank_of(ranks, mu) + 1);
        mu += 1;
    }
    count
}

/// M\[target\] = M\[plus\] − M\[minus.0\] − M\[minus.1\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extension {
    pub(crate) target: u32,
    pub(crate) plus: u32,
    pub(crate) minus: [u32; 2],
}

/// Sphere moments and how the basic moments of a potential follow from them.
///
/// Numbering: sphere moments by μ, then c (0, 1), then b, then a; after them the extended moments.
#[derive(Clone, Debug)]
pub(crate) struct SphereMoments {
    /// Highest rank for each μ, from μ = 0.
    pub(crate) ranks: Vec<usize>,
    /// The same as a list for which there are unrolled kernels.
    pub(crate) unrolled: Option<RankList>,
    /// Number of sphere moments.
    pub(crate) count: usize,
    /// In order of evaluation.
    pub(crate) extensions: Vec<Extension>,
    /// Moment of each basic moment of the potential.
    pub(crate) of_basic: Vec<u32>,
}

impl SphereMoments {
    pub(crate) fn new(basic: &[BasicMoment]) -> Self {
        let (ranks, unrolled) = (Self::ranks_of(basic), unrolled_ranks(&highest_ranks(basic)));
        let mut numbers = BTreeMap::new();
        for (mu, &rank) in ranks.iter().enumerate() {
            for powers in sphere_powers(rank) {
                let next = numbers.len() as u32;
                numbers.insert(BasicMoment { mu: mu as u16, powers }, next);
            }
        }
        let (count, extensions, of_basic) = (numbers.len(), Vec::new(), Vec::new());
        let mut sphere = Self { ranks, unrolled, count, extensions, of_basic };
        sphere.of_basic = basic.iter().map(|&moment| sphere.extend(&mut numbers, moment)).collect();
        sphere
    }

    /// The ranks alone: what all sizes follow from.
    pub(crate) fn ranks_of(basic: &[BasicMoment]) -> Vec<usize> {
        Self::ranks_for(&highest_ranks(basic)).0
    }

    /// The same for the highest rank of each radial function, and whether there are kernels for them.
    pub(crate) fn ranks_for(highest: &[usize]) -> (Vec<usize>, bool) {
        match unrolled_ranks(highest) {
            Some(list) => ((0..functions_of(list)).map(|mu| rank_of(list, mu)).collect(), true),
            None => (highest.to_vec(), false),
        }
    }

    /// Number of radial functions in use.
    pub(crate) fn radial_functions(&self) -> usize {
        self.ranks.len()
    }

    /// Number of sphere and extended moments.
    pub(crate) fn total(&self) -> usize {
        self.count + self.extensions.len()
    }

    /// Number of a moment, added with all that it follows from if it is new.
    fn extend(&mut self, numbers: &mut BTreeMap<BasicMoment, u32>, moment: BasicMoment) -> u32 {
        if let Some(&number) = numbers.get(&moment) {
            return number;
        }
        let BasicMoment { mu, powers: [a, b, c] } = moment;
        let sources = [[a, b, c - 2], [a + 2, b, c - 2], [a, b + 2, c - 2]];
        let [plus, first, second] = sources.map(|powers| self.extend(numbers, BasicMoment { mu, powers }));
        let target = numbers.len() as u32;
        self.extensions.push(Extension { target, plus, minus: [first, second] });
        numbers.insert(moment, target);
        target
    }
}

/// The cheapest list that holds all the moments that are needed, if kernels are compiled for one that is not much larger.
///
/// Moments that a list has beyond those needed are summed, and nothing reads them.
fn unrolled_ranks(needed: &[usize]) -> Option<RankList> {
    let holds = |list: &RankList| {
        needed.len() <= functions_of(*list)
            && needed.iter().enumerate().all(|(mu, &rank)| rank <= rank_of(*list, mu))
    };
    let moments: usize = needed.iter().map(|rank| (rank + 1) * (rank + 1)).sum();
    let cheapest = UNROLLED_RANKS.iter().copied().filter(holds).min_by_key(|&list| moments_of(list));
    cheapest.filter(|&list| moments_of(list) as f64 <= MOST_FILLED * moments as f64)
}

/// Powers of the (ν+1)² independent monomials up to rank ν, in the order of their numbers.
pub(crate) fn sphere_powers(rank: usize) -> impl Iterator<Item = [u8; 3]> {
    (0..2).flat_map(move |c| {
        let degrees = (rank + 1).saturating_sub(c);
        (0..degrees).flat_map(move |b| (0..degrees - b).map(move |a| [a as u8, b as u8, c as u8]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_moments_equal_their_monomials_on_the_sphere() {
        let mut basic = Vec::new();
        for (mu, rank) in [(0u16, 6u8), (1, 3)] {
            for a in 0..=rank {
                for b in 0..=rank - a {
                    basic.push(BasicMoment { mu, powers: [a, b, rank - a - b] });
                }
            }
        }
        let sphere = SphereMoments::new(&basic);
        assert_eq!(sphere.count, 49 + 25 + 9 + 1);
        let (x, y): (f64, f64) = (0.48, -0.6);
        let z = (1.0 - x * x - y * y).sqrt();
        let monomial = |p: [u8; 3]| x.powi(p[0].into()) * y.powi(p[1].into()) * z.powi(p[2].into());
        let mut values: Vec<f64> =
            sphere.ranks.iter().flat_map(|&rank| sphere_powers(rank)).map(monomial).collect();
        for extension in &sphere.extensions {
            assert_eq!(extension.target as usize, values.len());
            let [first, second] = extension.minus;
            values.push(values[extension.plus as usize] - values[first as usize] - values[second as usize]);
        }
        for (moment, &number) in basic.iter().zip(&sphere.of_basic) {
            assert!((values[number as usize] - monomial(moment.powers)).abs() < 1e-15, "{moment:?}");
        }
    }
}
