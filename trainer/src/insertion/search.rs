//! The occupations with the lowest energies: greedy from every site with steepest swaps, then iterated local search with kicks
//! (H. R. Lourenço, O. C. Martin, T. Stützle, in Handbook of Metaheuristics, 2003).
//!
//! Every local minimum on the way is offered to a [`Pool`]; if there are too few, what lies beside them fills it. Chains are
//! numbered, each has random numbers of its own, and pools are merged in the order of their numbers: the result is the same
//! on any number of threads.

use super::occupation::{Occupation, SiteEnergies};
use crate::random::{Sequence, splitmix};

/// Largest kick: one ion in this many, but at least two of them.
const KICKED: usize = 12;
/// One kick in this many may move all ions, which leads to other valleys.
const FAR: usize = 8;

/// A set of sites.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its energy, eV.
    pub energy: f64,
    /// The sites, in ascending order.
    pub sites: Vec<usize>,
}

/// The lowest occupations of all that were met, each set of sites once.
#[derive(Clone, Debug)]
pub struct Pool {
    keep: usize,
    found: Vec<Found>,
}

impl Pool {
    /// An empty pool of at most this many.
    pub fn new(keep: usize) -> Self {
        Self { keep, found: Vec::new() }
    }

    /// The occupations, the lowest first.
    pub fn found(&self) -> &[Found] {
        &self.found
    }

    /// Takes those of another pool.
    pub fn merge(&mut self, other: Self) {
        other.found.into_iter().for_each(|found| self.take(found));
    }

    fn offer(&mut self, energies: &SiteEnergies, occupation: &Occupation<'_>) {
        let mut sites = occupation.occupied.clone();
        sites.sort_unstable();
        // Summed in one order, so that a set of sites has one energy, to the last bit.
        let energy = energies.energy(&sites);
        self.take(Found { energy, sites });
    }

    fn take(&mut self, new: Found) {
        let is_before = |known: &Found| (known.energy, &known.sites) < (new.energy, &new.sites);
        let place = self.found.partition_point(is_before);
        if place < self.keep && self.found.get(place) != Some(&new) {
            self.found.insert(place, new);
            self.found.truncate(self.keep);
        }
    }
}

/// A search for the lowest occupations with a number of ions.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The energies.
    pub energies: &'a SiteEnergies,
    /// Ions.
    pub count: usize,
    /// Occupations that are kept.
    pub keep: usize,
    /// What random numbers hang on.
    pub seed: u64,
}

impl Search<'_> {
    /// What is found from one site: the cheapest sites beside it, and the way down by swaps.
    pub fn greedy(&self, site: usize) -> Pool {
        let mut occupation = Occupation::empty(self.energies);
        occupation.add(site);
        occupation.fill(self.count);
        occupation.descend();
        let mut pool = Pool::new(self.keep);
        pool.offer(self.energies, &occupation);
        pool
    }

    /// The lowest of all that differ by a single swap.
    pub fn beside(&self, found: &Found) -> Pool {
        let mut pool = Pool::new(self.keep);
        let is_empty = |site: &usize| found.sites.binary_search(site).is_err();
        for from in found.sites.iter() {
            for to in (0..self.energies.sites()).filter(is_empty) {
                let others = found.sites.iter().copied().filter(|site| site != from);
                let mut sites: Vec<usize> = others.chain([to]).collect();
                sites.sort_unstable();
                pool.take(Found { energy: self.energies.energy(&sites), sites });
            }
        }
        pool
    }

    /// A chain of kicks from a set of sites.
    pub fn chain(&self, number: u64, start: &[usize]) -> Chain<'_> {
        let mut occupation = Occupation::empty(self.energies);
        start.iter().for_each(|&site| occupation.add(site));
        let numbers = Sequence::new(splitmix(self.seed ^ splitmix(number)));
        Chain { search: *self, occupation, numbers, pool: Pool::new(self.keep) }
    }
}

/// An iterated local search under way.
pub struct Chain<'a> {
    search: Search<'a>,
    occupation: Occupation<'a>,
    numbers: Sequence,
    pool: Pool,
}

impl Chain<'_> {
    /// Moves some ions at random, goes down by swaps, and stays there if that is no higher.
    pub fn kick(&mut self) {
        let ions = self.occupation.occupied.len();
        if ions == 0 || ions == self.search.energies.sites() {
            return;
        }
        let most = if self.numbers.below(FAR) == 0 { ions } else { ions.min((ions / KICKED).max(2)) };
        let mut occupation = self.occupation.clone();
        for _ in 0..=self.numbers.below(most) {
            let place = self.numbers.below(ions);
            let site = self.empty_site(&occupation);
            occupation.remove(place);
            occupation.add(site);
        }
        occupation.descend();
        self.pool.offer(self.search.energies, &occupation);
        if occupation.energy <= self.occupation.energy {
            self.occupation = occupation;
        }
    }

    fn empty_site(&mut self, occupation: &Occupation<'_>) -> usize {
        loop {
            let site = self.numbers.below(self.search.energies.sites());
            if !occupation.is_occupied(site) {
                return site;
            }
        }
    }

    /// What was found.
    pub fn pool(self) -> Pool {
        self.pool
    }
}

#[cfg(test)]
mod tests {
    use mtprs_core::geometry::{Cell, Vector3};

    use super::super::ewald::PairMatrix;
    use super::*;

    const HOST: [f64; 4] = [3.0, -2.0, -1.5, -2.5];
    const SITES: usize = 14;

    /// A triclinic cell with four atoms and sites at random, and the whole of charges of the host and of some sites.
    fn sites(count: usize) -> PairMatrix {
        let mut numbers = Sequence::new(11);
        let cell = Cell::new(&[[9.0, 0.3, -0.2], [-3.1, 8.0, 0.4], [2.5, 2.8, 7.0]]).unwrap();
        let place = |_| cell.cartesian([0; 3].map(|_| numbers.uniform())).unwrap();
        let points: Vec<Vector3> = (0..HOST.len() + count).map(place).collect();
        PairMatrix::new(&cell, &points, || Ok::<(), mtprs_core::Error>(())).unwrap()
    }

    fn subsets(count: usize) -> Vec<Vec<usize>> {
        let all = (0..1_u32 << SITES).filter(|set| set.count_ones() as usize == count);
        all.map(|set| (0..SITES).filter(|site| set >> site & 1 == 1).collect()).collect()
    }

    #[test]
    fn the_quadratic_form_is_the_energy_of_the_charges() {
        let matrix = sites(SITES);
        let energies = SiteEnergies::new(&matrix, &HOST, 2.0);
        for occupied in [&[][..], &[3], &[0, 5, 13], &[1, 2, 3, 4, 5, 6]] {
            let mut charges = [&HOST[..], &[0.0; SITES]].concat();
            occupied.iter().for_each(|site| charges[HOST.len() + site] = 2.0);
            let expected = matrix.energy(&charges);
            assert!((energies.energy(occupied) - expected).abs() < 1e-9 * expected.abs());
        }
    }

    #[test]
    fn costs_follow_every_move() {
        let energies = SiteEnergies::new(&sites(SITES), &HOST, 2.0);
        let mut occupation = Occupation::empty(&energies);
        [4, 9, 0, 7].into_iter().for_each(|site| occupation.add(site));
        occupation.remove(1);
        occupation.add(12);
        let expected = energies.energy(&occupation.occupied) - energies.energy(&[]);
        assert!((occupation.energy - expected).abs() < 1e-9);
    }

    #[test]
    fn the_lowest_sets_of_all_are_found() {
        let energies = SiteEnergies::new(&sites(SITES), &HOST, 2.0);
        for count in [1, 4, 7, 13, 14] {
            let keep = 1;
            let mut all: Vec<f64> = subsets(count).iter().map(|set| energies.energy(set)).collect();
            all.sort_by(f64::total_cmp);
            let search = Search { energies: &energies, count, keep, seed: 5 };
            let mut pool = Pool::new(keep);
            (0..SITES).for_each(|site| pool.merge(search.greedy(site)));
            let mut chain = search.chain(0, &pool.found()[0].sites.clone());
            (0..50).for_each(|_| chain.kick());
            pool.merge(chain.pool());
            assert!((pool.found()[0].energy - all[0]).abs() < 1e-9, "{count} of {SITES}");
            assert_eq!(pool.found()[0].sites.len(), count);
        }
    }

    #[test]
    fn what_lies_beside_a_minimum_is_all_that_a_swap_leads_to() {
        let energies = SiteEnergies::new(&sites(SITES), &HOST, 2.0);
        for (count, beside) in [(1, SITES - 1), (3, 3 * (SITES - 3)), (SITES, 0)] {
            let search = Search { energies: &energies, count, keep: 100, seed: 5 };
            let lowest = search.greedy(0).found()[0].clone();
            let pool = search.beside(&lowest);
            assert_eq!(pool.found().len(), beside);
            let differs =
                |found: &Found| found.sites.iter().filter(|site| !lowest.sites.contains(site)).count();
            assert!(pool.found().iter().all(|found| differs(found) == 1 && found.energy >= lowest.energy));
        }
    }

    #[test]
    fn a_pool_keeps_the_lowest_and_none_twice() {
        let found = |energy: f64, site: usize| Found { energy, sites: vec![site] };
        let mut pool = Pool::new(3);
        for (energy, site) in [(2.0, 1), (1.0, 2), (2.0, 1), (2.0, 0), (5.0, 3), (0.5, 4), (1.0, 2)] {
            pool.take(found(energy, site));
        }
        assert_eq!(pool.found(), [found(0.5, 4), found(1.0, 2), found(2.0, 0)]);
    }

    #[test]
    fn a_chain_hangs_on_seed_and_number_alone() {
        let energies = SiteEnergies::new(&sites(80), &HOST, 2.0);
        let pool = |seed, number| {
            let search = Search { energies: &energies, count: 16, keep: 9, seed };
            let mut chain = search.chain(number, &(0..16).collect::<Vec<_>>());
            (0..4).for_each(|_| chain.kick());
            chain.pool().found().to_vec()
        };
        assert_eq!(pool(1, 2), pool(1, 2));
        assert_ne!(pool(1, 2), pool(1, 3));
        assert_ne!(pool(1, 2), pool(2, 2));
    }
}
